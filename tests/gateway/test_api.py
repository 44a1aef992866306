"""The HTTP API on deals that live: opened, told, commanded, read, found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from inspect import cleandoc
from pathlib import Path

import pytest
from temporalio.client import Client

from dealwright.client.deal_client import DealClient
from dealwright.commands import COMMANDS
from dealwright.entries import DealClosed
from dealwright.facts import FACTS
from gateway.api import create_app
from store import finished
from store.database import Store
from tests.gateway.conftest import OPTIONS, Api, served
from tests.store.databases import migrated
from tests.temporal_environment import QUIET, new_deal_id, running_worker, wait_until

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
async def living_store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(Path(tmp_path_factory.mktemp("living"))))
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def api(temporal: Client, living_store: Store) -> AsyncIterator[Api]:
    app = create_app(OPTIONS, DealClient(temporal), living_store)
    async with running_worker(temporal, living_store), served(app) as client:
        yield client


@pytest.fixture
async def deal_id(api: Api) -> str:
    deal_id = new_deal_id()
    answer = await api.post("/v1/deals", json={"deal": {"id": deal_id, "title": "50 seats"}, "playbook": QUIET})
    assert answer.status_code == 201
    return deal_id


async def test_a_new_deal_is_created_and_has_a_place(api: Api) -> None:
    deal_id = new_deal_id()
    answer = await api.post("/v1/deals", json={"deal": {"id": deal_id}, "playbook": QUIET})
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/deals/{deal_id}")
    assert (answer.json()["deal_id"], answer.json()["opened_now"]) == (deal_id, True)
    assert (await api.get(answer.headers["location"])).json()["deal_id"] == deal_id


async def test_the_same_deal_again_is_the_one_that_runs(api: Api, deal_id: str) -> None:
    answer = await api.post("/v1/deals", json={"deal": {"title": "50 seats", "id": deal_id}, "playbook": QUIET})
    assert (answer.status_code, answer.json()["opened_now"]) == (200, False)


async def test_another_deal_under_the_same_id_is_a_conflict(api: Api, deal_id: str) -> None:
    answer = await api.post("/v1/deals", json={"deal": {"id": deal_id, "title": "60 seats"}, "playbook": QUIET})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:dealwright:problem:deal-exists")


async def test_a_finished_deal_is_a_conflict_also_after_temporal_forgot_it(api: Api, living_store: Store) -> None:
    deal_id = new_deal_id()
    async with living_store.writing() as connection:
        end = DealClosed.model_validate({"at": "2026-01-01T00:00:00Z", "outcome": "lost", "reason": "price"})
        await finished.write(living_store, connection, deal_id, end)
    answer = await api.post("/v1/deals", json={"deal": {"id": deal_id}, "playbook": QUIET})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:dealwright:problem:deal-finished")


async def test_a_playbook_that_nobody_published_is_said_at_once(api: Api) -> None:
    answer = await api.post("/v1/deals", json={"deal": {"id": new_deal_id()}, "playbook": "b2b-sass"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:dealwright:problem:unknown-playbook")
    assert "dealwright playbook publish" in answer.json()["detail"]


async def test_a_deal_can_be_read_with_what_comes_next(api: Api, deal_id: str) -> None:
    snapshot = (await api.get(f"/v1/deals/{deal_id}")).json()
    assert (snapshot["title"], snapshot["stage"], snapshot["finished"]) == ("50 seats", "research", False)
    agenda = (await api.get(f"/v1/deals/{deal_id}/agenda")).json()
    assert agenda[0]["what"] == snapshot["next_action"]


async def test_a_deal_that_nobody_opened_is_not_found(api: Api) -> None:
    unknown = new_deal_id()
    for answer in (
        await api.get(f"/v1/deals/{unknown}"),
        await api.get(f"/v1/deals/{unknown}/agenda"),
        await api.post(f"/v1/deals/{unknown}/facts/demo_held", json={}),
        await api.post(f"/v1/deals/{unknown}/commands/resume", json={"by": "Ana"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:dealwright:problem:no-such-deal")


async def test_a_fact_is_accepted_and_moves_the_deal(api: Api, deal_id: str) -> None:
    fact = {"level": "sql", "score": 71, "id": "f1", "at": "2026-11-24T09:30:00+01:00"}
    answer = await api.post(f"/v1/deals/{deal_id}/facts/lead_qualified", json=fact)
    assert (answer.status_code, answer.json()) == (202, {"deal_id": deal_id, "fact": "lead_qualified", "id": "f1"})

    async def moved() -> bool:
        return bool((await api.get(f"/v1/deals/{deal_id}")).json()["stage"] == "outreach")

    await wait_until(moved)


async def test_a_fact_without_an_id_is_given_one(api: Api, deal_id: str) -> None:
    answer = await api.post(f"/v1/deals/{deal_id}/facts/next_step_agreed", json={})
    assert len(answer.json()["id"]) == 36


async def test_a_command_is_answered_with_its_verdict(api: Api, deal_id: str) -> None:
    answer = await api.post(f"/v1/deals/{deal_id}/commands/pause", json={"by": "Ana", "why": "holiday"})
    verdict = answer.json()
    assert (answer.status_code, verdict["accepted"], verdict["decided"]) == (200, True, True)
    refused = await api.post(
        f"/v1/deals/{deal_id}/commands/move_to_stage", json={"by": "Ana", "why": "x", "stage": "nowhere"}
    )
    assert (refused.status_code, refused.json()["accepted"]) == (200, False)


async def test_a_command_sent_again_under_its_key_is_carried_out_once(api: Api, deal_id: str) -> None:
    pausing = {"url": f"/v1/deals/{deal_id}/commands/pause", "json": {"by": "Ana", "why": "holiday"}}
    first, again = [await api.post(**pausing, headers={"Idempotency-Key": "p1"}) for _ in range(2)]  # type: ignore[arg-type] # a url and a body
    assert first.json() == again.json()
    assert first.json()["command_id"] == "p1"
    other = await api.post(**pausing)  # type: ignore[arg-type] # likewise
    assert other.json()["accepted"] is False


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("pause", {"by": "Ana", "why": "another reason"}),
        ("pause", {"by": "Ben", "why": "holiday"}),
        ("resume", {"by": "Ana"}),
        ("close", {"by": "Ana", "why": "holiday", "outcome": "lost"}),
    ],
)
async def test_a_key_that_was_used_for_something_else_is_refused_and_nothing_is_done(
    api: Api, deal_id: str, name: str, body: dict[str, str]
) -> None:
    key = {"Idempotency-Key": "p1"}
    pausing = {"by": "Ana", "why": "holiday"}
    first = await api.post(f"/v1/deals/{deal_id}/commands/pause", json=pausing, headers=key)
    other = await api.post(f"/v1/deals/{deal_id}/commands/{name}", json=body, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:dealwright:problem:idempotency-key-reused")
    assert (await api.get(f"/v1/deals/{deal_id}")).json()["paused"] is True
    again = await api.post(f"/v1/deals/{deal_id}/commands/pause", json=dict(reversed(pausing.items())), headers=key)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_key_is_a_deals_own(api: Api, deal_id: str) -> None:
    other = new_deal_id()
    await api.post("/v1/deals", json={"deal": {"id": other}, "playbook": QUIET})
    for one, why in ((deal_id, "holiday"), (other, "illness")):
        pausing = {"by": "Ana", "why": why}
        answer = await api.post(f"/v1/deals/{one}/commands/pause", json=pausing, headers={"Idempotency-Key": "p1"})
        assert (answer.status_code, answer.json()["accepted"]) == (200, True)


async def test_a_command_to_a_finished_deal_is_a_conflict(api: Api, deal_id: str) -> None:
    closing = {"by": "Ana", "why": "test", "outcome": "lost"}
    assert (await api.post(f"/v1/deals/{deal_id}/commands/close", json=closing)).status_code == 200

    async def over() -> bool:
        answer = await api.post(f"/v1/deals/{deal_id}/commands/resume", json={"by": "Ana"})
        return answer.status_code == 409

    await wait_until(over)
    assert (await api.post(f"/v1/deals/{deal_id}/facts/demo_held", json={})).status_code == 409
    assert (await api.get(f"/v1/deals/{deal_id}")).json()["outcome"] == "lost"


async def test_deals_are_listed_by_stage_in_pages(api: Api) -> None:
    ids = [new_deal_id("listed") for _ in range(3)]
    for deal_id in ids:
        await api.post("/v1/deals", json={"deal": {"id": deal_id}, "playbook": QUIET})
        moving = {"by": "Ana", "why": "test", "stage": "presentation"}
        await api.post(f"/v1/deals/{deal_id}/commands/move_to_stage", json=moving)

    async def listed() -> bool:
        return set(ids) <= set(await pages_of(api, stage="presentation"))

    await wait_until(listed)
    everything = await pages_of(api, stage="presentation")
    assert len(everything) == len(set(everything))


async def pages_of(api: Api, **params: str) -> list[str]:
    found, page = list[str](), None
    while page != "":
        answer = (
            await api.get("/v1/deals", params={**params, "limit": "2", **({"page": page} if page else {})})
        ).json()
        found += [deal["deal_id"] for deal in answer["deals"]]
        page = answer["next_page"] or ""
    return found


@pytest.mark.parametrize("page", ["nonsense", "%%%", "AAAA", "e30="])
async def test_a_page_that_is_none_is_said_to_be_so(api: Api, page: str) -> None:
    answer = await api.get("/v1/deals", params={"page": page})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_a_page_of_another_list_is_no_page_of_this_one(api: Api) -> None:
    await asyncio.gather(
        *(api.post("/v1/deals", json={"deal": {"id": new_deal_id()}, "playbook": QUIET}) for _ in range(3))
    )

    async def more() -> bool:
        return (await api.get("/v1/deals", params={"limit": "1"})).json()["next_page"] is not None

    await wait_until(more)
    page = (await api.get("/v1/deals", params={"limit": "1"})).json()["next_page"]
    assert (await api.get("/v1/deals", params={"limit": "1", "page": page})).status_code == 200
    assert (await api.get("/v1/deals", params={"limit": "1", "page": page, "status": "any"})).status_code == 422


async def test_a_question_that_the_list_does_not_know_is_refused(api: Api) -> None:
    answer = await api.get("/v1/deals", params={"stge": "research"})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "stge")


async def test_with_temporal_and_the_database_there_it_is_ready(api: Api) -> None:
    assert (await api.get("/readyz")).json() == {"status": "ok"}


async def test_every_fact_and_command_is_described_with_its_own_fields(api: Api) -> None:
    description = (await api.get("/openapi.json")).json()
    paths = description["paths"]
    for kind, names in (("facts", FACTS), ("commands", COMMANDS)):
        for name, model in names.items():
            operation = paths[f"/v1/deals/{{deal_id}}/{kind}/{name}"]["post"]
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            schema = description["components"]["schemas"][reference.rpartition("/")[2]]
            assert set(schema["properties"]) == set(model.model_fields)
            assert operation["description"] == cleandoc(model.__doc__ or "")


async def test_many_callers_at_once_open_many_deals(api: Api) -> None:
    ids = [new_deal_id() for _ in range(20)]
    answers = await asyncio.gather(
        *(api.post("/v1/deals", json={"deal": {"id": deal_id}, "playbook": QUIET}) for deal_id in ids * 2)
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 20 + [201] * 20
