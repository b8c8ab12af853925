"""Files in a bucket of S3, or of any server that speaks its protocol with addresses in the path."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from lxml import etree

from domain.clock import SystemClock
from domain.errors import Unavailable
from domain.tls import trusted
from settings_receipts import ReceiptSettings
from storage.s3_signature import S3Key, query_string, signed_headers

_LISTING = "{*}"


class S3Bucket:
    """A content store in one bucket. Each request is signed, sent once and over a connection of its own."""

    def __init__(self, settings: ReceiptSettings) -> None:
        """Bucket, address and key are the settings'."""
        self._key = S3Key(
            settings.s3_access_key_id, settings.s3_secret_access_key.get_secret_value(), settings.s3_region
        )
        self._base = settings.s3_url
        self._bucket = settings.s3_bucket
        self._timeout = settings.s3_timeout_seconds

    async def put(self, address: str, sealed: bytes) -> None:
        """PutObject: S3 checks the content's hash, which is signed, and shows an object only when it is whole."""
        await self._ask("PUT", address, body=sealed)

    async def get(self, address: str) -> bytes | None:
        """GetObject."""
        answer = await self._ask("GET", address, absent=True)
        return None if answer.status_code == HTTPStatus.NOT_FOUND else answer.content

    async def delete(self, address: str) -> None:
        """DeleteObject, which succeeds for what is not there too."""
        await self._ask("DELETE", address, absent=True)

    async def addresses(self) -> AsyncIterator[str]:
        """ListObjectsV2, page by page."""
        query = {"list-type": "2"}
        while True:
            page = etree.fromstring(
                (await self._ask("GET", "", query=query)).content,
                etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False),
            )
            for key in page.iterfind(f"{_LISTING}Contents/{_LISTING}Key"):
                yield key.text or ""
            token = page.findtext(f"{_LISTING}NextContinuationToken")
            if not token:
                return
            query = {**query, "continuation-token": token}

    async def _ask(
        self,
        method: str,
        address: str,
        *,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        absent: bool = False,
    ) -> httpx.Response:
        base = urlsplit(self._base)
        path = f"{base.path}/{self._bucket}" + (f"/{address}" if address else "")
        asked = query_string(query or {})
        headers = signed_headers(self._key, method, path, asked, {"host": base.netloc}, body, SystemClock().now())
        url = f"{base.scheme}://{base.netloc}{path}" + (f"?{asked}" if asked else "")
        try:
            async with httpx.AsyncClient(timeout=self._timeout, trust_env=False, verify=trusted()) as client:
                answer = await client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"The store of receipts cannot be reached ({type(error).__name__}).", retry_after=30
            ) from None
        if not answer.is_success and not (absent and answer.status_code == HTTPStatus.NOT_FOUND):
            raise Unavailable(f"The store of receipts answered {answer.status_code}.", retry_after=30)
        return answer
