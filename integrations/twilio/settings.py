"""What an installation says of its Twilio account: the block ``twilio`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import BaseUrl, Connection, Secret, WebhookUrl

SOURCE = "twilio"
"""Under which links, events and what is known of messages is kept."""


class TwilioConnection(Connection):
    """One Twilio account, or subaccount."""

    account_sid: Annotated[str, StringConstraints(pattern=r"^AC[0-9a-f]{32}$")]
    """What the console calls the account SID."""
    auth_token: Secret
    """The auth token of the account, or the secret of ``key_sid``. Webhooks are signed with the auth token, unless a
    rule in Twilio names a shared key: what signs them stands in ``webhook_secrets`` too."""
    key_sid: Annotated[str, StringConstraints(pattern=r"^SK[0-9a-f]{32}$")] | None = None
    """An API key of the account, in the place of the auth token for calls."""
    sender: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None
    """The account's number that messages come from, in E.164."""
    messaging_service: Annotated[str, StringConstraints(pattern=r"^MG[0-9a-f]{32}$")] | None = None
    """The SID of a messaging service, which chooses the number, in the place of ``sender``."""
    base_url: BaseUrl = "https://api.twilio.com"
    webhook_url: WebhookUrl | None = None
    """Where Twilio sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/twilio``. With it Twilio tells what
    became of each message."""
    calls_a_second: Annotated[int, Field(ge=1, le=100)] = 20
    """How many calls all workers and gateways together make in a second."""

    @model_validator(mode="after")
    def _has_one_sender(self) -> Self:
        if (self.sender is None) == (self.messaging_service is None):
            raise BadValue(
                "messages come from one number, or one messaging service", "write one of the two", ("sender",)
            )
        return self
