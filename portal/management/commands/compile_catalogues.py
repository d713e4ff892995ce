"""`manage.py compile_catalogues`: merges the translation files and compiles them without gettext."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


def merged_catalogue(folder: Path) -> polib.POFile:
    """Return all entries of `folder` (its parts and its django.po) as one catalogue.

    Raises ValueError naming every message that two files translate differently.
    """
    merged = polib.POFile()
    merged.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;", "Language": "zh_Hans"}
    seen: dict[tuple[str, str], tuple[polib.POEntry, str]] = {}
    clashes = []
    files = [*sorted((folder / "parts").glob("*.po")), folder / "LC_MESSAGES" / "django.po"]
    for path in files:
        if not path.exists():
            continue
        for entry in polib.pofile(str(path)):
            if entry.obsolete or not entry.translated():
                continue
            key = (entry.msgctxt or "", entry.msgid)
            if key in seen:
                first, where = seen[key]
                if first.msgstr != entry.msgstr or (
                    first.msgid_plural and entry.msgid_plural and first.msgstr_plural != entry.msgstr_plural
                ):
                    clashes.append(f"{entry.msgid!r}: {where} and {path.name} differ")
                if entry.msgid_plural and not first.msgid_plural:
                    merged[merged.index(first)] = entry
                    seen[key] = (entry, path.name)
                continue
            seen[key] = (entry, path.name)
            merged.append(entry)
    if clashes:
        raise ValueError("\n".join(clashes))
    return merged


class Command(BaseCommand):
    """Writes django.mo and djangojs.mo beside the catalogues; `--check` only compares."""

    help = "Compile the translation catalogues (no gettext needed)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--check`."""
        parser.add_argument("--check", action="store_true", help="Fail where the compiled file is not current.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile, or check, every locale of the project."""
        for root in settings.LOCALE_PATHS:
            for folder in sorted(path for path in Path(root).iterdir() if path.is_dir()):
                self._one(folder, check=options["check"])

    def _one(self, folder: Path, *, check: bool) -> None:
        try:
            catalogue = merged_catalogue(folder)
        except ValueError as error:
            raise CommandError(f"translated twice, differently:\n{error}") from error
        self._write(catalogue, folder / "LC_MESSAGES" / "django.mo", check=check)
        in_browser = folder / "LC_MESSAGES" / "djangojs.po"
        if in_browser.exists():
            self._write(polib.pofile(str(in_browser)), in_browser.with_suffix(".mo"), check=check)

    def _write(self, catalogue: polib.POFile, target: Path, *, check: bool) -> None:
        binary = catalogue.to_binary()
        if target.exists() and target.read_bytes() == binary:
            return
        if check:
            raise CommandError(f"{target.name} of {target.parents[1].name} is not current: run manage.py compile_catalogues")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(binary)
        self.stdout.write(f"{target.parents[1].name}: {len(catalogue)} messages")
