"""Files people send: judged by content, rewritten without metadata, bound to their subject, opened only through a door."""

import io
import re
import struct
import zlib
from datetime import timedelta

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from core import file_checks, files
from core.errors import InvalidUpload
from core.models import Attachment
from core.visitors import COOKIE
from tests.factories.accounts import ContactFactory

pillow_heif.register_heif_opener()
pytestmark = pytest.mark.django_db


def picture(fmt: str = "JPEG", size=(64, 48), **options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#0b6e69").save(buffer, fmt, **options)
    return buffer.getvalue()


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    exif[0x0112] = 6  # turned a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)
    return picture(exif=exif.tobytes())


def bomb() -> bytes:
    """A PNG of a few kilobytes that claims 30 000 × 30 000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 2_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42" + b"\0" * 400
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + b"\0" * 400
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def send(name: str, content: bytes, **who) -> Attachment:
    return files.accept_upload(SimpleUploadedFile(name, content), **(who or {"visitor_key": "v1"}))


@pytest.mark.parametrize(
    ("name", "content", "kind", "content_type", "shown"),
    [
        ("a.jpg", picture("JPEG"), "image", "image/jpeg", "a.jpg"),
        ("显示屏.JPEG", picture("JPEG"), "image", "image/jpeg", "显示屏.jpeg"),
        ("a.png", picture("PNG"), "image", "image/png", "a.png"),
        ("a.webp", picture("WEBP"), "image", "image/webp", "a.webp"),
        ("IMG_0001.HEIC", picture("HEIF"), "image", "image/jpeg", "IMG_0001.jpg"),
        ("sold.pdf", PDF, "pdf", "application/pdf", "sold.pdf"),
        ("noise.mp4", MP4, "video", "video/mp4", "noise.mp4"),
        ("noise.MOV", MOV, "video", "video/quicktime", "noise.mov"),
        ("mislabelled.png", picture("JPEG"), "image", "image/jpeg", "mislabelled.jpg"),
    ],
)
def test_what_we_say_we_take_is_taken(name, content, kind, content_type, shown) -> None:
    taken = send(name, content)
    assert (taken.kind, taken.content_type, taken.original_name) == (kind, content_type, shown)
    assert taken.file.storage.exists(taken.file.name)
    assert taken.subject_type == "" and taken.visitor_key == "v1"


def test_a_picture_loses_its_place_and_comments_and_stands_upright() -> None:
    taken = send("home.jpg", with_gps())
    with taken.file.open("rb") as stream:
        stored = Image.open(stream)
        stored.load()
    assert not stored.getexif()
    assert stored.size == (48, 64) == (taken.width, taken.height)


def test_what_hides_behind_the_end_of_a_picture_is_gone() -> None:
    taken = send("photo.jpg", picture() + b"<?php system($_GET[1]); ?>")
    with taken.file.open("rb") as stream:
        assert b"php" not in stream.read()


def test_a_huge_picture_is_made_smaller() -> None:
    taken = send("wide.png", picture("PNG", size=(5000, 100)))
    assert taken.width == file_checks.MAX_SIDE and taken.height == 82


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("virus.jpg", b"MZ\x90\x00" + b"\0" * 500, "disguised"),
        ("virus.exe", b"MZ\x90\x00" + b"\0" * 500, "wrong_type"),
        ("page.html", b"<html><script>alert(1)</script></html>", "wrong_type"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "wrong_type"),
        ("old.gif", picture("GIF"), "wrong_type"),
        ("empty.jpg", b"", "empty"),
        ("cut.jpg", picture(size=(400, 400))[:300], "damaged"),
        ("junk.png", b"\x89PNG\r\n\x1a\n" + b"junk" * 50, "damaged"),
        ("broken.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\xff" * 500, "damaged"),
        ("broken2.heic", b"nothing of a picture in here", "damaged"),
        ("cut.pdf", PDF[:20], "damaged"),
        ("bomb.png", bomb(), "too_many_pixels"),
        ("sound.m4a", b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00" + b"\0" * 100, "wrong_type"),
    ],
)
def test_what_we_do_not_take_is_refused_with_its_reason_and_nothing_is_kept(name, content, code) -> None:
    with pytest.raises(InvalidUpload) as refusal:
        send(name, content)
    assert refusal.value.code == code
    assert str(refusal.value.message)
    assert not Attachment.objects.exists()


def test_a_video_of_30_megabytes_is_refused_with_both_sizes() -> None:
    with pytest.raises(InvalidUpload) as refusal:
        send("long.mp4", MP4 + b"\0" * (30 * file_checks.MEGABYTE))
    assert refusal.value.code == "too_large"
    assert "30.0" in str(refusal.value.message) and "25" in str(refusal.value.message)


def test_a_picture_of_11_megabytes_is_refused_although_a_video_may_be_that_large() -> None:
    with pytest.raises(InvalidUpload) as refusal:
        send("big.jpg", picture() + b"\0" * (11 * file_checks.MEGABYTE))
    assert refusal.value.code == "too_large" and "10" in str(refusal.value.message)


@pytest.mark.parametrize("name", ["../../etc/passwd.jpg", "C:\\photos\\a.jpg", "a\x00b\n.jpg", "." * 300 + "jpg", "名" * 400 + ".jpg", ""])
def test_hostile_names_become_harmless(name) -> None:
    shown = files.safe_name(name, "jpg")
    assert "/" not in shown and "\\" not in shown and not re.search(r"[\x00-\x1f]", shown)
    assert 0 < len(shown) <= 120 and shown.endswith(".jpg")


def test_drafts_are_bound_to_their_subject_in_order() -> None:
    first, second, contact = send("a.jpg", picture()), send("b.pdf", PDF), ContactFactory()
    bound = files.attach_uploads([second.reference, first.reference], subject=contact, visitor_key="v1")
    assert [item.reference for item in bound] == [second.reference, first.reference]
    assert {item.reference for item in files.attachments_of(contact)} == {first.reference, second.reference}
    assert files.attachments_by_subject([contact])[str(contact.pk)][0].subject_type == "accounts.contact"


def test_sending_a_form_twice_binds_the_files_once() -> None:
    draft, contact = send("a.jpg", picture()), ContactFactory()
    files.attach_uploads([draft.reference], subject=contact, visitor_key="v1")
    files.attach_uploads([draft.reference, draft.reference], subject=contact, visitor_key="v1")
    assert files.attachments_of(contact).count() == 1


def test_somebody_else_s_draft_cannot_be_bound() -> None:
    draft, contact = send("a.jpg", picture()), ContactFactory()
    with pytest.raises(InvalidUpload):
        files.attach_uploads([draft.reference], subject=contact, visitor_key="v2")
    draft.refresh_from_db()
    assert draft.subject_type == ""


def test_a_bound_file_cannot_be_stolen_by_another_case() -> None:
    draft, mine, theirs = send("a.jpg", picture()), ContactFactory(), ContactFactory()
    files.attach_uploads([draft.reference], subject=mine, visitor_key="v1")
    with pytest.raises(InvalidUpload):
        files.attach_uploads([draft.reference], subject=theirs, visitor_key="v1")


def test_six_files_are_too_many() -> None:
    drafts = [send(f"{n}.pdf", PDF).reference for n in range(6)]
    with pytest.raises(InvalidUpload) as refusal:
        files.attach_uploads(drafts, subject=ContactFactory(), visitor_key="v1")
    assert refusal.value.code == "too_many" and not Attachment.objects.exclude(subject_type="").exists()


def test_an_empty_visitor_key_owns_nothing() -> None:
    draft = files.accept_upload(SimpleUploadedFile("a.pdf", PDF))
    assert files.own_drafts([draft.reference]) == []
    assert not files.remove_draft(draft.reference)


def test_the_sweep_takes_what_was_never_bound_and_nothing_else() -> None:
    old, bound, fresh = send("old.pdf", PDF), send("bound.pdf", PDF), send("fresh.pdf", PDF)
    files.attach_uploads([bound.reference], subject=ContactFactory(), visitor_key="v1")
    Attachment.objects.filter(pk__in=[old.pk, bound.pk]).update(created_at=timezone.now() - timedelta(hours=25))
    assert files.sweep_drafts() == 1
    assert set(Attachment.objects.values_list("reference", flat=True)) == {bound.reference, fresh.reference}
    assert not old.file.storage.exists(old.file.name) and bound.file.storage.exists(bound.file.name)


def test_a_visitor_sends_sees_and_removes_a_file_over_the_web(client) -> None:
    answer = client.post("/uploads/", {"file": SimpleUploadedFile("屏幕.jpg", picture())})
    assert answer.status_code == 201
    sent = answer.json()
    assert sent["kind"] == "image" and sent["size_text"] and sent["thumb"]
    assert answer.cookies[COOKIE]["httponly"]
    opened = client.get(sent["thumb"])
    assert opened.status_code == 200 and opened["Content-Type"] == "image/jpeg"
    assert opened["X-Content-Type-Options"] == "nosniff" and "sandbox" in opened["Content-Security-Policy"]
    assert "private" in opened["Cache-Control"] and opened["Content-Disposition"].startswith("inline")
    assert Client().get(sent["thumb"]).status_code == 404
    assert Client().post(f"/uploads/{sent['reference']}/remove/").status_code == 404
    assert client.post(f"/uploads/{sent['reference']}/remove/").json() == {"removed": True}
    assert client.get(sent["thumb"]).status_code == 404


def test_a_pdf_is_only_ever_a_download(client) -> None:
    sent = client.post("/uploads/", {"file": SimpleUploadedFile("a.pdf", PDF)}).json()
    opened = client.get(f"/media/private/{sent['reference']}/")
    assert opened["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "种"), ("en", "kind of file")])
def test_a_refusal_over_the_web_is_a_sentence_in_the_visitor_s_language(client, language, words) -> None:
    answer = client.post("/uploads/", {"file": SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 99)}, headers={"accept-language": language})
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_an_upload_without_a_file_or_with_get_is_refused(client) -> None:
    assert client.post("/uploads/").json()["code"] == "missing"
    assert client.get("/uploads/").status_code == 405


def test_an_upload_without_the_csrf_proof_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/uploads/", {"file": SimpleUploadedFile("a.pdf", PDF)})
    assert answer.status_code == 403 and not Attachment.objects.exists()


def test_uploads_are_limited_by_address(client) -> None:
    for _attempt in range(40):
        assert client.post("/uploads/").status_code == 400
    assert client.post("/uploads/", {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 429


@pytest.mark.parametrize("reference", ["nothing", "a" * 300, "..%2f..%2fetc", "%00", "😀"])
def test_a_made_up_reference_is_not_found(client, reference) -> None:
    assert client.get(f"/media/private/{reference}/").status_code == 404
