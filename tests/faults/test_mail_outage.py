"""An hour of a deal's time without a mail server: nothing is lost, nothing doubled, nothing sent outside the hours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dealwright.facts import LeadQualified
from dealwright.rules import next_step
from local.server.server import LocalServer
from store.ledger import LedgerState
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import Behaviour, MailServer
from tests.temporal_environment import wait_until

pytestmark = pytest.mark.server

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def world(temporal_server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world with a mail server of its own, and a worker."""
    folder = tmp_path_factory.mktemp("outage")
    url = a_database("sqlite", folder)
    async with (
        MailServer(folder / "mail.jsonl") as mail,
        a_world(temporal_server.address, url, mail, folder) as world,
        world.worker(),
    ):
        yield world


async def before(world: World, clock: time) -> tuple[str, datetime]:
    """A deal at a time of tomorrow (its own, in the contact's zone); its first letter is due at nine that day."""
    deal_id = await world.open("daytime-letters")
    await world.see(deal_id, lambda seen: seen.stage == "talking")
    tomorrow = (await world.now(deal_id)).astimezone(BERLIN).date() + timedelta(days=1)
    moment = datetime.combine(tomorrow, clock, BERLIN)
    await world.pass_time_until(deal_id, moment)
    return deal_id, moment


async def is_listed(world: World, deal_id: str, *, needs_attention: bool) -> None:
    async def listed() -> bool:
        found = await world.deals.find(needs_attention=needs_attention)
        return deal_id in {deal.deal_id for deal in found.deals}

    await wait_until(listed)


async def check_all_letters(world: World, deal_id: str) -> None:
    """Each letter arrived once, in the contact's hours; mailbox and ledger agree, and nothing is left to look at."""
    letters = world.letters(deal_id)
    assert [letter.subject for letter in letters] == ["Message one", "Message two", "Message three"]
    for letter in letters:
        assert letter.dated is not None
        assert time(9) <= letter.dated.astimezone(BERLIN).time() < time(17)
    rows = await world.emails(deal_id)
    assert sorted(rows) == sorted(str(letter.effect) for letter in letters)
    assert {row.state for row in rows.values()} == {LedgerState.RECORDED}
    seen = await world.deals.snapshot(deal_id)
    to_mend = [task for task in seen.open_tasks if task.name != next_step.TASK]  # the play is over by then
    assert (seen.attention, seen.uncertain_touches, to_mend) == ({}, (), [])


@pytest.mark.parametrize("fault", [Behaviour.ABSENT, Behaviour.BUSY, Behaviour.FULL])
async def test_an_hour_without_mail_delays_a_letter_and_is_shown_meanwhile(world: World, fault: Behaviour) -> None:
    deal_id, _ = await before(world, time(8))
    await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
    await world.mail.behave(fault)
    await world.pass_time(deal_id, 2 * HOUR)
    assert world.letters(deal_id) == []
    seen = await world.deals.snapshot(deal_id)
    assert [point.partition(":")[0] for point in seen.attention] == ["effect"]
    await is_listed(world, deal_id, needs_attention=True)
    await world.mail.behave(Behaviour.ACCEPT)
    await world.pass_time(deal_id, HOUR / 2)
    assert len(world.letters(deal_id)) == 1
    await is_listed(world, deal_id, needs_attention=False)
    await world.pass_time(deal_id, timedelta(days=4))
    await check_all_letters(world, deal_id)


async def test_an_outage_over_the_end_of_the_day_sends_nothing_in_the_evening(world: World) -> None:
    deal_id, _ = await before(world, time(16, 30))
    await world.mail.behave(Behaviour.ABSENT)
    await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
    await world.see(deal_id, lambda seen: seen.next_action is not None)
    await world.pass_time(deal_id, HOUR)
    await world.mail.behave(Behaviour.ACCEPT)
    await world.pass_time(deal_id, timedelta(hours=12))
    assert world.letters(deal_id) == []
    await world.pass_time(deal_id, timedelta(days=5))
    await check_all_letters(world, deal_id)


async def test_many_deals_that_wait_for_the_mail_server_all_get_their_letters(world: World) -> None:
    opened = await asyncio.gather(*(before(world, time(8, 59)) for _ in range(4)))
    deals = [deal_id for deal_id, _ in opened]
    await asyncio.gather(*(world.deals.record(deal_id, LeadQualified(id="q", level="sql")) for deal_id in deals))
    await world.mail.behave(Behaviour.ABSENT)
    await asyncio.gather(*(world.pass_time(deal_id, HOUR) for deal_id in deals))
    await world.mail.behave(Behaviour.ACCEPT)
    await asyncio.gather(*(world.pass_time(deal_id, timedelta(days=5)) for deal_id in deals))
    for deal_id in deals:
        await check_all_letters(world, deal_id)
