"""“People” in the CMS: staff, invitations, roles; for those who may manage staff and for nobody else."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import ModelPermissionPolicy

from accounts import queries
from accounts.actions import staff
from accounts.models import AccountClosing, Role, StaffInvitation, User
from accounts.permissions import can_manage_staff
from core.errors import DomainError, InvalidInput
from core.history import history_of


class ManagersOnly(ModelPermissionPolicy):
    """Opens to whoever may manage staff, for the actions named."""

    allowed: frozenset[str] = frozenset({"view"})

    def __init__(self, model: Any, allowed: Iterable[str] = ("view",)) -> None:
        super().__init__(model)
        self.allowed = frozenset(allowed)

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Allow the named actions to managers."""
        return action in self.allowed and can_manage_staff(user)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Allow managers what is named."""
        return any(self.user_has_permission(user, action) for action in actions)


def managers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse everybody who may not manage staff."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_manage_staff(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


class RolesForm(forms.Form):
    """The roles of one colleague."""

    roles = forms.ModelMultipleChoiceField(
        Role.objects.all(), label=gettext_lazy("Roles"), required=False, widget=forms.CheckboxSelectMultiple
    )


class InvitationForm(forms.ModelForm):
    """Whom to invite as what; the action decides."""

    class Meta:
        model = StaffInvitation
        fields = ["name", "email", "role", "language"]


def _act(request: HttpRequest, person: User, form: RolesForm) -> str:
    """Do what was asked with a colleague; return the words for success. Raises DomainError."""
    asked = request.POST.get("action", "")
    if asked == "roles" and form.is_valid():
        staff.change_roles(user=person, roles=list(form.cleaned_data["roles"]), by=request.user)
        return _("The roles are saved.")
    if asked == "disable":
        staff.disable_staff(user=person, by=request.user, reason=request.POST.get("reason", ""))
        return _("The account is disabled and signed out everywhere.")
    if asked == "enable":
        staff.enable_staff(user=person, by=request.user)
        return _("The account is open again.")
    if asked == "second_factor":
        staff.reset_second_factor(user=person, by=request.user)
        return _("The second step is removed; a new one is set up at the next sign-in.")
    raise InvalidInput()


@managers_only
def staff_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: roles, disable and enable, second step, history."""
    person = get_object_or_404(queries.staff(), pk=pk)
    form = RolesForm(request.POST if request.POST.get("action") == "roles" else None, initial={"roles": queries.roles_of(person)})
    if request.method == "POST":
        try:
            messages.success(request, _act(request, person, form))
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        return redirect("staff:detail", pk=pk)
    context = {"person": person, "form": form, "history": history_of(person).order_by("-at")[:50], "is_self": person.pk == request.user.pk}
    return render(request, "accounts/admin/staff_detail.html", context)


@managers_only
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = staff.invite_staff(by=request.user, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal.message))
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
            return redirect("staff_invitations:index")
    return render(request, "accounts/admin/invite.html", {"form": form})


@managers_only
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then revoke an invitation."""
    invitation = get_object_or_404(StaffInvitation, pk=pk)
    if request.method == "POST":
        try:
            staff.revoke_invitation(invitation=invitation, by=request.user)
            messages.success(request, _("The invitation is revoked."))
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        return redirect("staff_invitations:index")
    return render(request, "accounts/admin/revoke.html", {"invitation": invitation})


class StaffIndex(IndexView):
    """Everybody who works here."""

    def get_base_queryset(self) -> Any:
        """Staff only; customers are not listed here."""
        return queries.staff()


class StaffViewSet(ModelViewSet):
    """The staff list."""

    model = User
    name = "staff"
    url_prefix = "people/staff"
    icon = "group"
    menu_label = gettext_lazy("Staff")
    index_view_class = StaffIndex
    exclude_form_fields: list[str] = []
    permission_policy = ManagersOnly(User)
    copy_view_enabled = False
    search_fields = ["name", "email"]
    list_display = [
        TitleColumn("name", label=gettext_lazy("Name"), accessor=str, get_url=lambda user: reverse("staff:detail", args=[user.pk])),
        Column("email", label=gettext_lazy("E-mail")),
        Column("roles", label=gettext_lazy("Roles"), accessor=lambda user: role_names(user)),
        BooleanColumn("second_step", label=gettext_lazy("Second step"), accessor=lambda user: user.keys > 0),
        BooleanColumn("is_active", label=gettext_lazy("Active")),
        DateColumn("last_login", label=gettext_lazy("Last sign-in")),
    ]

    def get_urlpatterns(self) -> list:
        """The list and one colleague; no forms of Wagtail's own."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", staff_detail, name="detail"),
        ]


