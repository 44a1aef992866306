"""More than is taken: over HTTP it is asked to wait, by webhook it is kept."""

from __future__ import annotations

import pytest

from gateway import rate_limits
from gateway.rate_limits import AT_ONCE, Rate
from store.database import Store
from tests.gateway.conftest import Serve
from tests.gateway.reached import Reached
from tests.gateway.signing import as_body, standard_headers


class Clock:
    """A machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_taken_and_after_it_as_many_a_second_as_were_set() -> None:
    clock = Clock()
    rate = Rate(10, clock)
    assert [rate.wait("a") for _ in range(int(10 * AT_ONCE))] == [0.0] * 200
    assert rate.wait("a") == pytest.approx(0.1)
    assert rate.wait("b") == 0.0
    clock.now += 0.5
    assert [rate.wait("a") > 0 for _ in range(6)] == [False] * 5 + [True]


def test_no_rate_is_no_limit() -> None:
    rate = Rate(0)
    assert not any(rate.wait("a") for _ in range(100_000))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST_REMEMBERED", 3)
    rate = Rate(1, Clock())
    for name in ("a", "b", "c", "d"):
        assert [rate.wait(name) for _ in range(20)] == [0.0] * 20
    assert rate.wait("d") > 0
    assert rate.wait("a") == 0.0  # forgotten, since it was quiet for longest


async def test_a_flood_for_one_deal_is_asked_to_wait_and_others_are_not(serve: Serve) -> None:
    deals = await Reached.make()
    gateway = await serve(deals, rate_for_a_deal=0.5)
    answers = [await gateway.post("/v1/deals/a/facts/demo_held", json={"id": f"f{n}"}) for n in range(12)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
    told = answers[-1]
    assert (told.json()["type"], told.headers["retry-after"]) == ("urn:dealwright:problem:too-many", "2")
    assert len(deals.told) == 10
    assert (await gateway.post("/v1/deals/a/commands/resume", json={"by": "Ana"})).status_code == 429
    assert (await gateway.post("/v1/deals/b/facts/demo_held", json={})).status_code == 202


async def test_a_flood_with_one_key_is_asked_to_wait(serve: Serve) -> None:
    gateway = await serve(await Reached.make(), rate_for_a_key=0.5)
    answers = [await gateway.post(f"/v1/deals/d{n}/facts/demo_held", json={}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert (await gateway.post("/v1/deals", json={"deal": {"id": "d"}})).status_code == 429


async def test_a_flood_by_webhook_is_kept_whole(serve: Serve, store: Store) -> None:
    gateway = await serve(await Reached.make(), rate_for_a_deal=0.5, rate_for_a_key=0.5)
    for number in range(30):
        body = as_body({"type": "demo_held", "data": {"deal_id": "d"}})
        answer = await gateway.post("/webhooks/standard", content=body, headers=standard_headers(f"m{number}", body))
        assert answer.status_code == 202
    assert sum((await gateway.get("/v1/intake")).json()["counts"].values()) == 30
