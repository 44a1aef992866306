"""Lists of deals, with filters and in pages."""

from __future__ import annotations

import asyncio

import pytest

from dealwright.client.deal_client import DealClient
from dealwright.commands import MoveToStage
from tests.temporal_environment import QUIET, new_deal_id, wait_until

pytestmark = pytest.mark.server


async def test_deals_are_found_by_what_the_list_shows(deals: DealClient, deal_id: str) -> None:
    await deals.command(deal_id, MoveToStage(by="Ana", why="test", stage="presentation"))

    async def listed() -> bool:
        found = await deals.find(stage="presentation", limit=200)
        return deal_id in [deal.deal_id for deal in found.deals]

    await wait_until(listed)
    found = await deals.find(stage="presentation", needs_attention=True)
    assert deal_id not in [deal.deal_id for deal in found.deals]
    assert (await deals.find("finished", stage="presentation")).deals == ()


async def test_a_list_comes_in_pages(deals: DealClient, deal_id: str) -> None:
    await asyncio.gather(*(deals.open({"id": new_deal_id()}, QUIET) for _ in range(4)))

    async def enough() -> bool:
        return len((await deals.find("any", limit=5)).deals) == 5

    await wait_until(enough)
    pages, page = list[str](), None
    for _ in range(2):
        found = await deals.find("any", limit=2, page=page)
        pages += [deal.deal_id for deal in found.deals]
        page = found.next_page
    assert len(set(pages)) == 4
    assert page is not None


@pytest.mark.parametrize("stage", ["it's", 'a "stage"', "back\\slash", "' OR 'a' = 'a", "%", "ü"])
async def test_whatever_a_stage_is_called_it_cannot_change_the_question(deals: DealClient, stage: str) -> None:
    assert (await deals.find("any", stage=stage)).deals == ()
