"""Salesloft read beside its webhooks: what they lost, under the same ids, and its subscriptions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.kit.simulator.process import RunningSimulator
from integrations.salesloft.enrolments import SalesloftEngagement
from integrations.salesloft.inbound import EVENTS
from integrations.salesloft.settings import SalesloftConnection
from local.webhook_receiver import WebhookReceiver
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.salesloft.team import Team, an_address, an_enrolment, facts, until_settled
from tests.simulators.forked import running_simulator

SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()


async def much(team: Team, cadences: SalesloftEngagement, worker: Worker) -> str:
    """All that can be told of somebody; returns their address."""
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1")
    await until_settled(worker, cadences, an_enrolment(address))
    await team.do("send", address)
    await team.do("reply", address)
    await team.do("call", address, disposition="Connected")
    await team.do("book", address, starts_at=SOON)
    await team.do("opt_out", address)
    return address


ALL = [
    "call_logged", "channel_refused", "channel_refused", "enrolment_ended", "meeting_booked", "opted_out",
    "reply_received",
]  # fmt: skip


@pytest.fixture
async def salesloft_process(gateway_door: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    """A team of its own for each test: reading shows all that has happened in the last minutes."""
    options = {"points": "100000"}
    async with running_simulator("integrations.salesloft.simulator", target=gateway_door.url, options=options) as one:
        await one.switch(hold=True)
        yield one


async def test_reading_tells_what_webhooks_have_lost(team: Team, cadences: SalesloftEngagement, worker: Worker) -> None:
    await team.begin_to_read()
    await team.running.switch(subscription_disabled=True)
    await much(team, cadences, worker)

    assert sorted(facts(await team.read())) == ALL
    assert await team.read() == []


async def test_what_webhooks_have_told_is_not_read_once_more(
    team: Team, cadences: SalesloftEngagement, worker: Worker
) -> None:
    await team.begin_to_read()
    await much(team, cadences, worker)
    told = await team.told()

    assert set(ALL) <= set(facts(told))
    assert await team.read() == []


async def test_what_was_read_is_not_told_once_more_by_webhooks_that_come_late(
    team: Team, cadences: SalesloftEngagement, worker: Worker
) -> None:
    await team.begin_to_read()
    await much(team, cadences, worker)

    assert sorted(facts(await team.read())) == ALL
    assert set(facts(await team.told())) <= {"enrolment_advanced"}  # which the end had overtaken


async def test_more_changes_than_a_page_holds_are_read_by_windows_of_time(team: Team) -> None:
    await team.begin_to_read()
    addresses = [await team.add(an_address()) for _ in range(130)]
    for address in addresses:
        await team.do("opt_out", address)
        await team.is_known_to(address, "acme-1")

    told = await team.read()

    assert sorted(str(one.payload["address"]) for one in told if one.fact == "opted_out") == sorted(addresses)
    pages = [call.query for call in await team.running.calls("GET /v2/people")]
    assert not any("page=2" in one.replace("per_page=2", "") for one in pages)


async def test_the_subscriptions_are_looked_at_and_set_right(team: Team) -> None:
    assert [one.level for one in await team.polling.health()] == ["ok", "ok"]
    await team.running.change(do="disable")
    before = await team.polling.health()

    done = await team.polling.repair()

    assert [one.level for one in before] == ["ok", "problem"]
    assert [one.level for one in (*done, *await team.polling.health())] == ["ok"] * 3


async def test_subscriptions_that_are_missing_are_made_with_the_callback_token(
    team: Team, connection: SalesloftConnection, store: Store
) -> None:
    elsewhere = connection.model_copy(update={"webhook_url": "https://deals.example/webhooks/salesloft"})
    polling = type(team.polling)(elsewhere, store)

    await polling.repair()
    await polling.close()

    state: Any = await team.running.state()
    made = [one for one in state["subscriptions"].values() if one["callback_url"] == elsewhere.webhook_url]
    assert [one["event_type"] for one in made] == list(EVENTS)
    assert {one["callback_token"] for one in made} == {"local-salesloft-callback-token"}


async def test_credentials_that_are_not_taken_are_told_without_the_key(
    team: Team, connection: SalesloftConnection
) -> None:
    await team.running.switch(expire_token=-1)

    (found,) = await team.polling.health()

    assert (found.level, found.about) == ("problem", "credentials")
    assert connection.credential not in found.says


@pytest.mark.parametrize("switch", ["server_error", "lose_request", "quota_spent"])
async def test_a_reading_that_fails_goes_on_where_it_was(team: Team, switch: str) -> None:
    await team.begin_to_read()
    address = await team.add(an_address())
    await team.is_known_to(address, "acme-1")
    await team.do("opt_out", address)
    await team.running.switch(only="GET /v2/people", **{switch: 1})
    with pytest.raises(Exception, match="Salesloft"):
        await team.read()

    if switch != "quota_spent":  # else the budget waits for the next minute
        assert facts(await team.read())[0] == "opted_out"
