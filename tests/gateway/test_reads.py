"""Everything that the command line reads, read over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dealwright.client.deal_client import DealClient
from dealwright.client.listing import FoundDeal, FoundDeals
from dealwright.deal import Deal, Person
from dealwright.entries import ApprovalRequested, DealOpened, Entry, TaskOpened
from playbooks import shipped
from store import api_keys, bundles, journal, suppression
from store.api_keys import NewKey
from store.database import Store
from tests.gateway.conftest import StartGateway
from tests.gateway.fake_deals import FakeDealClient
from tests.store.samples import NOW, entered, fact

ASKED = datetime.now(UTC) - timedelta(hours=2)
BEN, MAX = "ben@us.example", "max@us.example"
DEAL = Deal(id="acme", title="50 seats", owners={"sdr": Person(name="Ben Ray", email=BEN)})


async def write(store: Store, entries: Sequence[Entry], deal_id: str = "acme") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, "r1")


async def with_work(store: Store) -> None:
    opened = DealOpened(at=ASKED, number=1, deal=DEAL, playbook="b2b-saas", bundle="x")
    task = TaskOpened(
        at=ASKED, number=2, task="t1", title="Call Ana", name="call", role="sdr", due_at=ASKED + timedelta(days=1),
        given_to=BEN,
    )  # fmt: skip
    approval = ApprovalRequested(
        at=ASKED, number=3, approval="a1", name="discount", terms={"amount": "48000.00"}, currencies={"amount": "EUR"},
        chain=("sales_manager",), answer_by=ASKED, given_to=MAX,
    )  # fmt: skip
    await write(store, [opened, task, approval])


async def key_of(store: Store, **about: object) -> dict[str, str]:
    wanted = NewKey.model_validate({"name": "a-key", "scopes": ["read"], **about})
    return {"X-API-Key": (await api_keys.create(store, wanted, by="the test", now=datetime.now(UTC))).key}


async def test_a_person_reads_what_is_asked_of_them(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    await with_work(store)
    api, headers = await start_gateway(away), await key_of(store, acts_for="Ben@us.example")
    answer = (await api.get("/v1/work", headers=headers)).json()
    assert answer["person"] == "Ben@us.example"
    (task,) = answer["work"]
    assert (task["id"], task["deal_title"], task["link"], task["answer"]) == (
        "t1", "50 seats", "/v1/deals/acme", {"command": "complete_task", "fields": {"task": "t1"}},
    )  # fmt: skip
    assert task["age_seconds"] >= 7200
    other = (await api.get("/v1/work", params={"person": MAX}, headers=headers)).json()["work"]
    assert [(one["id"], one["currencies"], one["overdue"]) for one in other] == [("a1", {"amount": "EUR"}, True)]


async def test_a_service_reads_everybodys_work_in_pages(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    await with_work(store)
    api = await start_gateway(away)
    first = (await api.get("/v1/work", params={"limit": 1})).json()
    rest = (await api.get("/v1/work", params={"limit": 1, "offset": first["next_offset"]})).json()
    assert [one["id"] for one in (*first["work"], *rest["work"])] == ["a1", "t1"]
    assert rest["next_offset"] is None


async def test_a_deals_story_is_read_line_by_line_in_pages(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    await write(store, [fact(number, "demo_held") for number in range(1, 6)])
    api, path = await start_gateway(away), "/v1/deals/acme/story"
    first = (await api.get(path, params={"limit": 3})).json()
    rest = (await api.get(path, params={"limit": 3, "after": first["next_after"]})).json()
    assert [line["number"] for line in (*first["lines"], *rest["lines"])] == [1, 2, 3, 4, 5]
    assert rest["next_after"] is None
    assert first["lines"][0]["sentence"]


async def test_a_deal_that_nobody_opened_has_no_story(start_gateway: StartGateway) -> None:
    deals = await FakeDealClient.make()
    deals.there = ("new",)
    api = await start_gateway(deals)
    assert (await api.get("/v1/deals/nobodys/story")).status_code == 404
    assert (await api.get("/v1/deals/new/story")).json() == {"lines": [], "next_after": None}


async def test_playbooks_are_listed_and_read(start_gateway: StartGateway, store: Store, away: DealClient) -> None:
    await bundles.publish_new(store, shipped())
    api = await start_gateway(away)
    listed = (await api.get("/v1/playbooks")).json()["playbooks"]
    assert sorted(one["name"] for one in listed) == sorted(shipped())
    read = (await api.get("/v1/playbooks/b2b-saas")).json()
    assert {"research", "proposal"} <= set(read["stages"])
    assert "sales_manager" in read["roles"]
    assert read["approvals"] == ["discount"]
    assert "demo-reminder" in read["templates"]
    assert read["text"].lstrip().startswith(("#", "playbook"))
    missing = await api.get("/v1/playbooks/b2b-sass")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:dealwright:problem:no-such-playbook")


async def test_the_versions_of_a_playbook_are_listed_and_compared(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    files = shipped()["five-steps"]
    changed = {**files, "playbook.yaml": files["playbook.yaml"].replace("after: 2bd", "after: 3bd")}
    old = await bundles.publish(store, "five-steps", files, by="ana")
    new = await bundles.publish(store, "five-steps", changed, by="ben")
    opened = DealOpened(at=NOW, number=1, deal=DEAL, playbook="five-steps", bundle=old)
    await write(store, [opened])
    api = await start_gateway(away)

    versions = (await api.get("/v1/playbooks/five-steps/versions")).json()["versions"]
    told = [(one["version"], one["bundle"], one["published_by"], one["open_deals"]) for one in versions]
    assert told == [(1, old, "ana", 1), (2, new, "ben", 0)]
    latest = (await api.get("/v1/playbooks/five-steps/differences")).json()
    back = (await api.get("/v1/playbooks/five-steps/differences", params={"from": new[:8], "to": old})).json()
    assert (latest["before"], latest["after"]) == (old, new)
    assert latest["differences"][0]["text"] == "play five-steps: its first call comes after 3bd instead of 2bd"
    assert [(one["before"], one["after"]) for one in back["differences"]] == [("3bd", "2bd")]
    for path in ("nobodys/versions", "five-steps/differences?from=ffffff"):
        assert (await api.get(f"/v1/playbooks/{path}")).status_code == 404


async def test_an_address_is_looked_up_and_taken_off_by_who_may(
    start_gateway: StartGateway, store: Store, away: DealClient
) -> None:
    await suppression.suppress(store, "Ana@acme.example", "unsubscribed", NOW)
    api, reader = await start_gateway(away), await key_of(store)
    listed = (await api.get("/v1/suppression", headers=reader)).json()["listed"]
    assert [(one["address"], one["bounced"]) for one in listed] == [("ana@acme.example", False)]
    wanted = {"address": "ANA@acme.example", "why": "she asked for it"}
    path = "/v1/suppression/removals"
    assert (await api.post(path, json=wanted, headers=reader)).status_code == 403
    taken = await api.post(path, json=wanted)
    assert (taken.status_code, taken.json()["address"]) == (201, "ana@acme.example")
    assert (await api.post(path, json=wanted)).status_code == 404
    one = (await api.get("/v1/suppression", params={"address": "ana@acme.example"})).json()
    assert one["listed"] == []
    assert [(each["by"], each["why"]) for each in one["removals"]] == [
        ("service:local-development", "she asked for it")
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/work?limit=0",
        "/v1/work?person=%00",
        "/v1/work?offset=-1",
        "/v1/deals/acme/story?after=x",
        "/v1/audit?limit=999",
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused(
    start_gateway: StartGateway, away: DealClient, path: str
) -> None:
    api = await start_gateway(away)
    assert (await api.get(path)).status_code == 422


async def test_a_list_of_deals_says_who_has_each_and_what_comes_next(
    start_gateway: StartGateway, store: Store, away: DealClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_work(store)
    await write(store, [entered(4)])
    found = FoundDeals(deals=(FoundDeal(deal_id="acme", stage="outreach"), FoundDeal(deal_id="new", stage="outreach")))

    async def listed(*_: object, **__: object) -> FoundDeals:
        return found

    monkeypatch.setattr(away, "find", listed)
    api = await start_gateway(away)
    acme, new = (await api.get("/v1/deals")).json()["deals"]
    assert (acme["owner"], acme["next_action"]) == ("Ben Ray", "Answer is due: discount")
    assert datetime.fromisoformat(acme["next_at"]) == ASKED
    assert (new["stage"], new["owner"], new["next_action"], new["next_at"]) == ("outreach", None, None, None)
