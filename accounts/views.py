"""Pages of accounts that allauth does not have: accepting an invitation to work here."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions import staff
from core.errors import InvalidInput, NotFound
from core.guard import limit


class PasswordForm(forms.Form):
    """Two equal passwords."""

    password1 = forms.CharField(strip=False, max_length=200, widget=forms.PasswordInput)
    password2 = forms.CharField(strip=False, max_length=200, widget=forms.PasswordInput)

    def clean_password2(self) -> str:
        """Demand the same password twice."""
        first, second = self.cleaned_data.get("password1"), self.cleaned_data["password2"]
        if first and first != second:
            raise forms.ValidationError(gettext_lazy("The two passwords differ."), code="differ")
        return second


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation and take the new colleague's password."""
    limit(request, "invitation", "30/10m")
    try:
        found = staff.invitation_for(token)
    except NotFound as gone:
        return render(request, "accounts/invitation_gone.html", {"text": gone.message}, status=404)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            staff.accept_invitation(token=token, password=form.cleaned_data["password1"])
        except InvalidInput as refusal:
            form.add_error("password1", refusal.message)
        except NotFound as gone:
            return render(request, "accounts/invitation_gone.html", {"text": gone.message}, status=404)
        else:
            messages.success(request, _("Welcome. Sign in with your e-mail address and the new password."))
            return redirect("account_login")
    response = render(request, "accounts/invitation.html", {"invitation": found, "form": form})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
