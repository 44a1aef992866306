"""More than is taken: over HTTP it is asked to wait, by webhook it is kept."""

from __future__ import annotations

import pytest

from gateway import rate_limits
from gateway.rate_limits import BURST_SECONDS, RateLimiter
from store.database import Store
from tests.gateway.conftest import StartGateway
from tests.gateway.fake_deals import FakeDealClient
from tests.gateway.signed_requests import as_body, standard_headers


class Clock:
    """A machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_taken_and_after_it_as_many_a_second_as_were_set() -> None:
    clock = Clock()
    limiter = RateLimiter(10, clock)
    assert [limiter.take("a") for _ in range(int(10 * BURST_SECONDS))] == [0.0] * 200
    assert limiter.take("a") == pytest.approx(0.1)
    assert limiter.take("b") == 0.0
    clock.now += 0.5
    assert [limiter.take("a") > 0 for _ in range(6)] == [False] * 5 + [True]


def test_no_rate_is_no_limit() -> None:
    limiter = RateLimiter(0)
    assert not any(limiter.take("a") for _ in range(100_000))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_TRACKED", 3)
    limiter = RateLimiter(1, Clock())
    for name in ("a", "b", "c", "d"):
        assert [limiter.take(name) for _ in range(20)] == [0.0] * 20
    assert limiter.take("d") > 0
    assert limiter.take("a") == 0.0  # forgotten, since it was quiet for longest


async def test_a_flood_for_one_deal_is_asked_to_wait_and_others_are_not(start_gateway: StartGateway) -> None:
    deals = await FakeDealClient.make()
    gateway = await start_gateway(deals, rate_per_deal=0.5)
    answers = [await gateway.post("/v1/deals/a/facts/demo_held", json={"id": f"f{n}"}) for n in range(12)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
    told = answers[-1]
    assert (told.json()["type"], told.headers["retry-after"]) == ("urn:dealwright:problem:too-many", "2")
    assert len(deals.told) == 10
    assert (await gateway.post("/v1/deals/a/commands/resume", json={"by": "Ana"})).status_code == 429
    assert (await gateway.post("/v1/deals/b/facts/demo_held", json={})).status_code == 202


async def test_a_flood_with_one_key_is_asked_to_wait(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(await FakeDealClient.make(), rate_per_key=0.5)
    answers = [await gateway.post(f"/v1/deals/d{n}/facts/demo_held", json={}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert (await gateway.post("/v1/deals", json={"deal": {"id": "d"}})).status_code == 429


async def test_a_flood_by_webhook_is_kept_whole(start_gateway: StartGateway, store: Store) -> None:
    gateway = await start_gateway(await FakeDealClient.make(), rate_per_deal=0.5, rate_per_key=0.5)
    for number in range(30):
        body = as_body({"type": "demo_held", "data": {"deal_id": "d"}})
        answer = await gateway.post("/webhooks/standard", content=body, headers=standard_headers(f"m{number}", body))
        assert answer.status_code == 202
    assert sum((await gateway.get("/v1/intake")).json()["counts"].values()) == 30


async def test_a_source_that_sends_more_than_is_taken_is_asked_to_send_it_again(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(await FakeDealClient.make(), rate_per_source=0.5)
    forged = as_body({"type": "demo_held", "data": {"deal_id": "d"}})
    for _ in range(20):  # what does not prove where it comes from uses up nothing
        answer = await gateway.post("/webhooks/standard", content=forged, headers={"webhook-id": "m"})
        assert answer.status_code == 401
    answers = [
        await gateway.post("/webhooks/standard", content=forged, headers=standard_headers(f"m{number}", forged))
        for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
