"""HubSpot, the CRM: the lead begins there, and the deal's record and tasks are kept there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.all_tools.part import Life, Line, Part
from demo.hubspot_count import count_hubspot
from demo.hubspot_people import SAM
from integrations.kit.simulator.process import RunningSimulator

AMOUNT, CONTACT, PHONE, DOMAIN = 9600, "ada@fern.example", "+4915112345678", "fern.example"
STAGES = {"lead": "appointmentscheduled", "talking": "qualifiedtobuy", "customer": "closedwon"}


async def begin(account: RunningSimulator) -> str:
    """Somebody enters a lead in HubSpot, with its company; returns the id of the deal that the webhook opens."""
    company = await _create(account, "companies", {}, name="Fern", domain=DOMAIN)
    contact = await _create(
        account, "contacts", {}, email=CONTACT, firstname="Ada", lastname="Berg", phone=PHONE, country="DE"
    )
    deal = await _create(
        account, "deals", {"contacts": contact, "companies": company}, dealname="Fern: team plan",
        amount=str(AMOUNT), dealstage=STAGES["lead"], hubspot_owner_id=SAM.id,
    )  # fmt: skip
    portal = (await account.connection()).block["portal_id"]
    return f"hubspot-{portal}-{deal}"


async def _lead(life: Life) -> None:
    await life.deal.see(lambda seen: seen.stage == "lead", "HubSpot's webhook opened the deal")


async def _compare(life: Life) -> list[Line]:
    deal_id, state = life.deal.deal_id, await life.state("hubspot")
    counted = await count_hubspot(life.tool("hubspot"), life.stack.store, [deal_id], {})
    record: Mapping[str, Any] = state["objects"]["deals"][deal_id.rpartition("-")[2]]["properties"]
    seen = await life.deal.snapshot()
    tasks = [one["properties"] for one in state["objects"]["tasks"].values()]
    ours = [one for one in tasks if one.get("dealwright_key", "").startswith(f"task:{deal_id}/")]
    to_do = [one["dealwright_key"] for one in ours if one["hs_task_status"] != "COMPLETED"]
    return [
        Line("the deal's stage", STAGES.get(seen.stage or "", "?"), record["dealstage"]),
        Line("its amount", seen.amount and f"{seen.amount.amount:f}", record["amount"]),
        Line("its owner", seen.owner, "Sam Holt" if record["hubspot_owner_id"] == SAM.id else "somebody else"),
        Line("tasks", len(await life.done("create_task")), len(ours)),
        Line("tasks that are open", sorted(f"task:{one.id}" for one in seen.open_tasks), sorted(to_do)),
        Line("what is wrong in HubSpot", [], counted.faults),
    ]


async def _create(account: RunningSimulator, kind: str, to: dict[str, str], **properties: str) -> str:
    made: Any = await account.change(do="create", type=kind, properties=properties, to=to)
    return str(made["id"])


HUBSPOT = Part(
    tool="hubspot",
    does="CRM",
    acts={"lead": _lead},
    compare=_compare,
    options={"calls_in_ten_seconds": "5000"},
    block={
        "settings": {"currency": "EUR", "app_id": "30000001", "playbook": "all-tools", "owner_role": "rep"},
        "stages": {**STAGES},
    },
)
