"""Twilio as the way of text messages: each is found again by what Twilio told of it, or by its words.

Every delivery is of the class ``MARKER``: Twilio knows no key of ours. It calls us back under an address with the
effect's id; where that does not come, the number's newest messages are read through.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dealwright.effects import SendSms
from integrations.kit.connection import with_query
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Unsure
from integrations.kit.errors import Refused
from integrations.kit.tool import Connected
from integrations.twilio import matching
from integrations.twilio.answers import OPTED_OUT, code_of
from integrations.twilio.client import Text, TwilioClient
from integrations.twilio.settings import TwilioConnection
from store import suppression
from store.database import Store

_VISIBLE_AFTER = timedelta(seconds=10)
"""Twilio promises nothing; its list shows a message at once as a rule."""
_LATELY = timedelta(days=1)
"""An attempt that is asked about began no longer ago."""
_REFUSED_THERE = "refused text messages, as the network has it"


def twilio_messages(connected: Connected) -> TwilioMessages:
    """The text messages of an installation that is connected to Twilio."""
    return TwilioMessages(connected.block(TwilioConnection), connected.store)


class TwilioMessages:
    """Sends text messages."""

    def __init__(
        self, connection: TwilioConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = TwilioClient(connection, store)

    async def send(self, deal_id: str, effect: SendSms, text: str) -> Delivery:
        """A message to the contact's number.

        Raises:
            Refused: the contact has no number by now.
        """
        if (number := effect.address) is None:
            raise Refused("the contact has no phone number in international form")
        form = self._form(deal_id, effect, number, text)

        async def send() -> str:
            try:
                return matching.object_of((await self._client.send(form)).sid)
            except Refused as refused:
                if code_of(refused.reason) == OPTED_OUT:
                    await suppression.suppress(self._store, number, _REFUSED_THERE, self._clock(), deal_id)
                raise

        async def find() -> Lookup:
            return await self._find(effect.id, number, text)

        async def arrived(reference: str | None) -> None:
            sid = (reference or "").removeprefix("message:")
            await matching.remember(self._store, sid, effect.id, deal_id, self._clock())

        return Delivery(
            send=send, idempotency=Idempotency.MARKER, find=find, visible_after=_VISIBLE_AFTER, arrived=arrived
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _form(self, deal_id: str, effect: SendSms, number: str, text: str) -> dict[str, str]:
        ours = self._connection
        form = {"To": number, "Body": text}
        form |= {"From": ours.sender} if ours.sender else {"MessagingServiceSid": ours.messaging_service or ""}
        if ours.webhook_url is not None:
            form["StatusCallback"] = with_query(ours.webhook_url, effect=effect.id, deal=deal_id)
        return form

    async def _find(self, effect: str, number: str, text: str) -> Lookup:
        if (sid := await matching.sid_of(self._store, effect)) is not None:
            return Found(matching.object_of(sid))
        alike = [one for one in await self._client.texts_to(number) if self._is_alike(one, text)]
        left = [one for one in alike if not await matching.is_anothers(self._store, one.sid, effect)]
        if len(left) > 1:
            return Unsure(f"{len(left)} messages with these words went to the number")
        return Found(matching.object_of(left[0].sid)) if left else Absent()

    def _is_alike(self, one: Text, text: str) -> bool:
        created = one.created_at
        lately = created is not None and created >= self._clock() - _LATELY
        return lately and one.direction != "inbound" and one.body.split() == text.split()
