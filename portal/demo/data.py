"""Reads the demo's data files and unpacks their pairs of languages."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
DATA = FOLDER / "data"
ART = FOLDER / "art"
LANGUAGES = ("zh-hans", "en")


@lru_cache(maxsize=16)
def read(name: str) -> Any:
    """Return the content of `data/<name>.yaml`."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def guides() -> list[dict[str, Any]]:
    """Return every guide of `data/guides/`, in the order of the files."""
    found: list[dict[str, Any]] = []
    for path in sorted((DATA / "guides").glob("*.yaml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def pair(value: Sequence[str], field: str) -> dict[str, str]:
    """Return `[Chinese, English]` as the two fields of a row, e.g. `name_zh_hans` and `name_en`."""
    chinese, english = value
    return {f"{field}_zh_hans": chinese, f"{field}_en": english}


def side(language: str) -> int:
    """Return which half of a pair is in `language`: 0 for Chinese, 1 for English."""
    return LANGUAGES.index(language)
