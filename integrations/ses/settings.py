"""The block ``ses:`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, Secret


class SesConnection(Connection):
    """Topics of SNS (``webhook_secrets`` are their ARNs); with an access key, also the bucket that mail is kept in."""

    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] | None = None
    """The bucket's: ``eu-central-1``."""
    bucket: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{3,255}$")] | None = None
    """The one bucket that is read. A message that names another one is not fetched."""
    access_key_id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{16,128}$")] | None = None
    secret_access_key: Secret | None = None
    base_url: BaseUrl | None = None
    """Another address of S3 than Amazon's."""

    @model_validator(mode="after")
    def _reads_s3_or_not(self) -> Self:
        needed = (self.region, self.bucket, self.access_key_id, self.secret_access_key)
        if any(needed) and not all(needed):
            remedy = "write region:, bucket:, access_key_id: and secret_access_key:, or none of them"
            raise BadValue("it does not say how to read the bucket", remedy)
        return self
