"""Contacts in Outreach's sequences: enrolled once, whatever becomes of the calls, and taken out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from integrations.kit.answers import Answer, Operation, Retry
from integrations.kit.delivery import Absent, Found
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.outreach.answers import classify, errors_in, remaining
from integrations.outreach.client import OutreachClient
from integrations.outreach.sequences import OutreachSequences
from integrations.outreach.settings import OutreachConnection
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.enrolments.effects import an_enrolment, its_stop
from tests.integrations.outreach.enrolling import prospects_of, states_of, until_settled

TROUBLE = ["lose_response", "bad_gateway", "lose_request", "server_error"]
MISSING_SCOPE = Path(__file__).parent / "samples" / "missing_scope.json"


async def test_a_contact_whom_outreach_does_not_know_becomes_a_prospect_and_is_enrolled(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("unknown", "outreach", "42")

    outcome = await until_settled(worker, sequences, effect)

    (prospect,), (state,) = await prospects_of(outreach, effect.address), await states_of(outreach, effect.address)
    assert (outcome.status, outcome.reference) == ("done", str(state["id"]))
    assert (prospect["first_name"], prospect["last_name"], prospect["company"]) == ("Ana", "Lopez", "Acme")
    assert (state["sequence"], state["mailbox"], state["state"]) == (42, 3, "active")


async def test_a_prospect_is_found_by_their_address(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("known", "outreach", "42")
    known: Any = await outreach.change(do="add_prospect", email=effect.address)

    await until_settled(worker, sequences, effect)

    (state,) = await states_of(outreach, effect.address)
    assert state["prospect"] == known["id"]


async def test_the_sequence_writes_from_the_mailbox_of_whoever_has_the_deal(
    connection: OutreachConnection, store: Store, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("mailbox", "outreach", "42")
    own = connection.model_copy(update={"mailboxes": {"Sam@Seller.example": 4}, "owners": {"sam@seller.example": "2"}})
    sequences = OutreachSequences(own, store)

    await until_settled(worker, sequences, effect)
    await sequences.close()

    (state,), (prospect,) = await states_of(outreach, effect.address), await prospects_of(outreach, effect.address)
    assert (state["mailbox"], prospect["owner"]) == (4, 2)


@pytest.mark.parametrize("switch", TROUBLE)
@pytest.mark.parametrize("call", ["POST /api/v2/prospects$", "POST /api/v2/sequenceStates$"])
async def test_a_contact_is_enrolled_once_whatever_becomes_of_a_call(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator, switch: str, call: str
) -> None:
    effect = an_enrolment(f"trouble-{switch}-{len(call)}", "outreach", "42")
    await outreach.switch(only=call, **{switch: 1})

    outcome = await until_settled(worker, sequences, effect)

    (state,) = await states_of(outreach, effect.address)
    assert (outcome.status, outcome.reference) == ("done", str(state["id"]))
    assert len(await prospects_of(outreach, effect.address)) == 1


@pytest.mark.parametrize("place", range(10))
async def test_a_contact_is_enrolled_once_wherever_the_worker_dies(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator, place: int
) -> None:
    effect = an_enrolment(f"killed-{place}", "outreach", "42")
    for _ in range(2):
        try:
            await worker.attempt_killed_at_the(place, prepare=lambda: sequences.enrol("acme-1", effect))
        except ApplicationError:
            continue

    outcome = await until_settled(worker, sequences, effect)

    assert (outcome.status, len(await states_of(outreach, effect.address))) == ("done", 1)


async def test_whoever_is_in_the_sequence_already_is_left_to_whoever_enrolled_them(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("taken", "outreach", "42")
    await outreach.change(do="add_prospect", email=effect.address)
    await outreach.change(do="enrol", email=effect.address, sequence=42)

    outcome = await until_settled(worker, sequences, effect)

    assert (outcome.status, "enrolled by somebody else" in (outcome.reason or "")) == ("failed", True)
    assert len(await states_of(outreach, effect.address)) == 1


async def test_whoever_went_through_it_before_is_enrolled_anew_and_the_old_one_is_not_taken_for_it(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("again", "outreach", "42")
    await outreach.change(do="add_prospect", email=effect.address)
    before: Any = await outreach.change(do="enrol", email=effect.address, sequence=42)
    await outreach.change(do="finish", state=before["id"])
    await outreach.switch(only="POST /api/v2/sequenceStates$", lose_response=1)

    outcome = await until_settled(worker, sequences, effect)

    there = await states_of(outreach, effect.address)
    assert [one["state"] for one in there] == ["finished", "active"]
    assert outcome.reference == str(there[1]["id"])


@pytest.mark.parametrize("opted_out", [True, False])
async def test_nobody_is_enrolled_who_opted_out_there_or_is_not_there(
    connection: OutreachConnection, store: Store, worker: Worker, outreach: RunningSimulator, *, opted_out: bool
) -> None:
    effect = an_enrolment(f"unwanted-{opted_out}", "outreach", "42")
    if opted_out:
        await outreach.change(do="add_prospect", email=effect.address, opted_out=True)
    sequences = OutreachSequences(connection.model_copy(update={"create_prospects": False}), store)

    outcome = await until_settled(worker, sequences, effect)
    await sequences.close()

    assert (outcome.status, await states_of(outreach, effect.address)) == ("failed", [])
    assert ("opted out" if opted_out else "create_prospects") in (outcome.reason or "")


async def test_what_outreach_does_not_take_is_told_in_its_words(sequences: OutreachSequences, worker: Worker) -> None:
    outcome = await until_settled(worker, sequences, an_enrolment("elsewhere", "outreach", "99"))
    assert outcome.status == "failed"
    assert "Sequence must exist. (/data/relationships/sequence)" in (outcome.reason or "")


async def test_a_sequence_is_named_by_its_number(sequences: OutreachSequences) -> None:
    with pytest.raises(Refused, match="name it by its number"):
        await sequences.enrol("acme-1", an_enrolment("named", "outreach", "first-touch"))


async def test_without_a_mailbox_the_step_waits_until_one_is_known(
    connection: OutreachConnection, store: Store
) -> None:  # fmt: skip
    sequences = OutreachSequences(connection.model_copy(update={"mailbox": None}), store)
    with pytest.raises(NotHandedOver, match=r"no mailbox is known for sam@seller\.example"):
        await sequences.enrol("acme-1", an_enrolment("no-mailbox", "outreach", "42"))
    await sequences.close()


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("switch", TROUBLE)
async def test_a_contact_is_taken_out_also_where_the_sequence_state_is_not_known(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator, switch: str, *, known: bool
) -> None:
    effect = an_enrolment(f"out-{switch}-{known}", "outreach", "42")
    enrolled = await until_settled(worker, sequences, effect)
    await outreach.switch(only="/actions/finish$", **{switch: 1})

    outcome = await until_settled(worker, sequences, its_stop(effect), enrolled.reference if known else None)

    (state,) = await states_of(outreach, effect.address)
    assert (outcome.status, state["state"], state["finishes"]) == ("done", "finished", 1)


@pytest.mark.parametrize("over", ["bounce", "opt_out", "finish", "delete"])
async def test_whoever_is_out_of_it_already_is_left_as_they_are(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator, over: str
) -> None:
    effect = an_enrolment(f"over-{over}", "outreach", "42")
    enrolled = await until_settled(worker, sequences, effect)
    await outreach.change(do=over, state=int(enrolled.reference or ""))
    before = await states_of(outreach, effect.address)

    outcome = await until_settled(worker, sequences, its_stop(effect), enrolled.reference)

    assert (outcome.status, await states_of(outreach, effect.address)) == ("done", before)


async def test_a_state_that_failed_is_finished_so_that_nobody_lets_it_go_on(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("failed", "outreach", "42")
    enrolled = await until_settled(worker, sequences, effect)
    await outreach.change(do="fail", state=int(enrolled.reference or ""))

    await until_settled(worker, sequences, its_stop(effect), enrolled.reference)

    assert [one["state"] for one in await states_of(outreach, effect.address)] == ["finished"]


async def test_nobody_is_taken_out_whom_a_person_enrolled_where_our_own_call_was_never_taken(
    sequences: OutreachSequences, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("of-a-person", "outreach", "42")
    await outreach.change(do="add_prospect", email=effect.address)
    await outreach.change(do="enrol", email=effect.address, sequence=42)

    await (await sequences.stop(its_stop(effect), None)).send()

    assert [one["state"] for one in await states_of(outreach, effect.address)] == ["active"]


async def test_what_was_asked_for_is_found_again_and_nothing_else(
    sequences: OutreachSequences, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = an_enrolment("found", "outreach", "42")
    delivery = await sequences.enrol("acme-1", effect)
    assert delivery.find is not None
    nothing = await delivery.find()
    outcome = await until_settled(worker, sequences, effect)

    assert (nothing, await delivery.find()) == (Absent(), Found(outcome.reference))
    another = await sequences.enrol("acme-1", an_enrolment("another", "outreach", "42", to=effect.to))
    assert another.find is not None
    assert await another.find() == Absent()
    assert len(await states_of(outreach, effect.address)) == 1


async def test_processes_share_a_token_and_each_renewal_brings_the_next_refresh_token(
    connection: OutreachConnection, store: Store, outreach: RunningSimulator
) -> None:
    before: Any = await outreach.state()
    for _ in range(2):
        client = OutreachClient(connection, store)
        await client.webhooks()
        await client.close()
    after: Any = await outreach.state()
    assert len(after["tokens"]["spent"]) == len(before["tokens"]["spent"]) + 1


async def test_a_token_that_is_no_longer_taken_is_not_replaced_within_its_first_minute(
    connection: OutreachConnection, store: Store, outreach: RunningSimulator
) -> None:
    client = OutreachClient(connection, store)
    await client.webhooks()
    await outreach.switch(expire_token=1)
    with pytest.raises(NotHandedOver, match="does not take the credentials"):
        await client.webhooks()
    await client.webhooks()
    await client.close()


async def test_a_missing_scope_is_waited_for_since_a_person_can_add_it() -> None:
    said = MISSING_SCOPE.read_bytes()
    verdict = classify(Operation(name="enrol", method="POST"), Answer(403, {}, said))
    assert isinstance(verdict, Retry)
    assert "sequenceStates.write" in errors_in(said)


async def test_what_is_left_of_the_hour_is_read_from_each_answer() -> None:
    left = remaining({"x-ratelimit-remaining": "17", "x-ratelimit-reset": "2026-01-01T00:00:00"})
    assert left is not None
    assert left.units == 17
    assert remaining({}) is None
