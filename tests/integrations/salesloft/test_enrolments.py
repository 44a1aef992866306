"""Contacts in Salesloft's cadences: added once whatever becomes of the call, and taken out, but nobody else's."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.salesloft.enrolments import SalesloftEngagement
from tests.activities.conftest import Worker
from tests.integrations.salesloft.team import Team, an_address, an_enrolment, its_end, until_settled

ADDING, REMOVING = "POST /v2/cadence_memberships", "DELETE /v2/cadence_memberships"


async def test_whoever_has_the_address_is_added_once_in_the_senders_name(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())

    outcome = await until_settled(worker, cadences, an_enrolment(address))

    (one,) = await team.memberships(address)
    assert (outcome.status, outcome.reference) == ("done", str(one["id"]))
    assert (one["state"], one["additions"], one["cadence"], one["user"]) == ("staged", 1, 42, 1)


@pytest.mark.parametrize("switch", ["lose_request", "lose_response", "bad_gateway", "server_error"])
async def test_they_are_added_once_whatever_becomes_of_the_call(
    cadences: SalesloftEngagement, worker: Worker, team: Team, switch: str
) -> None:
    address = await team.add(an_address())
    await team.running.switch(only=ADDING, **{switch: 1})

    outcome = await until_settled(worker, cadences, an_enrolment(address))

    (one,) = await team.memberships(address)
    assert (outcome.status, outcome.reference, one["additions"]) == ("done", str(one["id"]), 1)


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_they_are_added_once_though_the_worker_is_killed_anywhere(
    cadences: SalesloftEngagement, worker: Worker, team: Team, point: Checkpoint
) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    await worker.attempt_until_killed(point, effect, prepare=lambda: cadences.enrol("acme-1", effect))

    outcome = await until_settled(worker, cadences, effect)

    (one,) = await team.memberships(address)
    assert (outcome.status, one["additions"]) == ("done", 1)


async def test_whoever_was_in_the_cadence_before_and_is_out_of_it_is_added_again(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())
    await team.do("enrol", address)
    await team.do("remove", address)
    await team.running.switch(only=ADDING, lose_response=1)

    outcome = await until_settled(worker, cadences, an_enrolment(address))

    (one,) = await team.memberships(address)
    assert (outcome.status, one["state"], one["additions"]) == ("done", "staged", 2)


async def test_nobody_is_taken_over_whom_somebody_else_has_enrolled(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())
    await team.do("enrol", address)
    effect = an_enrolment(address)

    outcome = await until_settled(worker, cadences, effect)
    await until_settled(worker, cadences, its_end(effect))

    (one,) = await team.memberships(address)
    assert (outcome.status, one["state"], one["additions"]) == ("failed", "staged", 1)
    assert "enrolled by somebody else" in (outcome.reason or "")


async def test_whom_salesloft_does_not_have_is_waited_for(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = an_address()
    effect = an_enrolment(address)
    with pytest.raises(ApplicationError, match="has nobody with the address"):
        await worker.attempt(effect, prepare=lambda: cadences.enrol("acme-1", effect))
    await team.add(address)

    assert (await until_settled(worker, cadences, effect)).status == "done"


async def test_whoever_is_not_to_be_contacted_is_refused(cadences: SalesloftEngagement, team: Team) -> None:
    address = await team.add(an_address())
    await team.do("restrict", address, channel="email")

    with pytest.raises(Refused, match="not to be contacted"):
        await cadences.enrol("acme-1", an_enrolment(address))


async def test_a_sequence_that_is_no_id_is_refused_and_one_that_is_not_there_fails(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())

    with pytest.raises(Refused, match="no cadence of Salesloft's"):
        await cadences.enrol("acme-1", an_enrolment(address, sequence="first-touch"))
    outcome = await until_settled(worker, cadences, an_enrolment(address, sequence="77"))
    assert (outcome.status, "cadence_id is invalid" in (outcome.reason or "")) == ("failed", True)


@pytest.mark.parametrize("switch", ["", "lose_request", "lose_response", "bad_gateway", "server_error"])
async def test_whom_we_enrolled_is_taken_out(
    cadences: SalesloftEngagement, worker: Worker, team: Team, switch: str
) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    enrolled = await until_settled(worker, cadences, effect)
    if switch:
        await team.running.switch(only=REMOVING, **{switch: 1})

    outcome = await until_settled(worker, cadences, its_end(effect), enrolled.reference)

    (one,) = await team.memberships(address)
    assert (outcome.status, one["state"]) == ("done", "removed")


async def test_whom_we_may_have_enrolled_is_found_and_taken_out(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    await team.running.switch(only=ADDING, lose_response=1)
    with pytest.raises(ApplicationError):
        await worker.attempt(effect, prepare=lambda: cadences.enrol("acme-1", effect))

    await until_settled(worker, cadences, its_end(effect))

    (one,) = await team.memberships(address)
    assert one["state"] == "removed"


async def test_an_end_leaves_alone_what_another_deal_has_begun_since(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())
    first, second = an_enrolment(address, "acme-1"), an_enrolment(address, "other-2")
    enrolled = await until_settled(worker, cadences, first)
    await team.do("remove", address)
    await until_settled(worker, cadences, second)

    await until_settled(worker, cadences, its_end(first), enrolled.reference)

    (one,) = await team.memberships(address)
    assert one["state"] == "staged"


async def test_whom_salesloft_is_working_on_is_taken_out_later(
    cadences: SalesloftEngagement, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    enrolled = await until_settled(worker, cadences, effect)
    await team.do("process", address)
    with pytest.raises(NotHandedOver, match="working on them"):
        await cadences.stop(its_end(effect), enrolled.reference)
    await team.do("advance", address)

    await until_settled(worker, cadences, its_end(effect), enrolled.reference)

    (one,) = await team.memberships(address)
    assert one["state"] == "removed"


async def test_one_page_of_a_list_costs_a_point(salesloft: RunningSimulator, cadences: SalesloftEngagement) -> None:
    with pytest.raises(NotHandedOver):
        await cadences.enrol("acme-1", an_enrolment(an_address()))
    (*_, last) = await salesloft.calls("GET /v2/people")
    assert last.status == 200


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_they_are_taken_out_though_the_worker_is_killed_anywhere(
    cadences: SalesloftEngagement, worker: Worker, team: Team, point: Checkpoint
) -> None:
    address = await team.add(an_address())
    effect = an_enrolment(address)
    enrolled = await until_settled(worker, cadences, effect)
    end = its_end(effect)
    await worker.attempt_until_killed(point, end, prepare=lambda: cadences.stop(end, enrolled.reference))

    outcome = await until_settled(worker, cadences, end, enrolled.reference)

    (one,) = await team.memberships(address)
    assert (outcome.status, one["state"]) == ("done", "removed")
