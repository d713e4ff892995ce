"""Keeps the migrated, empty database between processes and runs, so that a run starts in a second instead of half a minute.

What is kept is keyed by the content of every migration of every app, ours and the libraries'. SQLite: a file in the temporary folder.
PostgreSQL: a database `hearth_kept_…` that new ones are copied from; the first process migrates while the others wait for it.
"""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import management
from django.db import connection

PREFIX = "hearth_kept_"
KEPT_DATABASES = 12
LOCK = 0x48454152


def key() -> str:
    """Return what identifies the tables of this source tree."""
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
    for old in sorted(snapshot.parent.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-KEPT_DATABASES]:
        old.unlink(missing_ok=True)


def _migrate_sqlite(migrate: Callable[[], Any]) -> Any:
    snapshot = _folder() / f"{key()}.sqlite3"
    known = snapshot.exists()
    if known:
        _load(snapshot)
    done = migrate()
    if not known:
        _keep(snapshot)
    return done


@contextmanager
def maintenance() -> Iterator[Any]:
    """A connection to the server of DATABASE_URL outside every test database, alone with the kept databases."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield server


def create_database(server: Any, name: str) -> bool:
    """Create a database on the server, migrated already where one is kept; returns whether it was."""
    kept = PREFIX + key()
    known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept]).fetchone() is not None
    server.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{kept}"' if known else ""))
    return known


def _keep_database(server: Any, name: str) -> None:
    import psycopg

    kept = PREFIX + key()
    try:
        server.execute(f'CREATE DATABASE "{kept}" TEMPLATE "{name}"')
    except psycopg.errors.DuplicateDatabase:  # locks are those of one database: a run beside this one, on another, was quicker
        return
    server.execute(f"COMMENT ON DATABASE \"{kept}\" IS 'kept by the tests of Hearth'")
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [PREFIX]).fetchall()
    for (old,) in rows[:-KEPT_DATABASES]:
        server.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')


def _disconnect() -> None:
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def _migrate_postgres(migrate: Callable[[], Any]) -> Any:
    name = connection.settings_dict["NAME"]
    _disconnect()
    with maintenance() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if not create_database(server, name):
            migrate()
            _disconnect()
            _keep_database(server, name)
    return migrate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Put the kept database in place just before the migrations of the test database run."""
    original = management.call_command
    ways = {"sqlite": _migrate_sqlite, "postgresql": _migrate_postgres}

    def with_kept_database(name: str, *args: Any, **options: Any) -> Any:
        management.call_command = original  # for this one call: the migrations of the new test database
        if settings.MIGRATION_MODULES:  # --nomigrations: tables without a record of migrations must never be kept
            return original(name, *args, **options)
        return ways[connection.vendor](lambda: original(name, *args, **options))

    management.call_command = with_kept_database
    yield
    management.call_command = original
