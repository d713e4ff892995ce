"""Normal forms of what people copy off a machine: error codes, model numbers, serial numbers. Pure."""

import re
import unicodedata

_IN_TEXT = re.compile(r"(?<![A-Z0-9])[A-Z]{1,3}[\s\-‐‑‒–—―−_./·]{0,2}\d{1,3}[A-Z]?(?![A-Z0-9])")
_LOOKS_LIKE = str.maketrans("OQILSZB", "0011528")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_./·・:：]+")


def plain(typed: str) -> str:
    """Return half-width upper-case text without invisible characters."""
    text = unicodedata.normalize("NFKC", typed or "")
    return "".join(ch for ch in text if unicodedata.category(ch) not in {"Cf", "Cc"}).upper().strip()


def normal_code(typed: str) -> str:
    """Return an error code without separators and leading zeros: `e-02`, `Ｅ２`, `E 2` → `E2`; `F05` → `F5`; `10E` stays."""
    compact = _SEPARATORS.sub("", plain(typed))
    match = re.fullmatch(r"([A-Z]{1,3})0*(\d+)([A-Z]?)", compact)
    return "".join(match.groups()) if match else compact


def look_of(normal: str) -> str:
    """Return what a normal form looks like on a display of seven strokes: `LO`, `L0` and `1O` are alike; `E1`, `EI` and `EL`, too."""
    return normal.translate(_LOOKS_LIKE)


def number_of(normal: str) -> str:
    """Return the number of a normal form that is letters and a number, without them: `E12` → `12`; else an empty text."""
    match = re.fullmatch(r"[A-Z]{0,3}(\d+)", normal)
    return match.group(1) if match else ""


def spellings_in(listed: str) -> list[str]:
    """Return the spellings of a list with commas or lines between them, each once: `U-E, u e; LO` → U-E, LO."""
    found = (part.strip() for part in re.split(r"[,，、;；\n]+", listed))
    once: dict[str, str] = {}
    for part in found:
        if normal_code(part):
            once.setdefault(normal_code(part), part)
    return list(once.values())


def codes_in(typed: str) -> set[str]:
    """Return the normal forms of whatever in a sentence looks like a code: `洗衣机报E2` → {E2}, `E-02 on my WF10` → {E2, ON, MY, WF10}.

    Who asks compares them with the codes that exist; words and model numbers are among them and do no harm.
    """
    text = plain(typed)
    shaped = _IN_TEXT.findall(text)
    words = re.findall(r"(?<![A-Z0-9])[A-Z]{2,3}(?![A-Z0-9])", text)
    return {normal_code(piece) for piece in (*shaped, *words)}


def normal_model(typed: str) -> str:
    """Return a model number in comparable form: half-width, upper case, no separators, letter O as zero.

    `KFR-35GW/A1`, `kfr 35gw a1` and `ＫＦＲ－３５ＧＷ／Ａ１` are equal; so are `WF1O-320` and `WF10-320`.
    """
    return _SEPARATORS.sub("", plain(typed)).replace("O", "0")


def normal_serial(typed: str) -> str:
    """Return a serial number without separators, half-width, upper case. Letters stay as typed."""
    return _SEPARATORS.sub("", plain(typed))
