"""What every figure means, as data: its name, the formula in words, where the numbers come from, which way is better."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Definition:
    """One figure. `unit` is percent, points, count or seconds; `better` is up, down or empty where neither is."""

    key: str
    name: Any
    formula: Any
    source: Any
    unit: str = "percent"
    better: str = "up"


LEDGER = _("The ledger of help attempts: searches, pages, the help form, the forms before chat and repair, guided diagnosis.")
CASES = _("Requests, chats and repairs, whoever wrote them down; a chat and the request made of it are one contact.")

DEFINITIONS: dict[str, Definition] = {
    row.key: row
    for row in (
        Definition(
            "attempts",
            _("Help attempts"),
            _("Visits in which somebody looked for an answer; steps of one visitor belong together until a day passes without any."),
            LEDGER,
            unit="count",
            better="",
        ),
        Definition(
            "self_service",
            _("Self-service rate"),
            _(
                "Attempts said to be solved with no contact about the same thing in the 30 days after, divided by all attempts with a "
                "known end: solved, came back, needed a person. Attempts left without a word are in neither number."
            ),
            LEDGER,
        ),
        Definition(
            "deflection_7",
            _("Deflection, 7 days"),
            _(
                "Of the attempts that stood at the door of a contact (help form, before a chat, repair form, end of a diagnosis) and were "
                "shown answers: the share said to be solved with no contact about the same thing within 7 days. Attempts left without a "
                "word count in the divisor, never as success; visitors of the comparison group are left out."
            ),
            LEDGER,
        ),
        Definition(
            "deflection_30",
            _("Deflection, 30 days"),
            _("The same with 30 days: a contact about the same unit, model, family, error code or problem in that time turns the success."),
            LEDGER,
        ),
        Definition(
            "failed",
            _("Failed deflections"),
            _("Of the attempts said to be solved: the share whose visitor made contact about the same thing within 30 days."),
            LEDGER,
            better="down",
        ),
        Definition(
            "contacts",
            pgettext_lazy("report", "Contacts"),
            _("Requests, chats and repairs that were opened; what grew out of another contact is not counted twice."),
            CASES,
            unit="count",
            better="down",
        ),
        Definition(
            "unknown",
            _("Left without a word"),
            _("Attempts in which nothing was said for 24 hours, divided by all attempts. They count neither as success nor as failure."),
            LEDGER,
            better="down",
        ),
        Definition(
            "effect",
            _("Effect of suggestions"),
            _(
                "Contact rate of visitors who see no suggestions minus contact rate of those who do, within 7 days of the moment there "
                "were answers to show. By visitor, drawn by chance; 95 % interval after Newcombe. Only visitors whose 7 days are over."
            ),
            LEDGER,
            unit="points",
        ),
        Definition(
            "offer_opened",
            _("Suggestions opened"),
            _("Of the attempts in which suggestions were shown at the door of a contact: the share in which one of them was opened."),
            LEDGER,
        ),
        Definition(
            "offer_solved",
            _("Solved by a suggestion"),
            _("Of the attempts in which suggestions were shown at the door of a contact: the share said to be solved by one of them."),
            LEDGER,
        ),
        Definition(
            "offer_unhelpful",
            _("Suggestions found unhelpful"),
            _("Of the attempts in which suggestions were shown at the door of a contact: the share with a “no” to one of them."),
            LEDGER,
            better="down",
        ),
    )
}
