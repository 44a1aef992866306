"""Who may answer an approval over HTTP: whoever the deal asks, by a key of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from dealwright.identity import DEFAULT_PLAYBOOK
from gateway.api import create_app
from playbooks import shipped
from store import api_keys, bundles
from store.api_keys import NewKey
from store.database import Store
from tests.gateway.conftest import OPTIONS, Api, served
from tests.store.databases import migrated
from tests.temporal_environment import new_deal_id, running_worker, wait_until

pytestmark = pytest.mark.server
ENVIRONMENT = "a-key-of-the-tests-1"
KEYS: Mapping[str, dict[str, object]] = {
    "max": {"scopes": ["approve"], "acts_for": "max@us.example"},
    "ben": {"scopes": ["approve"], "acts_for": "ben@us.example"},
    "sales_manager": {"scopes": ["approve"]},
    "slack": {"scopes": ["approve"], "may_speak_for": ["@us.example"]},
}


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(Path(tmp_path_factory.mktemp("approvals"))))
    await bundles.publish_new(store, shipped())
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def api(temporal: Client, store: Store) -> AsyncIterator[Api]:
    options = OPTIONS.__class__(**{**vars(OPTIONS), "api_keys": (*OPTIONS.api_keys, ENVIRONMENT)})
    async with running_worker(temporal, store), served(create_app(options, DealClient(temporal), store)) as client:
        yield client


@pytest.fixture(scope="module")
async def keys(store: Store) -> dict[str, str]:
    made = {
        name: await api_keys.create(
            store, NewKey.model_validate({"name": name, **about}), by="the test", now=datetime.now(UTC)
        )
        for name, about in KEYS.items()
    }
    return {**{name: one.key for name, one in made.items()}, "environment": ENVIRONMENT}


@pytest.fixture
async def asked(api: Api) -> tuple[str, dict[str, object]]:
    """A deal that asks Max, its sales manager, for a discount; and the approval."""
    deal_id = new_deal_id()
    owners = {
        "account_executive": {"name": "Ben", "email": "ben@us.example"},
        "sales_manager": {"name": "Max", "email": "max@us.example"},
    }
    deal = {"id": deal_id, "owners": owners, "amount": {"amount": "48000.00", "currency": "EUR"}}
    opened = await api.post("/v1/deals", json={"deal": deal, "playbook": DEFAULT_PLAYBOOK})
    assert opened.status_code == 201
    wanted = {"percent": 15}
    told = await api.post(f"/v1/deals/{deal_id}/facts/discount_requested", json=wanted)
    assert told.status_code == 202, told.text
    found: list[dict[str, object]] = []

    async def is_asked() -> bool:
        found[:] = (await api.get(f"/v1/deals/{deal_id}")).json()["open_approvals"]
        return bool(found)

    await wait_until(is_asked)
    return deal_id, found[0]


@pytest.mark.parametrize(
    ("who", "status", "accepted"),
    [
        (("ben", None), 200, False),
        (("ben", "max@us.example"), 403, None),
        (("ben", "sales_manager"), 403, None),
        (("sales_manager", "sales_manager"), 200, False),
        (("sales_manager", "max@us.example"), 403, None),
        (("environment", None), 200, False),
        (("environment", "sales_manager"), 403, None),
        (("slack", "sales_manager"), 403, None),
        (("slack", "ben@us.example"), 200, False),
        (("slack", "max@us.example"), 200, True),
        (("max", None), 200, True),
    ],
)
async def test_a_discount_is_granted_by_whom_the_deal_asks_and_by_nobody_in_their_name(
    api: Api,
    keys: dict[str, str],
    asked: tuple[str, dict[str, object]],
    who: tuple[str, str | None],
    status: int,
    accepted: bool | None,
) -> None:
    key, by = who
    deal_id, approval = asked
    answer = await api.post(
        f"/v1/deals/{deal_id}/commands/decide_approval",
        json={"approval": approval["id"], "answer": "approve", "terms": approval["terms"], "by": by},
        headers={"X-API-Key": keys[key]},
    )
    assert (answer.status_code, answer.json().get("accepted")) == (status, accepted), answer.text
