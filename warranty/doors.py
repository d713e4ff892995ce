"""Who may open a receipt: whoever sent it, and those who decide registrations. The present owner of a claimed unit may not."""

from django.http import HttpRequest

from core.models import Attachment
from warranty.models import WarrantyRegistration
from warranty.permissions import can_review


def may_open_receipt(request: HttpRequest, attachment: Attachment) -> bool:
    """Return whether this caller may open a receipt."""
    row = WarrantyRegistration.objects.select_related("contact").filter(pk=attachment.subject_id).first()
    if row is None:
        return False
    if can_review(request.user):
        return True
    user = request.user
    return user.is_authenticated and row.contact.user_id == user.pk and not attachment.internal
