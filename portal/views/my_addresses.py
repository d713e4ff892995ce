"""A member's address book."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries
from accounts.actions import addresses as actions
from accounts.address_lines import split_line
from accounts.models import Address
from accounts.phones import shown_phone
from core.errors import Conflict, InvalidInput
from portal.member_forms import AddressForm, PasteForm
from portal.views.parts import unlisted

FIELDS = ("recipient", "province", "city", "district", "street", "detail", "postcode")


@login_required
@require_safe
@unlisted
def addresses(request: HttpRequest) -> HttpResponse:
    """Show the member's addresses, the default first."""
    rows = queries.addresses_for(request.user)
    return render(request, "portal/my_addresses.html", {"addresses": rows, "full": len(rows) >= actions.MOST, "most": actions.MOST})


def _initial(address: Address | None, user: Any) -> dict[str, Any]:
    if address is None:
        return {"recipient": user.name, "phone": shown_phone(user.phone) if user.phone else ""}
    return {**{name: getattr(address, name) for name in FIELDS}, "phone": shown_phone(address.phone), "default": address.is_default}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def address(request: HttpRequest, key: str = "") -> HttpResponse:
    """Add an address or change one; a pasted line is put into the fields first, without saving."""
    user: Any = request.user
    kept = queries.get_address_for(user, key) if key else None
    initial = _initial(kept, user)
    if request.method != "POST":
        return _page(request, AddressForm(initial=initial), PasteForm(), kept)
    if "split" in request.POST:
        return _split(request, initial, kept)
    form = AddressForm(request.POST)
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in (*FIELDS, "phone")}
        try:
            actions.save_address(user=user, values=values, key=key, default=form.cleaned_data["default"])
        except InvalidInput as refusal:
            form.add_error(refusal.field or None, str(refusal.message))
        except Conflict as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The address is saved."))
            return redirect("portal:my_addresses")
    return _page(request, form, PasteForm(), kept)


def _split(request: HttpRequest, initial: dict[str, Any], kept: Address | None) -> HttpResponse:
    """Show the form with what the pasted line says; what it does not say stays as typed."""
    paste = PasteForm(request.POST)
    line = split_line(request.POST.get("paste", ""))
    read = {name: value for name, value in asdict(line).items() if value}
    if line.province:
        read |= {"city": line.city, "district": line.district, "street": line.street}
    typed = {name: request.POST[name] for name in (*FIELDS, "phone", "default") if name in request.POST}
    return _page(request, AddressForm(initial={**initial, **typed, **read}), paste, kept, read=bool(read))


def _page(request: HttpRequest, form: AddressForm, paste: PasteForm, kept: Address | None, *, read: bool = False) -> HttpResponse:
    context = {"form": form, "paste": paste, "kept": kept, "read": read}
    return render(request, "portal/my_address.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def address_default(request: HttpRequest, key: str) -> HttpResponse:
    """Make an address the default."""
    user: Any = request.user
    actions.make_default(user=user, key=key)
    messages.success(request, _("This address comes first now."))
    return redirect("portal:my_addresses")


@login_required
@require_POST
def address_delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete an address."""
    user: Any = request.user
    actions.delete_address(user=user, key=key)
    messages.success(request, _("The address is deleted."))
    return redirect("portal:my_addresses")
