"""A small server that speaks S3: it keeps objects in memory and believes nothing that is not signed.

Written from Amazon's description of Signature Version 4, not from our client.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

KEY_ID, SECRET, REGION, BUCKET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", "eu-test-1", "receipts.test"
PAGE = 2
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request,\s*"
    r"SignedHeaders=(?P<names>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


class S3Server:
    """An ASGI application. `broken` makes it answer 500; `seen` lists methods and paths."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.seen: list[str] = []
        self.broken = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.seen.append(f"{scope['method']} {path}")
        status, content = 500, b""
        if not self.broken:
            refusal = _refusal(scope["method"], path, query, headers, body)
            status, content = (403, _error(refusal)) if refusal else self._answer(scope["method"], path, query, body)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str, query: str, body: bytes) -> tuple[int, bytes]:
        bucket, _, key = unquote(path).removeprefix("/").partition("/")
        if bucket != BUCKET:
            return 404, _error("NoSuchBucket")
        if not key:
            return 200, self._listing(dict(parse_qsl(query, keep_blank_values=True)))
        if method == "PUT":
            self.objects[key] = body
            return 200, b""
        if method == "DELETE":
            self.objects.pop(key, None)
            return 204, b""
        found = self.objects.get(key)
        return (404, _error("NoSuchKey")) if found is None else (200, found)

    def _listing(self, query: dict[str, str]) -> bytes:
        assert query["list-type"] == "2"
        # tokens hold characters that must be encoded to be signed right
        after = query.get("continuation-token", "").removeprefix("after /+=~&")
        keys = [key for key in sorted(self.objects) if key > after]
        shown = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys[:PAGE])
        more = len(keys) > PAGE
        token = f"<NextContinuationToken>after /+=~&amp;{keys[PAGE - 1]}</NextContinuationToken>" if more else ""
        return (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{shown}</ListBucketResult>"
        ).encode()


def _refusal(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> str | None:
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None or found["key"] != KEY_ID or found["region"] != REGION:
        return "AccessDenied"
    if headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    sent = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - sent) > timedelta(minutes=15) or not headers["x-amz-date"].startswith(found["day"]):
        return "RequestTimeTooSkewed"
    names = found["names"].split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
        return "AccessDenied"
    pairs = sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in parse_qsl(query, keep_blank_values=True))
    canonical = (
        f"{method}\n{quote(unquote(path), safe='/-_.~')}\n{'&'.join(f'{n}={v}' for n, v in pairs)}\n"
        + "".join(f"{name}:{headers[name].strip()}\n" for name in names)
        + f"\n{';'.join(names)}\n{headers['x-amz-content-sha256']}"
    )
    scope = f"{found['day']}/{REGION}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{digest}"
    key = b"AWS4" + SECRET.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(signature, found["signature"]) else "SignatureDoesNotMatch"


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code></Error>".encode()
