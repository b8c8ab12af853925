"""BURSAR_RECEIPTS__…, a group of settings.py: where receipts lie."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from settings_fields import NO_SECRET, Group, Seconds, Text, Url


class ReceiptSettings(Group):
    """BURSAR_RECEIPTS__…: where receipts lie, sealed with the keyring before they are written."""

    store: Literal["folder", "s3"] = Field("folder", description="files in a folder, or objects in an S3 bucket")
    folder: Path = Field(Path(), description="the folder; several machines must share it; empty: in the data folder")
    limit_bytes: int = Field(10_000_000, ge=1_000, le=100_000_000, description="largest receipt, bytes")
    sweep_seconds: Seconds = Field(3600, description="pause between looks for files that no expense has")
    s3_url: Url = Field("", description="address of the S3 server, for example https://s3.us-east-1.amazonaws.com")
    s3_bucket: str = Field(
        "", pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$", description="bucket, for nothing but receipts"
    )
    s3_region: Text = Field("us-east-1", description="region that requests are signed for")
    s3_access_key_id: str = Field("", description="access key")
    s3_secret_access_key: SecretStr = Field(NO_SECRET, description="its secret")
    s3_timeout_seconds: Seconds = Field(20, le=40, description="longest wait for the S3 server")

    @model_validator(mode="after")
    def _name_the_bucket(self) -> Self:
        secret = self.s3_secret_access_key.get_secret_value()
        if self.store == "s3" and not (self.s3_url and self.s3_bucket and self.s3_access_key_id and secret):
            raise ValueError("store s3 needs s3_url, s3_bucket, s3_access_key_id and s3_secret_access_key")
        return self
