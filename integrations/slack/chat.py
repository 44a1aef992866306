"""Slack as the chat: each notice carries its effect's id in its metadata, by which it is found in the history.

Every delivery is of the class ``SEARCHABLE``. Notices carry what strangers wrote: it is shown as text, and calls
nobody.
"""

from __future__ import annotations

from datetime import timedelta

from dealwright.deal import Person
from dealwright.effects import Notify
from integrations.chat.incoming_webhook import as_plain_text
from integrations.kit.delivery import Absent, Delivery, Idempotency, Lookup, Unsure
from integrations.kit.tool import Connected
from integrations.slack.client import Content, SlackClient
from integrations.slack.people import SlackPeople
from integrations.slack.settings import SlackConnection
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=10)
"""Slack promises nothing; its history shows a message at once as a rule."""
_LONGEST = 3500
"""Slack asks for messages of no more than 4000 characters."""


def slack_chat(connected: Connected) -> SlackChat:
    """The chat of an installation that is connected to Slack."""
    return SlackChat(connected.block(SlackConnection), connected.store)


class SlackChat:
    """Posts notices to the channel of their role, to whoever holds it, or to the channel for all others."""

    def __init__(self, connection: SlackConnection, store: Store) -> None:
        self._connection, self._client = connection, SlackClient(connection, store)
        self._people = SlackPeople(connection, self._client)

    async def tell(self, deal_id: str, effect: Notify) -> Delivery:
        """A notice, naming its deal and whom it is for."""
        whom = f"{effect.owner.name} ({effect.role})" if effect.owner else effect.role
        text = _shortened(as_plain_text(f"{whom}, deal {deal_id}: {effect.text}"))
        person = effect.owner if self._goes_to_people(effect.role) else None
        direct = None if person is None else await self._people.direct_messages(person)
        channel = direct or self._place_of(effect.role)

        async def send() -> str:
            return await self._client.post(channel, Content(text=text, key=effect.id))

        async def find() -> Lookup:
            return await self._find(effect.id, {channel, self._place_of(effect.role)}, person, direct)

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _find(self, key: str, places: set[str], person: Person | None, direct: str | None) -> Lookup:
        """Look wherever an earlier attempt may have posted: Slack may know a person now whom it did not know then."""
        for place in sorted(places):
            found = await self._client.find(place, key)
            if not isinstance(found, Absent):
                return found
        if person is not None and person.email and direct is None:
            return Unsure(f"Slack does not know {person.name}, whose direct messages it may stand in if it did before")
        return Absent()

    def _goes_to_people(self, role: str) -> bool:
        return self._connection.direct_messages and role not in self._connection.channels

    def _place_of(self, role: str) -> str:
        return self._connection.channels.get(role, self._connection.channel)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + " …"
