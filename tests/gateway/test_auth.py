"""Who gets in."""

from __future__ import annotations

import re

import httpx2
import pytest

from dealwright.client.deal_client import DealClient
from gateway.auth import ApiKeys, NoApiKeys, WeakApiKey
from tests.gateway.conftest import KEY, StartGateway

PATH = "/v1/intake"


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}]
)
async def test_a_key_opens_the_api_in_either_header(api: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    async with httpx2.AsyncClient(base_url=api.base_url) as anybody:
        assert (await anybody.get(PATH, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": f"{KEY}x"},
        {"X-API-Key": KEY.upper()},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer wrong"},
    ],
)
async def test_without_the_right_key_nothing_opens(api: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    async with httpx2.AsyncClient(base_url=api.base_url) as anybody:
        answer = await anybody.get(PATH, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert KEY not in answer.text


async def test_every_route_of_the_api_needs_a_key_and_health_and_webhooks_do_not(api: httpx2.AsyncClient) -> None:
    description = (await api.get("/openapi.json")).json()
    open_paths = {path for path, on in description["paths"].items() for one in on.values() if "security" not in one}
    assert open_paths == {"/healthz", "/readyz", "/unsubscribe/{token}", "/webhooks/{source}"}


async def test_any_of_several_keys_opens(start_gateway: StartGateway, away: DealClient) -> None:
    api = await start_gateway(away, api_keys=("the-old-key-000000", "the-new-key-000000"))
    for key in ("the-old-key-000000", "the-new-key-000000"):
        assert (await api.get(PATH, headers={"X-API-Key": key})).status_code == 200


async def test_a_key_that_is_no_text_opens_nothing(api: httpx2.AsyncClient) -> None:
    async with httpx2.AsyncClient(base_url=api.base_url) as anybody:
        assert (await anybody.get(PATH, headers={b"X-API-Key": b"\xff\xfe"})).status_code == 401


def test_without_a_key_the_gateway_does_not_start() -> None:
    with pytest.raises(NoApiKeys, match="DEALWRIGHT_API_KEYS"):
        ApiKeys(())


def test_a_short_key_is_refused_at_the_start() -> None:
    with pytest.raises(WeakApiKey, match="at least 16"):
        ApiKeys(("secret",))


async def test_for_development_callers_on_this_machine_need_no_key(
    start_gateway: StartGateway, away: DealClient
) -> None:
    api = await start_gateway(away, api_keys=(), keyless_on_loopback=True)
    async with httpx2.AsyncClient(base_url=api.base_url) as anybody:
        assert (await anybody.get(PATH)).status_code == 200


async def test_once_there_is_a_key_callers_on_this_machine_need_it_too(
    start_gateway: StartGateway, away: DealClient
) -> None:
    api = await start_gateway(away, keyless_on_loopback=True)
    async with httpx2.AsyncClient(base_url=api.base_url) as anybody:
        assert (await anybody.get(PATH)).status_code == 401


async def test_the_page_of_the_api_needs_nothing_from_elsewhere(api: httpx2.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert wanted
    assert {(await api.get(path)).status_code for path in wanted} == {200}
    assert "://" not in "".join(wanted)
