"""Webhooks over HTTP: what is kept, what is answered, and what a refused request leaves behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from dealwright.client.deal_client import DealClient
from store import intake
from store.database import Store
from store.intake import IntakeRow, IntakeState
from tests.gateway.conftest import PUBLIC_URL, Api, StartGateway
from tests.gateway.fake_deals import FakeDealClient
from tests.gateway.signed_requests import (
    HUBSPOT_SECRET,
    as_body,
    created,
    hubspot_event,
    hubspot_headers,
    standard_headers,
)

URL = f"{PUBLIC_URL}/webhooks/hubspot"


@pytest.fixture
async def gateway(start_gateway: StartGateway, away: DealClient) -> Api:
    """The gateway of this test's store, with Temporal away, so that what is kept stays waiting."""
    gateway = await start_gateway(away)
    gateway.headers.pop("X-API-Key")
    return gateway


async def from_hubspot(gateway: Api, *events: object, query: str = "", **headers: str) -> httpx2.Response:
    body = as_body(list(events))
    signed = hubspot_headers(f"{URL}{query}", body)
    return await gateway.post(f"/webhooks/hubspot{query}", content=body, headers=signed | headers)


async def only_row(store: Store) -> IntakeRow:
    (row,) = await intake.recent(store)
    return row


async def test_signed_events_are_kept_before_the_answer(gateway: Api, store: Store) -> None:
    answer = await from_hubspot(gateway, created(1), hubspot_event(2), hubspot_event(3))
    assert (answer.status_code, answer.json()) == (202, {"events": 3, "new": 3})
    assert [row.fact for row in await intake.recent(store)] == ["crm_stage_moved", "crm_stage_moved", "open_deal"]


async def test_an_event_that_comes_again_is_kept_once(gateway: Api, store: Store) -> None:
    await from_hubspot(gateway, hubspot_event(1))
    answer = await from_hubspot(gateway, hubspot_event(1, attemptNumber=1), hubspot_event(2))
    assert answer.json() == {"events": 2, "new": 1}
    assert len(await intake.recent(store)) == 2


async def test_the_query_is_part_of_the_url_that_is_signed(gateway: Api) -> None:
    assert (await from_hubspot(gateway, created(), query="?team=a%20b&x=%C3%BC")).status_code == 202


async def test_a_standard_webhook_is_kept_with_its_deal(gateway: Api, store: Store) -> None:
    body = as_body({"type": "demo_held", "timestamp": "2026-11-24T10:00:00Z", "data": {"deal_id": "acme"}})
    answer = await gateway.post("/webhooks/standard", content=body, headers=standard_headers("m1", body))
    assert answer.status_code == 202
    row = await only_row(store)
    assert (row.source, row.event_id, row.deal_ref, row.fact) == ("standard", "m1", "acme", "demo_held")


async def test_a_skipped_event_is_kept_too(gateway: Api, store: Store) -> None:
    await from_hubspot(gateway, hubspot_event(1, changeSource="INTEGRATION"))
    assert (await only_row(store)).state is IntakeState.SKIPPED


BODY = as_body([hubspot_event(1)])
Signed = Callable[[], dict[str, str]]


