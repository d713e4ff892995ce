"""My service: a member's requests and basics; guests are shown the ways in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import people
from portal.forms import ProfileForm
from portal.views.parts import unlisted
from tickets import states
from tickets.queries import tickets_of

PAGE_SIZE = 20


@require_safe
@unlisted
def my(request: HttpRequest) -> HttpResponse:
    """Show the member's requests, newest first; a guest gets sign-in and the look-up by number."""
    if not request.user.is_authenticated:
        return render(request, "portal/my_guest.html")
    page = Paginator(tickets_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    tickets = [
        {"ticket": ticket, "word": states.CUSTOMER_WORDS[ticket.status][0], "tone": states.TONES[ticket.status]}
        for ticket in page.object_list
    ]
    return render(request, "portal/my.html", {"page_obj": page, "tickets": tickets})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change the member's name and the language of our messages."""
    user = request.user
    form = ProfileForm(request.POST if request.method == "POST" else None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        people.save_profile(user, name=form.cleaned_data["name"], language=form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        return redirect("portal:my_profile")
    return render(request, "portal/my_profile.html", {"form": form}, status=422 if form.errors else 200)
