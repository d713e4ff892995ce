"""Private files: kept outside the public media folder and reachable only through a permission check."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible
class PrivateStorage(FileSystemStorage):
    """File system storage under PRIVATE_MEDIA_ROOT without a public address."""

    def __init__(self) -> None:
        super().__init__(location=str(settings.PRIVATE_MEDIA_ROOT), base_url=None, file_permissions_mode=0o640)
