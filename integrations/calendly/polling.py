"""Calendly read beside its webhooks: what became of bookings, and how the organization is set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from integrations.calendly.bookings import Bookings
from integrations.calendly.client import CalendlyClient, Subscription, User
from integrations.calendly.settings import CalendlyConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.kit.webhook_look import look
from store.database import Store

EVENTS = ("invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted")
"""What is subscribed to."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook subscription"


def calendly_polling(connected: Connected) -> CalendlyPolling:
    """What of a connected Calendly organization can be read."""
    return CalendlyPolling(connected.block(CalendlyConnection), connected.store)


class CalendlyPolling:
    """One Calendly organization."""

    def __init__(
        self, connection: CalendlyConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._client, self._clock = connection, CalendlyClient(connection, store), clock
        self._bookings = Bookings(self._client, store)
        self._source = shipped_mapping("calendly").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """What became of bookings, a page at a time, as webhooks would have told it, and under the same ids.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        page = await self._bookings.page(cursor, now)
        events = tuple(events_from(self._source, [*page.webhooks], now)) if page.webhooks else ()
        return Polled(events=events, cursor=page.cursor, more=page.more, seen=page.seen)

    async def health(self) -> list[Finding]:
        """How token, event types and subscription are."""
        try:
            user = await self._client.me()
            return [
                Finding("ok", "credentials", "Calendly takes the token"),
                await self._event_types(user),
                await self._subscription(user),
            ]
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, "look at the token, and whose it is")]

    async def repair(self) -> list[Finding]:
        """Set the subscription up anew where it is off or missing; what was done."""
        url, secrets = self._connection.webhook_url, self._connection.webhook_secrets
        if url is None or not secrets:
            return []
        try:
            user = await self._client.me()
            ours = await self._ours(user)
            if any(not _lacks(one) for one in ours):
                return []
            for one in ours:  # an address has one subscription at a time
                await self._client.unsubscribe(one.uri)
            signing_key = secrets[0].get_secret_value()
            await self._client.subscribe(user.current_organization, url, EVENTS, signing_key)
        except _CANNOT as error:
            remedy = "look at the token: only owners and admins subscribe for all of an organization"
            return [Finding("problem", _ABOUT, error.reason, remedy)]
        return [Finding("ok", _ABOUT, "it was set up anew")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _event_types(self, user: User) -> Finding:
        there = {one.uri: one.name or one.uri for one in await self._client.event_types(user.current_organization)}
        wrong = [address for address in self._connection.event_types if address not in there]
        if wrong:
            offered = ", ".join(f"{address} ({name})" for address, name in there.items())
            return Finding("problem", "event types", f"Calendly has no {', '.join(wrong)}", f"write one of {offered}")
        others = [
            f"{name} ({address})" for address, name in there.items() if address not in self._connection.event_types
        ]
        if not others:
            return Finding("ok", "event types", "all are named in event_types")
        kind = self._connection.settings.get("other_event_types", "meeting")
        return Finding("ok", "event types", f"counted as {kind!r}: {', '.join(others)}")

    async def _subscription(self, user: User) -> Finding:
        url, secrets = self._connection.webhook_url, self._connection.webhook_secrets
        ours = await self._ours(user) if url is not None else []
        return look(_ABOUT, url, [_lacks(one) for one in ours], secrets=secrets)

    async def _ours(self, user: User) -> list[Subscription]:
        there = await self._client.subscriptions(user.current_organization)
        return [one for one in there if one.callback_url == self._connection.webhook_url]


def _lacks(one: Subscription) -> list[str]:
    """What keeps a subscription from telling us all that we need, in words."""
    off = [] if one.state == "active" else [f"being on (it is {one.state})"]
    return [*off, *(event for event in EVENTS if event not in one.events)]
