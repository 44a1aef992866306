"""Salesforce, the CRM of the second installation: the lead begins there, and people drive the deal from there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dealwright.deal import Money
from dealwright.facts import ContractSigned
from demo.all_tools.part import Life, Line, Part, read_beside
from integrations.kit.simulator.process import RunningSimulator

AMOUNT, SAM, ADA = 12_000, "sam@seller.example", "ada@pine.example"
_GRACE = timedelta(minutes=20)
_OF_ITS_RECORD = ("title", "amount", "closing date", "owner", "account")
"""What is told of a new opportunity, each by itself, beside its stage and its forecast category."""
STAGES = {"lead": "Prospecting", "talking": "Needs Analysis", "customer": "Closed Won"}


async def begin(org: RunningSimulator) -> str:
    """Somebody makes an opportunity with its account and contact; returns the id of the deal that it opens."""
    sam = await _make(org, "User", Name="Sam Holt", Email=SAM)
    account = await _make(org, "Account", Name="Pine", Website="https://pine.example")
    contact = await _make(org, "Contact", LastName="Lind", FirstName="Ada", Email=ADA, AccountId=account)
    opportunity = await _make(
        org, "Opportunity", Name="Pine: team plan", StageName=STAGES["lead"], CloseDate="2027-12-31", Amount=AMOUNT,
        OwnerId=sam, AccountId=account,
    )  # fmt: skip
    await _make(org, "OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, IsPrimary=True)
    return f"salesforce-{opportunity}"


async def _work_there(life: Life) -> None:
    """What Dealwright asks is done there, and the opportunity moved on."""
    life.heard("salesforce", "crm_stage_moved", "forecast_given", *["crm_properties_changed"] * len(_OF_ITS_RECORD))
    await life.deal.see(lambda seen: seen.amount is not None and seen.owner == "Sam Holt", "Salesforce opened the deal")
    await read_beside(life.stack, "salesforce")  # no outbound message tells of a contact's role
    life.heard("salesforce", "crm_properties_changed")
    await life.until("the task stands in Salesforce", lambda: _is_there(life))
    (task,) = await _tasks(life)
    await life.tool("salesforce").change(do="update", sobject="Task", id=task["Id"], values={"Status": "Completed"})
    await life.hears("salesforce", "crm_task_completed")
    moved = {"StageName": STAGES["talking"]}
    await life.tool("salesforce").change(do="update", sobject="Opportunity", id=_record_id(life), values=moved)
    await life.hears("salesforce", "crm_stage_moved")
    await life.deal.stage("talking")


async def _sign(life: Life) -> None:
    """Both sign on paper, which a person reports, after the second in which Salesforce says that it was moved on."""

    async def is_over() -> bool:
        return all(one.happened_at < datetime.now(UTC) for one in await life.taken() if one.source == "salesforce")

    await life.until("that second is over", is_over)
    starts_on = datetime.now(UTC).date()
    days: dict[str, Any] = {
        "starts_on": starts_on, "ends_on": starts_on.replace(year=starts_on.year + 1) - timedelta(days=1)
    }  # fmt: skip
    value = Money(amount=Decimal(AMOUNT), currency="EUR")
    await life.deal.tell(ContractSigned(id="pine-signed", term="pine-1", by="Sam Holt", value=value, **days))
    await life.deal.stage("customer")


async def _see_what_comes_next(life: Life) -> None:
    """Nobody has planned what comes next: Sam is asked for it there."""
    await life.deal.pass_time(_GRACE)
    await life.until("that Sam is asked for it stands in Salesforce", lambda: _is_there(life))


async def _is_there(life: Life) -> bool:
    """Whether something is to be done."""
    return any(not one["IsClosed"] for one in await _tasks(life))


async def _tasks(life: Life) -> list[dict[str, Any]]:
    """Our tasks on the opportunity."""
    all_ = (await _table(life, "Task")).values()
    return [one for one in all_ if one["WhatId"] == _record_id(life)]


async def _table(life: Life, sobject: str) -> dict[str, dict[str, Any]]:
    state = await life.state("salesforce")
    found: dict[str, dict[str, Any]] = state["org"]["tables"][sobject]
    return found


def _record_id(life: Life) -> str:
    return life.deal.deal_id.rpartition("-")[2]


async def _compare(life: Life) -> list[Line]:
    record, seen, tasks = (
        (await _table(life, "Opportunity"))[_record_id(life)],
        await life.deal.snapshot(),
        await _tasks(life),
    )
    own = f"{life.deal.deal_id}/"
    to_do = [one["Dealwright_Effect__c"].removeprefix(own) for one in tasks if not one["IsClosed"]]
    users = await _table(life, "User")
    return [
        Line("opportunities, one for the deal", 1, len(await _table(life, "Opportunity"))),
        Line("the deal's stage", STAGES.get(seen.stage or "", "?"), record["StageName"]),
        Line("its amount", seen.amount and int(seen.amount.amount), int(record["Amount"])),
        Line("its owner", seen.owner, users[record["OwnerId"]]["Name"]),
        Line("tasks", len(await life.done("create_task")), len(tasks)),
        Line("tasks that are open", sorted(one.id.removeprefix(own) for one in seen.open_tasks), sorted(to_do)),
    ]


async def _make(org: RunningSimulator, sobject: str, **values: object) -> str:
    made: Any = await org.change(do="create", sobject=sobject, values=values)
    return str(made["id"])


SALESFORCE = Part(
    tool="salesforce",
    does="CRM",
    acts={"lead": _work_there, "contract": _sign, "renewal": _see_what_comes_next},
    compare=_compare,
    deal="third",
    block={
        "settings": {"playbook": "in-salesforce", "owner_role": "rep", "currency": "EUR", "won_stage": "customer"},
        "stages": {**STAGES},
    },
)
