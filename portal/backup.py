"""One archive of everything that cannot be made again: the database, public and private files, and what they belong to.

The archive is a gzipped tar: `manifest.json`, the database (`database.sqlite3` copied with SQLite's backup interface, or
`database.dump` made by pg_dump), `media/` and `private/`. The search index is left out: it is rebuilt from the database.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import django
import wagtail
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

FORMAT = 1
UNREADABLE = (OSError, EOFError, zlib.error, tarfile.TarError)
DATABASE_FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class BackupError(Exception):
    """A backup that cannot be made, or an archive that must not be restored here; the text says why."""


@dataclass(frozen=True)
class Archive:
    """What a finished backup or restore reports: where, how many bytes, how many files."""

    path: Path
    size: int
    files: int


def folders() -> dict[str, Path]:
    """Return the folders of uploaded files by their name in the archive."""
    private = getattr(storages["private"], "location", None)
    return {"media": Path(settings.MEDIA_ROOT), "private": Path(private or settings.PRIVATE_MEDIA_ROOT)}


def database_has_people() -> bool:
    """Return whether the database is in use: it has the table of users and at least one row in it."""
    user_model = get_user_model()
    if user_model._meta.db_table not in connection.introspection.table_names():
        return False
    return user_model._default_manager.exists()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _postgres_tool(name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore against Django's database. Raises BackupError with the tool's own words."""
    from psycopg.conninfo import make_conninfo

    values = connection.settings_dict
    options = {key: value for key, value in values["OPTIONS"].items() if isinstance(value, str)}
    target = make_conninfo(host=values["HOST"], port=values["PORT"] or None, user=values["USER"], dbname=values["NAME"], **options)
    _run([name, f"--dbname={target}", *arguments], password=values["PASSWORD"])


def _run(command: list[str], *, password: str) -> None:
    name = command[0]
    try:
        done = subprocess.run(command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BackupError(f"{name} is not installed; on Debian and Ubuntu it is in the package postgresql-client.") from error
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip()}")


def _dump_database(folder: Path) -> Path:
    target = folder / DATABASE_FILES[connection.vendor]
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        copy = sqlite3.connect(target)
        try:
            connection.connection.backup(copy)
        finally:
            copy.close()
    else:
        _postgres_tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return target


def _load_database(source: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        copy = sqlite3.connect(source)
        try:
            copy.backup(connection.connection)
        finally:
            copy.close()
        return
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    _postgres_tool("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", str(source))


def _manifest(database: Path) -> dict:
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "django": django.get_version(),
        "wagtail": wagtail.__version__,
        "database": database.name,
        "database_sha256": _digest(database),
        "migrations": applied,
    }


def make_backup(target: Path) -> Archive:
    """Write a backup to the file `target`, or under a dated name into the folder `target`.

    The archive appears under its name only when it is complete, readable by its owner alone.
    Raises BackupError when the database cannot be dumped.
    """
    if target.is_dir():
        target = target / f"hearth-{timezone.localtime():%Y%m%d-%H%M%S}.tar.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    count = 0
    try:
        with tempfile.TemporaryDirectory(prefix="hearth-backup-") as scratch:
            database = _dump_database(Path(scratch))
            manifest = Path(scratch) / "manifest.json"
            manifest.write_text(json.dumps(_manifest(database), indent=2), encoding="utf-8")
            os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
            with tarfile.open(unfinished, "w:gz", compresslevel=6) as archive:
                archive.add(manifest, "manifest.json")
                archive.add(database, database.name)
                for name, folder in folders().items():
                    for path in sorted(folder.rglob("*")) if folder.exists() else []:
                        if path.is_file() and not path.is_symlink():
                            with suppress(FileNotFoundError):  # removed while we write: nothing in the copied database asks for it
                                archive.add(path, f"{name}/{path.relative_to(folder).as_posix()}")
                                count += 1
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return Archive(target, target.stat().st_size, count)


def _read_manifest(folder: Path) -> dict:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        database = folder / DATABASE_FILES[manifest["engine"]]
        digest = manifest["database_sha256"]
    except (OSError, ValueError, KeyError) as error:
        raise BackupError("This is not a backup of Hearth: its manifest is missing or unreadable.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"The archive has format {manifest.get('format')}; this version reads format {FORMAT}.")
    if manifest["engine"] != connection.vendor:
        raise BackupError(f"The backup was made on {manifest['engine']}, this installation runs on {connection.vendor}.")
    if not database.is_file() or _digest(database) != digest:
        raise BackupError("The archive is damaged: its database does not match the manifest.")
    known = MigrationLoader(None).disk_migrations
    apps = {app for app, _name in known}
    applied = [tuple(name.split(".", 1)) for name in manifest["migrations"]]
    newer = [".".join(key) for key in applied if key not in known and key[0] in apps]
    if newer:
        raise BackupError(f"The backup comes from a newer version of the portal (it has {newer[0]}). Update the program first.")
    return manifest


def _replace_content(folder: Path, source: Path) -> int:
    """Put the files of `source` in place of what `folder` holds; the folder itself stays (it may be a mounted volume)."""
    folder.mkdir(parents=True, exist_ok=True)
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()
    if not source.exists():
        return 0
    count = sum(1 for path in source.rglob("*") if path.is_file())
    for child in source.iterdir():
        shutil.move(str(child), folder / child.name)
    return count


def restore_backup(source: Path) -> Archive:
    """Put the database and the files of an archive in place of the present ones.

    Everything is unpacked and checked before anything is changed. Raises BackupError for an archive that is damaged,
    from another database engine, or from a newer version.
    """
    try:
        archive = tarfile.open(source, "r:gz")  # noqa: SIM115 - closed by the block below
    except UNREADABLE as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}") from error
    with archive, tempfile.TemporaryDirectory(prefix="hearth-restore-") as scratch:
        try:
            archive.extractall(scratch, filter="data")
        except UNREADABLE as error:
            raise BackupError(f"{source} is damaged: {error}") from error
        manifest = _read_manifest(Path(scratch))
        _load_database(Path(scratch) / DATABASE_FILES[manifest["engine"]])
        count = sum(_replace_content(folder, Path(scratch) / name) for name, folder in folders().items())
    return Archive(source, source.stat().st_size, count)
