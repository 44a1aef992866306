"""Many deals on a real server adopt another playbook, at a rate, while facts pour in; and go back.

``DEALWRIGHT_ADOPTING_DEALS`` says how many; 12 by default.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from dealwright.commands import MoveToStage
from dealwright.entries import PlaybookAdopted
from dealwright.facts import BuyingSignalSeen, DemoHeld, EmailOpened, LeadQualified
from dealwright.impact.change import Impact
from dealwright.impact.comparing import Wanted
from dealwright.playbook.loading import load_bundle
from starter.changing.adopting import AdoptingDeals
from starter.changing.impacts import Impacts
from starter.changing.pace import Rate, at_a_rate
from store import adoptions, bundles
from store.adoptions import AdoptingDeal, Adoption
from tests.workflows.world import STEADY, World, new_id

pytestmark = pytest.mark.server
DEALS = int(os.environ.get("DEALWRIGHT_ADOPTING_DEALS", "12"))
QUICK = Rate(50, 1)
A_DAY = timedelta(days=1)
LATER = ("- {after: 1d, email: three}", "- {after: 2d, email: three}")
RENAMED = ("name: cadence", "name: sequence")


async def version_of(world: World, *changes: tuple[str, str]) -> tuple[str, Wanted]:
    """Another version of the steady playbook, published under its name; and the hash of the first one."""
    first = await bundles.resolve(world.store, STEADY)
    files = dict(await bundles.load(world.store, first))
    for old, new in changes:
        assert old in files["playbook.yaml"]
        files["playbook.yaml"] = files["playbook.yaml"].replace(old, new)
    bundle = await bundles.publish(world.store, STEADY, files)
    await bundles.publish(world.store, STEADY, await bundles.load(world.store, first))  # for the other tests here
    return first, Wanted(bundle, load_bundle(files))


async def in_their_cadence(world: World, count: int) -> list[str]:
    """Deals that have sent the first letter and wait for the second."""
    ids = [await world.open() for _ in range(count)]
    for deal_id in ids:
        await world.deals.record(deal_id, LeadQualified(id="q", level="mql"))
    for deal_id in ids:
        await world.see(deal_id, lambda seen: "two" in (seen.next_action or ""))
    return ids


async def begun(world: World, wanted: Wanted, deal_ids: Sequence[str], comes: str = "now") -> AdoptingDeals:
    """A run for these deals, kept."""
    run = Adoption.model_validate(
        {
            "run": f"run-{uuid4().hex[:8]}", "playbook": STEADY, "bundle": wanted.bundle, "comes": comes, "by": "ana",
            "which": {"ids": list(deal_ids)}, "why": "a new version", "begun_at": datetime.now(UTC),
        }
    )  # fmt: skip
    await adoptions.begin(world.store, run, deal_ids)
    return AdoptingDeals(world.deals, world.store, run)


async def to_do(world: World, run: AdoptingDeals) -> list[AdoptingDeal]:
    """What is left of a run, as a command that is given again finds it."""
    return [one for one in await adoptions.deals_of(world.store, run.id) if one.state in adoptions.TO_DO]


async def states(world: World, run: AdoptingDeals) -> Counter[str]:
    return Counter(one.state for one in await adoptions.deals_of(world.store, run.id))


async def test_deals_adopt_while_facts_pour_in_as_was_told_and_each_letter_comes_once(world: World) -> None:
    _, wanted = await version_of(world, LATER)
    ids = await in_their_cadence(world, DEALS)
    impacts = Impacts(world.deals, world.store, wanted, timedelta(days=30))
    told: list[Impact] = [one async for one in at_a_rate(ids, QUICK, impacts.on)]
    run, over = await begun(world, wanted, ids), asyncio.Event()

    async def pour() -> None:
        number = 0
        while not over.is_set():
            await world.deals.record(ids[number % DEALS], EmailOpened(id=f"o{number}"))
            await world.deals.record(ids[-1 - number % DEALS], BuyingSignalSeen(id=f"s{number}", signal="trial"))
            number += 1
            await asyncio.sleep(0.01)

    pouring = asyncio.create_task(pour())
    _ = [one async for one in at_a_rate(await to_do(world, run), QUICK, run.adopt)]
    over.set()
    await pouring

    assert await states(world, run) == {"adopted": DEALS}
    touches = [[(one.what, one.name) for one in each.changes if one.kind == "touch"] for each in told]
    assert touches == [[("moved", "three")]] * DEALS
    await asyncio.gather(*(see_through(world, deal_id) for deal_id in ids))


async def see_through(world: World, deal_id: str) -> None:
    """The second letter comes a day after the first, the third two days after that, each once; nobody is needed."""
    await world.pass_time(deal_id, A_DAY)
    await world.see(deal_id, lambda _: letters(world, deal_id) == ["one", "two"])
    await world.pass_time(deal_id, A_DAY)
    await world.settle(deal_id)
    assert letters(world, deal_id) == ["one", "two"]
    await world.pass_time(deal_id, A_DAY)
    await world.see(deal_id, lambda _: letters(world, deal_id) == ["one", "two", "three"])
    assert (await world.settle(deal_id)).attention == {}


def letters(world: World, deal_id: str) -> list[str]:
    """The deal's letters, in the order in which they came."""
    return [mail.subject.removeprefix("Message ") for mail in world.letters(deal_id)]


