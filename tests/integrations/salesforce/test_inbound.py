"""What people do in Salesforce reaches the intake once: by outbound message, by asking, or by both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

import pytest

from dealwright.deal import Account, Contact
from dealwright.effects import CloseTask
from integrations.kit.errors import Unanswered
from integrations.kit.http import ToolClient
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.simulator.process import RunningSimulator
from integrations.salesforce.adapter import source_of
from integrations.salesforce.inbox import Inbox
from integrations.salesforce.polling import SalesforcePolling
from integrations.salesforce.simulator.org import ORGANIZATION_ID
from integrations.salesforce.webhook import OutboundMessageHandler
from store import intake, mirror
from store.database import Store
from store.intake import IntakeRow
from tests.integrations.salesforce.crm_world import AMY, AT, World

NUMBERS = count(1)
OPEN = {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-12-31", "Amount": 1200.5}


class Told(World):
    """The org and what has come of it in the intake."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, settings={"currency": "EUR", "won_stage": "close"}, **settings)
        self.store: Store = given[2]
        self.source: Source = source_of(self.org.connection)
        self.polling = SalesforcePolling(self.org, Inbox(self.org, self.source))
        self.handler = OutboundMessageHandler(self.org)
        self.cursor = AT.isoformat()

    async def make(self, sobject: str, values: Mapping[str, Any], by: str = "") -> str:
        made: Any = await self.simulator.change(do="create", sobject=sobject, values=dict(values), by=by)
        return str(made["id"])

    async def edit(self, sobject: str, id_: str, **values: Any) -> None:
        await self.simulator.change(do="update", sobject=sobject, id=id_, values=values)

    async def poll(self) -> None:
        """Ask, as the reconcile activity does."""
        polled = await self.polling.poll(self.cursor)
        await intake.add(self.store, polled.events)
        for seen in polled.seen:
            await mirror.note(self.store, "salesforce", seen.object_id, seen.values, seen.at)

    async def message(self, id_: str, organization: str = ORGANIZATION_ID) -> bytes:
        """What an outbound message says of an opportunity now is taken in; gives the answer."""
        state: Any = await self.simulator.state()
        return await self.message_of(state["org"]["tables"]["Opportunity"][id_], organization)

    async def message_of(
        self, record: Mapping[str, Any], organization: str = ORGANIZATION_ID, also: tuple[str, ...] = ()
    ) -> bytes:
        """What an outbound message says of an opportunity as it was is taken in; gives the answer."""
        body = _ENVELOPE.format(organization=organization, fields="".join(_shown(record, also)))
        request = WebhookRequest(method="POST", url="", headers={}, body=body.encode())
        answer = (await self.handler(request, self.source, self.store)).answer
        assert answer is not None
        return answer.body

    async def rows(self, opportunity: str) -> list[IntakeRow]:
        """What came of an opportunity, in order."""
        rows = await intake.recent(self.store, limit=1000)
        return [row for row in reversed(rows) if row.deal_ref == f"opportunity:{opportunity}"]

    async def facts(self, opportunity: str, *parts: str) -> list[Any]:
        """The facts that came of an opportunity, each with what it says of these parts."""
        rows = [row for row in await self.rows(opportunity) if row.state != "skipped"]
        return [(row.fact, *(row.payload[part] for part in parts if part in row.payload)) for row in rows]


def _shown(record: Mapping[str, Any], also: tuple[str, ...] = ()) -> list[str]:
    names = (
        "Id",
        "SystemModstamp",
        "Name",
        "StageName",
        "Amount",
        "CloseDate",
        "OwnerId",
        "IsClosed",
        "IsWon",
        "CreatedById",
        "LastModifiedById",
    )
    texts = {name: str(record[name]).replace("True", "true").replace("False", "false") for name in (*names, *also)}
    return [f"<sf:{name}>{escape(text)}</sf:{name}>" for name, text in texts.items()]


_ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<notifications xmlns="http://soap.sforce.com/2005/09/outbound" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
    "<OrganizationId>{organization}</OrganizationId><Notification><Id>04l5f000000000CAAQ</Id>"
    '<sObject i:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{fields}</sObject>'
    "</Notification></notifications></e:Body></e:Envelope>"
)


@pytest.fixture
def told(simulator: RunningSimulator, tool: ToolClient, store: Store) -> Told:
    return Told(simulator, tool, store, f"deal{next(NUMBERS)}")


async def test_an_opportunity_that_is_made_there_opens_a_deal_with_all_that_it_says(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN, by=AMY.email or "")
    await told.poll()
    opened, *others = await told.rows(id_)
    amy = {"name": AMY.name, "email": AMY.email}
    about = {"id": f"salesforce-{id_}", "source": "inbound", "title": "Acme", "owners": {"sdr": amy}}
    assert opened.payload["deal"] == about
    said = {
        part: row.payload[part]
        for row in others
        for part in ("stage", "amount", "close_on", "owner")
        if part in row.payload
    }
    assert said == {
        "stage": "qualification",
        "amount": {"amount": "1200.5", "currency": "EUR"},
        "close_on": "2026-12-31",
        "owner": amy,
    }


async def test_an_opportunity_that_is_closed_already_opens_nothing(told: Told) -> None:
    id_ = await told.make("Opportunity", {**OPEN, "StageName": "Closed Lost"})
    await told.poll()
    assert "open_deal" not in [fact for fact, *_ in await told.facts(id_)]


