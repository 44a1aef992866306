"""What reaches a deal, or goes out from it, while it ends: nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.ledger import Ledger
from dealwright.client.errors import DealFinished
from dealwright.commands import Pause
from dealwright.contract import STORE_AWAY, DecideRequest, WithdrawRequest
from dealwright.effects import Outcome, UpdateCrm
from dealwright.facts import DealLost, LeadQualified, OptedOut, ReplyReceived
from integrations.embedded.crm import EmbeddedCrm
from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver
from integrations.mail.smtp import SmtpMailer
from store import journal
from tests.temporal_environment import wait_until
from tests.workflows.world import World

pytestmark = pytest.mark.server
ATTEMPTS_IN_A_BLOCK = 10
"""At 0, 1, 3, 7, 15, 31, 63, 123, 183 and 243 seconds of its five minutes."""


@pytest.fixture
async def deal_id(idle_world: World) -> str:
    """A deal that is open; no worker is there."""
    deal_id = await idle_world.open()
    async with idle_world.at_work():
        await idle_world.settle(deal_id)
    return deal_id


async def known(world: World, deal_id: str) -> set[object]:
    """The ids of all facts that the journal tells of, taken or refused."""
    return {line.entry.get("id") for line in await journal.story(world.store, deal_id)}


async def test_every_fact_that_was_accepted_while_it_ended_is_in_its_story(idle_world: World, deal_id: str) -> None:
    accepted: list[str] = []

    async def tell(who: int) -> None:
        for number in range(60):
            id_ = f"o{who}-{number}"
            try:
                await idle_world.run_of(deal_id).signal("opted_out", {"id": id_, "contact": "ada"})
            except Exception:  # noqa: BLE001 - the deal is over, however that is said
                return
            accepted.append(id_)

    async with idle_world.at_work():
        telling = [asyncio.create_task(tell(who)) for who in range(2)]
        await asyncio.sleep(0.1)  # so that facts come all the time
        await idle_world.deals.record(deal_id, DealLost(id="lost"))
        await idle_world.run_of(deal_id).result()
        await asyncio.gather(*telling)
    assert accepted
    assert set(accepted) <= await known(idle_world, deal_id)


async def test_a_rule_that_fails_on_a_late_fact_loses_neither_the_fact_nor_the_end(
    idle_world: World, deal_id: str
) -> None:
    async def fault(request: DecideRequest) -> None:
        ids = {item.id for item in request.inbox if item.broken is None}
        if "late" in ids:
            raise RuntimeError("no rule for late")
        if "lost" in ids:
            await idle_world.run_of(deal_id).signal("usage_reported", {"id": "late", "health": 50})
            await asyncio.sleep(0.3)  # until it stands in the deal's inbox

    await idle_world.deals.record(deal_id, DealLost(id="lost"))
    async with idle_world.at_work(fault):
        await idle_world.see(deal_id, lambda seen: "parked" in seen.attention)
        await idle_world.pass_time(deal_id, timedelta(hours=2))
        assert await idle_world.run_of(deal_id).result() == "lost"
    assert "late" in await known(idle_world, deal_id)


async def test_what_the_end_has_to_hand_over_waits_for_the_other_side(
    idle_world: World, deal_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    away, real = asyncio.Event(), EmbeddedCrm.update_deal

    async def update_deal(crm: EmbeddedCrm, deal_id: str, effect: UpdateCrm) -> Delivery:
        if away.is_set():
            raise NotHandedOver("the CRM is away")
        told.append(effect.id)
        return await real(crm, deal_id, effect)

    monkeypatch.setattr(EmbeddedCrm, "update_deal", update_deal)
    async with idle_world.at_work():
        await idle_world.settle(deal_id)
        away.set()
        await idle_world.deals.record(deal_id, DealLost(id="lost"))
        await idle_world.see(deal_id, lambda seen: seen.finished)
        await idle_world.pass_time(deal_id, timedelta(hours=3))
        assert not any("deal-closed" in id_ for id_ in told)
        away.clear()
        await idle_world.pass_time(deal_id, timedelta(hours=1))
        assert await idle_world.run_of(deal_id).result() == "lost"
    assert sum("deal-closed" in id_ for id_ in told) == 1


async def test_a_deal_waits_for_each_calling_off_though_one_message_is_called_off_twice(
    idle_world: World, deal_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, closing, first = asyncio.Event(), asyncio.Event(), asyncio.Event()
    real = Ledger.withdraw

    async def withdraw(ledger: Ledger, request: WithdrawRequest, run: str) -> list[Outcome]:
        closes = any(entry.kind == "deal_closed" for entry in request.entries)
        if closes:
            closing.set()
        if not back.is_set() or (closes and not first.is_set()):
            raise ApplicationError("the database is away", type=STORE_AWAY)
        first.set()
        return await real(ledger, request, run)

    monkeypatch.setattr(Ledger, "withdraw", withdraw)
    async with idle_world.at_work(), idle_world.without_mail():
        await idle_world.pass_time(deal_id, timedelta(minutes=3))  # nothing else is on its way
        await idle_world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
        await idle_world.settle(deal_id)
        await idle_world.deals.record(deal_id, OptedOut(id="o", contact="ada"))
        await idle_world.settle(deal_id)
        await idle_world.run_of(deal_id).cancel()
        await closing.wait()
        back.set()
        await idle_world.pass_time(deal_id, timedelta(minutes=20))
        with pytest.raises(WorkflowFailureError):
            await idle_world.run_of(deal_id).result()
    lines = await journal.story(idle_world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert "deal_closed" in {line.kind for line in lines}


async def test_a_message_whose_last_attempt_hung_is_not_told_as_unsent(
    idle_world: World, deal_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts, hangs = 0, asyncio.Event()

    async def send(mailer: SmtpMailer, message: object, *, sender: str, recipient: str) -> str:
        nonlocal attempts
        attempts += 1
        if attempts < ATTEMPTS_IN_A_BLOCK:
            raise NotHandedOver("the mail server is away")
        hangs.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(SmtpMailer, "send", send)
    async with idle_world.at_work():
        await idle_world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
        passing = asyncio.create_task(idle_world.pass_time(deal_id, timedelta(minutes=6)))
        await hangs.wait()
        await idle_world.deals.record(deal_id, ReplyReceived(id="r", contact="ada"))  # the cadence is over
        await passing
        seen = await idle_world.settle(deal_id)
    assert len(seen.uncertain_touches) == 1


async def test_a_command_while_it_ends_is_answered(idle_world: World, deal_id: str) -> None:
    async with idle_world.at_work():
        ended = asyncio.create_task(idle_world.deals.record(deal_id, DealLost(id="lost")))

        async def command(number: int) -> bool:
            try:
                verdict = await idle_world.deals.command(deal_id, Pause(by="Ana", why="x"), command_id=f"c{number}")
            except DealFinished:
                return True
            return verdict.decided

        answers: Sequence[bool] = await asyncio.gather(*(command(number) for number in range(10)))
        await ended
        await wait_until(lambda: _finished(idle_world, deal_id))
    assert all(answers)


async def _finished(world: World, deal_id: str) -> bool:
    return (await world.deals.snapshot(deal_id)).finished
