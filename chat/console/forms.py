"""Forms of the console: they parse and clean what agents type; the actions decide."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.models import AgentProfile, Conversation
from chat.permissions import chat_agents
from tickets.forms import DeskForm, Line, ReplyForm, Text
from tickets.models import CannedReply, Queue

AWAY_REASONS = (
    ("break", pgettext_lazy("away", "Break")),
    ("meal", pgettext_lazy("away", "Meal")),
    ("meeting", pgettext_lazy("away", "Meeting")),
    ("training", pgettext_lazy("away", "Training")),
    ("tickets", pgettext_lazy("away", "Working on tickets")),
)


class StateForm(DeskForm):
    """Available, or away with the reason."""

    state = forms.ChoiceField(label=_("I am"), choices=AgentProfile.State.choices, widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("Why away"), choices=[("", "—"), *AWAY_REASONS], required=False)


class ChatReplyForm(ReplyForm):
    """Words to the visitor, with files and inserted articles."""

    body = Text(label=_("Write to the customer"), required=False, rows=3)
    canned = forms.ModelChoiceField(CannedReply.objects.all(), required=False, widget=forms.HiddenInput)


class ChatNoteForm(DeskForm):
    """A note among colleagues; another field name than the reply's, so that neither can be sent as the other."""

    note = Text(label=_("Internal note"), required=False, rows=3)
    client_key = forms.UUIDField(required=False, widget=forms.HiddenInput)


class TransferForm(DeskForm):
    """A colleague or a team, and a word to them."""

    to = forms.ChoiceField(label=_("Hand over to"), error_messages={"required": _("Choose a colleague or a team.")})
    words = Line(label=_("A word to them"), max_length=500, required=False)
    client_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, colleagues: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"person:{agent.pk}", f"{agent.name} {agent.load}/{agent.capacity}") for agent in colleagues]
        groups = [(f"team:{team.key}", team.name) for team in teams]
        choices: list[Any] = [("", _("Choose"))]
        if people:
            choices.append((_("Colleagues who are there"), people))
        self.fields["to"].choices = [*choices, (_("Teams"), groups)]

    def clean_to(self) -> Any:
        """Return the person or the team."""
        kind, _colon, key = self.cleaned_data["to"].partition(":")
        found = (chat_agents().filter(pk=key) if kind == "person" else Queue.objects.filter(key=key)).first()
        if found is None:
            raise forms.ValidationError(_("Choose a colleague or a team."))
        return found

    def is_person(self) -> bool:
        """Whether a person was chosen."""
        return isinstance(self.cleaned_data["to"], get_user_model())


class EndForm(DeskForm):
    """Whether it is solved."""

    solved = forms.ChoiceField(
        label=_("Is it solved?"),
        choices=[(Conversation.Solved.YES, _("Solved")), (Conversation.Solved.NO, _("Not solved"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether it is solved.")},
    )


class ChatTicketForm(DeskForm):
    """A request made of the chat; an address where the visitor has left none."""

    subject = Line(label=_("In one line"), max_length=160)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = Line(label=_("Phone"), required=False, max_length=40)
    remark = Text(label=_("What is still missing"), required=False, rows=2)
