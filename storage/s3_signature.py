"""AWS Signature Version 4 for S3 (docs.aws.amazon.com, "Authenticating Requests: Using the Authorization Header")."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class S3Key:
    """An access key, and the region whose requests it signs."""

    access_key_id: str
    secret: str = field(repr=False)
    region: str


def query_string(parameters: Mapping[str, str]) -> str:
    """The query as it is both sent and signed: encoded as RFC 3986 says, in order of name."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters.items()))


def signed_headers(
    key: S3Key, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> dict[str, str]:
    """The headers to send: those given (in lower case, `host` among them), date, content hash and authorization.

    `path` and `query` are encoded already; `now` is in UTC.
    """
    instant = now.strftime("%Y%m%dT%H%M%SZ")
    content = hashlib.sha256(body).hexdigest()
    sent = {**headers, "x-amz-content-sha256": content, "x-amz-date": instant}
    names = sorted(sent)
    canonical = "\n".join(
        [
            method,
            path,
            query,
            *(f"{name}:{' '.join(sent[name].split())}" for name in names),
            "",
            ";".join(names),
            content,
        ]
    )
    scope = f"{instant[:8]}/{key.region}/s3/aws4_request"
    to_sign = "\n".join([_ALGORITHM, instant, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_signing_key(key, instant[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"{_ALGORITHM} Credential={key.access_key_id}/{scope},SignedHeaders={';'.join(names)},Signature={signature}"
    )
    return {**sent, "authorization": authorization}


def _signing_key(key: S3Key, day: str) -> bytes:
    derived = f"AWS4{key.secret}".encode()
    for part in (day, key.region, "s3", "aws4_request"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    return derived


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
