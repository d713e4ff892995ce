"""What a file really is: judged by its content, pictures decoded within limits and written anew without metadata."""

import io
import warnings
from dataclasses import dataclass
from typing import IO, Any

import pillow_heif
import puremagic
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

from core.errors import InvalidUpload
from core.pdf_checks import MAX_PAGES, look_inside

pillow_heif.register_heif_opener()

MEGABYTE = 1024 * 1024
MAX_PICTURE_BYTES = 10 * MEGABYTE
MAX_PDF_BYTES = 10 * MEGABYTE
MAX_VIDEO_BYTES = 25 * MEGABYTE
MAX_PIXELS = 50_000_000  # phones take 48 megapixels; anything above is refused before it is decoded
MAX_SIDE = 4096
HEAD_BYTES = 4096

PICTURE_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heif": "HEIF"}
WRITTEN_AS = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp"), "HEIF": ("image/jpeg", "jpg")}
PICTURE_ENDINGS = frozenset({"jpg", "jpeg", "png", "webp", "heic", "heif", "gif", "bmp", "tif", "tiff", "avif"})
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
MOV_BRANDS = frozenset({b"qt  "})
MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VP", b"MSNV", b"dash", b"3gp4", b"3gp5", b"mmp4"}
)

WRONG_TYPE = _("This kind of file cannot be taken. Send JPG, PNG, WebP, HEIC, PDF, MP4 or MOV.")
NOT_WHAT_IT_SAYS = _("The file ends in .%(ending)s but is no such file inside. Send the picture itself: JPG, PNG, WebP or HEIC.")
EMPTY = _("The file is empty. Choose it again, or send another one.")
DAMAGED = _("This picture is damaged and cannot be opened. Take it again or send another one.")
DAMAGED_HEIC = _("This HEIC picture is damaged and cannot be opened. Send it as JPG, or take it again.")
DAMAGED_PDF = _("This PDF is damaged or not complete. Save it again and send it once more.")
ACTIVE_PDF = _("This PDF carries a script or another file inside. Print it to a plain PDF, or send a photo of it.")
LOCKED_PDF = _("This PDF is locked with a password. Save it without one, or send a photo of it.")
LONG_PDF = _("This PDF has %(count)s pages, %(most)s at most. Send the page that matters, or a photo of it.")
TOO_MANY_PIXELS = _("This picture has too many pixels. Send it in a smaller size, up to 50 megapixels.")
TOO_BIG = _("The file is %(size)s MB. %(limit)s MB at most; a shorter video or a smaller picture will do.")


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be stored: its bytes (None means: store the upload as it is), kind, type and ending."""

    kind: str
    content_type: str
    ending: str
    content: bytes | None = None
    width: int | None = None
    height: int | None = None


def detect(head: bytes) -> str:
    """Return the media type the first bytes speak of, or an empty string for anything we do not take."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in HEIC_BRANDS:
            return "image/heif"
        if brand in MOV_BRANDS:
            return "video/quicktime"
        return "video/mp4" if brand in MP4_BRANDS else ""
    if head[4:8] == b"moov" or head[4:8] == b"wide":
        return "video/quicktime"
    try:
        found = [match.mime_type for match in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        return ""
    for wanted in ("image/jpeg", "image/png", "image/webp", "application/pdf"):
        if wanted in found:
            return wanted
    return ""


def ending_of(name: str) -> str:
    """Return the ending of a file name in lower case, without the dot."""
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def check_size(size: int, limit: int) -> None:
    """Refuse more than `limit` bytes. Raises InvalidUpload that names both sizes in megabytes."""
    if size > limit:
        raise InvalidUpload(TOO_BIG % {"size": f"{size / MEGABYTE:.1f}", "limit": limit // MEGABYTE}, code="too_large")


def check_file(stream: IO[bytes], *, name: str, size: int) -> CheckedFile:
    """Judge one upload by its content.

    Args:
        stream: a seekable binary file.
        name: the name it came with; only used for the words of a refusal.
        size: its length in bytes.
    Raises:
        InvalidUpload with a sentence for the person; codes: empty, too_large, wrong_type, disguised, damaged, too_many_pixels,
            active_pdf, locked_pdf, too_many_pages.
    """
    if size <= 0:
        raise InvalidUpload(EMPTY, code="empty")
    check_size(size, MAX_VIDEO_BYTES)
    stream.seek(0)
    content_type = detect(stream.read(HEAD_BYTES))
    stream.seek(0)
    if content_type.startswith("image/"):
        check_size(size, MAX_PICTURE_BYTES)
        return _rewritten_picture(stream, PICTURE_FORMATS[content_type])
    if content_type == "application/pdf":
        check_size(size, MAX_PDF_BYTES)
        return _checked_pdf(stream, size)
    if content_type.startswith("video/"):
        return CheckedFile(kind="video", content_type=content_type, ending="mov" if content_type == "video/quicktime" else "mp4")
    ending = ending_of(name)
    if ending in {"heic", "heif"}:
        raise InvalidUpload(DAMAGED_HEIC, code="damaged")
    if ending in PICTURE_ENDINGS - {"gif", "bmp", "tif", "tiff", "avif"}:
        raise InvalidUpload(NOT_WHAT_IT_SAYS % {"ending": ending}, code="disguised")
    raise InvalidUpload(WRONG_TYPE, code="wrong_type")


def _checked_pdf(stream: IO[bytes], size: int) -> CheckedFile:
    """Refuse a PDF without its end mark, with too many pages, locked, or with anything inside that acts."""
    stream.seek(max(0, size - 2048))
    tail = stream.read(2048)
    stream.seek(0)
    if b"%%EOF" not in tail:
        raise InvalidUpload(DAMAGED_PDF, code="damaged")
    facts = look_inside(stream.read())
    stream.seek(0)
    if facts.active:
        raise InvalidUpload(ACTIVE_PDF, code="active_pdf")
    if facts.locked:
        raise InvalidUpload(LOCKED_PDF, code="locked_pdf")
    if facts.pages > MAX_PAGES:
        raise InvalidUpload(LONG_PDF % {"count": facts.pages, "most": MAX_PAGES}, code="too_many_pages")
    return CheckedFile(kind="pdf", content_type="application/pdf", ending="pdf")


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Bring a picture with a colour profile of its own (wide-gamut phones) to sRGB, because the profile is removed."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA"}:
        return picture
    try:
        converted = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def _decoded(stream: IO[bytes], picture_format: str) -> Image.Image:
    """Open, measure before decoding, decode no larger than needed, turn upright."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        picture: Any = Image.open(stream, formats=[picture_format])
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise InvalidUpload(TOO_MANY_PIXELS, code="too_many_pixels")
    if picture_format == "JPEG":
        picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    return upright


def _rewritten_picture(stream: IO[bytes], picture_format: str) -> CheckedFile:
    """Decode a picture and write it anew: no EXIF, no place, no comments, no hidden payload after its end."""
    damaged = DAMAGED_HEIC if picture_format == "HEIF" else DAMAGED
    try:
        picture = _in_srgb(_decoded(stream, picture_format))
        content_type, ending = WRITTEN_AS[picture_format]
        if ending == "jpg":
            picture = picture.convert("RGB")
        elif picture.mode not in {"RGB", "RGBA", "L"}:
            picture = picture.convert("RGBA")
        picture.info = {}
        buffer = io.BytesIO()
        target, options = {
            "jpg": ("JPEG", {"quality": 85, "optimize": True, "progressive": True}),
            "png": ("PNG", {}),
            "webp": ("WEBP", {"quality": 85}),
        }[ending]
        picture.save(buffer, target, **options)
    except InvalidUpload:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InvalidUpload(TOO_MANY_PIXELS, code="too_many_pixels") from error
    except Exception as error:
        # Decoders raise whatever a broken file leads them to (OSError, SyntaxError, struct.error, EOFError …): all mean the same.
        raise InvalidUpload(damaged, code="damaged") from error
    return CheckedFile(
        kind="image", content_type=content_type, ending=ending, content=buffer.getvalue(), width=picture.width, height=picture.height
    )
