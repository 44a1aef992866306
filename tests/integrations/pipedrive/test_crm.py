"""Pipedrive as the CRM: what stands in the company after each effect, and after a call that got no answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from dealwright.deal import Contact, Deal, Money, Person
from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, UpdateCrm
from integrations.kit.delivery import Delivery, Found
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.crm import PipedriveCrm
from integrations.pipedrive.marks import mark_of
from store import links
from store.database import Store
from tests.integrations.pipedrive.company import ANA, Company

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
ANA_REYES = Person(name="Ana Reyes", email=ANA[0])


@pytest.fixture
def deal_id() -> str:
    return f"deal-{uuid4().hex[:12]}"


def effect_id() -> str:
    return f"deal-{uuid4().hex[:12]}/call lead/1/1/1"


def update(**about: object) -> UpdateCrm:
    given = {"id": effect_id(), "at": NOW, "summary": "Update the record", "stage": "discovery", "title": "Acme"}
    return UpdateCrm.model_validate({**given, **about})


def task(**about: object) -> CreateTask:
    name = effect_id()
    given = {
        "id": name, "at": NOW, "summary": "Ask for something", "task": name, "role": "ae", "title": "Call Ada",
        "due_at": NOW + timedelta(days=1), "owner": ANA_REYES, "detail": "She asked\n<b>why</b>",
    }  # fmt: skip
    return CreateTask.model_validate({**given, **about})


def activity(what: str, **about: object) -> LogActivity:
    given = {
        "id": effect_id(), "at": NOW, "summary": "Log", "what": what, "happened_at": NOW, "subject": "Prices",
        "text": "Dear Ada", "result": "no_answer", "contact": Contact(id="ada", name="Ada Berg", phone="+49 30 1"),
    }  # fmt: skip
    return LogActivity.model_validate({**given, **about})


async def deliver(delivery: Delivery) -> str | None:
    """As the ledger does where nothing goes wrong."""
    for part in delivery.before:
        await deliver(part.delivery)
    reference = await delivery.send()
    if delivery.arrived is not None:
        await delivery.arrived(reference)
    return reference


async def test_a_deal_that_pipedrive_does_not_have_is_opened_there_and_linked(
    crm: PipedriveCrm, company: Company, deal_id: str, store: Store
) -> None:
    about = {
        "amount": Money(amount=Decimal("1.2E4"), currency="EUR"), "owner_role": "ae", "owners": {"ae": ANA_REYES},
        "close_on": date(2026, 12, 31),
    }  # fmt: skip

    reference = await deliver(await crm.update_deal(deal_id, update(**about)))

    made = await company.deal_of(deal_id)
    assert made["values"].items() >= {
        "title": "Acme", "stage_id": 2, "status": "open", "value": 12000, "currency": "EUR", "owner_id": ANA[1],
        "expected_close_date": "2026-12-31",
    }.items()  # fmt: skip
    assert reference == f"deal:{made['id']}"
    assert await links.deal_of(store, "pipedrive", reference) == deal_id


async def test_only_the_parts_that_changed_are_written(crm: PipedriveCrm, company: Company, deal_id: str) -> None:
    await deliver(await crm.update_deal(deal_id, update()))
    await company.update("deal", (await company.deal_of(deal_id))["id"], title="As a person calls it")

    await deliver(await crm.update_deal(deal_id, update(parts=("stage",), stage="proposal")))

    now = (await company.deal_of(deal_id))["values"]
    assert (now["title"], now["stage_id"]) == ("As a person calls it", 4)


async def test_what_is_known_no_longer_is_emptied(crm: PipedriveCrm, company: Company, deal_id: str) -> None:
    amount = Money(amount=Decimal("5.5"), currency="EUR")
    await deliver(await crm.update_deal(deal_id, update(amount=amount, close_on=date(2026, 12, 31))))
    await deliver(await crm.update_deal(deal_id, update(parts=("amount", "close_on"))))

    now = (await company.deal_of(deal_id))["values"]
    assert (now["value"], now["expected_close_date"]) == (0, None)


@pytest.mark.parametrize(("outcome", "reason"), [("won", None), ("lost", "Price")])
async def test_a_deal_that_ended_is_closed_and_may_go_on(
    crm: PipedriveCrm, company: Company, deal_id: str, outcome: str, reason: str | None
) -> None:
    await deliver(await crm.update_deal(deal_id, update()))
    await deliver(await crm.update_deal(deal_id, update(parts=("outcome",), outcome=outcome, reason="Price")))
    closed = dict((await company.deal_of(deal_id))["values"])
    later = update(parts=("stage",), stage="proposal", at=NOW + timedelta(hours=1))
    await deliver(await crm.update_deal(deal_id, later))

    reopened = (await company.deal_of(deal_id))["values"]
    assert (closed["status"], closed["lost_reason"], closed["stage_id"]) == (outcome, reason, 2)
    assert (reopened["status"], reopened["stage_id"]) == ("open", 4)


async def test_an_update_that_comes_late_overwrites_no_later_one(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update()))
    late = await crm.update_deal(deal_id, update(parts=("stage",), stage="presentation"))
    later = update(parts=("stage",), stage="proposal", at=NOW + timedelta(hours=1))
    await deliver(await crm.update_deal(deal_id, later))

    await deliver(late)

    assert (await company.deal_of(deal_id))["values"]["stage_id"] == 4


@pytest.mark.parametrize(
    "crossing",
    [
        ({"parts": ("stage",), "stage": "presentation"}, {"parts": ("stage",), "stage": "proposal"}, {"stage_id": 4}),
        # Opened in this stage: the newer one finds its value there already, and writes nothing itself.
        ({"parts": ("stage",), "stage": "presentation"}, {"parts": ("stage",), "stage": "discovery"}, {"stage_id": 2}),
        (
            {"parts": ("stage",), "stage": "presentation"},
            {"parts": ("outcome",), "outcome": "lost", "reason": "Price"},
            {"status": "lost", "lost_reason": "Price"},
        ),
        (
            {"parts": ("amount",), "amount": Money(amount=Decimal("12.5"), currency="EUR")},
            {"parts": ("amount",), "amount": Money(amount=Decimal(100), currency="USD")},
            {"value": 100, "currency": "USD"},
        ),
    ],
)
async def test_of_two_updates_that_cross_the_later_one_stands_in_the_end(
    crm: PipedriveCrm,
    company: Company,
    deal_id: str,
    monkeypatch: pytest.MonkeyPatch,
    crossing: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    older, newer, stands = crossing
    await deliver(await crm.update_deal(deal_id, update()))
    late = await crm.update_deal(deal_id, update(**older))
    put = PipedriveClient.update

    async def overtaken(self: PipedriveClient, *given: Any) -> Any:
        monkeypatch.setattr(PipedriveClient, "update", put)
        # between the older one's look and its writing
        await deliver(await crm.update_deal(deal_id, update(**newer, at=NOW + timedelta(hours=1))))
        return await put(self, *given)

    monkeypatch.setattr(PipedriveClient, "update", overtaken)
    await deliver(late)

    assert (await company.deal_of(deal_id))["values"].items() >= stands.items()


async def test_an_update_that_was_killed_after_it_crossed_a_later_one_puts_that_right_when_it_is_tried_again(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update()))
    older = await crm.update_deal(deal_id, update(parts=("stage",), stage="presentation"))
    later = update(parts=("stage",), stage="proposal", at=NOW + timedelta(hours=1))
    await deliver(await crm.update_deal(deal_id, later))
    await company.update("deal", (await company.deal_of(deal_id))["id"], stage_id=3)  # what the older one wrote

    await deliver(older)

    assert (await company.deal_of(deal_id))["values"]["stage_id"] == 4


async def test_a_stage_that_is_there_already_is_not_written_over_a_move_of_somebody(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update(stage="research")))
    await company.update("deal", (await company.deal_of(deal_id))["id"], stage_id=2)

    await deliver(await crm.update_deal(deal_id, update(parts=("stage",), stage="outreach")))

    assert (await company.deal_of(deal_id))["values"]["stage_id"] == 2


async def test_a_stage_without_a_counterpart_is_refused_with_what_to_do(crm: PipedriveCrm, deal_id: str) -> None:
    with pytest.raises(Refused, match=r"legal_review.*add it to stages"):
        await crm.update_deal(deal_id, update(stage="legal_review"))


async def test_contacts_are_found_by_address_or_made_and_put_on_the_deal(
    crm: PipedriveCrm, company: Company, deal_id: str, store: Store
) -> None:
    address = f"{deal_id}@buyer.example"
    there = await company.create("person", name="A. Berg", emails=[{"value": address, "primary": True}])
    ada = Contact(id="ada", name="Ada Berg", email=address, phone="+49 30 1")
    tom = Contact(id="tom", name=f"Tom {deal_id}")

    for _ in range(2):
        about = update(parts=("contacts",), contacts=(ada, tom))
        await deliver(await crm.update_deal(deal_id, about))

    deal = await company.deal_of(deal_id)
    (made,) = await company.records("person", name=tom.name)
    assert (deal["values"]["person_id"], deal["participants"]) == (there, [made["id"]])
    person = await company.get("person", there)
    assert (person["name"], person["phones"][0]["value"]) == ("Ada Berg", "+49 30 1")
    assert await links.deal_of(store, "pipedrive", f"person:{there}") == deal_id


async def test_a_contact_that_pipedrive_told_of_is_that_person(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    there = await company.create("person", name="Nobody's Address")
    told = Contact(id=f"pipedrive-{there}", name="Nobody's Address", role="CFO")

    await deliver(await crm.update_deal(deal_id, update(parts=("contacts",), contacts=(told,))))

    assert (await company.deal_of(deal_id))["values"]["person_id"] == there
    assert len(await company.records("person", name="Nobody's Address")) == 1


async def test_a_task_is_on_its_owners_list_and_on_the_deal(crm: PipedriveCrm, company: Company, deal_id: str) -> None:
    effect = task()

    reference = await deliver(await crm.create_task(deal_id, effect))

    deal = await company.deal_of(deal_id)
    (made,) = await company.records("activity", deal_id=deal["id"])
    assert made["values"].items() >= {
        "subject": "Call Ada", "type": "task", "owner_id": ANA[1], "due_date": "2026-11-27", "due_time": "09:00",
        "done": False, "note": f"She asked<br>&lt;b&gt;why&lt;/b&gt;<br>dw:{mark_of(effect.task)}",
    }.items()  # fmt: skip
    assert reference == f"activity:{made['id']}"


async def test_a_task_for_somebody_who_is_no_user_says_for_whom_it_is(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    stranger = Person(name="Max Stranger", email="max@elsewhere.example")

    await deliver(await crm.create_task(deal_id, task(owner=stranger)))

    (made,) = await company.records("activity", deal_id=(await company.deal_of(deal_id))["id"])
    assert made["values"]["note"].startswith("For Max Stranger.")


async def test_a_task_is_closed_once_and_says_why(crm: PipedriveCrm, company: Company, deal_id: str) -> None:
    effect = task()
    await deliver(await crm.create_task(deal_id, effect))
    close = CloseTask(id=effect_id(), at=NOW, summary="Close", task=effect.task, how="cancelled", reason="deal lost")

    for _ in range(2):
        await deliver(await crm.close_task(deal_id, close, NOW))

    (closed,) = await company.records("activity", deal_id=(await company.deal_of(deal_id))["id"])
    assert closed["values"]["done"] is True
    assert closed["values"]["note"].count("No longer wanted: deal lost") == 1


async def test_a_task_that_is_closed_while_it_is_being_made_is_closed_there(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    effect = task()
    making = await crm.create_task(deal_id, effect)
    close = CloseTask(id=effect_id(), at=NOW, summary="Close", task=effect.task, how="cancelled", reason="deal lost")
    await deliver(await crm.close_task(deal_id, close, NOW))

    await deliver(making)

    (made,) = await company.records("activity", deal_id=(await company.deal_of(deal_id))["id"])
    assert made["values"]["done"] is True


async def test_closing_a_task_that_was_never_there_changes_nothing(crm: PipedriveCrm, deal_id: str) -> None:
    close = CloseTask(id=effect_id(), at=NOW, summary="Close", task="never-there", how="done", reason="done")

    assert await deliver(await crm.close_task(deal_id, close, NOW)) is None


@pytest.mark.parametrize(
    ("what", "kind", "wanted"),
    [
        ("email", "activity", {"subject": "Prices", "type": "email", "done": True}),
        ("meeting", "activity", {"subject": "Prices", "type": "meeting", "due_date": "2026-11-26"}),
        ("call", "callLog", {"outcome": "no_answer", "to_phone_number": "+49 30 1"}),
        ("note", "note", {}),
    ],
)
async def test_an_activity_is_logged_on_the_deal(
    crm: PipedriveCrm, company: Company, deal_id: str, what: str, kind: str, wanted: dict[str, object]
) -> None:
    effect = activity(what)

    await deliver(await crm.log_activity(deal_id, effect))

    (made,) = await company.records(kind, deal_id=(await company.deal_of(deal_id))["id"], **wanted)
    text = str(made["values"].get("note") or made["values"].get("content"))
    assert "Dear Ada" in text
    assert text.endswith(f"dw:{mark_of(effect.id)}")


async def test_what_pipedrive_told_of_is_not_logged_there_again(crm: PipedriveCrm, deal_id: str) -> None:
    assert await deliver(await crm.log_activity(deal_id, activity("call", source="pipedrive"))) is None


async def test_a_package_is_a_note_on_the_deal(crm: PipedriveCrm, company: Company, deal_id: str) -> None:
    package = HandOver(
        id=effect_id(), at=NOW, summary="Hand over", handoff="h", from_role="sdr", to_role="ae", to=ANA_REYES,
        accept_by=NOW, pieces={"use_case": "Invoices <fast>"}, deal=Deal(id=deal_id),
    )  # fmt: skip

    await deliver(await crm.keep_package(deal_id, package))

    (note,) = await company.records("note", deal_id=(await company.deal_of(deal_id))["id"])
    assert "Use case: Invoices &lt;fast&gt;" in note["values"]["content"]


async def test_of_two_effects_at_once_one_opens_the_deal_and_the_other_waits(
    crm: PipedriveCrm, company: Company, deal_id: str
) -> None:
    first = await crm.update_deal(deal_id, update())
    with pytest.raises(NotHandedOver, match="opens the deal") as waits:
        await crm.create_task(deal_id, task())
    await deliver(first)

    assert waits.value.retry_after is not None
    await deliver(await crm.create_task(deal_id, task()))
    assert len(await company.deals_of(deal_id)) == 1


Make = Callable[[PipedriveCrm, str], Awaitable[Delivery]]
MADE_ONCE: dict[str, tuple[str, Make]] = {
    "deal": ("deal", lambda crm, deal_id: crm.update_deal(deal_id, update())),
    "task": ("activity", lambda crm, deal_id: crm.create_task(deal_id, task())),
    "call": ("callLog", lambda crm, deal_id: crm.log_activity(deal_id, activity("call"))),
    "note": ("note", lambda crm, deal_id: crm.log_activity(deal_id, activity("note"))),
}


@pytest.mark.parametrize("what", MADE_ONCE)
@pytest.mark.parametrize("fault", ["lose_response", "bad_gateway"])
async def test_what_was_made_without_an_answer_is_found_and_not_made_again(
    crm: PipedriveCrm, company: Company, deal_id: str, what: str, fault: str
) -> None:
    kind, make = MADE_ONCE[what]
    delivery = await make(crm, deal_id)
    making = delivery.before[0].delivery if what == "deal" else delivery
    for part in () if what == "deal" else delivery.before:
        await deliver(part.delivery)
    before = await _count(company, kind)
    await company.simulator.switch(**{fault: 1})
    with pytest.raises(Unanswered):
        await making.send()

    assert making.find is not None
    found = await making.find()

    assert isinstance(found, Found)
    assert await _count(company, kind) == before + 1


@pytest.mark.parametrize("what", MADE_ONCE)
async def test_what_was_never_taken_is_not_found(crm: PipedriveCrm, company: Company, deal_id: str, what: str) -> None:
    _, make = MADE_ONCE[what]
    delivery = await make(crm, deal_id)
    making = delivery.before[0].delivery if what == "deal" else delivery
    for part in () if what == "deal" else delivery.before:
        await deliver(part.delivery)
    await company.simulator.switch(lose_request=1, only="^POST")
    with pytest.raises(Unanswered):
        await making.send()

    assert making.find is not None
    assert not isinstance(await making.find(), Found)


async def _count(company: Company, kind: str) -> int:
    return len(await company.records(kind))


@pytest.mark.parametrize(("fault", "says"), [("expire_token", "credentials"), ("quota_spent", "429")])
async def test_a_call_that_is_not_taken_may_be_made_again_and_tells_no_token(
    crm: PipedriveCrm, company: Company, deal_id: str, fault: str, says: str
) -> None:
    await deliver(await crm.update_deal(deal_id, update()))
    delivery = await crm.update_deal(deal_id, update(parts=("stage",), stage="proposal"))
    await company.simulator.switch(**{fault: 1})

    with pytest.raises(NotHandedOver, match=says) as raised:
        await delivery.send()

    assert "local-pipedrive-token" not in str(raised.value)


async def test_users_are_looked_up_once(crm: PipedriveCrm, company: Company, deal_id: str) -> None:
    calls = "GET /v1/users"
    before = len(await company.simulator.calls(calls))

    for _ in range(3):
        await deliver(await crm.create_task(deal_id, task()))

    assert len(await company.simulator.calls(calls)) == before + 1
    tasks: list[dict[str, Any]] = await company.records("activity", deal_id=(await company.deal_of(deal_id))["id"])
    assert len(tasks) == 3
