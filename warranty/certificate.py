"""The certificate as a PDF: typst with a Chinese font that ships as a package, one page, tagged for screen readers."""

import importlib.util
import json
from functools import lru_cache
from pathlib import Path

import typst
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core.i18n import language_suffix
from core.models import BrandSettings
from products.models import Unit
from warranty.labels import qr_svg
from warranty.models import WarrantyCertificate
from warranty.queries import ShownLine, UnitCoverage
from warranty.serials import masked
from warranty.words import day_words

SOURCE = Path(__file__).with_name("typst") / "certificate.typ"
FONT_PACKAGE = "cvttf_NotoSansCJK_Regular"


def font_folder() -> Path:
    """Return the folder of the Chinese font. Raises RuntimeError where the package is missing."""
    found = importlib.util.find_spec(FONT_PACKAGE)
    if found is None or not found.origin:
        raise RuntimeError("the package cvttf-notosanscjk-regular is not installed")
    return Path(found.origin).parent


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())])
    return typst.Compiler(SOURCE, font_paths=fonts, ignore_system_fonts=True)


def certificate_pdf(certificate: WarrantyCertificate, found: UnitCoverage, *, brand: BrandSettings, verify_url: str) -> bytes:
    """Return the certificate in the language in force.

    Args:
        certificate: the row with its code.
        found: the unit's warranty today.
        brand: the maker.
        verify_url: absolute address where a dealer checks the code; it is in the QR code.
    """
    data = json.dumps(_data(certificate, found, brand, verify_url), ensure_ascii=False)
    pdf = _compiler().compile(format="pdf", sys_inputs={"data": data})
    assert isinstance(pdf, bytes)
    return pdf


def _data(certificate: WarrantyCertificate, found: UnitCoverage, brand: BrandSettings, verify_url: str) -> dict[str, object]:
    unit = found.unit
    chinese = language_suffix(get_language()) == "zh_hans"
    return {
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "colour": brand.brand_colour or "#0B6E69",
        "title": _("Warranty certificate"),
        "lead": _("For the machine below. Its warranty stays with it whoever owns it."),
        "maker": brand.company or brand.name,
        "number_label": pgettext("certificate", "No."),
        "code": "-".join(certificate.code[start : start + 4] for start in range(0, len(certificate.code), 4)),
        "facts": _facts(unit, found, certificate),
        "qr": qr_svg(verify_url),
        "qr_alt": verify_url,
        "qr_words": _("Scan to check"),
        "parts_title": _("Covered until when"),
        "parts_head": [pgettext("warranty", "Part"), pgettext("warranty", "Period"), _("Last day"), _("Today")],
        "parts": [_row(line) for line in found.lines],
        "never_title": _("What is not covered"),
        "never": found.exclusions or "–",
        "note": _("Keep the receipt. A dealer can check this certificate by its code or number; it ends when the machine changes hands."),
        "footer": " · ".join(word for word in (brand.service_name, brand.hotline, verify_url) if word),
    }


def _facts(unit: Unit, found: UnitCoverage, certificate: WarrantyCertificate) -> list[tuple[str, str]]:
    rows = [
        (_("Product"), unit.model.name),
        (_("Model"), unit.model.number),
        (_("Serial number"), masked(unit.serial)),
        (_("Bought on"), day_words(unit.purchased_on)),
        (_("Installed on"), day_words(unit.installed_on)),
        (_("Use"), capfirst(unit.get_use_display())),
        (_("Valid until"), day_words(found.whole.until)),
        (_("Issued on"), day_words(timezone.localdate(certificate.issued_at))),
    ]
    return [(label, value) for label, value in rows if value]


def _row(line: ShownLine) -> list[str]:
    return [line.name, line.period or "–", day_words(line.until) or "–", str(line.word)]
