"""An app that a user let in: access tokens, renewed once for all workers, and the address that comes with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr, ValidationError

from integrations.kit.errors import NotHandedOver
from integrations.kit.simulator.process import RunningSimulator
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.settings import PipedriveConnection
from store.database import Store
from tests.integrations.pipedrive.company import US, Company

APP = ("local-pipedrive-app", "local-pipedrive-app-secret")
BACK = "http://localhost:1717/"
MakeClient = Callable[[], PipedriveClient]


async def tokens_for(simulator: RunningSimulator, **form: str) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=60) as http:
        return await http.post(f"{simulator.url}/oauth/token", data=form, auth=APP)


async def let_in(simulator: RunningSimulator) -> dict[str, Any]:
    """As the documentation of the connection says: the code of the browser, exchanged for the first tokens."""
    approved: Any = await simulator.change(do="approve_app")
    answer = await tokens_for(simulator, grant_type="authorization_code", code=approved["code"], redirect_uri=BACK)
    read: dict[str, Any] = answer.json()
    return read


@pytest.fixture
async def connect(company: Company, store: Store) -> AsyncIterator[Callable[[], Awaitable[MakeClient]]]:
    """Lets the app in; what it returns makes workers that share that connection."""
    made: list[PipedriveClient] = []

    async def connected() -> MakeClient:
        first = await let_in(company.simulator)
        connection = PipedriveConnection(
            client_id=APP[0], client_secret=SecretStr(APP[1]), refresh_token=SecretStr(first["refresh_token"]),
            token_url=f"{company.simulator.url}/oauth/token", burst_calls=5000, daily_tokens=9_000_000,
        )  # fmt: skip

        def worker() -> PipedriveClient:
            made.append(PipedriveClient(connection, store))
            return made[-1]

        return worker

    yield connected
    for client in made:
        await client.close()
    await company.simulator.switch(clock_skew=0)


async def test_an_app_asks_once_for_all_workers_and_calls_where_the_token_says(
    company: Company, connect: Callable[[], Awaitable[MakeClient]]
) -> None:
    worker = await connect()
    before = len(await company.simulator.calls("POST /oauth/token"))

    users = await asyncio.gather(*(worker().me() for _ in range(3)))

    assert {one.id for one in users} == {US}
    assert len(await company.simulator.calls("POST /oauth/token")) == before + 1


async def test_a_token_that_pipedrive_no_longer_takes_is_renewed_and_the_refresh_token_stays(
    company: Company, connect: Callable[[], Awaitable[MakeClient]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.kit.tokens._YOUNG", timedelta(0))  # else a minute would have to pass
    client = (await connect())()
    await client.me()

    await company.simulator.switch(clock_skew=3700)
    first = await client.me()
    await company.simulator.switch(clock_skew=2 * 3700)
    second = await client.me()

    assert (first.id, second.id) == (US, US)


async def test_an_app_that_was_uninstalled_is_told_to_connect_anew(
    company: Company, connect: Callable[[], Awaitable[MakeClient]]
) -> None:
    client = (await connect())()
    await company.simulator.change(do="uninstall_app")

    with pytest.raises(NotHandedOver, match="connect anew") as raised:
        await client.me()

    assert APP[1] not in str(raised.value)


async def test_a_refresh_token_that_nobody_used_for_two_months_is_good_no_longer(company: Company) -> None:
    first = await let_in(company.simulator)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    await company.simulator.switch(clock_skew=59 * 86_400)
    used = await tokens_for(company.simulator, **refresh)
    await company.simulator.switch(clock_skew=118 * 86_400)
    used_again = await tokens_for(company.simulator, **refresh)
    await company.simulator.switch(clock_skew=179 * 86_400)
    unused = await tokens_for(company.simulator, **refresh)
    await company.simulator.switch(clock_skew=0)

    assert [one.status_code for one in (used, used_again, unused)] == [200, 200, 400]
    assert used.json()["refresh_token"] == first["refresh_token"]
    assert unused.json()["error"] == "invalid_grant"


async def test_a_code_is_good_once(company: Company) -> None:
    approved: Any = await company.simulator.change(do="approve_app")
    form = {"grant_type": "authorization_code", "code": approved["code"], "redirect_uri": BACK}

    statuses = [(await tokens_for(company.simulator, **form)).status_code for _ in range(2)]

    assert statuses == [200, 400]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": SecretStr("x")},
        {"client_id": "x", "client_secret": SecretStr("x")},
        {"token": SecretStr("x"), "base_url": "https://acme.pipedrive.com", "refresh_token": SecretStr("x")},
    ],
    ids=["no way", "a token without an address", "an app that nobody let in", "two ways"],
)
def test_a_connection_says_one_way_to_be_let_in(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="how to be let in"):
        PipedriveConnection.model_validate(given)