async def test_a_run_that_is_broken_off_goes_on_and_asks_no_deal_twice(world: World) -> None:
    _, wanted = await version_of(world, LATER)
    ids = [await world.open() for _ in range(8)]
    run = await begun(world, wanted, ids)
    some = at_a_rate(await to_do(world, run), Rate(20, 1), run.adopt)
    _ = [await anext(some) for _ in range(3)]
    await some.aclose()  # as Ctrl-C does
    left = len(await to_do(world, run))

    _ = [one async for one in at_a_rate(await to_do(world, run), QUICK, run.adopt)]

    assert 0 < left <= 5
    assert await states(world, run) == {"adopted": 8}
    for deal_id in ids:
        story = await world.deals.story(deal_id)
        assert sum(isinstance(entry, PlaybookAdopted) for entry in story) == 1


async def test_a_deal_that_cannot_adopt_or_is_not_there_is_told_and_does_not_hold_up_the_others(world: World) -> None:
    _, wanted = await version_of(world, ("  - name: talking", "  - name: speaking"))
    ids = [await world.open(), new_id()]
    await world.see(ids[0], lambda seen: seen.stage == "talking")
    run = await begun(world, wanted, ids)
    _ = [one async for one in at_a_rate(await to_do(world, run), QUICK, run.adopt)]
    done = {one.deal_id: one for one in await adoptions.deals_of(world.store, run.id)}
    assert (done[ids[0]].state, done[ids[1]].state) == ("refused", "gone")
    assert "no stage 'talking'" in (done[ids[0]].said or "")


async def test_deals_go_back_to_where_they_were_unless_something_has_left_because_of_it(world: World) -> None:
    recap = ("do: [{email: recap, marketing: false}]", "do: [{email: recap, marketing: false, name: thanks}]")
    first, wanted = await version_of(world, RENAMED, recap)
    quiet, busy = await in_their_cadence(world, 2)
    run = await begun(world, wanted, [quiet, busy])
    _ = [one async for one in at_a_rate(await to_do(world, run), QUICK, run.adopt)]
    await world.deals.record(busy, DemoHeld(id="d"))
    await world.see(busy, lambda _: len(world.letters(busy)) == 2)

    _ = [await run.go_back(one) for one in await adoptions.deals_of(world.store, run.id)]

    done = {one.deal_id: one for one in await adoptions.deals_of(world.store, run.id)}
    assert (done[quiet].back, done[busy].back) == ("went_back", "left")
    assert "recap" in (done[busy].said or "")
    seen = await world.settle(quiet)
    assert (seen.bundle, "two" in (seen.next_action or "")) == (first, True)
    await world.pass_time(quiet, A_DAY)
    await world.settle(quiet)
    assert letters(world, quiet) == ["one", "two"]
    assert (await world.deals.snapshot(busy)).bundle == wanted.bundle


async def test_a_deal_adopts_when_it_next_enters_a_stage_and_a_plan_is_taken_back(world: World) -> None:
    first, wanted = await version_of(world, LATER)
    goes, stays = [await world.open(), await world.open()]
    for deal_id in (goes, stays):
        await world.see(deal_id, lambda seen: seen.stage == "talking")
    run = await begun(world, wanted, [goes, stays], "next_stage")
    _ = [one async for one in at_a_rate(await to_do(world, run), QUICK, run.adopt)]
    assert await states(world, run) == {"planned": 2}
    kept = {one.deal_id: one for one in await adoptions.deals_of(world.store, run.id)}
    assert (await run.go_back(kept[stays])).back == "went_back"

    for deal_id in (goes, stays):
        await move_on(world, deal_id)

    assert (await world.settle(goes)).bundle == wanted.bundle
    assert (await world.settle(stays)).bundle == first


async def move_on(world: World, deal_id: str) -> None:
    await world.deals.command(deal_id, MoveToStage(by="ana", why="signed on paper", stage="customer"))