async def test_a_change_is_told_once_by_message_and_by_asking(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()
    before = len(await told.rows(id_))
    await told.edit("Opportunity", id_, StageName="Negotiation/Review", Amount=None)
    for _ in range(2):
        assert b"<Ack>true</Ack>" in await told.message(id_)
        await told.poll()
    new = [
        (row.fact, row.payload.get("stage"), row.payload.get("amount", "")) for row in (await told.rows(id_))[before:]
    ]
    moved, forecast = ("crm_stage_moved", "negotiation", ""), ("forecast_given", None, "")
    assert new == [moved, ("crm_properties_changed", None, None), forecast]  # the category comes with the stage


async def test_how_an_opportunity_ends_is_told_in_our_words(told: Told) -> None:
    won, lost = await told.make("Opportunity", OPEN), await told.make("Opportunity", OPEN)
    await told.poll()
    await told.edit("Opportunity", won, StageName="Closed Won")
    await told.edit("Opportunity", lost, StageName="Closed Lost")
    await told.poll()
    assert (await told.facts(won, "stage"))[-1] == ("crm_stage_moved", "close")
    assert (await told.facts(lost, "reason"))[-1] == ("deal_lost", "Closed as lost in Salesforce")


async def test_what_we_wrote_ourselves_is_not_told(told: Told) -> None:
    ana = Contact(id="ana", name="Ana Lopez", email=f"ana{next(NUMBERS)}@buyer.example")
    await told.update(title="Ours", contacts=(ana,), owners={"ae": AMY}, owner_role="ae")
    await told.deliver(await told.crm.create_task(told.deal, told.task()))
    opportunity = await told.opportunity()
    await told.poll()
    await told.message(opportunity["Id"])
    assert await told.rows(opportunity["Id"]) == []


async def test_what_we_made_it_with_is_told_once_somebody_has_changed_it_and_set_it_back(told: Told) -> None:
    await told.update(title="Ours")
    opportunity = await told.opportunity()
    await told.poll()
    for day in ("2030-01-01", opportunity["CloseDate"]):
        await told.edit("Opportunity", opportunity["Id"], CloseDate=day)
        await told.poll()
    told_of = await told.facts(opportunity["Id"], "close_on")
    assert [day for _, day in told_of] == ["2030-01-01", opportunity["CloseDate"]]


async def test_a_contact_that_is_added_there_is_known_here_and_a_change_of_theirs_too(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    email = f"ben{next(NUMBERS)}@buyer.example"
    ben = await told.make("Contact", {"FirstName": "Ben", "LastName": "Buyer", "Email": email})
    await told.make("OpportunityContactRole", {"OpportunityId": id_, "ContactId": ben, "Role": "Decision Maker"})
    await told.poll()
    await told.edit("Contact", ben, Phone="+34 600 000 000")
    await told.poll()
    contacts = [row.payload["contacts"] for row in await told.rows(id_) if "contacts" in row.payload]
    known = {"id": f"salesforce-{ben}", "name": "Ben Buyer", "email": email, "role": "Decision Maker"}
    assert contacts == [[known], [{**known, "phone": "+34 600 000 000"}]]


async def test_a_contact_of_ours_keeps_our_id_when_people_change_them_there(told: Told) -> None:
    ana = Contact(id="ana", name="Ana Lopez", email=f"ana{next(NUMBERS)}@buyer.example")
    await told.update(contacts=(ana,))
    (role,) = await told.records("OpportunityContactRole")
    await told.poll()
    await told.edit("Contact", role["ContactId"], Phone="1")
    await told.poll()
    contacts: Any = [
        row.payload["contacts"] for row in await told.rows(role["OpportunityId"]) if "contacts" in row.payload
    ]
    assert [(one["id"], one["phone"]) for (one,) in contacts] == [("ana", "1")]


async def test_a_task_of_ours_that_is_completed_there_is_done_here(told: Told) -> None:
    task = told.task()
    await told.deliver(await told.crm.create_task(told.deal, task))
    (made,) = await told.records("Task")
    await told.poll()
    await told.edit("Task", made["Id"], Status="Completed")
    await told.poll()
    assert [fact for fact in await told.facts(made["WhatId"], "task") if "task" in fact[0]] == [
        ("crm_task_completed", task.task)
    ]


async def test_what_we_complete_ourselves_is_not_told(told: Told) -> None:
    task = told.task()
    await told.deliver(await told.crm.create_task(told.deal, task))
    await told.poll()
    close = CloseTask(id=f"{task.id}.closed", at=AT, summary="", task=task.task, how="done", reason="called")
    await told.deliver(await told.crm.close_task(told.deal, close, AT))
    await told.update(note="Hello", at=AT + timedelta(seconds=1))
    await told.poll()
    assert await told.rows((await told.opportunity())["Id"]) == []


async def test_a_deletion_is_told_and_taken_back_when_it_is_restored(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()
    await told.simulator.change(do="delete", sobject="Opportunity", id=id_)
    await told.poll()
    await told.simulator.change(do="restore", sobject="Opportunity", id=id_)
    await told.poll()
    assert (await told.facts(id_, "retracts"))[-2:] == [("crm_deal_deleted",), ("fact_retracted", "crm_deal_deleted")]


async def test_only_the_wanted_record_type_opens_deals(
    simulator: RunningSimulator, tool: ToolClient, store: Store
) -> None:
    told = Told(simulator, tool, store, "typed", record_type="0125f0000000001AAA")
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()
    assert await told.rows(id_) == []


async def test_a_message_of_another_org_is_not_acknowledged(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    with pytest.raises(Unreadable, match="another org"):
        await told.message(id_, organization="00D5f0000000009AAA")
    assert await told.rows(id_) == []


async def test_an_owner_is_told_once_it_can_be_found_out_who_that_is(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN, by=AMY.email or "")
    await told.simulator.switch(quota_spent=-1)
    assert b"<Ack>true</Ack>" in await told.message(id_)
    await told.simulator.switch(quota_spent=0)
    assert [row for row in await told.rows(id_) if "owner" in row.payload] == []
    await told.poll()
    assert len([row for row in await told.rows(id_) if "owner" in row.payload]) == 1


async def test_the_fields_that_our_ids_stand_in_are_looked_for(told: Told) -> None:
    assert {finding.level for finding in await told.polling.health()} == {"ok"}
    wrong = Told(told.simulator, told.org.client._tool, told.store, "x", deal_field="Nowhere__c")
    (problem, *_) = await wrong.polling.health()
    assert (problem.level, "Nowhere__c" in problem.about) == ("problem", True)


async def test_an_account_that_is_put_on_an_opportunity_is_known_here_by_its_name_and_domain(told: Told) -> None:
    account = await told.make("Account", {"Name": "Acme Inc.", "Website": "https://www.acme.example/about"})
    opportunity = await told.make("Opportunity", OPEN)
    await told.poll()
    await told.edit("Opportunity", opportunity, AccountId=account)
    await told.poll()
    known = [row.payload["account"] for row in await told.rows(opportunity) if "account" in row.payload]
    assert known == [{"id": f"salesforce-{account}", "name": "Acme Inc.", "domain": "acme.example"}]


async def test_an_account_of_ours_is_no_news_and_one_that_is_taken_off_is(told: Told) -> None:
    await told.update(account=Account(id=f"acme-{told.deal}", name="Acme"))
    opportunity = (await told.opportunity())["Id"]
    await told.poll()
    assert [row for row in await told.rows(opportunity) if "account" in row.payload] == []
    await told.edit("Opportunity", opportunity, AccountId=None)
    await told.poll()
    assert [row.payload["account"] for row in await told.rows(opportunity) if "account" in row.payload] == [None]


async def said(told: Told, opportunity: str) -> list[tuple[Any, ...]]:
    """What was said of an opportunity's forecast and closing date, with who said so."""
    rows = [row for row in await told.rows(opportunity) if row.state != "skipped"]
    return [
        (part, row.payload[part], row.payload.get("by"))
        for row in rows
        for part in ("forecast", "close_on")
        if part in row.payload
    ]


async def test_a_forecast_and_a_closing_date_count_with_who_said_so(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN, by=AMY.email or "")
    await told.poll()
    first = await said(told, id_)
    change = {"ForecastCategoryName": "Best Case", "CloseDate": "2027-01-31"}
    await told.simulator.change(do="update", sobject="Opportunity", id=id_, values=change, by=AMY.email)
    await told.poll()

    assert first == [("close_on", "2026-12-31", AMY.name), ("forecast", "pipeline", AMY.name)]
    assert sorted((await said(told, id_))[2:]) == [
        ("close_on", "2027-01-31", AMY.name),
        ("forecast", "best_case", AMY.name),
    ]


@pytest.mark.parametrize(("category", "forecast"), [("Commit", "commit"), ("Omitted", None)])
async def test_a_forecast_category_is_told_in_our_words(told: Told, category: str, forecast: str | None) -> None:
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()
    await told.edit("Opportunity", id_, ForecastCategoryName=category)
    await told.poll()

    assert [one[:2] for one in await said(told, id_)][-1] == ("forecast", forecast)


async def test_a_category_that_nobody_mapped_is_noted(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()
    await told.edit("Opportunity", id_, ForecastCategoryName="Most Likely")
    await told.poll()

    assert (await told.facts(id_, "properties"))[-1] == ("crm_properties_changed", {"forecast": "Most Likely"})


async def test_the_category_that_comes_with_a_stage_of_ours_is_said_by_nobody(told: Told) -> None:
    await told.update(title="Ours", stage="qualification")
    await told.poll()
    await told.update(title="Ours", stage="negotiation", at=AT + timedelta(seconds=1))
    opportunity = await told.opportunity()
    await told.poll()

    assert opportunity["ForecastCategoryName"] == "Commit"
    assert await told.rows(opportunity["Id"]) == []


async def test_the_category_of_a_stage_of_ours_is_no_news_also_where_its_answer_was_lost(told: Told) -> None:
    await told.update(title="Ours", stage="qualification")
    await told.poll()
    await told.simulator.switch(lose_response=1)
    with pytest.raises(Unanswered):
        await told.update(title="Ours", stage="negotiation", at=AT + timedelta(seconds=1))
    await told.simulator.switch(lose_response=0)
    opportunity = await told.opportunity()
    await told.poll()

    assert [row.fact for row in await told.rows(opportunity["Id"]) if row.state != "skipped"] == []


async def test_what_was_said_is_told_once_it_can_be_found_out_who_said_it(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    await told.simulator.switch(quota_spent=-1)
    assert b"<Ack>true</Ack>" in await told.message(id_)
    await told.simulator.switch(quota_spent=0)
    meanwhile = await said(told, id_)
    await told.poll()

    assert meanwhile == []
    assert (await said(told, id_))[0] == ("close_on", "2026-12-31", "Ada Admin")


async def test_of_what_a_known_opportunity_is_first_seen_to_hold_nobody_is_said_to_have_said_it(told: Told) -> None:
    id_ = await told.make("Opportunity", OPEN)
    state: Any = await told.simulator.state()
    early = state["org"]["tables"]["Opportunity"][id_]
    await told.message_of({**early, "SystemModstamp": "2026-11-01T09:00:00.000+0000"})
    await told.poll()

    assert ("forecast", "pipeline", None) in await said(told, id_)


async def test_an_org_that_hides_the_forecast_is_followed_without_it(
    simulator: RunningSimulator, tool: ToolClient, store: Store
) -> None:
    told = Told(simulator, tool, store, "no-forecast", forecast_field=None)
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()

    assert [part for part, *_ in await said(told, id_)] == ["close_on"]


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"Status": "Completed", "CallDisposition": "Reached them"}, "connected"),
        ({"Status": "Completed", "CallDisposition": "No answer"}, "no_answer"),
        ({"Status": "Voicemail"}, "voicemail"),
        ({"Status": "Completed"}, None),
    ],
)
async def test_a_task_that_is_completed_says_how_it_ended_and_who_did_it(
    simulator: RunningSimulator, tool: ToolClient, store: Store, values: dict[str, str], outcome: str | None
) -> None:
    about = {"outcome_field": "CallDisposition", "outcomes": {"connected": "Reached them"}}
    told = Told(simulator, tool, store, f"outcome{next(NUMBERS)}", **about)
    task = told.task()
    await told.deliver(await told.crm.create_task(told.deal, task))
    (made,) = await told.records("Task")
    await told.poll()
    await told.simulator.change(do="update", sobject="Task", id=made["Id"], values=values, by=AMY.email)
    await told.poll()

    (done,) = [row.payload for row in await told.rows(made["WhatId"]) if row.fact == "crm_task_completed"]
    assert (done["task"], done.get("outcome"), done["by"]) == (task.task, outcome, AMY.name)


async def test_fields_that_may_not_be_read_are_named_by_the_check(told: Told) -> None:
    wrong = Told(told.simulator, told.org.client._tool, told.store, "x", forecast_field="A__c", outcome_field="B__c")
    problems = [one.about for one in await wrong.polling.health() if one.level == "problem"]

    assert problems == ["field A__c of Opportunity", "field B__c of Task"]


async def test_a_field_that_the_connection_names_is_a_field_of_the_playbook(
    simulator: RunningSimulator, tool: ToolClient, store: Store
) -> None:
    own = {
        "seats": {"field": "Seats__c", "type": "number"}, "trial_ends_on": {"field": "Trial_Ends__c", "type": "date"},
        "segment": {"field": "Segment__c", "type": "one_of", "words": {"smb": "Small Business"}},
    }  # fmt: skip
    told = Told(simulator, tool, store, f"own{next(NUMBERS)}", fields=own)
    id_ = await told.make("Opportunity", OPEN)
    await told.poll()
    values = {"Seats__c": 40.0, "Trial_Ends__c": "2027-01-31", "Segment__c": "Small Business"}
    await told.edit("Opportunity", id_, **values)
    await told.poll()
    state: Any = await told.simulator.state()
    record = state["org"]["tables"]["Opportunity"][id_]
    await told.message_of({**record, "Seats__c": "40.0"}, also=("Seats__c", "Segment__c"))
    await told.edit("Opportunity", id_, Seats__c=None)
    await told.poll()

    known = [row.payload["fields"] for row in await told.rows(id_) if "fields" in row.payload]
    assert known == [{"seats": 40}, {"trial_ends_on": "2027-01-31"}, {"segment": "smb"}, {"seats": None}]
