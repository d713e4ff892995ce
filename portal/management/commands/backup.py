"""`manage.py backup FILE_OR_FOLDER`: one archive of the database and the uploaded files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.backup import BackupError, make_backup


class Command(BaseCommand):
    """Write a backup while the portal runs."""

    help = "Write the database and all uploaded files into one archive. The portal may keep running."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the place to write to."""
        parser.add_argument("target", type=Path, help="a file name, or an existing folder (the file gets a dated name)")

    def handle(self, *args, target: Path, **options) -> None:
        """Make the archive and say what it holds."""
        try:
            archive = make_backup(target)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{archive.path}: {archive.size / 1e6:.1f} MB, the database and {archive.files} files")
