"""A backup brings back every row and every file, and is never restored by accident or from a wrong archive."""

import io
import json
import stat
import tarfile
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from portal import backup

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploads(tmp_path, monkeypatch) -> dict[str, Path]:
    """Folders of uploads of this test alone."""
    places = {"media": tmp_path / "public", "private": tmp_path / "closed"}
    monkeypatch.setattr(backup, "folders", lambda: places)
    return places


@pytest.fixture
def loaded(monkeypatch) -> list[bytes]:
    """The database's own tools stood in for; holds the dumps that a restore would have loaded."""
    contents: list[bytes] = []

    def dump(folder: Path) -> Path:
        return _write(folder, backup.DATABASE_FILES[connection.vendor], b"all rows")

    monkeypatch.setattr(backup, "_dump_database", dump)
    monkeypatch.setattr(backup, "_load_database", lambda source: contents.append(source.read_bytes()))
    monkeypatch.setattr("portal.management.commands.restore.call_command", lambda *names, **options: None)
    return contents


def _write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _somebody(email: str):
    return get_user_model()._default_manager.create(email=email)


def _emails() -> set[str]:
    return set(get_user_model()._default_manager.values_list("email", flat=True))


def _backup(target: Path) -> Path:
    out = io.StringIO()
    call_command("backup", str(target), stdout=out)
    return Path(out.getvalue().split(": ")[0])


def _rewritten(source: Path, target: Path, **changes) -> Path:
    """Copy an archive with other values in its manifest."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read()
            if member.name == "manifest.json":
                content = json.dumps({**json.loads(content), **changes}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return target


@pytest.mark.django_db(transaction=True)
def test_backup_and_restore_bring_back_rows_and_files(uploads, tmp_path) -> None:
    _somebody("lin@example.com")
    photo = _write(uploads["media"], "images/step.png", b"a picture")
    invoice = _write(uploads["private"], "ab/invoice.pdf", b"an invoice")
    archive = _backup(tmp_path)

    get_user_model()._default_manager.all().delete()
    _somebody("late@example.com")
    photo.write_bytes(b"another picture")
    invoice.unlink()
    later = _write(uploads["media"], "images/later.png", b"later")
    call_command("restore", str(archive), "--yes", stdout=io.StringIO())

    assert _emails() == {"lin@example.com"}
    assert photo.read_bytes() == b"a picture"
    assert invoice.read_bytes() == b"an invoice"
    assert not later.exists()


def test_restore_fills_an_empty_installation_without_asking(uploads, loaded, tmp_path) -> None:
    archive = _backup(tmp_path)
    get_user_model()._default_manager.all().delete()
    call_command("restore", str(archive), stdout=io.StringIO())
    assert loaded == [b"all rows"]


def test_restore_over_a_database_in_use_needs_consent(uploads, loaded, tmp_path) -> None:
    archive = _backup(tmp_path)
    _somebody("lin@example.com")
    photo = _write(uploads["media"], "step.png", b"a picture")
    with pytest.raises(CommandError, match="--yes"):
        call_command("restore", str(archive))
    assert loaded == []
    assert photo.exists()


def test_backup_is_readable_by_its_owner_alone_and_leaves_no_half_file(uploads, loaded, tmp_path) -> None:
    target = tmp_path / "kept" / "hearth.tar.gz"
    assert _backup(target) == target
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["hearth.tar.gz"]


def test_a_folder_that_is_not_there_yet_is_made_so_that_no_backup_replaces_another(uploads, loaded, tmp_path) -> None:
    call_command("backup", f"{tmp_path}/new/backups/", stdout=io.StringIO())
    (archive,) = (tmp_path / "new" / "backups").iterdir()
    assert archive.name.startswith("hearth-") and archive.name.endswith(".tar.gz")


def test_backup_that_fails_leaves_nothing_behind(uploads, tmp_path, monkeypatch) -> None:
    def refuse(folder: Path) -> Path:
        raise backup.BackupError("the database is away")

    monkeypatch.setattr(backup, "_dump_database", refuse)
    target = tmp_path / "kept"
    with pytest.raises(CommandError, match="away"):
        call_command("backup", str(target / "hearth.tar.gz"))
    assert list(target.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"engine": "sqlite" if connection.vendor == "postgresql" else "postgresql"}, "was made on"),
        ({"format": 99}, "format 99"),
        ({"database_sha256": "0" * 64}, "damaged"),
        ({"migrations": ["core.9999_from_the_future"]}, "newer version"),
    ],
)
def test_a_wrong_archive_is_refused_and_changes_nothing(uploads, loaded, tmp_path, changes, reason) -> None:
    archive = _rewritten(_backup(tmp_path), tmp_path / "changed.tar.gz", **changes)
    _somebody("lin@example.com")
    photo = _write(uploads["media"], "step.png", b"a picture")
    with pytest.raises(CommandError, match=reason):
        call_command("restore", str(archive), "--yes")
    assert loaded == []
    assert photo.exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00broken"])
def test_a_file_that_is_no_backup_is_refused(uploads, loaded, tmp_path, content) -> None:
    source = _write(tmp_path, "any.tar.gz", content)
    with pytest.raises(CommandError):
        call_command("restore", str(source), "--yes")
    assert loaded == []


def test_a_backup_cut_short_is_refused(uploads, loaded, tmp_path) -> None:
    archive = _backup(tmp_path)
    archive.write_bytes(archive.read_bytes()[:-200])
    _somebody("lin@example.com")
    with pytest.raises(CommandError):
        call_command("restore", str(archive), "--yes")
    assert loaded == []


def test_a_missing_tool_is_named() -> None:
    with pytest.raises(backup.BackupError, match="is not installed"):
        backup._run(["pg_dump_that_is_not_there"], password="")
