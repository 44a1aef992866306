"""Who gets in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from pydantic import SecretStr

from dealwright.client.deal_client import DealClient
from gateway.identities.key_ring import KeyRing, WeakApiKey
from gateway.run import options_of
from runtime.settings import Settings
from store import api_keys
from store.api_keys import NewKey, Scope
from store.database import Store
from store.key_text import new_key
from tests.gateway.conftest import KEY, Api, StartGateway
from tests.gateway.fake_deals import FakeDealClient
from tests.temporal_environment import wait_until

PATH = "/v1/intake"
OWN = "a-key-of-the-tests-1"
DEAL = {"deal": {"id": "d"}}


@pytest.fixture
async def anybody(api: Api) -> AsyncIterator[Api]:
    async with httpx2.AsyncClient(base_url=api.base_url, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}]
)
async def test_a_key_opens_the_api_in_either_header(anybody: Api, headers: dict[str, str]) -> None:
    assert (await anybody.get(PATH, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": f"{KEY}x"},
        {"X-API-Key": KEY.upper()},
        {"X-API-Key": new_key()},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer wrong"},
    ],
)
async def test_without_the_right_key_nothing_opens(anybody: Api, headers: dict[str, str]) -> None:
    answer = await anybody.get(PATH, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert KEY not in answer.text


async def test_every_route_of_the_api_says_what_its_key_may_do_and_health_and_webhooks_need_none(api: Api) -> None:
    description = (await api.get("/openapi.json")).json()
    operations = [(path, one) for path, on in description["paths"].items() for one in on.values()]
    assert {path for path, one in operations if "security" not in one} == {
        "/healthz", "/readyz", "/unsubscribe/{token}", "/webhooks/{source}", "/webhooks/{source}/{secret}",
    }  # fmt: skip
    scopes = {scope for _, one in operations for way in one.get("security", ()) for name in way for scope in way[name]}
    assert scopes == set(Scope)


async def test_any_of_several_keys_of_the_environment_opens(start_gateway: StartGateway, away: DealClient) -> None:
    api = await start_gateway(away, api_keys=("the-old-key-000000", "the-new-key-000000"))
    for key in ("the-old-key-000000", "the-new-key-000000"):
        assert (await api.get(PATH, headers={"X-API-Key": key})).status_code == 200


async def test_a_key_that_is_no_text_opens_nothing(anybody: Api) -> None:
    assert (await anybody.get(PATH, headers={b"X-API-Key": b"\xff\xfe"})).status_code == 401


async def test_without_any_key_nothing_opens(start_gateway: StartGateway, away: DealClient) -> None:
    api = await start_gateway(away, api_keys=())
    assert (await api.get(PATH)).status_code == 401


def test_a_short_key_is_refused_at_the_start(store: Store) -> None:
    with pytest.raises(WeakApiKey, match="at least 16"):
        KeyRing(store, ("secret",))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8080"}, 200),
        ({"X-Forwarded-For": "127.0.0.1"}, 401),
        ({"Forwarded": "for=127.0.0.1"}, 401),
        ({"X-Real-IP": "127.0.0.1"}, 401),
        ({"Via": "1.1 proxy"}, 401),
        ({"Host": "rebound.example"}, 401),
    ],
)
async def test_the_key_of_local_development_opens_from_this_machine_only(
    api: Api, headers: dict[str, str], status: int
) -> None:
    answer = await api.get(PATH, headers=headers)
    assert answer.status_code == status
    assert status == 200 or "from this machine only" in answer.json()["detail"]


async def test_other_keys_open_by_a_proxy_too(start_gateway: StartGateway, away: DealClient) -> None:
    api = await start_gateway(away, api_keys=(OWN,))
    by_proxy = {"X-API-Key": OWN, "X-Forwarded-For": "192.0.2.7", "Host": "deals.example.com"}
    assert (await api.get(PATH, headers=by_proxy)).status_code == 200


async def key_with(store: Store, *scopes: Scope) -> dict[str, str]:
    wanted = NewKey(name="-".join(sorted(scopes)), scopes=frozenset(scopes))
    made = await api_keys.create(store, wanted, by="the test", now=datetime.now(UTC))
    return {"X-API-Key": made.key}


ALLOWS = {
    Scope.OPEN: ("POST", "/v1/deals", DEAL),
    Scope.TELL: ("POST", "/v1/deals/d/facts/demo_held", {}),
    Scope.COMMAND: ("POST", "/v1/deals/d/commands/resume", {}),
    Scope.APPROVE: (
        "POST", "/v1/deals/d/commands/decide_approval", {"approval": "a", "answer": "approve", "terms": {}},
    ),
    Scope.READ: ("GET", "/v1/intake", None),
    Scope.LINK: ("PUT", "/v1/links/hubspot/1", {"deal_id": "d"}),
    Scope.ADMIN: ("GET", "/v1/keys", None),
}  # fmt: skip


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_opens_what_its_scope_says_and_nothing_else(
    start_gateway: StartGateway, store: Store, away: DealClient, scope: Scope
) -> None:
    api, headers = await start_gateway(away), await key_with(store, scope)
    opened = set()
    for each, (method, path, body) in ALLOWS.items():
        answer = await api.request(method, path, json=body, headers=headers)
        assert answer.status_code != 401
        if answer.status_code == 403:
            assert f"the scope {each}" in answer.json()["detail"]
        else:
            opened.add(each)
    assert opened == (set(Scope) if scope is Scope.ADMIN else {scope})


async def test_a_key_that_was_made_opens_at_once_and_one_that_was_revoked_within_seconds_no_more(
    start_gateway: StartGateway, store: Store, away: DealClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.identities.key_ring.READ_AGAIN", 0.05)
    monkeypatch.setattr("gateway.identities.key_ring.READ_AGAIN_FOR_NEW", 0.0)
    api, other = await start_gateway(away), await start_gateway(away)
    made = (await api.post("/v1/keys", json={"name": "crm-sync", "scopes": ["read"]})).json()
    headers = {"X-API-Key": made["key"]}
    assert (await api.get(PATH, headers=headers)).status_code == 200
    assert (await other.get(PATH, headers=headers)).status_code == 200
    assert (await api.delete(f"/v1/keys/{made['about']['id']}")).status_code == 200
    assert (await api.get(PATH, headers=headers)).status_code == 401

    async def closed() -> bool:
        return (await other.get(PATH, headers=headers)).status_code == 401

    await wait_until(closed)


async def test_an_expired_key_opens_nothing(start_gateway: StartGateway, store: Store, away: DealClient) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    wanted = NewKey(name="old", scopes=frozenset({Scope.READ}), days=1)
    made = await api_keys.create(store, wanted, by="the test", now=long_ago)
    api = await start_gateway(away)
    assert (await api.get(PATH, headers={"X-API-Key": made.key})).status_code == 401


async def test_the_page_of_the_api_needs_nothing_from_elsewhere(api: Api) -> None:
    page = (await api.get("/docs")).text
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert wanted
    assert {(await api.get(path)).status_code for path in wanted} == {200}
    assert "://" not in "".join(wanted)


async def test_keys_are_in_no_list_and_no_log(
    start_gateway: StartGateway, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    api = await start_gateway(await FakeDealClient.make())
    made = await api.post("/v1/keys", json={"name": "crm-sync", "scopes": ["read"]})
    secret = made.json()["key"]
    await api.get(PATH, headers={"X-API-Key": secret[:-1]})
    assert secret not in (await api.get("/v1/keys")).text
    assert secret[:-8] not in caplog.text
    assert secret not in repr(await api_keys.list_keys(store))


def test_options_take_the_keys_of_the_environment() -> None:
    assert options_of(Settings(api_keys=(SecretStr(OWN),))).api_keys == (OWN,)
