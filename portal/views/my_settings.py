"""Settings of a member: the overview, name and language, notifications, signed-in devices."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import notices, queries
from accounts.actions import choices, sessions
from accounts.models import QuietHours
from accounts.notify import proved_addresses
from core.errors import InvalidInput
from portal import people
from portal.forms import ProfileForm
from portal.member_forms import NoticesForm
from portal.views.parts import unlisted


@login_required
@require_safe
@unlisted
def settings(request: HttpRequest) -> HttpResponse:
    """Show every setting with its present value, each leading to its page."""
    user: Any = request.user
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    addresses = queries.addresses_for(user)
    context = {
        "addresses": addresses,
        "default_address": next((row for row in addresses if row.is_default), None),
        "emails": list(EmailAddress.objects.filter(user=user).order_by("-primary", "pk")),
        "passkeys": kinds.count("webauthn"),
        "has_app": "totp" in kinds,
        "devices": len(queries.devices_of(user)),
        "has_password": user.has_usable_password(),
    }
    return render(request, "portal/my_settings.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change the member's name and the language of our messages."""
    user: Any = request.user
    form = ProfileForm(request.POST if request.method == "POST" else None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        people.save_profile(user, name=form.cleaned_data["name"], language=form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        return redirect("portal:my_settings")
    return render(request, "portal/my_profile.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def notifications(request: HttpRequest) -> HttpResponse:
    """Show and change what the member is told about, by which channel, and when the phone stays silent."""
    user: Any = request.user
    has = proved_addresses(user)
    now = queries.choices_of(user, has=has)
    hours = QuietHours.objects.filter(user=user).first() or QuietHours()
    initial: dict[str, Any] = {"quiet": hours.on, "starts": hours.starts, "ends": hours.ends}
    initial |= {f"{topic}-{channel}": on for topic, channels in now.items() for channel, on in channels.items()}
    form = NoticesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            # Ticks that the page did not offer (no address for the channel) say nothing.
            wanted = {key: on for key, on in form.wanted().items() if key[1] in has}
            choices.save_choices(user=user, wanted=wanted)
            choices.save_quiet_hours(
                user=user, on=form.cleaned_data["quiet"], starts=form.cleaned_data["starts"], ends=form.cleaned_data["ends"]
            )
        except InvalidInput as refusal:
            form.add_error(f"{refusal.field}-mail" if refusal.field in notices.TOPICS else refusal.field or None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("portal:my_notices")
    rows = [
        {"key": topic, "topic": rule, "boxes": [(channel, form[f"{topic}-{channel}"], channel in has) for channel in notices.CHANNELS]}
        for topic, rule in notices.MEMBER_TOPICS.items()
    ]
    context = {"form": form, "rows": rows, "has": has}
    return render(request, "portal/my_notices.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
@unlisted
def devices(request: HttpRequest) -> HttpResponse:
    """Show where the member is signed in."""
    rows = queries.devices_of(request.user)  # type: ignore[arg-type]
    here = request.session.session_key
    ordered = sorted(rows, key=lambda row: row.session_key != here)
    return render(request, "portal/my_devices.html", {"devices": ordered, "here": here})


@login_required
@require_POST
def device_end(request: HttpRequest, key: str) -> HttpResponse:
    """Sign one device out; this one too, if it is meant."""
    user: Any = request.user
    sessions.end_session(user=user, key=key)
    messages.success(request, _("That device is signed out."))
    return redirect("portal:my_devices")


@login_required
@require_POST
def devices_end_others(request: HttpRequest) -> HttpResponse:
    """Sign every other device out."""
    user: Any = request.user
    count = sessions.end_other_sessions(user=user, but=request.session.session_key or "", by=user)
    messages.success(request, ngettext("%(count)s device signed out.", "%(count)s devices signed out.", count) % {"count": count})
    return redirect("portal:my_devices")
