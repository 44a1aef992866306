"""What an installation says of its own endpoints: the block ``endpoints`` of the connections file."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given
from integrations.kit.connection import Connection, Secret, WebhookUrl

_FEWEST_BYTES = 16


def _signs(secret: SecretStr) -> SecretStr:
    try:
        key = b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < _FEWEST_BYTES:
        remedy = f"write whsec_ and at least {_FEWEST_BYTES} random bytes in base64"
        raise BadValue("this is no secret of Standard Webhooks", remedy)
    return secret


class Endpoint(Given):
    """One of the team's own systems."""

    url: WebhookUrl
    """Where it listens: over TLS, but on this machine."""
    secret: Annotated[Secret, AfterValidator(_signs)]
    """What requests to it are signed with, as Standard Webhooks says (``whsec_...``)."""


class EndpointsConnection(Connection):
    """The team's own systems, by the names under which playbooks know them."""

    to: Annotated[dict[Word, Endpoint], Field(max_length=100)] = {}