def signed(url: str = URL, *, minutes: float = 0, secret: str = HUBSPOT_SECRET) -> Signed:
    return lambda: hubspot_headers(url, BODY, at=time.time() + minutes * 60, secret=secret)


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (BODY.replace(b"9001", b"9002"), signed(), "does not match"),
        (json.dumps(json.loads(BODY)).encode(), signed(), "does not match"),
        (BODY, signed("https://other.example.com/webhooks/hubspot"), "public URL"),
        (BODY, signed(URL.replace("https", "http")), "public URL"),
        (BODY, signed(secret="another"), "another secret"),
        (BODY, signed(minutes=-6), "in the past"),
        (BODY, signed(minutes=60), "in the future"),
        (BODY, dict, "X-HubSpot-Signature-v3 is missing"),
        (BODY, lambda: {"X-HubSpot-Signature-v3": "x"}, "X-HubSpot-Request-Timestamp is missing"),
        (b"", dict, "is missing"),
    ],
    ids=["flipped byte", "written otherwise", "wrong host", "wrong scheme", "wrong secret", "stale", "future",
         "no signature", "no timestamp", "nothing"],
)  # fmt: skip
async def test_a_request_that_proves_nothing_is_refused_and_leaves_a_trace(
    gateway: Api, store: Store, body: bytes, headers: Signed, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await gateway.post("/webhooks/hubspot", content=body, headers=headers())
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    row = await only_row(store)
    assert row.state is IntakeState.REFUSED
    assert row.last_error is not None
    assert reason in row.last_error
    assert row.payload["excerpt"] == body.decode()[:500]
    assert reason in caplog.text


async def test_what_was_refused_is_never_passed_on(gateway: Api, store: Store) -> None:
    await gateway.post("/webhooks/hubspot", content=BODY)
    assert await intake.due(store, 10, datetime.now(UTC) + timedelta(days=1)) == []


async def test_a_flood_of_refused_requests_does_not_fill_the_database(gateway: Api, store: Store) -> None:
    for _ in range(80):
        assert (await gateway.post("/webhooks/hubspot", content=b"x" * 2_000)).status_code == 401
    rows = await intake.recent(store, limit=500)
    assert 60 <= len(rows) <= 120  # at most 60 in each of the one or two minutes that this took
    assert all(len(str(row.payload)) < 1_000 for row in rows)
    assert (await from_hubspot(gateway, hubspot_event(1))).status_code == 202


async def test_a_signed_body_that_is_no_event_is_refused_and_leaves_a_trace(gateway: Api, store: Store) -> None:
    headers = hubspot_headers(URL, b"not json")
    answer = await gateway.post("/webhooks/hubspot", content=b"not json", headers=headers)
    assert answer.status_code == 422
    assert (await only_row(store)).last_error == "the body is no JSON"


async def test_a_source_without_a_secret_takes_nothing_and_leaves_a_trace(
    start_gateway: StartGateway, away: DealClient, store: Store
) -> None:
    gateway = await start_gateway(away, webhook_secrets={})
    assert (await from_hubspot(gateway, created())).status_code == 401
    assert (await only_row(store)).last_error == "no secret is configured for this source"


async def test_either_of_two_secrets_opens_while_one_replaces_the_other(
    start_gateway: StartGateway, away: DealClient
) -> None:
    gateway = await start_gateway(away, webhook_secrets={"hubspot": ("the-next-secret-of-it", HUBSPOT_SECRET)})
    assert (await from_hubspot(gateway, created())).status_code == 202
    body = as_body([created(2)])
    headers = hubspot_headers(URL, body, secret="the-next-secret-of-it")
    assert (await gateway.post("/webhooks/hubspot", content=body, headers=headers)).status_code == 202


async def test_a_source_that_nobody_knows_is_not_found(gateway: Api, store: Store) -> None:
    answer = await gateway.post("/webhooks/hubspott", content=b"[]")
    assert (answer.status_code, " hubspot, " in answer.json()["detail"]) == (404, True)
    assert await intake.recent(store) == []


async def test_a_link_leads_to_a_deal_that_is_there(start_gateway: StartGateway) -> None:
    deals = await FakeDealClient.make()
    deals.there = {"acme-2026"}
    gateway = await start_gateway(deals)
    assert (await gateway.put("/v1/links/hubspot/deal:1", json={"deal_id": "acme-2026"})).status_code == 200
    answer = await gateway.put("/v1/links/hubspot/deal:1", json={"deal_id": "acme-2027"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:dealwright:problem:no-such-deal")


async def test_an_object_is_linked_only_for_a_source_that_has_some(
    start_gateway: StartGateway, away: DealClient
) -> None:
    gateway = await start_gateway(away)
    deal = {"deal_id": "acme-2026"}
    assert (await gateway.put("/v1/links/hubspot/deal:1", json=deal)).json() == {"waiting_again": 0}
    unknown = await gateway.put("/v1/links/hubspott/deal:1", json=deal)
    assert (unknown.status_code, " hubspot, " in unknown.json()["detail"]) == (404, True)
    by_id = await gateway.put("/v1/links/standard/deal:1", json=deal)
    assert (by_id.status_code, by_id.json()["title"]) == (422, "This source has nothing to link")


async def test_a_hundred_events_at_once_are_taken_in_time(gateway: Api) -> None:
    answer = await from_hubspot(gateway, *(hubspot_event(n) for n in range(100)))
    assert answer.json() == {"events": 100, "new": 100}
    assert answer.elapsed < timedelta(seconds=5)


async def test_the_intake_shows_what_came_and_why_it_was_refused(start_gateway: StartGateway, away: DealClient) -> None:
    gateway = await start_gateway(away)
    await from_hubspot(gateway, created(1), hubspot_event(2, changeSource="INTEGRATION"))
    await gateway.post("/webhooks/standard", content=b"{}")
    shown = (await gateway.get("/v1/intake", params={"state": "refused"})).json()
    assert [(event["source"], event["last_error"]) for event in shown["events"]] == [
        ("standard", "the header webhook-id is missing")
    ]
    assert shown["counts"] == {"waiting": 1, "skipped": 1, "refused": 1}
    of_hubspot = (await gateway.get("/v1/intake", params={"source": "hubspot", "limit": 1})).json()
    assert [event["state"] for event in of_hubspot["events"]] == ["skipped"]


async def test_counts_are_of_the_source_that_was_asked_for(start_gateway: StartGateway, away: DealClient) -> None:
    gateway = await start_gateway(away)
    for source in ("hubspot", "standard", "standard"):
        await gateway.post(f"/webhooks/{source}", content=b"{}")
    for source, count in (("hubspot", 1), ("standard", 2)):
        answer = (await gateway.get("/v1/intake", params={"source": source})).json()
        assert (answer["counts"], len(answer["events"])) == ({"refused": count}, count)
    assert (await gateway.get("/v1/intake")).json()["counts"] == {"refused": 3}


async def test_what_a_refused_request_brought_is_in_no_log(
    start_gateway: StartGateway, away: DealClient, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = await start_gateway(away)
    caplog.set_level("INFO")
    await gateway.post("/webhooks/hubspot?who=ana@buyer.example", content=b'{"who": "ana@buyer.example"}')
    body = as_body({"type": "contacts_learned", "data": {"deal_id": "d", "contacts": [{"email": "ana@buyer.example"}]}})
    await gateway.post("/webhooks/standard", content=body, headers=standard_headers("m1", body))
    told = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    assert [line for line in told if "refused" in line]
    assert not [line for line in told if "ana@" in line]


async def test_another_event_under_an_id_that_was_used_is_taken_and_refused_beside_the_first(
    start_gateway: StartGateway, away: DealClient
) -> None:
    gateway = await start_gateway(away)

    async def send(text: str) -> httpx2.Response:
        body = as_body({"type": "note_added", "data": {"deal_id": "d", "text": text}})
        return await gateway.post("/webhooks/standard", content=body, headers=standard_headers("m1", body))

    answers = [await send(text) for text in ("one", "one", "other", "other", "one")]
    assert [(answer.status_code, answer.json().get("refused")) for answer in answers] == [
        (202, None), (202, None), (202, 1), (202, 1), (202, None),
    ]  # fmt: skip
    refused, first = (await gateway.get("/v1/intake")).json()["events"]
    assert (first["payload"]["text"], first["state"]) == ("one", "waiting")
    assert (refused["payload"]["text"], refused["state"]) == ("other", "refused")
    assert "'m1' came before" in refused["last_error"]


async def test_a_signed_list_with_one_id_is_kept_whole(start_gateway: StartGateway, away: DealClient) -> None:
    gateway = await start_gateway(away)
    body = as_body([{"type": "note_added", "data": {"deal_id": "d", "text": "x"}} for _ in range(5)])
    for new in (5, 0):
        answer = await gateway.post("/webhooks/standard", content=body, headers=standard_headers("m1", body))
        assert (answer.status_code, answer.json()) == (202, {"events": 5, "new": new})


async def test_the_intake_shows_large_payloads_in_part_so_that_no_answer_is_large(
    start_gateway: StartGateway, away: DealClient
) -> None:
    gateway = await start_gateway(away)
    for number, size in enumerate([15_000] * 30 + [16_000] + [10]):
        body = as_body(
            {"type": "unknown" if size > 15_000 else "note_added", "data": {"deal_id": "d", "text": "x" * size}}
        )
        await gateway.post("/webhooks/standard", content=body, headers=standard_headers(f"m{number}", body))
    answer = await gateway.get("/v1/intake", params={"limit": 500})
    payloads = [event["payload"] for event in answer.json()["events"]]
    assert len(answer.content) < 400 * 1024
    assert (len(payloads), payloads[0]["text"]) == (32, "x" * 10)
    assert payloads[-1].keys() == {"excerpt", "bytes"}
