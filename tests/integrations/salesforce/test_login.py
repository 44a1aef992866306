"""Logging in to an org: by a signed assertion or by client credentials, once for all who ask."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from integrations.kit.connection import Connection
from integrations.kit.errors import NotHandedOver
from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.tool import Connected
from integrations.salesforce.adapter import org_of
from integrations.salesforce.login import remaining
from integrations.salesforce.org import Org
from integrations.salesforce.settings import SalesforceConnection
from store.database import Store

QUERY = "SELECT Id FROM User LIMIT 1"


async def connected(simulator: RunningSimulator, store: Store, tmp_path: Path, **changes: Any) -> Org:
    example = await simulator.connection()
    (tmp_path / "key").write_text(changes.pop("key", example.secrets["SALESFORCE_PRIVATE_KEY"]))
    block = {**example.block, "webhook_secrets": [], "private_key": f"file:{tmp_path / 'key'}", **changes}
    given = {name: value for name, value in block.items() if value is not None}
    connection: Connection = SalesforceConnection.model_validate(given)
    return org_of(Connected(tool="salesforce", connection=connection, store=store))


async def test_an_assertion_lets_us_in(simulator: RunningSimulator, store: Store, tmp_path: Path) -> None:
    org = await connected(simulator, store, tmp_path)
    assert len(await org.client.query(QUERY)) == 1


async def test_client_credentials_let_us_in(simulator: RunningSimulator, store: Store, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not-a-secret-of-anybody")
    changes = {"username": None, "private_key": None, "client_secret": f"file:{tmp_path / 'secret'}"}
    org = await connected(simulator, store, tmp_path, **changes)
    assert len(await org.client.query(QUERY)) == 1


async def test_a_refresh_token_lets_us_in_and_is_spent_once_by_all_workers(
    simulator: RunningSimulator, store: Store, tmp_path: Path
) -> None:
    approved: Any = await simulator.change(do="approve")
    (tmp_path / "refresh").write_text(approved["refresh_token"])
    (tmp_path / "secret").write_text("not-a-secret-of-anybody")
    changes = {
        "username": None, "private_key": None, "client_secret": f"file:{tmp_path / 'secret'}",
        "refresh_token": f"file:{tmp_path / 'refresh'}",
    }  # fmt: skip
    workers = [await connected(simulator, store, tmp_path, **changes) for _ in range(3)]
    await asyncio.gather(*(worker.client.query(QUERY) for worker in workers))
    started_again = await connected(simulator, store, tmp_path, **changes)
    assert len(await started_again.client.query(QUERY)) == 1
    spent: Any = (await simulator.state())["tokens"]
    assert (len(spent["spent"]), len(spent["current"])) == (1, 1)


async def test_all_who_ask_share_one_token(simulator: RunningSimulator, store: Store, tmp_path: Path) -> None:
    before = len(await simulator.calls("POST /services/oauth2/token"))
    for _ in range(3):
        await (await connected(simulator, store, tmp_path)).client.query(QUERY)
    assert len(await simulator.calls("POST /services/oauth2/token")) == before + 1


async def test_a_key_that_the_app_does_not_know_is_told_without_the_key(
    simulator: RunningSimulator, store: Store, tmp_path: Path, private_key: str
) -> None:
    org = await connected(simulator, store, tmp_path, key=private_key)
    with pytest.raises(NotHandedOver, match="gives no access token") as raised:
        await org.client.query(QUERY)
    assert "PRIVATE KEY" not in str(raised.value)


@pytest.mark.parametrize("missing", [{"private_key": None}, {"username": None}])
async def test_a_block_that_does_not_say_how_to_log_in_is_refused(
    simulator: RunningSimulator, store: Store, tmp_path: Path, missing: dict[str, None]
) -> None:
    with pytest.raises(ValueError, match="does not say how to log in"):
        await connected(simulator, store, tmp_path, **missing)


def test_answers_say_how_many_calls_are_left() -> None:
    left = remaining({"sforce-limit-info": "api-usage=908/15000 (per-app-api-usage=17/250(appName=x))"})
    assert left is not None
    assert left.units == 14_092
    assert remaining({}) is None
