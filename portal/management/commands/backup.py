"""`manage.py backup FILE_OR_FOLDER`: one archive of the database and the uploaded files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.backup import BackupError, make_backup


class Command(BaseCommand):
    """Write a backup while the portal runs."""

    help = "Write the database and all uploaded files into one archive. The portal may keep running."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the place to write to."""
        parser.add_argument("target", help="a file name, or a folder: one that exists or ends with / (the file gets a dated name)")

    def handle(self, *args, target: str, **options) -> None:
        """Make the archive and say what it holds."""
        try:
            if target.endswith("/"):
                Path(target).mkdir(mode=0o700, parents=True, exist_ok=True)
            archive = make_backup(Path(target))
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{archive.path}: {archive.size / 1e6:.1f} MB, the database and {archive.files} files")