def role_names(user: User) -> str:
    """Return the roles of a colleague in the language in force."""
    return ", ".join(group.role.name for group in user.groups.all() if hasattr(group, "role"))


def invitation_state(invitation: StaffInvitation) -> str:
    """Return where an invitation stands, in words."""
    from django.utils import timezone

    if invitation.accepted_at:
        return _("accepted")
    if invitation.revoked_at:
        return _("revoked")
    return _("expired") if invitation.expires_at <= timezone.now() else _("waiting")


class InvitationViewSet(ModelViewSet):
    """Invitations: sent, accepted, expired, revoked."""

    model = StaffInvitation
    name = "staff_invitations"
    url_prefix = "people/invitations"
    icon = "mail"
    menu_label = gettext_lazy("Invitations")
    exclude_form_fields: list[str] = []
    permission_policy = ManagersOnly(StaffInvitation, {"view", "add"})
    copy_view_enabled = False
    list_display = [
        TitleColumn(
            "name",
            label=gettext_lazy("Name"),
            get_url=lambda row: reverse("staff_invitations:revoke", args=[row.pk]) if not (row.accepted_at or row.revoked_at) else None,
        ),
        Column("email", label=gettext_lazy("E-mail")),
        Column("role", label=gettext_lazy("Role")),
        Column("state", label=gettext_lazy("State"), accessor=invitation_state),
        DateColumn("expires_at", label=gettext_lazy("Good until")),
    ]

    def get_urlpatterns(self) -> list:
        """The list, a new one, revoking."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", invite, name="add"),
            path("<int:pk>/revoke/", revoke, name="revoke"),
        ]


class ClosingIndex(IndexView):
    """Closings of accounts, the nearest first."""

    def get_base_queryset(self) -> Any:
        """Read the accounts with them."""
        return AccountClosing.objects.select_related("user").order_by("state", "-due_at")


class ClosingViewSet(ModelViewSet):
    """Who asked to close their account, until when it can be taken back, what was done. Nothing to change here: it is the member's."""

    model = AccountClosing
    name = "account_closings"
    url_prefix = "people/closings"
    icon = "lock"
    menu_label = gettext_lazy("Closings")
    index_view_class = ClosingIndex
    exclude_form_fields: list[str] = []
    permission_policy = ManagersOnly(AccountClosing)
    copy_view_enabled = False
    list_display = [
        Column("user", label=gettext_lazy("Name"), accessor=lambda row: str(row.user)),
        Column("state", label=gettext_lazy("State"), accessor=lambda row: row.get_state_display()),
        DateColumn("requested_at", label=gettext_lazy("Asked for")),
        DateColumn("due_at", label=gettext_lazy("Due")),
        DateColumn("settled_at", label=gettext_lazy("Settled")),
    ]

    def get_urlpatterns(self) -> list:
        """The list alone."""
        return [path("", self.index_view, name="index"), path("results/", self.index_results_view, name="index_results")]


class RoleViewSet(ModelViewSet):
    """Names and order of the roles; what each may do is set under Groups."""

    model = Role
    name = "staff_roles"
    url_prefix = "people/roles"
    icon = "key"
    menu_label = gettext_lazy("Roles")
    form_fields = ["name_zh_hans", "name_en", "works_desk", "order"]
    permission_policy = ManagersOnly(Role, {"view", "change"})
    copy_view_enabled = False
    list_display = [
        TitleColumn("key", label=gettext_lazy("Role"), accessor=str, get_url=lambda role: reverse("staff_roles:edit", args=[role.pk])),
        Column("key", label=gettext_lazy("key")),
        BooleanColumn("works_desk", label=gettext_lazy("Works at the desk")),
    ]


class PeopleGroup(ViewSetGroup):
    """The menu."""

    menu_label = gettext_lazy("People")
    menu_icon = "group"
    menu_order = 800
    items = (StaffViewSet, InvitationViewSet, ClosingViewSet, RoleViewSet)
