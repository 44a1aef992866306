"""Attempts at enrolments in a simulated organization, as Temporal makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError

from dealwright.effects import EnrolContact, Outcome, StopEnrolment
from integrations.kit.delivery import Delivery
from integrations.kit.simulator.process import RunningSimulator
from integrations.outreach.sequences import OutreachSequences
from tests.activities.conftest import Worker

MANY = 12
LATER = timedelta(minutes=2)


async def until_settled(
    worker: Worker, sequences: OutreachSequences, effect: EnrolContact | StopEnrolment, reference: str | None = None
) -> Outcome:
    """Attempts until one tells what became of the effect."""

    async def prepare() -> Delivery:
        if isinstance(effect, EnrolContact):
            return await sequences.enrol(effect.id.partition("/")[0], effect)
        return await sequences.stop(effect, reference)

    for number in range(MANY):
        try:
            return await worker.attempt(effect, prepare=prepare, later=LATER * number)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


async def states_of(outreach: RunningSimulator, address: str) -> list[dict[str, Any]]:
    """The sequence states of whoever has an address."""
    held: Any = await outreach.state()
    whose = {one["id"] for one in held["prospects"].values() if address in one["emails"]}
    return [one for one in held["states"].values() if one["prospect"] in whose]


async def prospects_of(outreach: RunningSimulator, address: str) -> list[dict[str, Any]]:
    """The prospects with an address."""
    held: Any = await outreach.state()
    return [one for one in held["prospects"].values() if address in one["emails"]]
