"""What a person is told after handing a guide in."""

from django.http import HttpRequest
from django.utils.translation import ngettext
from wagtail.admin import messages

from kb.models import GuidePage
from kb.models.previews import found_in

SHOWN = 3


def tell_open(request: HttpRequest, page: GuidePage) -> None:
    """Tell how many things there are to look at in the latest draft, and the first ones; nothing of it is in the way."""
    found = found_in(page.get_latest_revision_as_object())
    if not found:
        return
    first = "; ".join(f"{item.where}: {item.text}" if item.where else item.text for item in found[:SHOWN])
    words = ngettext(
        "Handed in with %(count)s thing to look at, which the reviewers see as well: %(first)s",
        "Handed in with %(count)s things to look at, which the reviewers see as well: %(first)s",
        len(found),
    )
    messages.warning(request, words % {"count": len(found), "first": first + (" …" if len(found) > SHOWN else "")})
