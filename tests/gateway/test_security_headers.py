"""What browsers and caches are told, and what an installation may close."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from store.database import Store
from tests.gateway.conftest import OPTIONS, Api, StartGateway, served

EVERYWHERE = ["/healthz", "/v1/intake", "/v1/nothing", "/docs", "/openapi.json", "/unsubscribe/wrong"]


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_tells_browsers_and_caches_to_keep_off(api: Api, path: str) -> None:
    headers = (await api.get(path)).headers
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(("body", "status"), [(b"x" * 2_000_000, 413), (b"{", 422)])
async def test_a_request_that_is_refused_is_answered_with_them_too(api: Api, body: bytes, status: int) -> None:
    answer = await api.post("/v1/deals", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (status, "nosniff")


async def test_a_fault_of_ours_is_answered_with_them_too(away: DealClient, store: Store) -> None:
    app = create_app(OPTIONS, away, store)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("broken")

    async with served(app) as api:
        answer = await api.get("/broken")
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (500, "nosniff")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", None])
async def test_without_https_nobody_is_told_to_insist_on_it(
    start_gateway: StartGateway, away: DealClient, url: str | None
) -> None:
    api = await start_gateway(away, public_url=url, webhook_secrets={})
    assert "strict-transport-security" not in (await api.get("/healthz")).headers


async def test_the_page_of_the_api_may_run_its_own_script_and_no_other(api: Api) -> None:
    page = await api.get("/docs")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (allowed,) = re.findall(r"script-src ([^;]*);", page.headers["content-security-policy"])
    assert allowed.split() == ["'self'", f"'sha256-{digest}'"]


async def test_the_description_of_the_api_can_be_closed(start_gateway: StartGateway, away: DealClient) -> None:
    api = await start_gateway(away, api_docs=False)
    for path in ("/docs", "/openapi.json", "/redoc", "/static-offline-docs/swagger-ui-bundle.js"):
        answer = await api.get(path)
        assert answer.status_code == 404
        assert "/docs lists" not in answer.text
    assert (await api.get("/v1/intake")).status_code == 200


async def test_what_it_counts_can_be_read(api: Api) -> None:
    text = (await api.get("/metrics")).text
    assert "dealwright_gateway_failed_authentications_total" in text
    assert "dealwright_gateway_audit_entries_not_kept_total 0" in text
