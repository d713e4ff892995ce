"""States of a registration as data: who may move it where; and how states look to people."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SUBMITTED, APPROVED, RETURNED, REFUSED, WITHDRAWN = "submitted", "approved", "returned", "refused", "withdrawn"

# from → {to: who}
MOVES: dict[str, dict[str, str]] = {
    SUBMITTED: {APPROVED: "reviewer", RETURNED: "reviewer", REFUSED: "reviewer", WITHDRAWN: "customer"},
    RETURNED: {SUBMITTED: "customer", WITHDRAWN: "customer"},
    APPROVED: {},
    REFUSED: {},
    WITHDRAWN: {},
}
TONES = {SUBMITTED: "info", APPROVED: "good", RETURNED: "care", REFUSED: "danger", WITHDRAWN: ""}
WORDS = {
    SUBMITTED: pgettext_lazy("registration", "under review"),
    APPROVED: pgettext_lazy("registration", "approved"),
    RETURNED: pgettext_lazy("registration", "returned"),
    REFUSED: pgettext_lazy("registration", "refused"),
    WITHDRAWN: pgettext_lazy("registration", "withdrawn"),
}
# State of a part (warranty.coverage.State) → (word, tone).
COVER_WORDS = {
    "covered": (_("In warranty"), "good"),
    "soon": (_("Ending soon"), "care"),
    "ended": (_("Warranty ended"), ""),
    "not_started": (_("Not begun yet"), "info"),
    "excluded": (_("Not covered"), ""),
    "unknown": (_("Purchase date missing"), "care"),
    "none": (_("No term"), ""),
    "unclear": (_("Being checked"), "info"),
}


def may_move(old: str, new: str, *, who: str) -> bool:
    """Return whether `who` (`customer`, `reviewer`) may move a registration from one state to another."""
    return MOVES.get(old, {}).get(new) == who
