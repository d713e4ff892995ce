"""`manage.py restore FILE`: put a backup in place of the present database and files."""

from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.backup import BackupError, database_has_people, restore_backup


class Command(BaseCommand):
    """Restore a backup into an empty installation, or over the present one when told so."""

    help = "Restore a backup made by `manage.py backup`. Stop the portal's processes first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the archive and the consent to overwrite."""
        parser.add_argument("source", type=Path, help="an archive made by `manage.py backup`")
        parser.add_argument("--yes", action="store_true", help="replace a database that is in use, and all uploaded files")

    def handle(self, *args, source: Path, yes: bool, **options) -> None:
        """Check, restore, bring the tables up to date and rebuild the search index."""
        if not source.is_file():
            raise CommandError(f"{source} is not a file.")
        if database_has_people() and not yes:
            raise CommandError("The database is in use. Add --yes to replace it, and every uploaded file, by the backup.")
        try:
            archive = restore_backup(source)
        except BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", interactive=False, verbosity=0)
        call_command("rebuild_search", verbosity=0)
        self.stdout.write(f"Restored the database and {archive.files} files from {archive.path}; the search index is rebuilt.")
