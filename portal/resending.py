"""A form whose proof had expired, kept so that its sender can send it again instead of typing it again."""

from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import UnreadablePostError

MOST_VALUES = 200
MOST_CHARACTERS = 200_000
_OURS_TO_ADD = frozenset({"csrfmiddlewaretoken"})
_NOT_CARRIED = ("/accounts/", "/cms/")


def typed_values(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a refused form, to be sent again by a press of its sender; empty where they must not be.

    Only what a page of our own sent is carried: otherwise another site could fill in a form here and have it confirmed by one press.
    Passwords never come back in a page, and neither does a form of the sign-in or the CMS.
    """
    if request.method != "POST" or request.path.startswith(_NOT_CARRIED) or not _is_from_us(request):
        return []
    try:
        values = [(name, value) for name, several in request.POST.lists() if name not in _OURS_TO_ADD for value in several]
    except UnreadablePostError:
        return []
    too_much = len(values) > MOST_VALUES or sum(len(name) + len(value) for name, value in values) > MOST_CHARACTERS
    return [] if too_much or any("password" in name.lower() for name, _value in values) else values


def has_files(request: HttpRequest) -> bool:
    """Return whether files came with the form: a page cannot give those back."""
    return any(sent.size for sent in request.FILES.values())


def page_before(request: HttpRequest) -> str:
    """Return the address of our page that the form stood on; empty where the browser does not say."""
    before = urlsplit(request.headers.get("Referer", ""))
    if not _is_ours(request, before):
        return ""
    return f"{before.path}?{before.query}" if before.query else before.path


def _is_from_us(request: HttpRequest) -> bool:
    """Return whether the browser says that the form stood on a page of ours; without a word from it, it did not."""
    return _is_ours(request, urlsplit(request.headers.get("Origin") or request.headers.get("Referer", "")))


def _is_ours(request: HttpRequest, address: SplitResult) -> bool:
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return bool(address.netloc) and f"{address.scheme}://{address.netloc}" in ours
