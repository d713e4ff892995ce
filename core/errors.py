"""Refusals of the domain: what an action says no with; the edge turns them into form errors or a status code."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An action refused. `message` is for the person (lazy, translated), `code` for machines, `status` for HTTP."""

    code = "refused"
    status = 409
    message: Any = _("This cannot be done now.")

    def __init__(self, message: Any = None, *, code: str | None = None, **context: Any) -> None:
        self.message = message if message is not None else type(self).message
        self.code = code or type(self).code
        self.context = context
        super().__init__(str(self.message))


class NotAllowed(DomainError):
    """The person may not do this."""

    code = "not_allowed"
    status = 403
    message = _("You may not do this.")


class NotFound(DomainError):
    """No such object for this person; never says whether it exists for somebody else."""

    code = "not_found"
    status = 404
    message = _("We could not find it.")


class Conflict(DomainError):
    """Somebody else was faster, or the state has moved on."""

    code = "conflict"
    message = _("Someone else has changed this in the meantime.")


class InvalidInput(DomainError):
    """A value is not acceptable; `field` names the input it belongs to."""

    code = "invalid"
    status = 400
    message = _("Please check what you entered.")

    def __init__(self, message: Any = None, *, field: str = "", **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.field = field


class InvalidUpload(InvalidInput):
    """A file was refused; nothing was stored."""

    code = "invalid_upload"
    message = _("This file cannot be accepted.")


class LimitReached(DomainError):
    """Too many attempts; `retry_after` is in seconds."""

    code = "limit_reached"
    status = 429
    message = _("Too many attempts. Please wait a little and try again.")

    def __init__(self, message: Any = None, *, retry_after: int = 60, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.retry_after = retry_after


class NotKept(DomainError):
    """The disk takes nothing; the rest of a form can still be sent."""

    code = "not_kept"
    status = 503
    message = _("Files cannot be kept at the moment. Send the rest without them, or try again later.")
