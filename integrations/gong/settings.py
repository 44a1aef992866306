"""What an installation says of its Gong account: the block ``gong`` of the connections file."""

from __future__ import annotations

import base64

from pydantic import SecretStr

from integrations.kit.connection import BaseUrl, Connection, Secret

SOURCE = "gong"
"""Under which links, mirrored values and events of Gong are kept."""


class GongConnection(Connection):
    """One Gong account. ``webhook_secrets`` are the public keys of its automation rules, as Gong shows them."""

    access_key: Secret
    """The access key of its API."""
    access_key_secret: Secret
    base_url: BaseUrl = "https://api.gong.io"
    """The account's own address where Gong shows one (``https://us-12345.api.gong.io``)."""

    @property
    def basic(self) -> SecretStr:
        """Key and secret as HTTP Basic authentication writes them."""
        pair = f"{self.access_key.get_secret_value()}:{self.access_key_secret.get_secret_value()}"
        return SecretStr(base64.b64encode(pair.encode()).decode())
