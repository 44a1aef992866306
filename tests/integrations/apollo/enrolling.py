"""Attempts at enrolments in a simulated team, as Temporal makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError

from dealwright.effects import EnrolContact, Outcome, StopEnrolment
from integrations.apollo.sequences import ApolloSequences
from integrations.kit.delivery import Delivery
from integrations.kit.simulator.process import RunningSimulator
from tests.activities.conftest import Worker
from tests.integrations.enrolments.effects import an_enrolment

SEQUENCE = "66e9e215ece19801b2199942"
MANY = 12
LATER = timedelta(minutes=2)


def in_apollo(name: str, **changes: object) -> EnrolContact:
    """An enrolment in the first sequence of the team."""
    return an_enrolment(name, "apollo", SEQUENCE, **changes)


async def until_settled(worker: Worker, sequences: ApolloSequences, effect: EnrolContact | StopEnrolment) -> Outcome:
    """Attempts until one tells what became of the effect."""

    async def prepare() -> Delivery:
        if isinstance(effect, EnrolContact):
            return await sequences.enrol(effect.id.partition("/")[0], effect)
        return await sequences.stop(effect, None)

    for number in range(MANY):
        try:
            return await worker.attempt(effect, prepare=prepare, later=LATER * number)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


async def contacts_of(apollo: RunningSimulator, address: str) -> list[dict[str, Any]]:
    """The contacts with an address."""
    held: Any = await apollo.state()
    return [one for one in held["contacts"].values() if one["email"] == address]


async def timeline_of(apollo: RunningSimulator, address: str) -> list[str]:
    """What became of whoever has an address, the oldest first."""
    return [one["type"] for contact in await contacts_of(apollo, address) for one in reversed(contact["timeline"])]
