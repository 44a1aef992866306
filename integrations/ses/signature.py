"""AWS Signature Version 4 for getting an object of S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; its example is among the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"
_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class AwsKey:
    """An access key of AWS, for one region."""

    id: str
    secret: str = field(repr=False)
    region: str


def encoded_path(path: str) -> str:
    """A path as it is signed and sent."""
    return quote(path, safe="/-_.~")


def signed(key: AwsKey, host: str, path: str, headers: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The headers of a GET of an encoded path, signed together with these."""
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    own = {**headers, "x-amz-content-sha256": _NOTHING, "x-amz-date": at}
    named = {name.lower(): " ".join(value.split()) for name, value in {**own, "host": host}.items()}
    names = ";".join(sorted(named))
    lines = "".join(f"{name}:{named[name]}\n" for name in sorted(named))
    request = f"GET\n{path}\n\n{lines}\n{names}\n{_NOTHING}"
    scope = f"{at[:8]}/{key.region}/s3/aws4_request"
    text = f"{_ALGORITHM}\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    secret = f"AWS4{key.secret}".encode()
    for part in (at[:8], key.region, "s3", "aws4_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.digest(secret, text.encode(), "sha256").hex()
    proof = f"{_ALGORITHM} Credential={key.id}/{scope},SignedHeaders={names},Signature={signature}"
    return {**own, "Authorization": proof}
