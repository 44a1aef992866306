"""A key that may approve does not say, by opening or telling, that whoever it speaks for approves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from playbooks import shipped
from store import api_keys, bundles
from store.api_keys import NewKey
from store.database import Store
from tests.gateway.conftest import StartGateway
from tests.gateway.fake_deals import FakeDealClient

MAX, BEN = ({"name": name, "email": f"{name.lower()}@us.example"} for name in ("Max", "Ben"))
EVERYTHING = ["open", "tell", "command", "approve"]


async def answered(start_gateway: StartGateway, store: Store, path: str, body: object, **key: object) -> int:
    """The status with which a key is answered; 503 stands for let through, as Temporal is away."""
    await bundles.publish_new(store, shipped())
    made = await api_keys.create(
        store, NewKey.model_validate({"name": "a-key", **key}), by="the test", now=datetime.now(UTC)
    )
    deals = await FakeDealClient.make()
    deals.away = True
    answer = await (await start_gateway(deals)).post(path, json=body, headers={"X-API-Key": made.key})
    assert (answer.status_code == 403) == ("own-approver" in answer.text)
    return answer.status_code


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ({"scopes": EVERYTHING, "acts_for": "max@us.example"}, 403),
        ({"scopes": EVERYTHING, "may_speak_for": ["@us.example"]}, 403),
        ({"scopes": EVERYTHING, "acts_for": "ben@us.example"}, 503),
        ({"scopes": ["open", "tell"], "acts_for": "max@us.example"}, 503),
        ({"scopes": [*EVERYTHING, "admin"], "acts_for": "max@us.example"}, 503),
    ],
)
async def test_a_deal_is_not_opened_with_oneself_as_its_approver(
    start_gateway: StartGateway, store: Store, key: dict[str, object], status: int
) -> None:
    body = {"deal": {"id": "d", "owners": {"sales_manager": MAX, "account_executive": BEN}}}
    assert await answered(start_gateway, store, "/v1/deals", body, **key) == status


@pytest.mark.parametrize(
    ("told", "status"), [({"owners": {"finance": MAX}}, 403), ({"owner": MAX}, 403), ({"owner": BEN}, 503)]
)
async def test_a_fact_does_not_give_a_role_to_whoever_may_approve_and_tells_it(
    start_gateway: StartGateway, store: Store, told: dict[str, object], status: int
) -> None:
    path, key = "/v1/deals/d/facts/crm_properties_changed", {"scopes": EVERYTHING, "acts_for": "max@us.example"}
    assert await answered(start_gateway, store, path, told, **key) == status
