"""Where files lie: one small interface, and the two places behind it."""

from settings_receipts import ReceiptSettings
from storage.base import ContentStore as ContentStore
from storage.folder import Folder
from storage.s3 import S3Bucket


def content_store(settings: ReceiptSettings) -> ContentStore:
    """The store that the settings name. Nothing is opened: it may be made wherever it is needed."""
    if settings.store == "s3":
        return S3Bucket(settings)
    return Folder(settings.folder)
