"""Pipedrive, the CRM of the third installation: the lead begins there, and is won there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from demo.all_tools.part import Life, Line, Part
from integrations.kit.simulator.process import RunningSimulator
from integrations.pipedrive.marks import mark_in, mark_of

AMOUNT, SAM, US, ADA = 7200, 14_000_002, 14_000_001, "ada@reed.example"
_GRACE = timedelta(minutes=20)
STAGES = {"lead": "1", "talking": "2", "customer": "won"}


async def begin(company: RunningSimulator) -> str:
    """Somebody enters a deal with its person and organization; returns the id of the deal that it opens here."""
    await company.switch(search_lag=0)
    organization = await _make(company, "organization", name="Reed")
    ada = await _make(company, "person", name="Ada Roth", emails=[{"value": ADA, "primary": True}])
    deal = await _make(
        company, "deal", title="Reed: team plan", value=AMOUNT, owner_id=SAM, person_id=ada, org_id=organization
    )
    return f"pipedrive-{deal}"


async def _work_there(life: Life) -> None:
    """Sam does there what Dealwright asks, and moves the deal on."""
    await life.deal.see(lambda seen: seen.owner == "Sam Holt", "Pipedrive opened the deal")
    await _do(life, "find_out_more")
    await life.hears("pipedrive", "crm_task_completed")
    await _update(life, "deal", _record_id(life), stage_id=int(STAGES["talking"]))
    await life.hears("pipedrive", "crm_stage_moved")
    await life.deal.stage("talking")


async def _win(life: Life) -> None:
    await _update(life, "deal", _record_id(life), status="won")
    await life.hears("pipedrive", "crm_stage_moved")
    await life.deal.stage("customer")
    await _do(life, "say_welcome")
    await life.hears("pipedrive", "crm_task_completed")
    await life.deal.pass_time(_GRACE)  # what comes next nobody has planned: Sam is asked for it there
    await life.until("that Sam is asked for it stands in Pipedrive", lambda: _is_asked(life))


async def _is_asked(life: Life) -> bool:
    return any(not one["values"]["done"] for one in await _activities(life))


async def _do(life: Life, task: str) -> None:
    """Sam ticks off one of our tasks, once it is on his list."""
    found: list[int] = []

    seen = await life.deal.see(lambda seen: any(one.name == task for one in seen.open_tasks), f"{task} is asked for")
    wanted = next(mark_of(one.id) for one in seen.open_tasks if one.name == task)

    async def stands_there() -> bool:
        found[:] = [one["id"] for one in await _activities(life) if mark_in(one["values"]["note"]) == wanted]
        return bool(found)

    await life.until(f"{task} stands in Pipedrive", stands_there)
    await _update(life, "activity", found[0], done=True)


async def _records(life: Life, kind: str) -> list[dict[str, Any]]:
    state = await life.state("pipedrive")
    return [one for one in state["records"][kind].values() if not one["is_deleted"]]


async def _activities(life: Life) -> list[dict[str, Any]]:
    return [one for one in await _records(life, "activity") if one["values"]["deal_id"] == _record_id(life)]


def _record_id(life: Life) -> int:
    return int(life.deal.deal_id.rpartition("-")[2])


async def _compare(life: Life) -> list[Line]:
    deals, tasks, seen = await _records(life, "deal"), await _activities(life), await life.deal.snapshot()
    record = next(one["values"] for one in deals if one["id"] == _record_id(life))
    to_do = [mark_in(one["values"]["note"]) for one in tasks if not one["values"]["done"]]
    return [
        Line("deals, one for the deal", 1, len(deals)),
        Line("the deal's stage", STAGES.get(seen.stage or "", "?"), record["status"]),
        Line("its amount", seen.amount and int(seen.amount.amount), int(record["value"])),
        Line("its owner", seen.owner, "Sam Holt" if record["owner_id"] == SAM else "somebody else"),
        Line("tasks", len(await life.done("create_task")), len(tasks)),
        Line("tasks that are open", sorted(mark_of(one.id) for one in seen.open_tasks), sorted(filter(None, to_do))),
    ]


async def _make(company: RunningSimulator, kind: str, **values: object) -> int:
    made: Any = await company.change(do="create", kind=kind, values=values)
    return int(made["id"])


async def _update(life: Life, kind: str, id_: int, **values: object) -> None:
    await life.tool("pipedrive").change(do="update", kind=kind, id=id_, values=values)


PIPEDRIVE = Part(
    tool="pipedrive",
    does="CRM",
    acts={"lead": _work_there, "contract": _win},
    compare=_compare,
    deal="fourth",
    options={"calls_in_two_seconds": "5000", "tokens_a_day": "9000000"},
    block={
        "settings": {"playbook": "in-pipedrive", "owner_role": "rep", "user_id": str(US)},
        "stages": {**STAGES},
    },
)
