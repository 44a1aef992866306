"""What an event that opens a deal leaves behind: the deal, and which record of the tool is its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from dealwright.client.errors import TemporalRefused
from dealwright.client.opening import UNTIL_DECIDED, OpenedDeal
from dealwright.deal import Deal
from dealwright.identity import DEFAULT_PLAYBOOK
from gateway.webhooks.delivery import Delivery
from integrations.kit.mapping.meaning import OPENS_DEAL
from playbooks import shipped
from store import bundles, intake
from store.database import Store
from store.intake import Event, IntakeState
from tests.gateway.fake_deals import FakeDealClient

RECORD = "deal:9001"
DEAL = "hubspot-9001"


class Openings(FakeDealClient):
    """Deals that note, as they are opened, which record is known to be theirs."""

    store: Store
    linked: list[str | None]
    refused: bool

    @override
    async def open(
        self,
        deal: Deal | Mapping[str, object],
        playbook: str = DEFAULT_PLAYBOOK,
        *,
        until_decided: timedelta = UNTIL_DECIDED,
    ) -> OpenedDeal:
        self.linked.append(await intake.linked_deal(self.store, "hubspot", RECORD))
        if self.refused:
            raise TemporalRefused("the deal is too large")
        return OpenedDeal(deal_id=DEAL, run_id="run", opened_now=True)


@pytest.fixture
async def deals(store: Store) -> Openings:
    made = await Openings.make()
    made.store, made.linked, made.refused = store, [], False
    return made


async def opened(store: Store, deals: Openings) -> tuple[IntakeState, str | None]:
    await bundles.publish_new(store, shipped())
    payload = {"deal": {"id": DEAL, "source": "inbound"}, "playbook": DEFAULT_PLAYBOOK}
    event = Event(
        source="hubspot", event_id="e1", deal_ref=RECORD, fact=OPENS_DEAL, payload=payload,
        received_at=datetime(2026, 11, 26, tzinfo=UTC),
    )  # fmt: skip
    (row,) = await intake.add(store, [event])
    return await Delivery(store, deals, frozenset()).deliver(row)


async def test_a_deal_that_a_record_opens_knows_its_record_before_it_runs(store: Store, deals: Openings) -> None:
    assert (await opened(store, deals))[0] is IntakeState.DISPATCHED
    assert deals.linked == [DEAL]


async def test_a_record_that_belongs_to_a_deal_opens_no_other(store: Store, deals: Openings) -> None:
    await intake.link(store, "hubspot", RECORD, "acme-2026")
    assert await opened(store, deals) == (
        IntakeState.SKIPPED, "deal:9001 of hubspot belongs to the deal acme-2026 already"
    )  # fmt: skip
    assert deals.linked == []
    assert await intake.linked_deal(store, "hubspot", RECORD) == "acme-2026"


async def test_a_record_whose_deal_is_refused_belongs_to_none(store: Store, deals: Openings) -> None:
    deals.refused = True
    assert (await opened(store, deals))[0] is IntakeState.REFUSED
    assert await intake.linked_deal(store, "hubspot", RECORD) is None
