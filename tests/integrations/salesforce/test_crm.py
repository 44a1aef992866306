"""Deals in Salesforce: opportunities, contacts and tasks, each made once whatever happens on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from dealwright.deal import Account, Contact, Deal, Person
from dealwright.effects import CloseTask, HandOver, LogActivity, RequestApproval, UpdateCrm
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.http import ToolClient
from integrations.kit.simulator.process import RunningSimulator
from integrations.salesforce.changes import unheard
from integrations.salesforce.records import followed
from store.database import Store
from tests.integrations.salesforce.crm_world import AMY, AT, World, money

ANA = Contact(id="ana", name="Ana María Lopez", email="ana@buyer.example", role="CTO")
NUMBERS = count(1)


@pytest.fixture
def world(simulator: RunningSimulator, tool: ToolClient, store: Store) -> World:
    return World(simulator, tool, store, f"acme.2026:{next(NUMBERS)}")


async def test_a_deal_that_salesforce_does_not_have_is_opened_there(world: World) -> None:
    reference = await world.update(title="Acme", amount=money("1200.50"), owners={"ae": AMY}, owner_role="ae")
    opportunity = await world.opportunity()
    assert reference == f"opportunity:{opportunity['Id']}"
    assert (opportunity["Name"], opportunity["StageName"], opportunity["Amount"]) == ("Acme", "Qualification", 1200.5)
    assert opportunity["CloseDate"] == (AT + timedelta(days=90)).date().isoformat()
    assert await world.memory.deal_of(opportunity["Id"]) == world.deal


async def test_an_opportunity_that_was_made_there_is_written_where_it_is(world: World) -> None:
    values = {"Name": "Theirs", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    made: Any = await world.simulator.change(do="create", sobject="Opportunity", values=values)
    await world.memory.link(made["id"], world.deal)
    await world.update(parts=("stage",), stage="negotiation")
    opportunity = await world.opportunity()
    assert (opportunity["Id"], opportunity["Name"]) == (made["id"], "Theirs")
    assert opportunity["StageName"] == "Negotiation/Review"


async def test_a_won_deal_stays_won_when_its_customer_leaves_later(world: World) -> None:
    await world.update(outcome="won")
    await world.update(outcome="churned", at=AT + timedelta(days=400))
    assert (await world.opportunity())["StageName"] == "Closed Won"


async def test_a_lost_deal_says_why(simulator: RunningSimulator, tool: ToolClient, store: Store) -> None:
    world = World(simulator, tool, store, "lost", loss_reason_field="LossReason__c")
    await world.update(outcome="lost", reason="No budget")
    opportunity = await world.opportunity()
    assert (opportunity["StageName"], opportunity["LossReason__c"]) == ("Closed Lost", "No budget")


async def test_a_stage_without_a_word_in_salesforce_leaves_the_stage_there(world: World) -> None:
    await world.update()
    await world.update(stage="onboarding", at=AT + timedelta(seconds=1))
    assert (await world.opportunity())["StageName"] == "Qualification"


async def test_an_amount_in_a_currency_that_the_org_does_not_keep_is_noted(world: World) -> None:
    await world.update(amount=money("900", "USD"))
    (note,) = await world.records("Task")
    assert (await world.opportunity())["Amount"] is None
    assert "900.00 USD" in note["Description"]
    assert note["Status"] == "Completed"


async def test_the_account_is_made_once_and_stands_on_the_opportunity(world: World) -> None:
    acme = Account(id=f"acme-{world.deal}", name="Acme", domain=f"acme{next(NUMBERS)}.example")
    for later in range(2):
        await world.update(account=acme, at=AT + timedelta(seconds=later))
    state: Any = await world.simulator.state()
    (made,) = [one for one in state["org"]["tables"]["Account"].values() if one["Dealwright_Account__c"] == acme.id]
    assert (made["Name"], made["Website"]) == ("Acme", acme.domain)
    assert (await world.opportunity())["AccountId"] == made["Id"]


async def test_an_account_that_is_there_with_the_domain_is_taken_as_it_is(world: World) -> None:
    domain = f"globex{next(NUMBERS)}.example"
    values = {"Name": "Globex Corp.", "Website": f"https://www.{domain}/"}
    made: Any = await world.simulator.change(do="create", sobject="Account", values=values)
    await world.update(account=Account(id="globex", name="Globex", domain=domain))
    state: Any = await world.simulator.state()
    assert (await world.opportunity())["AccountId"] == made["id"]
    assert state["org"]["tables"]["Account"][made["id"]]["Name"] == "Globex Corp."


@pytest.mark.parametrize("dies", [False, True], ids=["", "and the older one is handed over again"])
async def test_of_two_updates_that_cross_the_later_one_stands_in_the_end(
    world: World, dies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.update(stage="qualification")
    older = await world.crm.update_deal(world.deal, update_of(world, "qualification", 60, amount="10"))
    client, put = world.org.client, world.org.client.update
    later_is_through = False

    async def late(*given: Any) -> Any:
        nonlocal later_is_through
        if not later_is_through:  # all that the older one had looked up before is out of date now
            later_is_through = True
            newer = update_of(world, "negotiation", 90, amount="20")
            await world.deliver(await world.crm.update_deal(world.deal, newer))
            row = await put(*given)
            if dies:
                raise Unanswered("the worker ends here")
            return row
        return await put(*given)

    monkeypatch.setattr(client, "update", late)  # the moment between looking and writing
    if dies:
        with pytest.raises(Unanswered):
            await older.send()
        assert (await world.opportunity())["StageName"] == "Qualification"
    await world.deliver(older)
    opportunity = await world.opportunity()
    assert (opportunity["StageName"], opportunity["Amount"]) == ("Negotiation/Review", 20)


def update_of(world: World, stage: str, seconds: int, amount: str) -> UpdateCrm:
    at = AT + timedelta(seconds=seconds)
    return UpdateCrm(
        id=f"{world.deal}/{seconds}", at=at, summary="", stage=stage, parts=("stage", "amount"), amount=money(amount)
    )


async def test_contacts_are_made_once_and_joined_once(world: World) -> None:
    for later in range(2):
        await world.update(contacts=(ANA,), parts=("contacts",), at=AT + timedelta(seconds=later))
    (role,) = await world.records("OpportunityContactRole")
    state: Any = await world.simulator.state()
    contact = state["org"]["tables"]["Contact"][role["ContactId"]]
    assert (contact["FirstName"], contact["LastName"], contact["Email"]) == ("Ana María", "Lopez", ANA.email)
    assert (role["Role"], role["IsPrimary"]) == ("CTO", True)


async def test_a_contact_who_is_there_already_is_taken(world: World) -> None:
    email = f"ben{next(NUMBERS)}@buyer.example"
    values = {"LastName": "Benson", "Email": email}
    made: Any = await world.simulator.change(do="create", sobject="Contact", values=values)
    await world.update(contacts=(Contact(id="ben", name="Ben", email=email),))
    (role,) = await world.records("OpportunityContactRole")
    assert role["ContactId"] == made["id"]


async def test_a_task_is_on_its_owners_list_until_it_is_closed(world: World) -> None:
    task = world.task(owner=AMY, detail="Ask for the budget")
    reference = await world.deliver(await world.crm.create_task(world.deal, task))
    (made,) = await world.records("Task")
    state: Any = await world.simulator.state()
    assert reference == f"task:{made['Id']}"
    assert state["org"]["tables"]["User"][made["OwnerId"]]["Email"] == AMY.email
    assert (made["Subject"], made["Status"], made["Description"]) == ("Call Ana", "Not Started", "Ask for the budget")
    close = CloseTask(id=f"{task.id}.closed", at=AT, summary="", task=task.task, how="done", reason="called")
    assert await world.deliver(await world.crm.close_task(world.deal, close, AT)) == reference
    assert [row["Status"] for row in await world.records("Task")] == ["Completed"]


async def test_a_task_for_somebody_whom_salesforce_does_not_know_says_whom_it_is_for(world: World) -> None:
    await world.deliver(await world.crm.create_task(world.deal, world.task(owner=Person(name="Zed"))))
    (made,) = await world.records("Task")
    assert made["Description"] == "For Zed."


async def test_a_task_that_is_made_again_stays_as_people_left_it(world: World) -> None:
    delivery = await world.crm.create_task(world.deal, world.task())
    await world.deliver(delivery)
    (made,) = await world.records("Task")
    await world.simulator.change(do="update", sobject="Task", id=made["Id"], values={"Status": "Completed"})
    assert await world.deliver(delivery) == f"task:{made['Id']}"
    assert [row["Status"] for row in await world.records("Task")] == ["Completed"]


async def test_a_task_that_is_closed_before_it_is_there_never_opens(world: World) -> None:
    task = world.task()
    close = CloseTask(id=f"{task.id}.closed", at=AT, summary="", task=task.task, how="cancelled", reason="lost")
    await world.deliver(await world.crm.close_task(world.deal, close, AT))
    await world.deliver(await world.crm.create_task(world.deal, task))
    assert [row["Status"] for row in await world.records("Task")] == ["Completed"]


async def test_messages_and_calls_are_logged_as_tasks_that_are_done(world: World) -> None:
    await world.update(contacts=(ANA,))
    mail = LogActivity(
        id=f"{world.deal}/mail", at=AT, summary="", what="email", happened_at=AT, direction="out", subject="Hello",
        text="Dear Ana", contact=ANA,
    )  # fmt: skip
    call = LogActivity(id=f"{world.deal}/call", at=AT, summary="", what="call", happened_at=AT, result="no_answer")
    for effect in (mail, call, mail):
        await world.deliver(await world.crm.log_activity(world.deal, effect))
    logged = {row["TaskSubtype"]: row for row in await world.records("Task")}
    assert logged["Email"]["Subject"] == "Email to Ana María Lopez: Hello"
    assert logged["Email"]["WhoId"].startswith("003")
    assert logged["Call"]["Subject"] == "Call (no answer)"
    assert len(await world.records("Task")) == 2


async def test_what_salesforce_told_us_of_is_not_logged_there_again(world: World) -> None:
    effect = LogActivity(id="x", at=AT, summary="", what="note", happened_at=AT, source="salesforce")
    assert await world.deliver(await world.crm.log_activity(world.deal, effect)) is None
    assert await world.records("Opportunity") == []


async def test_packages_and_approval_requests_are_found_by_whom_they_are_for(world: World) -> None:
    package = HandOver(
        id=f"{world.deal}/handoff", at=AT, summary="", handoff="h", from_role="sdr", to_role="ae", to=AMY,
        accept_by=AT, pieces={"use_case": "Invoices"}, deal=Deal(id=world.deal, title="Acme"),
    )  # fmt: skip
    request = RequestApproval(
        id=f"{world.deal}/approval", at=AT, summary="", approval="a", role="finance", owner=AMY,
        terms={"discount": "20"}, answer_by=AT,
    )  # fmt: skip
    await world.deliver(await world.crm.keep_package(world.deal, package))
    await world.deliver(await world.crm.keep_approval_request(world.deal, request))
    handoff, approval = await world.records("Task")
    assert (handoff["Subject"], "Invoices" in handoff["Description"]) == ("Handoff: Acme", True)
    assert (approval["Subject"], "discount: 20" in approval["Description"]) == ("Approval wanted", True)
    assert handoff["OwnerId"] == approval["OwnerId"]


async def test_what_somebody_changed_there_since_is_not_overwritten(world: World) -> None:
    await world.update(title="Ours")
    opportunity = await world.opportunity()
    later = AT + timedelta(hours=2)
    await world.memory.hold(f"opportunity:{opportunity['Id']}", {"title": "Theirs"}, later)
    await world.update(title="Ours again", at=AT + timedelta(hours=1))
    assert (await world.opportunity())["Name"] == "Ours"


async def test_what_nobody_told_yet_is_not_overwritten_however_late_we_decided(world: World) -> None:
    await world.update(title="Ours")
    await _edit(world, Name="Theirs")
    await world.update(title="Ours again", amount=money("7"), at=AT + timedelta(hours=1))
    opportunity = await world.opportunity()
    assert (opportunity["Name"], opportunity["Amount"]) == ("Theirs", 7)


async def test_what_somebody_changes_in_the_moment_before_our_write_stays_and_is_news(world: World) -> None:
    await world.update(title="Ours")
    world.client.between = lambda: _edit(world, Name="Theirs")
    await world.update(title="Ours again", amount=money("7"), at=AT + timedelta(hours=1))

    opportunity = await world.opportunity()
    assert (opportunity["Name"], opportunity["Amount"]) == ("Theirs", 7)
    seen = followed(world.org.connection)["Opportunity"].read(opportunity)
    assert unheard(seen, await world.memory.held(seen.object_id)) == {"title": "Theirs"}


async def _edit(world: World, **values: Any) -> None:
    id_ = (await world.opportunity())["Id"]
    await world.simulator.change(do="update", sobject="Opportunity", id=id_, values=values)


async def test_what_we_wrote_is_known_with_salesforces_own_time(world: World) -> None:
    await world.update(title="Ours", amount=money("5.50"))
    opportunity = await world.opportunity()
    held = await world.memory.held(f"opportunity:{opportunity['Id']}")
    assert (held["title"].value, held["amount"].value) == ("Ours", "5.5")
    assert held["title"].at.strftime("%Y-%m-%dT%H:%M:%S") == opportunity["SystemModstamp"][:19]


async def test_nothing_is_made_twice_when_answers_get_lost(world: World) -> None:
    await world.simulator.switch(lose_response=3)
    await _until_it_is_answered(lambda: world.update(contacts=(ANA,), note="Hello"))
    await world.simulator.switch(lose_response=1)
    await _until_it_is_answered(lambda: _create(world))
    assert len(await world.records("Opportunity")) == 1
    assert len(await world.records("OpportunityContactRole")) == 1
    assert sorted(row["Subject"] for row in await world.records("Task")) == ["Call Ana", "Note: Hello"]


async def _until_it_is_answered(hand_over: Callable[[], Awaitable[str | None]]) -> None:
    for _ in range(10):
        try:
            await hand_over()
        except (Unanswered, NotHandedOver):
            continue
        return


async def _create(world: World) -> str | None:
    return await world.deliver(await world.crm.create_task(world.deal, world.task()))


@pytest.mark.parametrize("switch", ["locked_rows", "quota_spent", "server_error"])
async def test_what_passes_is_tried_again(world: World, switch: str) -> None:
    await world.update()
    await world.simulator.switch(**{switch: 1})
    with pytest.raises(NotHandedOver):
        await world.update(title="New", at=AT + timedelta(seconds=1))
    await world.update(title="New", at=AT + timedelta(seconds=1))
    assert (await world.opportunity())["Name"] == "New"


async def test_a_rule_of_the_company_is_final_and_told_in_its_words(world: World) -> None:
    await world.update()
    await world.simulator.switch(loss_reason_required=True)
    with pytest.raises(Refused, match="Say why the opportunity was lost"):
        await world.update(outcome="lost", at=AT + timedelta(seconds=1))
    await world.simulator.switch(loss_reason_required=False)


async def test_an_opportunity_that_was_deleted_is_said_to_be(world: World) -> None:
    await world.update()
    opportunity = await world.opportunity()
    await world.simulator.change(do="delete", sobject="Opportunity", id=opportunity["Id"])
    with pytest.raises(Refused, match="ENTITY_IS_DELETED"):
        await world.update(title="New", at=AT + timedelta(seconds=1))
