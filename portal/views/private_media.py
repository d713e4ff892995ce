"""Private files: sending one, opening one behind its door, removing a draft."""

from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import files, ranges
from core.errors import DomainError, InvalidUpload
from core.guard import limit
from core.models import Attachment
from core.visitors import known_visitor_key, visitor_key
from portal.attachment_doors import may_open

UPLOAD_RATE = "40/h"
REMOVE_RATE = "120/h"


@require_GET
def private_media(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Hand out one file to those its door lets in; everybody else gets the same 404 as for a reference that never was."""
    attachment = Attachment.objects.filter(reference=reference).first()
    if attachment is None or not may_open(request, attachment):
        raise Http404
    try:
        opened = storages["private"].open(str(attachment.file.name))
    except FileNotFoundError as error:
        raise Http404 from error
    response = ranges.file_response(request, opened, size=opened.size, content_type=attachment.content_type)
    inline = attachment.kind == Attachment.Kind.IMAGE
    response.headers["Content-Disposition"] = content_disposition_header(not inline, attachment.original_name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def as_json(attachment: Attachment) -> dict[str, object]:
    """Return what the upload element shows of a file: reference, name, kind, size in bytes and in words, address of its picture."""
    picture = attachment.kind == Attachment.Kind.IMAGE
    return {
        "reference": attachment.reference,
        "name": attachment.original_name,
        "kind": attachment.kind,
        "size": attachment.size,
        "size_text": filesizeformat(attachment.size),
        "thumb": reverse("site:private_media", args=[attachment.reference]) if picture else "",
    }


@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """Take one file of a form that is still being filled in; refusals are plain sentences in the visitor's language."""
    try:
        limit(request, "upload", UPLOAD_RATE)
        sent = request.FILES.get("file")
        if sent is None:
            raise InvalidUpload(_("No file arrived. Choose it again."), code="missing")
        attachment = files.accept_upload(sent, by=request.user, visitor_key=visitor_key(request))
    except DomainError as error:
        return JsonResponse({"error": str(error.message), "code": error.code}, status=error.status)
    return JsonResponse(as_json(attachment), status=201)


@require_POST
def upload_remove(request: HttpRequest, reference: str) -> JsonResponse:
    """Remove one's own file that belongs to nothing yet."""
    try:
        limit(request, "upload-remove", REMOVE_RATE)
    except DomainError as error:
        return JsonResponse({"error": str(error.message), "code": error.code}, status=error.status)
    removed = files.remove_draft(reference, by=request.user, visitor_key=known_visitor_key(request))
    return JsonResponse({"removed": removed}, status=200 if removed else 404)
