"""HubSpot as the CRM: what stands in the account after each effect, and after the same effect once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from dealwright.deal import Account as BuyerAccount
from dealwright.deal import Contact, Deal, Money, Person
from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, RequestApproval, UpdateCrm
from integrations.hubspot.client import HubSpotClient, HubSpotObject
from integrations.hubspot.crm import HubSpotCrm
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from store import links
from store.database import Store
from tests.integrations.hubspot.account import ANA, SAM, Account
from tests.store.databases import migrated

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
ANA_REYES = Person(name="Ana Reyes", email=ANA[0])
ADA = Contact(id="ada", name="Ada Berg", email="ada@buyer.example", role="CFO", phone="+49 30 1")


@pytest.fixture
def deal_id() -> str:
    return f"deal-{uuid4().hex[:12]}"


def effect_id() -> str:
    return f"deal-{uuid4().hex[:12]}/call lead/1/1/1"


def update(deal_id: str, **about: object) -> UpdateCrm:
    given = {"id": effect_id(), "at": NOW, "summary": "Update the record", "stage": "discovery", "title": deal_id}
    return UpdateCrm.model_validate({**given, **about})


def task(**about: object) -> CreateTask:
    name = effect_id()
    given = {
        "id": name, "at": NOW, "summary": "Ask for something", "task": name, "role": "ae", "title": "Call Ada",
        "due_at": NOW + timedelta(days=1), "owner": ANA_REYES, "detail": "She asked\n<b>why</b>",
    }  # fmt: skip
    return CreateTask.model_validate({**given, **about})


async def deliver(delivery: Delivery) -> str | None:
    assert delivery.idempotency is Idempotency.VENDOR
    reference = await delivery.send()
    if delivery.arrived is not None:
        await delivery.arrived(reference)
    return reference


async def test_a_deal_that_hubspot_does_not_have_is_opened_there_and_linked(
    crm: HubSpotCrm, account: Account, deal_id: str, store: Store
) -> None:
    about = {
        "amount": Money(amount=Decimal("1.2E4"), currency="EUR"), "owner_role": "ae", "owners": {"ae": ANA_REYES},
        "close_on": date(2026, 12, 31), "title": "Acme",
    }  # fmt: skip

    reference = await deliver(await crm.update_deal(deal_id, update(deal_id, **about)))

    made = await account.the("deals", dealwright_key=deal_id)
    assert made["properties"].items() >= {
        "dealname": "Acme", "dealstage": "qualifiedtobuy", "pipeline": "default", "amount": "12000",
        "hubspot_owner_id": ANA[1], "closedate": "2026-12-31T12:00:00.000Z",
    }.items()  # fmt: skip
    assert reference == f"deal:{made['id']}"
    assert await links.deal_of(store, "hubspot", reference) == deal_id


async def test_only_the_parts_that_changed_are_written(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    await deliver(await crm.update_deal(deal_id, update(deal_id, title="Acme")))
    made = await account.the("deals", dealwright_key=deal_id)
    await account.update("deals", made["id"], dealname="As a person calls it")

    await deliver(await crm.update_deal(deal_id, update(deal_id, parts=("stage",), stage="proposal", title="Acme")))

    now = await account.the("deals", dealwright_key=deal_id)
    assert now["properties"]["dealname"] == "As a person calls it"
    assert now["properties"]["dealstage"] == "decisionmakerboughtin"


async def test_what_is_known_no_longer_is_emptied(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    await deliver(await crm.update_deal(deal_id, update(deal_id, amount=Money(amount=Decimal(5), currency="EUR"))))
    await deliver(await crm.update_deal(deal_id, update(deal_id, parts=("amount",))))

    assert "amount" not in (await account.the("deals", dealwright_key=deal_id))["properties"]


@pytest.mark.parametrize(("outcome", "stage"), [("won", "closedwon"), ("lost", "closedlost")])
async def test_a_deal_that_ended_is_closed(
    crm: HubSpotCrm, account: Account, deal_id: str, outcome: str, stage: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update(deal_id)))
    await deliver(await crm.update_deal(deal_id, update(deal_id, parts=("outcome",), outcome=outcome, reason="Price")))

    closed = await account.the("deals", dealwright_key=deal_id)
    assert closed["properties"]["dealstage"] == stage
    assert closed["properties"].get("closed_lost_reason") == ("Price" if outcome == "lost" else None)


async def test_an_update_that_comes_late_overwrites_no_later_one(
    crm: HubSpotCrm, account: Account, deal_id: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update(deal_id)))
    late = await crm.update_deal(deal_id, update(deal_id, parts=("stage",), stage="presentation"))
    later = update(deal_id, parts=("stage",), stage="proposal", at=NOW + timedelta(hours=1))
    await deliver(await crm.update_deal(deal_id, later))

    await deliver(late)

    stage = (await account.the("deals", dealwright_key=deal_id))["properties"]["dealstage"]
    assert stage == "decisionmakerboughtin"


async def test_of_two_updates_that_cross_the_later_one_stands_in_the_end(
    crm: HubSpotCrm, account: Account, deal_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await deliver(await crm.update_deal(deal_id, update(deal_id)))
    older = await crm.update_deal(deal_id, update(deal_id, parts=("stage",), stage="presentation"))
    newer = update(deal_id, parts=("stage",), stage="proposal", at=NOW + timedelta(hours=1))
    put = HubSpotClient.update

    async def late(self: HubSpotClient, *given: Any) -> HubSpotObject:
        monkeypatch.setattr(HubSpotClient, "update", put)
        await deliver(await crm.update_deal(deal_id, newer))  # between the older one's look and its writing
        return await put(self, *given)

    monkeypatch.setattr(HubSpotClient, "update", late)
    await deliver(older)

    stage = (await account.the("deals", dealwright_key=deal_id))["properties"]["dealstage"]
    assert stage == "decisionmakerboughtin"


async def test_a_stage_without_a_counterpart_is_refused_with_what_to_do(crm: HubSpotCrm, deal_id: str) -> None:
    delivery = await crm.update_deal(deal_id, update(deal_id, stage="legal_review"))

    with pytest.raises(Refused, match=r"legal_review.*add it to stages"):
        await delivery.send()


async def test_a_stage_that_hubspot_need_not_show_leaves_the_deal_where_it_is(
    crm: HubSpotCrm, account: Account, deal_id: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update(deal_id)))
    await deliver(await crm.update_deal(deal_id, update(deal_id, parts=("stage",), stage="nurture")))

    assert (await account.the("deals", dealwright_key=deal_id))["properties"]["dealstage"] == "qualifiedtobuy"


async def test_the_account_becomes_a_company_on_the_deal_once(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    acme = BuyerAccount(id=f"acme-{deal_id}", name="Acme", domain=f"{deal_id}.example")
    effect = update(deal_id, account=acme)

    await deliver(await crm.update_deal(deal_id, effect))
    await deliver(await crm.update_deal(deal_id, effect))

    company = await account.the("companies", dealwright_key=acme.id)
    assert company["properties"].items() >= {"name": "Acme", "domain": f"{deal_id}.example"}.items()
    deal = await account.the("deals", dealwright_key=deal_id)
    assert await account.associated("deals", deal["id"], "companies") == [company["id"]]


async def test_a_company_that_is_there_with_the_accounts_domain_is_taken(
    crm: HubSpotCrm, account: Account, deal_id: str
) -> None:
    there = await account.create("companies", name="Acme Inc.", domain=f"{deal_id}.example")
    await account.simulator.switch(search_lag=0)  # it has been there for some time
    acme = BuyerAccount(id=f"acme-{deal_id}", domain=f"{deal_id}.example")

    await deliver(await crm.update_deal(deal_id, update(deal_id, account=acme)))

    company = await account.the("companies", dealwright_key=acme.id)
    assert (company["id"], company["properties"]["name"]) == (there, "Acme Inc.")


async def test_contacts_are_written_by_their_address_and_put_on_the_deal(
    crm: HubSpotCrm, account: Account, deal_id: str, store: Store
) -> None:
    there = await account.create("contacts", email="ada@buyer.example", lastname="Byron", lifecyclestage="lead")
    nameless = Contact(id="tom", name="Tom Lee")

    await deliver(await crm.update_deal(deal_id, update(deal_id, parts=("contacts",), contacts=(ADA, nameless))))

    deal = await account.the("deals", dealwright_key=deal_id)
    ada = await account.the("contacts", email="ada@buyer.example")
    tom = await account.the("contacts", dealwright_key=f"{deal_id}/tom")
    assert ada["id"] == there
    assert ada["properties"].items() >= {"lastname": "Berg", "jobtitle": "CFO", "lifecyclestage": "lead"}.items()
    assert set(await account.associated("deals", deal["id"], "contacts")) == {there, tom["id"]}
    assert await links.deal_of(store, "hubspot", f"contact:{there}") == deal_id
    await account.simulator.change(do="delete", type="contacts", id=there)


async def test_a_task_is_on_its_owners_list_and_on_the_deal(
    crm: HubSpotCrm, account: Account, deal_id: str, store: Store
) -> None:
    effect = task()

    reference = await deliver(await crm.create_task(deal_id, effect))

    made = await account.the("tasks", dealwright_key=f"task:{effect.task}")
    assert made["properties"].items() >= {
        "hs_task_subject": "Call Ada", "hubspot_owner_id": ANA[1], "hs_task_status": "NOT_STARTED",
        "hs_timestamp": "2026-11-27T09:00:00.000Z", "hs_task_body": "She asked<br>&lt;b&gt;why&lt;/b&gt;",
    }.items()  # fmt: skip
    deal = await account.the("deals", dealwright_key=deal_id)
    assert await account.associated("tasks", made["id"], "deals") == [deal["id"]]
    assert reference == f"task:{made['id']}"
    assert await links.deal_of(store, "hubspot", reference) == deal_id


async def test_a_task_for_somebody_who_is_no_user_says_for_whom_it_is(
    crm: HubSpotCrm, account: Account, deal_id: str
) -> None:
    effect = task(owner=Person(name="Max Stranger", email="max@elsewhere.example"))

    await deliver(await crm.create_task(deal_id, effect))

    made = await account.the("tasks", dealwright_key=f"task:{effect.task}")
    assert "hubspot_owner_id" not in made["properties"]
    assert made["properties"]["hs_task_body"].startswith("For Max Stranger.")


async def test_a_task_is_closed_once_and_says_why(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    effect = task()
    await deliver(await crm.create_task(deal_id, effect))
    close = CloseTask(id=effect_id(), at=NOW, summary="Close", task=effect.task, how="cancelled", reason="deal lost")

    for _ in range(2):
        await deliver(await crm.close_task(deal_id, close, NOW))

    closed = await account.the("tasks", dealwright_key=f"task:{effect.task}")
    assert closed["properties"]["hs_task_status"] == "COMPLETED"
    assert closed["properties"]["hs_task_body"].count("No longer wanted: deal lost") == 1


async def test_closing_a_task_that_was_never_there_changes_nothing(crm: HubSpotCrm, deal_id: str) -> None:
    close = CloseTask(id=effect_id(), at=NOW, summary="Close", task="never-there", how="done", reason="done")

    assert await deliver(await crm.close_task(deal_id, close, NOW)) is None


async def test_a_task_that_is_closed_before_it_is_there_does_not_stay_open(
    crm: HubSpotCrm, account: Account, deal_id: str
) -> None:
    effect = task()
    close = CloseTask(id=effect_id(), at=NOW, summary="Close", task=effect.task, how="cancelled", reason="deal lost")

    await deliver(await crm.close_task(deal_id, close, NOW))
    await deliver(await crm.create_task(deal_id, effect))

    made = await account.the("tasks", dealwright_key=f"task:{effect.task}")
    assert made["properties"]["hs_task_status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("what", "kind", "wanted"),
    [
        ("email", "emails", {"hs_email_subject": "Prices", "hs_email_direction": "EMAIL", "hs_email_text": "Dear Ada"}),
        ("call", "calls", {"hs_call_title": "Prices", "hs_call_status": "NO_ANSWER", "hs_call_direction": "OUTBOUND"}),
        ("meeting", "meetings", {"hs_meeting_title": "Prices"}),
        ("note", "notes", {"hs_note_body": "Prices<br>Dear Ada"}),
    ],
)
async def test_an_activity_is_logged_on_the_deal(
    crm: HubSpotCrm, account: Account, deal_id: str, what: str, kind: str, wanted: dict[str, str]
) -> None:
    effect = LogActivity(
        id=effect_id(), at=NOW, summary="Log", what=what, happened_at=NOW, direction="out", subject="Prices",
        text="Dear Ada", result="no_answer",
    )  # fmt: skip

    await deliver(await crm.log_activity(deal_id, effect))

    made = await account.the(kind, dealwright_key=effect.id)
    assert made["properties"].items() >= wanted.items()
    deal = await account.the("deals", dealwright_key=deal_id)
    assert await account.associated(kind, made["id"], "deals") == [deal["id"]]


async def test_what_hubspot_told_of_is_not_logged_there_again(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    effect = LogActivity(id=effect_id(), at=NOW, summary="Log", what="call", happened_at=NOW, source="hubspot")

    assert await deliver(await crm.log_activity(deal_id, effect)) is None
    assert await account.objects("calls", dealwright_key=effect.id) == []


async def test_packages_and_approval_requests_are_notes_on_the_deal(
    crm: HubSpotCrm, account: Account, deal_id: str
) -> None:
    package = HandOver(
        id=effect_id(), at=NOW, summary="Hand over", handoff="h", from_role="sdr", to_role="ae", to=ANA_REYES,
        accept_by=NOW, pieces={"use_case": "Invoices <fast>"}, deal=Deal(id=deal_id),
    )  # fmt: skip
    asked = RequestApproval(
        id=effect_id(), at=NOW, summary="Ask", approval="a", role="manager", terms={"discount": "20"}, answer_by=NOW
    )

    await deliver(await crm.keep_package(deal_id, package))
    await deliver(await crm.keep_approval_request(deal_id, asked))

    bodies = [
        (await account.the("notes", dealwright_key=effect.id))["properties"]["hs_note_body"]
        for effect in (package, asked)
    ]
    assert "Use case: Invoices &lt;fast&gt;" in bodies[0]
    assert "Approval asked of manager" in bodies[1]
    assert "20" in bodies[1]


Make = Callable[[HubSpotCrm, str], Awaitable[Delivery]]
EFFECTS: dict[str, Make] = {
    "update": lambda crm, deal_id: crm.update_deal(deal_id, update(deal_id, contacts=(), note="A note")),
    "task": lambda crm, deal_id: crm.create_task(deal_id, task(title="only this one")),
    "activity": lambda crm, deal_id: crm.log_activity(
        deal_id, LogActivity(id=f"only-{deal_id}", at=NOW, summary="Log", what="call", happened_at=NOW)
    ),
}


@pytest.mark.parametrize("what", EFFECTS)
@pytest.mark.parametrize("fault", ["lose_response", "bad_gateway", "lose_request"])
async def test_whatever_call_gets_no_answer_the_same_effect_again_writes_nothing_twice(
    crm: HubSpotCrm, account: Account, deal_id: str, what: str, fault: str
) -> None:
    delivery = await EFFECTS[what](crm, deal_id)
    before = await _counts(account)
    await account.simulator.switch(**{fault: 1}, only="^(POST|PUT|PATCH)")

    for _ in range(2):
        with pytest.raises((Unanswered, NotHandedOver)):
            await delivery.send()
        await account.simulator.switch(**{fault: 1})
    await account.simulator.switch(**{fault: 0})
    await delivery.send()
    await delivery.send()

    beside_the_deal = {"update": "notes", "task": "tasks", "activity": "calls"}[what]
    after = await _counts(account)
    assert {kind: after[kind] - before[kind] for kind in after if after[kind] != before[kind]} == {
        "deals": 1,
        beside_the_deal: 1,
    }


async def _counts(account: Account) -> dict[str, int]:
    return {kind: len(await account.objects(kind)) for kind in ("deals", "tasks", "notes", "calls", "contacts")}


@pytest.mark.parametrize(("fault", "says"), [("expire_token", "credentials"), ("server_error", "500")])
async def test_a_call_that_is_not_taken_may_be_made_again(
    crm: HubSpotCrm, account: Account, deal_id: str, fault: str, says: str
) -> None:
    delivery = await crm.update_deal(deal_id, update(deal_id))
    await account.simulator.switch(**{fault: 1})

    with pytest.raises((NotHandedOver, Unanswered), match=says):
        await delivery.send()


async def test_when_the_days_calls_are_spent_nobody_calls_for_a_while(
    connection: HubSpotConnection, account: Account, deal_id: str, tmp_path: Path
) -> None:
    store = Store.open(migrated(tmp_path))
    crm = HubSpotCrm(connection, store)
    await account.simulator.switch(quota_spent=1)
    delivery = await crm.update_deal(deal_id, update(deal_id))

    with pytest.raises(NotHandedOver, match="429"):
        await delivery.send()
    before = len(await account.simulator.calls())
    with pytest.raises(NotHandedOver, match="no more calls") as held_back:
        await delivery.send()

    assert len(await account.simulator.calls()) == before
    assert held_back.value.retry_after is not None
    await crm.close()
    await store.close()


async def test_no_error_tells_the_key(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    delivery = await crm.update_deal(deal_id, update(deal_id))
    await account.simulator.switch(expire_token=1)

    with pytest.raises(NotHandedOver) as raised:
        await delivery.send()
    assert "local-hubspot-service-key" not in str(raised.value)


async def test_a_user_is_looked_up_once(crm: HubSpotCrm, account: Account, deal_id: str) -> None:
    before = len(await account.simulator.calls("GET /crm/owners"))
    sam = Person(name="Sam Holt", email=SAM[0].upper())

    for _ in range(3):
        await deliver(await crm.create_task(deal_id, task(owner=sam)))

    assert len(await account.simulator.calls("GET /crm/owners")) == before + 1
    assert len(await account.objects("tasks", hubspot_owner_id=SAM[1])) == 3


async def test_no_more_calls_are_made_than_the_connection_allows(
    connection: HubSpotConnection, account: Account, tmp_path: Path
) -> None:
    store = Store.open(migrated(tmp_path))
    client = HubSpotClient(connection.model_copy(update={"calls_in_ten_seconds": 1}), store)
    before = len(await account.simulator.calls())
    await client.owner(SAM[1])
    with pytest.raises(NotHandedOver, match="no more calls"):
        await client.owner(SAM[1])
    assert len(await account.simulator.calls()) == before + 1
    await client.close()
    await store.close()
