"""What a change of the playbook would change for deals on a real server, read from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.client.deal_state import read_state
from dealwright.client.errors import DealFinished, NoSuchDeal
from dealwright.entries import EffectSettled
from dealwright.facts import ContractRenewed, ContractSigned, DealLost, LeadQualified
from dealwright.impact.comparing import Wanted
from dealwright.playbook.loading import load_bundle
from dealwright.views.snapshot import snapshot_of
from starter.changing.impacts import Impacts
from store import bundles
from tests.temporal_environment import wait_until
from tests.workflows.world import STEADY, World, runs_of

pytestmark = pytest.mark.server
A_YEAR = timedelta(days=364)


async def test_the_state_of_a_deal_is_read_from_outside_also_in_a_later_run(world: World) -> None:
    deal_id = await world.open(title="Fifty seats")
    today = (await world.now(deal_id)).date()
    await world.deals.record(deal_id, ContractSigned(id="signed", starts_on=today, ends_on=today + A_YEAR))
    await world.see(deal_id, lambda seen: seen.stage == "customer")
    first = await read_state(world.client, deal_id)
    begins = today + A_YEAR + timedelta(days=1)
    await world.deals.record(deal_id, ContractRenewed(id="term 2", starts_on=begins, ends_on=begins + A_YEAR))

    async def second_run() -> bool:
        return len(await runs_of(world, deal_id)) == 2

    await wait_until(second_run)
    seen, second = await world.settle(deal_id), await read_state(world.client, deal_id)

    assert first is not None
    assert second is not None
    assert (first.stage, first.term, second.term) == ("customer", 1, 2)
    assert snapshot_of(second, repeats=seen.repeats) == seen


async def test_a_deal_that_is_over_or_was_never_opened_has_no_state_to_read(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, DealLost(id="lost", reason="no budget"))

    async def over() -> bool:
        return not await world.deals.is_open(deal_id)

    await wait_until(over)
    with pytest.raises(DealFinished):
        await read_state(world.client, deal_id)
    with pytest.raises(NoSuchDeal):
        await read_state(world.client, "nobodys")


async def test_what_adopting_would_change_is_worked_out_and_the_deal_is_as_it_was(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(id="q", level="mql"))

    async def first_letter_is_out() -> bool:
        return any(isinstance(entry, EffectSettled) for entry in await world.deals.story(deal_id))

    await wait_until(first_letter_is_out)
    before, story = await world.deals.snapshot(deal_id), await world.deals.story(deal_id)
    files = await bundles.load(world.store, await bundles.resolve(world.store, STEADY))
    text = files["playbook.yaml"].replace("- {after: 1d, email: three}", "- {after: 9d, email: three}")
    wanted = Wanted("f" * 64, load_bundle({**files, "playbook.yaml": text}))

    found = await Impacts(world.deals, world.store, wanted, timedelta(days=30)).on(deal_id)

    touches = [(one.what, one.name) for one in found.changes if one.kind == "touch"]
    assert (found.cannot, touches) == (None, [("moved", "three")])
    assert (await world.deals.snapshot(deal_id), await world.deals.story(deal_id)) == (before, story)
