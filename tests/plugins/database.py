"""Keeps the migrated, empty SQLite database between runs, so that a run starts in a second instead of half a minute.

The copy is keyed by the content of every migration of every app, ours and the libraries', and lies in the temporary folder.
PostgreSQL, used in CI, always runs the migrations.
"""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import management
from django.db import connection


def _key() -> str:
    digest = hashlib.sha256()
    for config in apps.get_app_configs():
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}".encode())
            digest.update(path.read_bytes())
    digest.update(repr((settings.LANGUAGES, settings.INSTALLED_APPS, sqlite3.sqlite_version)).encode())
    return digest.hexdigest()[:24]


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"hearth-test-databases-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _load(snapshot: Path) -> None:
    connection.ensure_connection()
    source = sqlite3.connect(snapshot)
    try:
        source.backup(connection.connection)
    finally:
        source.close()


def _keep(snapshot: Path) -> None:
    unfinished = snapshot.with_suffix(f".{os.getpid()}")
    target = sqlite3.connect(unfinished)
    try:
        connection.connection.backup(target)
    finally:
        target.close()
    unfinished.replace(snapshot)
    for old in sorted(snapshot.parent.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-4]:
        old.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Put the kept database in place just before the migrations of the test database run."""
    if connection.vendor != "sqlite":
        yield
        return
    snapshot = _folder() / f"{_key()}.sqlite3"
    original = management.call_command

    def with_snapshot(name: str, *args, **options):
        management.call_command = original  # for this one call: the migrations of the new test database
        if settings.MIGRATION_MODULES:  # --nomigrations: tables without a record of migrations must never be kept
            return original(name, *args, **options)
        known = snapshot.exists()
        if known:
            _load(snapshot)
        done = original(name, *args, **options)
        if not known:
            _keep(snapshot)
        return done

    management.call_command = with_snapshot
    yield
    management.call_command = original
