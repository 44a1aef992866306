"""Gets mail that SES has put into a bucket of S3: it sends messages of up to 150 KB along, and no larger ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from integrations.kit.answers import Operation
from integrations.kit.credentials import Anonymous
from integrations.kit.errors import Refused
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Unlimited
from integrations.mail.inbound.mime import MOST_READ
from integrations.ses.settings import SesConnection
from integrations.ses.signature import AwsKey, encoded_path, signed

_GET = Operation(name="get a message", success=frozenset({200, 206}))


class Bucket:
    """The bucket of a connection."""

    def __init__(self, connection: SesConnection, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        secret = connection.secret_access_key
        region = connection.region or ""
        self._name, self._clock = connection.bucket, clock
        self._key = AwsKey(
            id=connection.access_key_id or "", secret=secret.get_secret_value() if secret else "", region=region
        )
        self._url = connection.base_url or f"https://s3.{region}.amazonaws.com"
        self._http = ToolClient("Amazon S3", self._url, Anonymous(), Unlimited())

    async def get(self, bucket: str, key: str) -> bytes:
        """The first MiB of a message.

        Raises:
            Refused: it is not there, is in another bucket, or the access key may not read it.
            NotHandedOver: S3 does not answer now.
        """
        if bucket != self._name:
            raise Refused("the message lies in another bucket than the one of the connection")
        path = encoded_path(f"/{bucket}/{key}")
        wanted = {"Range": f"bytes=0-{MOST_READ - 1}"}
        headers = signed(self._key, urlsplit(self._url).netloc, path, wanted, self._clock())
        return (await self._http.call(_GET, path, Payload(headers=headers, secrets=(self._key.secret,)))).body
