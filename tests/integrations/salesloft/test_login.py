"""How Salesloft lets us in: by a key, or by tokens whose renewal spends the refresh token, once for all workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.kit.errors import NotHandedOver
from integrations.kit.simulator.process import RunningSimulator
from integrations.salesloft.client import SalesloftClient
from integrations.salesloft.settings import SalesloftConnection
from store.database import Store
from tests.simulators.forked import running_simulator

SECRET = SecretStr("local-salesloft-client-secret")
ASKED = "POST /oauth/token"


@pytest.fixture
async def team() -> AsyncIterator[RunningSimulator]:
    """A team of its own: its one refresh token is spent by each test."""
    async with running_simulator("integrations.salesloft.simulator") as running:
        yield running


def by_app(team: RunningSimulator, **changes: object) -> SalesloftConnection:
    said = {
        "client_id": "local-salesloft-client", "client_secret": SECRET, "base_url": team.url,
        "refresh_token": SecretStr("local-salesloft-refresh-token"), "token_url": f"{team.url}/oauth/token",
    }  # fmt: skip
    return SalesloftConnection.model_validate({**said, **changes})


async def test_workers_spend_one_refresh_token_together_and_keep_the_next_one(
    team: RunningSimulator, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.kit.tokens._YOUNG", timedelta(0))  # else a minute would have to pass
    workers = [SalesloftClient(by_app(team), store) for _ in range(3)]

    await asyncio.gather(*(one.subscriptions() for one in workers))
    assert len(await team.calls(ASKED)) == 1
    await team.switch(clock_skew=7201)  # the access token has ended there
    await asyncio.gather(*(one.subscriptions() for one in workers))

    state: Any = await team.state()
    assert len(await team.calls(ASKED)) == 2
    assert len(state["tokens"]["spent"]) == 2
    for one in workers:
        await one.close()


async def test_a_refresh_token_that_was_spent_elsewhere_is_told_and_not_repeated(
    team: RunningSimulator, store: Store
) -> None:
    client = SalesloftClient(by_app(team, refresh_token=SecretStr("spent-long-ago")), store)

    with pytest.raises(NotHandedOver, match="connect anew") as told:
        await client.subscriptions()
    with pytest.raises(NotHandedOver):
        await client.subscriptions()

    assert "spent-long-ago" not in told.value.reason
    assert len(await team.calls(ASKED)) == 1
    await client.close()


async def test_an_answer_that_was_lost_may_have_spent_the_refresh_token_and_it_is_not_used_again(
    team: RunningSimulator, store: Store
) -> None:
    await team.switch(only=ASKED, lose_response=1)
    client = SalesloftClient(by_app(team), store)

    with pytest.raises(NotHandedOver):
        await client.subscriptions()

    assert len(await team.calls(ASKED)) == 1
    await client.close()


async def test_an_application_of_ones_own_needs_no_refresh_token(team: RunningSimulator, store: Store) -> None:
    client = SalesloftClient(by_app(team, refresh_token=None), store)
    assert await client.subscriptions() == ()
    await client.close()


async def test_a_key_that_is_not_taken_is_told_and_not_shown(team: RunningSimulator, store: Store) -> None:
    client = SalesloftClient(SalesloftConnection(api_key=SecretStr("ak_wrong"), base_url=team.url), store)
    with pytest.raises(NotHandedOver, match="does not take the credentials") as told:
        await client.subscriptions()
    assert "ak_wrong" not in told.value.reason
    await client.close()


async def test_when_the_teams_points_are_spent_all_wait_for_the_next_minute(store: Store) -> None:
    async with running_simulator("integrations.salesloft.simulator", options={"points": "3"}) as team:
        key = SecretStr("ak_local_salesloft_key")
        client = SalesloftClient(SalesloftConnection(api_key=key, base_url=team.url), store)

        async def ask_often() -> None:
            for _ in range(9):  # more than two minutes have points for, should one end meanwhile
                await client.subscriptions()

        with pytest.raises(NotHandedOver) as told:
            await ask_often()
        assert told.value.retry_after is not None
        assert told.value.retry_after <= timedelta(minutes=1)
        assert len(await team.calls("GET /v2/")) <= 7
        await client.close()


@pytest.mark.parametrize(
    "said",
    [
        {}, {"client_id": "c"}, {"api_key": SECRET, "client_id": "c"}, {"client_id": "c", "refresh_token": SECRET},
        {"api_key": SECRET, "refresh_token": SECRET},
        {"api_key": SECRET, "webhook_url": "https://deals.example/webhooks/salesloft"},
        {"api_key": SECRET, "dispositions": {"Spoke": "talked"}},
    ],
)  # fmt: skip
def test_a_connection_says_how_it_is_let_in_and_how_webhooks_are_proven(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SalesloftConnection.model_validate(said)
