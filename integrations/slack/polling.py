"""How a connected Slack workspace is set up: the app's token, its scopes, and whether presses can come in."""

from __future__ import annotations

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.slack.client import Installation, SlackClient
from integrations.slack.settings import SlackConnection
from store.database import Store

SCOPES = {
    "chat:write": "post messages",
    "users:read": "see who pressed a button",
    "users:read.email": "find people by their addresses",
    "im:write": "open direct messages",
    "im:history": "look there for what may have been posted before a crash",
    "channels:history": "look for it in channels",
}
"""Scopes that the app needs, and what for. ``groups:history`` is needed where a channel is private."""


def slack_polling(connected: Connected) -> SlackPolling:
    """What of a connected Slack workspace can be looked at."""
    return SlackPolling(connected.block(SlackConnection), connected.store)


class SlackPolling:
    """One Slack workspace. There is nothing to read in it: a press that did not arrive is seen by who pressed."""

    def __init__(self, connection: SlackConnection, store: Store) -> None:
        self._connection, self._client = connection, SlackClient(connection, store)

    async def poll(self, cursor: str | None) -> Polled:
        """Nothing."""
        return Polled(events=(), cursor=cursor or "")

    async def health(self) -> list[Finding]:
        """How token, scopes and signing secret are."""
        try:
            installed = await self._client.installation()
        except (NotHandedOver, Refused, Unanswered) as error:
            remedy = "install the app again, and put its new Bot User OAuth Token in"
            return [Finding("problem", "credentials", error.reason, remedy), self._buttons()]
        where = installed.team or installed.team_id
        return [Finding("ok", "credentials", f"the app is installed in {where}"), _scopes(installed), self._buttons()]

    async def repair(self) -> list[Finding]:
        """Nothing: scopes and secrets are a person's to give."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _buttons(self) -> Finding:
        if not self._connection.webhook_secrets:
            remedy = "add webhook_secrets with the app's Signing Secret, for the gateway and the worker"
            return Finding("problem", "buttons", "no press is taken: there is no signing secret", remedy)
        return Finding("ok", "buttons", "there is a signing secret to check presses with")


def _scopes(installed: Installation) -> Finding:
    missing = {scope: use for scope, use in SCOPES.items() if scope not in installed.scopes}
    if not installed.scopes:
        return Finding("warning", "scopes", "Slack did not say which the app has", "compare them with the manifest")
    if missing:
        named = ", ".join(f"{scope} (to {use})" for scope, use in missing.items())
        return Finding("problem", "scopes", f"the app lacks {named}", "add them and install the app again")
    return Finding("ok", "scopes", "the app has all that it needs")
