"""What Twilio tells beside what the store knows: which deals have a number, and which effect a message is.

STOP and START count at once and for all deals, whether or not any knows the number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import JsonValue

from integrations.twilio.reading import Told
from integrations.twilio.settings import SOURCE
from store import intake, ledger, mirror, suppression
from store.database import Store
from store.deal_contacts import deals_with
from store.ledger import LedgerState

_EFFECT, _SID = "effect", "sid"
_MOST_DEALS = 100


async def as_it_counts(store: Store, told: Iterable[Told], now: datetime) -> list[JsonValue]:
    """The events for the mapping: of a wish one for each deal, of a message of ours under its deal.

    Raises:
        StoreAway: the database does not answer; everything may be told again.
    """
    return [event for one in told for event in await _of_one(store, one, now)]


async def _of_one(store: Store, told: Told, now: datetime) -> list[JsonValue]:
    ours = told.pop("ours", None)
    found: list[JsonValue] = []
    if isinstance(ours, dict) and {"effect", "deal"} <= set(ours):
        found = await _of_our_own(store, str(told["sid"]), str(ours["effect"]), str(ours["deal"]), now)
    if told["kind"] not in {"stop", "start"}:
        return [*found, {**told}]
    number, at = str(told["number"]), datetime.fromisoformat(str(told["at"])) if told.get("at") else now
    if told["kind"] == "stop":
        await suppression.suppress(store, number, "refused text messages: STOP", at)
    else:
        async with store.writing() as connection:
            await suppression.lift(connection, number, at, "allowed text messages: START")
    deals = await deals_with(store, [number], now, _MOST_DEALS)
    wishes: list[JsonValue] = [{**told, "deal": deal} for deal in deals] or [{**told}]
    return [*found, *wishes]


async def _of_our_own(store: Store, sid: str, effect: str, deal_id: str, now: datetime) -> list[JsonValue]:
    """Twilio has a message of ours: whoever waits to know is told."""
    await remember(store, sid, effect, deal_id, now)
    row = await ledger.row(store, effect)
    if row is None or row.deal_id != deal_id or row.state is not LedgerState.UNCERTAIN:
        return []
    return [{"kind": "confirmed", "sid": sid, "effect": effect, "deal": deal_id}]


async def remember(store: Store, sid: str, effect: str, deal_id: str, at: datetime) -> None:
    """Note which message of Twilio's an effect is, and whose."""
    await mirror.note(store, SOURCE, object_of(sid), {_EFFECT: effect}, at)
    await mirror.note(store, SOURCE, f"effect:{effect}", {_SID: sid}, at)
    await intake.link(store, SOURCE, object_of(sid), deal_id)


async def sid_of(store: Store, effect: str) -> str | None:
    """The message that an effect is, if that is known."""
    known = (await mirror.known(store, SOURCE, f"effect:{effect}")).get(_SID)
    return None if known is None else str(known.value)


async def is_anothers(store: Store, sid: str, effect: str) -> bool:
    """Whether a message is known to be another effect's."""
    known = (await mirror.known(store, SOURCE, object_of(sid))).get(_EFFECT)
    return known is not None and known.value != effect


def object_of(sid: str) -> str:
    """What a message is called in links and in the ledger."""
    return f"message:{sid}"
