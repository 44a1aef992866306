"""The simulated Pipedrive keeps to what its documentation says, also where that is inconvenient."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from pydantic import JsonValue

from integrations.kit.simulator.process import RunningSimulator
from integrations.kit.simulator.webhooks import Attempt
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from tests.integrations.pipedrive.company import KEY_FIELD, Company
from tests.simulators.forked import running_simulator

KEY = {"x-api-token": "local-pipedrive-token"}


@pytest.fixture
async def api(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=company.simulator.url, headers=KEY, timeout=60) as client:
        yield client


async def test_without_the_token_nothing_is_answered(api: httpx2.AsyncClient) -> None:
    answer = await api.get("/api/v2/deals", headers={"x-api-token": "other"})

    assert (answer.status_code, answer.json()["success"]) == (401, False)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("deals", {"title": "x", "value": "12"}),
        ("deals", {"title": "x", "colour": "red"}),
        ("deals", {"title": "x", "custom_fields": {"a" * 40: "y"}}),
        ("deals", {}),
        ("activities", {"subject": "x", "person_id": 5}),
    ],
    ids=[
        "a number as a text",
        "an unknown field",
        "an unknown custom field",
        "no title",
        "a person beside participants",
    ],
)
async def test_what_v2_does_not_take_is_refused(api: httpx2.AsyncClient, kind: str, body: dict[str, Any]) -> None:
    assert (await api.post(f"/api/v2/{kind}", json=body)).status_code == 400


async def test_lists_are_read_by_cursor(api: httpx2.AsyncClient) -> None:
    made = [(await api.post("/api/v2/deals", json={"title": f"d{n}"})).json()["data"]["id"] for n in range(3)]
    query: dict[str, str | int] = {"limit": 1, "sort_by": "id", "sort_direction": "desc"}
    seen, cursor = list[int](), ""

    for _ in range(3):
        page = (await api.get("/api/v2/deals", params={**query, **({"cursor": cursor} if cursor else {})})).json()
        seen += [one["id"] for one in page["data"]]
        cursor = page["additional_data"]["next_cursor"]

    assert seen == made[::-1]


async def test_a_search_by_a_custom_field_is_exact(api: httpx2.AsyncClient) -> None:
    for key in ("one-key", "one-key-2"):
        await api.post("/api/v2/deals", json={"title": key, "custom_fields": {KEY_FIELD: key}})

    query = {"term": "one-key", "entity_type": "deal", "match": "exact", "field": KEY_FIELD}
    found = (await api.get("/api/v2/itemSearch/field", params=query)).json()["data"]

    assert [one[KEY_FIELD] for one in found] == ["one-key"]


async def test_what_is_deleted_twice_is_gone_and_a_success(api: httpx2.AsyncClient) -> None:
    id_ = (await api.post("/api/v2/deals", json={"title": "x"})).json()["data"]["id"]
    await api.delete(f"/api/v2/deals/{id_}")

    again = await api.delete(f"/api/v2/deals/{id_}")

    assert (again.status_code, again.json()["success"]) == (410, True)


async def test_each_call_costs_tokens_of_the_day_and_what_is_over_is_refused() -> None:
    module, options = "integrations.pipedrive.simulator", {"tokens_a_day": "25"}
    async with (
        running_simulator(module, options=options) as simulator,
        httpx2.AsyncClient(headers=KEY, timeout=60) as api,
    ):
        first = await api.get(f"{simulator.url}/v1/users")
        second = await api.post(f"{simulator.url}/api/v2/deals", json={"title": "x"})
        third = await api.post(f"{simulator.url}/api/v2/deals", json={"title": "x"})

    left = [one.headers["x-daily-ratelimit-token-remaining"] for one in (first, second, third)]
    assert (left, third.status_code) == (["5", "0", "0"], 429)


async def test_a_burst_is_refused() -> None:
    module, options = "integrations.pipedrive.simulator", {"calls_in_two_seconds": "2"}
    async with (
        running_simulator(module, options=options) as simulator,
        httpx2.AsyncClient(headers=KEY, timeout=60) as api,
    ):
        statuses = [(await api.get(f"{simulator.url}/v1/users/me")).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiver:
        yield receiver


async def test_webhooks_carry_the_login_and_what_was_before(receiver: WebhookReceiver) -> None:
    async with running_simulator("integrations.pipedrive.simulator", target=receiver.url) as simulator:
        company = Company(simulator)
        deal = await company.create("deal", title="Acme", stage_id=1)
        await company.update("deal", deal, stage_id=2)
        await receiver.has(2)

    (headers, _), created, changed = receiver.requests[0], *receiver.bodies
    assert headers["authorization"] == "Basic ZGVhbHdyaWdodDpsb2NhbC1waXBlZHJpdmUtc2VjcmV0"
    assert (created["meta"]["action"], created["previous"]) == ("create", None)
    assert (changed["meta"]["entity_id"], changed["data"]["id"]) == (str(deal), deal)
    assert changed["previous"]["stage_id"] == 1
    assert "title" not in changed["previous"]


async def test_a_webhook_is_tried_again_as_late_as_pipedrive_does(receiver: WebhookReceiver) -> None:
    receiver.answers = [500] * 4
    async with running_simulator("integrations.pipedrive.simulator", target=receiver.url) as simulator:
        await Company(simulator).create("deal", title="Acme")
        sent: list[Attempt] = []
        for attempts, passed in enumerate((0, 3, 33, 183), 1):
            await simulator.switch(clock_skew=passed)
            sent = await tried(simulator, attempts)
        lost = await lost_at_last(simulator)

    pauses = [(later.at - before.at).total_seconds() for before, later in pairwise(sent)]
    assert [before <= pause for before, pause in zip((3, 30, 150), pauses, strict=True)] == [True] * 3
    assert [one["meta"]["attempt"] for one in receiver.bodies] == [1, 2, 3, 4]
    assert len(lost) == 1


async def tried(simulator: RunningSimulator, times: int) -> list[Attempt]:
    """The attempts, once so many were made and answered: only then it is settled when the next one comes."""
    async with asyncio.timeout(60):
        while len(made := (await simulator.webhooks()).attempts) < times:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
    return made


async def lost_at_last(simulator: RunningSimulator) -> list[JsonValue]:
    """The events that are never sent again, once nothing waits any more."""
    async with asyncio.timeout(60):
        while (state := await simulator.webhooks()).waiting or not state.lost:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
    return state.lost


async def test_after_ten_failures_in_a_row_what_happens_is_never_told(receiver: WebhookReceiver) -> None:
    receiver.answers = [500] * 10
    async with running_simulator("integrations.pipedrive.simulator", target=receiver.url) as simulator:
        await simulator.switch(retry_after=3600)
        company = Company(simulator)
        for number in range(12):
            await company.create("deal", title=f"Deal {number}")
            await receiver.has(min(number + 1, 10))
        told = len((await simulator.webhooks()).attempts)
        subscription: Any = (await simulator.state())["subscriptions"]

    assert told == 10
    assert subscription[0]["banned_until"] is not None
