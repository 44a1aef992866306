"""Each route of the API with each scope: what a key may do stands here, and a route that is not listed fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from fastapi.routing import APIRoute
from temporalio.client import Client

from dealwright.commands import COMMANDS
from dealwright.facts import FACTS
from gateway.api import ROUTES, create_app
from store import api_keys
from store.api_keys import NewKey, Scope
from store.database import Store
from tests.gateway.conftest import OPTIONS, Api, served
from tests.gateway.fake_deals import FakeDealClient

NO_KEY = {
    "POST /webhooks/{source}", "POST /webhooks/{source}/{secret}", "GET /unsubscribe/{token}",
    "POST /unsubscribe/{token}", "GET /healthz", "GET /readyz",
}  # fmt: skip
ANY_KEY = {"POST /v1/deals/{deal_id}/facts/{name}", "POST /v1/deals/{deal_id}/commands/{name}"}
"""They only say which facts and commands there are."""
SCOPES: dict[str, Scope] = {
    "POST /v1/deals": Scope.OPEN,
    **dict.fromkeys((f"POST /v1/deals/{{deal_id}}/facts/{name}" for name in FACTS), Scope.TELL),
    **dict.fromkeys((f"POST /v1/deals/{{deal_id}}/commands/{name}" for name in COMMANDS), Scope.COMMAND),
    "POST /v1/deals/{deal_id}/commands/decide_approval": Scope.APPROVE,
    "PUT /v1/people/{person}/preferences": Scope.COMMAND,
    "DELETE /v1/people/{person}/preferences": Scope.COMMAND,
    "PUT /v1/people/{person}/absence": Scope.COMMAND,
    "DELETE /v1/people/{person}/absence": Scope.COMMAND,
    "PUT /v1/links/{source}/{object_id}": Scope.LINK,
    "DELETE /v1/links/{source}/{object_id}": Scope.LINK,
    "POST /v1/suppression/removals": Scope.ADMIN,
    "GET /v1/audit": Scope.ADMIN,
    **dict.fromkeys(
        (
            "GET /v1/keys", "POST /v1/keys", "POST /v1/keys/{key_id}/rotate", "DELETE /v1/keys/{key_id}",
            "POST /v1/subscriptions", "GET /v1/subscriptions", "GET /v1/subscriptions/{subscription_id}",
            "DELETE /v1/subscriptions/{subscription_id}", "POST /v1/subscriptions/{subscription_id}/rotate",
            "POST /v1/subscriptions/{subscription_id}/enable", "GET /v1/subscriptions/{subscription_id}/deliveries",
            "POST /v1/subscriptions/{subscription_id}/resend",
        ),
        Scope.ADMIN,
    ),
    **dict.fromkeys(
        (
            "GET /v1/deals", "GET /v1/deals/{deal_id}", "GET /v1/deals/{deal_id}/agenda",
            "GET /v1/deals/{deal_id}/story", "GET /v1/work", "GET /v1/people/{person}/preferences",
            "GET /v1/people/{person}/absence", "GET /v1/events", "GET /v1/intake", "GET /v1/playbooks",
            "GET /v1/playbooks/{name}", "GET /v1/playbooks/{name}/versions", "GET /v1/playbooks/{name}/differences",
            "GET /v1/suppression", "GET /v1/links",
            "GET /v1/links/{source}/{object_id}", "GET /metrics",
        ),
        Scope.READ,
    ),
}  # fmt: skip
IN_A_PATH = {
    "{deal_id}": "d", "{person}": "max@us.example", "{subscription_id}": "sub_" + "0" * 24, "{name}": "nothing",
    "{source}": "hubspot", "{object_id}": "deal:1", "{key_id}": "a1B2c3D4",
}  # fmt: skip


def routes() -> Iterator[str]:
    for module in ROUTES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            yield from (f"{method} {route.path}" for method in sorted(route.methods or ()))


@pytest.fixture
async def api(store: Store) -> AsyncIterator[Api]:
    deals = FakeDealClient(await Client.connect("127.0.0.1:1", lazy=True), timedelta(seconds=0.05))
    deals.told, deals.out_of_reach, deals.away, deals.there, deals.unknown = [], (), False, (), ()
    async with served(create_app(OPTIONS, deals, store)) as client:
        yield client


async def refusal_of(api: Api, route: str, headers: Mapping[str, str]) -> str | None:
    """Whether a key is refused there (``no-key``, ``not-allowed``); None when the request goes on to the route."""
    method, path = route.split(" ")
    for name, value in IN_A_PATH.items():
        path = path.replace(name, value)
    body: dict[str, str] | None = {} if method in ("POST", "PUT") else None
    answer = await api.request(method, path, json=body, headers=headers)
    assert answer.status_code != HTTPStatus.INTERNAL_SERVER_ERROR
    if answer.status_code not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return None
    kind = str(answer.json()["type"]).rpartition(":")[2]
    return kind if kind in ("no-key", "not-allowed") else None


def test_every_route_is_listed_with_the_scope_that_it_needs() -> None:
    assert set(routes()) == NO_KEY | ANY_KEY | set(SCOPES)


@pytest.mark.parametrize("headers", [{"X-API-Key": ""}, {"X-API-Key": "dwk_" + "0" * 49}])
async def test_without_a_good_key_no_route_opens(api: Api, headers: dict[str, str]) -> None:
    keyed = [*SCOPES, *ANY_KEY]
    assert {await refusal_of(api, route, headers) for route in keyed} == {"no-key"}


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_with_one_scope_opens_the_routes_of_that_scope_alone(api: Api, store: Store, scope: Scope) -> None:
    wanted = NewKey(name="a-key", scopes=frozenset({scope}))
    headers = {"X-API-Key": (await api_keys.create(store, wanted, by="the test", now=datetime.now(UTC))).key}
    keyed = [*SCOPES, *ANY_KEY]
    found = await asyncio.gather(*(refusal_of(api, route, headers) for route in keyed))
    opened = {route for route, refusal in zip(keyed, found, strict=True) if refusal is None}
    assert "no-key" not in found
    allowed = set(SCOPES) if scope is Scope.ADMIN else {route for route, needs in SCOPES.items() if needs is scope}
    assert opened == allowed | ANY_KEY
