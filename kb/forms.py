"""What visitors post: a vote, its reason, a reading time; and the few forms of the back office."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from kb.models import ArticleVote
from kb.subjects import is_key


class SubjectForm(forms.Form):
    """The thing a vote or reading time is about."""

    subject = forms.CharField(max_length=120)

    def clean_subject(self) -> str:
        """Refuse what is not a key."""
        key: str = self.cleaned_data["subject"]
        if not is_key(key):
            raise forms.ValidationError(_("We do not know this page."))
        return key


class VoteForm(SubjectForm):
    """Yes or no, and later the reason of a no."""

    vote = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    stage = forms.CharField(required=False, max_length=10)
    reason = forms.ChoiceField(required=False, choices=[("", ""), *ArticleVote.Reason.choices])
    comment = forms.CharField(required=False, max_length=1000)
    q = forms.CharField(required=False, max_length=200)
    help = forms.RegexField(r"^(?:(?:product|family)=[a-z0-9-]{1,60})?$", required=False)


class ReadingForm(forms.Form):
    """How long a page has been looked at."""

    key = forms.CharField(max_length=120)
    seconds = forms.IntegerField(min_value=1, max_value=36000)
    query = forms.CharField(required=False, max_length=200)
    reached = forms.CharField(required=False, max_length=80)
    step = forms.IntegerField(required=False, min_value=0, max_value=99)


class WithdrawForm(forms.Form):
    """Why an announcement is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=255, help_text=_("Colleagues see this beside the announcement."))


class UrgentForm(forms.Form):
    """Why an announcement about safety goes live before its safety review."""

    reason = forms.CharField(
        label=_("Why it cannot wait"),
        max_length=255,
        help_text=_("It is kept. The safety reviewers are told at once and look at it afterwards."),
    )


class ScheduleForm(forms.Form):
    """When an announcement appears."""

    starts_at = forms.DateTimeField(label=_("Shown from"))


class AssignForm(forms.Form):
    """Who takes a row of a work list, until when."""

    title = forms.CharField(label=_("Task"), max_length=255)
    assignee = forms.ModelChoiceField(label=_("Assigned to"), queryset=None)
    due_on = forms.DateField(label=_("Due"), required=False, widget=AdminDateInput)
    note = forms.CharField(label=_("Internal note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = people


class CloseForm(forms.Form):
    """Why a task is set aside."""

    reason = forms.CharField(label=_("Reason"), max_length=255, required=False)
