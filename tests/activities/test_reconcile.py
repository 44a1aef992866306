"""A pull beside every push: what webhooks did not bring is found, once; and somebody hears when they stay away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.reconcile import Reconcile, Watched
from dealwright.contract import PollReport, ReconcileRequest
from integrations.embedded.crm import EmbeddedChat
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.findings import Finding
from integrations.kit.polling import Polled, Seen
from store import feeds, intake, mirror, records
from store.database import Store
from store.intake import Event
from tests.activities.fake_receiver import Killed
from tests.store.samples import NOW

Result = TypeVar("Result")
OFF = Finding("problem", "subscription to deal.creation", "it is off", "Switch it on in Acme")
FINE = Finding("ok", "subscription to deal.creation", "it is on")


def event(number: int, at: datetime = NOW) -> Event:
    return Event(
        source="acme", event_id=f"e{number}", deal_ref="acme-1", fact="demo_held", payload={"n": number}, received_at=at
    )


@dataclass
class Acme:
    """A tool with pages of changes; the cursor is the number of the next page."""

    pages: list[Polled] = field(default_factory=list)
    cursors: list[str | None] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    mends: bool = False
    repairs: int = 0
    fault: Exception | None = None

    async def poll(self, cursor: str | None) -> Polled:
        self.cursors.append(cursor)
        if self.fault is not None:
            raise self.fault
        return (
            self.pages[int(cursor or 0)]
            if int(cursor or 0) < len(self.pages)
            else Polled(events=(), cursor=cursor or "")
        )

    async def health(self) -> list[Finding]:
        return self.findings

    async def repair(self) -> list[Finding]:
        self.repairs += 1
        if self.mends:
            self.findings = [FINE]
        return [FINE] if self.mends else []


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """The activities, at a time."""

    store: Store
    acme: Acme
    clock: Clock

    @property
    def reconcile(self) -> Reconcile:
        watched = Watched(title="Acme", source=self.acme, every=timedelta(minutes=5), silence=timedelta(hours=6))
        return Reconcile(self.store, EmbeddedChat(self.store), {"acme": watched}, clock=self.clock)

    async def do(self, activity: Callable[[ReconcileRequest], Awaitable[Result]], source: str = "acme") -> Result:
        result: Result = await ActivityEnvironment().run(activity, ReconcileRequest(source=source))
        return result

    async def poll(self) -> PollReport:
        return await self.do(self.reconcile.poll_tool)

    async def watch(self) -> None:
        await self.do(self.reconcile.watch_tool)

    async def told(self) -> list[str]:
        return [f"{notice.role}: {notice.text}" for notice in await records.notices_of(self.store, "acme")]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store, Acme(), Clock())


async def kept(store: Store) -> list[str]:
    return sorted(row.event_id for row in await intake.recent(store))


async def test_what_no_webhook_brought_is_found_page_by_page(desk: Desk, store: Store) -> None:
    desk.acme.pages = [
        Polled(events=(event(1), event(2)), cursor="1", more=True),
        Polled(events=(event(2), event(3)), cursor="1"),
    ]
    assert [await desk.poll(), await desk.poll()] == [PollReport(found=2, more=True), PollReport(found=1)]
    assert await kept(store) == ["e1", "e2", "e3"]
    assert desk.acme.cursors == [None, "1"]


async def test_what_a_webhook_brought_is_not_found_again(desk: Desk, store: Store) -> None:
    await intake.add(store, [event(1)])
    desk.acme.pages = [Polled(events=(event(1),), cursor="1")]
    assert (await desk.poll()).found == 0
    assert (await feeds.of(store, "acme")).found_at is None


async def test_a_crash_after_a_page_was_kept_reads_it_again_and_adds_nothing(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.acme.pages = [Polled(events=(event(1),), cursor="1")]

    async def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(feeds, "polled", killed)
        with pytest.raises(Killed):
            await desk.poll()
    await desk.poll()
    assert await kept(store) == ["e1"]
    assert desk.acme.cursors == [None, None]
    assert (await feeds.of(store, "acme")).cursor == "1"


async def test_what_was_seen_is_mirrored_once_its_events_are_kept(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen(object_id="deal:1", values={"stage": "won"}, at=NOW)
    desk.acme.pages = [Polled(events=(event(1),), cursor="1", seen=(seen,))]

    async def away(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(intake, "add", away)
        with pytest.raises(Killed):
            await desk.poll()
    assert await mirror.known(store, "acme", "deal:1") == {}
    await desk.poll()
    assert (await mirror.known(store, "acme", "deal:1"))["stage"].value == "won"


async def test_a_tool_that_is_away_is_read_later(desk: Desk) -> None:
    desk.acme.fault = NotHandedOver("Acme cannot be reached", retry_after=timedelta(minutes=1))
    with pytest.raises(ApplicationError, match="Acme cannot be reached") as later:
        await desk.poll()
    assert (later.value.non_retryable, later.value.next_retry_delay) == (False, timedelta(minutes=1))
    desk.acme.fault = Refused("no such scope")
    with pytest.raises(ApplicationError, match="no such scope") as never:
        await desk.poll()
    assert never.value.non_retryable


async def test_a_tool_that_this_worker_does_not_know_is_not_tried_again(desk: Desk) -> None:
    with pytest.raises(ApplicationError, match="other is not connected to this worker") as unknown:
        await desk.do(desk.reconcile.poll_tool, "other")
    assert unknown.value.non_retryable


# --- watching ----------------------------------------------------------------------------------------------------


async def silent_for(desk: Desk, hours: float) -> None:
    """A webhook came, and so many hours later reading finds a change that none brought."""
    await feeds.heard(desk.store, "acme", desk.clock.now)
    desk.clock.now += timedelta(hours=hours)
    desk.acme.pages = [Polled(events=(event(1),), cursor="1")]
    await desk.poll()


async def test_webhooks_that_stay_away_while_changes_are_found_are_told_of_once_a_day(desk: Desk) -> None:
    await silent_for(desk, 7)
    for _ in range(3):
        await desk.watch()
    (told,) = await desk.told()
    assert told.startswith("operations: Acme needs a look. webhooks: none came for 7 hours, although reading found")
    desk.clock.now += timedelta(days=1)
    await desk.watch()
    assert len(await desk.told()) == 2


async def test_a_late_webhook_or_a_quiet_tool_is_no_silence(desk: Desk, store: Store) -> None:
    await silent_for(desk, 5)
    await desk.watch()
    desk.clock.now += timedelta(hours=30)  # nothing changes, and nobody sends anything
    await desk.poll()
    await desk.watch()
    assert await desk.told() == []
    await feeds.heard(store, "acme", desk.clock.now)
    await desk.watch()
    assert await desk.told() == []


async def test_a_tool_that_never_sent_a_webhook_is_only_read(desk: Desk) -> None:
    desk.acme.pages = [Polled(events=(event(1),), cursor="1")]
    await desk.poll()
    desk.clock.now += timedelta(days=3)
    await desk.watch()
    assert await desk.told() == []


async def test_a_subscription_that_is_off_is_switched_on_and_nobody_is_bothered(desk: Desk) -> None:
    desk.acme.findings, desk.acme.mends = [OFF], True
    await desk.watch()
    await desk.watch()
    assert (desk.acme.repairs, await desk.told()) == (1, [])


async def test_a_subscription_that_cannot_be_mended_is_told_of_with_what_to_do(desk: Desk) -> None:
    desk.acme.findings = [OFF, FINE]
    await desk.watch()
    assert await desk.told() == [
        "operations: Acme needs a look. subscription to deal.creation: it is off. Switch it on in Acme"
    ]
