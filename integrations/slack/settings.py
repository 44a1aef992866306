"""What an installation says of its Slack workspace: the block ``slack`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from integrations.kit.connection import BaseUrl, Connection, Secret

ChannelId = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,20}$")]
"""A channel's id, which stays when the channel is renamed: ``C0123ABCDEF``."""


class SlackConnection(Connection):
    """One Slack app, installed in one workspace."""

    token: Secret
    """The bot token (``xoxb-…``) with the scopes that ``docs/integrations/slack.md`` lists."""
    base_url: BaseUrl = "https://slack.com"
    channel: ChannelId
    """Where a notice goes for whose role and person nothing else holds."""
    channels: dict[str, ChannelId] = {}
    """Roles, each with the channel in which it reads its notices."""
    calls_a_minute: Annotated[int, Field(ge=1)] = 100
    """How many calls all workers and gateways together make in a minute, over all methods. Slack takes fifty of each
    that looks something up, and about one message a second in a channel."""
    direct_messages: bool = True
    """Whether a notice for a role without a channel goes to whoever holds it, if Slack knows their address."""
