"""Contacts in Apollo's sequences: added once, whatever becomes of the calls, and taken out again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from integrations.apollo.answers import remaining
from integrations.apollo.sequences import ApolloSequences
from integrations.apollo.settings import ApolloConnection
from integrations.kit.delivery import Absent, Found
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.request_budget import Remaining
from integrations.kit.simulator.process import RunningSimulator
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.apollo.enrolling import SEQUENCE, contacts_of, in_apollo, timeline_of, until_settled
from tests.integrations.enrolments.effects import an_enrolment, its_stop

TROUBLE = ["lose_response", "bad_gateway", "lose_request", "server_error"]


async def test_a_contact_whom_apollo_does_not_know_is_made_and_enrolled(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = in_apollo("unknown")

    outcome = await until_settled(worker, sequences, effect)

    (contact,) = await contacts_of(apollo, effect.address)
    (status,) = contact["statuses"]
    assert (outcome.status, outcome.reference) == ("done", status["id"])
    assert (contact["first_name"], contact["last_name"], contact["organization_name"]) == ("Ana", "Lopez", "Acme")
    assert (status["sequence"], status["account"], status["status"]) == (
        SEQUENCE,
        "6633baaece5fbd01c7910003",
        "active",
    )


async def test_the_sequence_writes_from_the_mailbox_of_whoever_has_the_deal_in_their_name(
    connection: ApolloConnection, store: Store, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = in_apollo("mailbox")
    accounts = {"Sam@Seller.example": "6633baaece5fbd01c7910004"}
    owners = {"sam@seller.example": "66302798d03b9601c7930001"}
    sequences = ApolloSequences(connection.model_copy(update={"email_accounts": accounts, "owners": owners}), store)

    await until_settled(worker, sequences, effect)
    await sequences.close()

    (contact,) = await contacts_of(apollo, effect.address)
    assert contact["statuses"][0]["account"] == "6633baaece5fbd01c7910004"
    assert contact["statuses"][0]["added_by"] == "66302798d03b9601c7930001"


@pytest.mark.parametrize("switch", TROUBLE)
@pytest.mark.parametrize("call", ["POST /api/v1/contacts$", "/add_contact_ids$"])
async def test_a_contact_is_enrolled_once_whatever_becomes_of_a_call(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator, switch: str, call: str
) -> None:
    effect = in_apollo(f"trouble-{switch}-{len(call)}")
    await apollo.switch(only=call, **{switch: 1})

    outcome = await until_settled(worker, sequences, effect)

    assert (outcome.status, len(await contacts_of(apollo, effect.address))) == ("done", 1)
    assert await timeline_of(apollo, effect.address) == ["enrolled"]


@pytest.mark.parametrize("place", range(10))
async def test_a_contact_is_enrolled_once_wherever_the_worker_dies(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator, place: int
) -> None:
    effect = in_apollo(f"killed-{place}")
    for _ in range(2):
        try:
            await worker.attempt_killed_at_the(place, prepare=lambda: sequences.enrol("acme-1", effect))
        except ApplicationError:
            continue

    outcome = await until_settled(worker, sequences, effect)

    assert (outcome.status, await timeline_of(apollo, effect.address)) == ("done", ["enrolled"])


async def test_whoever_is_in_the_sequence_already_is_left_to_whoever_enrolled_them(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = in_apollo("taken")
    await apollo.change(do="save", email=effect.address)
    await apollo.change(do="enrol", email=effect.address)

    outcome = await until_settled(worker, sequences, effect)

    assert (outcome.status, "enrolled by somebody else" in (outcome.reason or "")) == ("failed", True)
    assert await timeline_of(apollo, effect.address) == ["enrolled"]


async def test_whoever_went_through_it_before_is_enrolled_anew_and_the_old_one_is_not_taken_for_it(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = in_apollo("again")
    await apollo.change(do="save", email=effect.address)
    await apollo.change(do="enrol", email=effect.address)
    await apollo.change(do="finish", email=effect.address)
    await apollo.switch(only="/add_contact_ids$", lose_request=1)

    outcome = await until_settled(worker, sequences, effect)

    assert outcome.status == "done"
    assert await timeline_of(apollo, effect.address) == ["enrolled", "completed", "enrolled"]


async def test_whom_apollo_leaves_out_is_told_with_its_reason(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = in_apollo("elsewhere")
    await apollo.change(do="save", email=effect.address)
    await apollo.change(do="enrol", email=effect.address, sequence="66e9e215ece19801b2199943")

    outcome = await until_settled(worker, sequences, effect)

    assert outcome.status == "failed"
    assert (outcome.reason or "").endswith("contacts_active_in_other_campaigns")


@pytest.mark.parametrize("unsubscribed", [True, False])
async def test_nobody_is_enrolled_who_unsubscribed_there_or_is_not_there(
    connection: ApolloConnection, store: Store, worker: Worker, apollo: RunningSimulator, *, unsubscribed: bool
) -> None:
    effect = in_apollo(f"unwanted-{unsubscribed}")
    if unsubscribed:
        await apollo.change(do="save", email=effect.address, unsubscribed=True)
    sequences = ApolloSequences(connection.model_copy(update={"create_contacts": False}), store)

    outcome = await until_settled(worker, sequences, effect)
    await sequences.close()

    assert (outcome.status, await timeline_of(apollo, effect.address)) == ("failed", [])
    assert ("unsubscribed" if unsubscribed else "create_contacts") in (outcome.reason or "")


async def test_a_mailbox_that_is_off_is_told_in_apollos_words(
    connection: ApolloConnection, store: Store, worker: Worker
) -> None:
    off = ApolloSequences(connection.model_copy(update={"email_account": "f" * 24}), store)
    outcome = await until_settled(worker, off, in_apollo("mailbox-off"))
    await off.close()
    assert (outcome.status, "no longer active" in (outcome.reason or "")) == ("failed", True)


async def test_a_key_without_the_right_is_waited_for_since_a_person_can_give_it(
    connection: ApolloConnection, store: Store, apollo: RunningSimulator
) -> None:
    effect = in_apollo("weak")
    await apollo.change(do="save", email=effect.address)
    weak = ApolloSequences(connection.model_copy(update={"key": SecretStr("apollo-local-weak-key")}), store)
    with pytest.raises(NotHandedOver, match="not authorized to access") as refused:
        await (await weak.enrol("acme-1", effect)).send()
    await weak.close()
    assert refused.value.retry_after == timedelta(minutes=5)


async def test_a_wrong_key_is_told_as_one(connection: ApolloConnection, store: Store) -> None:
    wrong = ApolloSequences(connection.model_copy(update={"key": SecretStr("another-key")}), store)
    with pytest.raises(NotHandedOver, match="does not take the credentials") as refused:
        await (await wrong.enrol("acme-1", in_apollo("wrong-key"))).send()
    await wrong.close()
    assert "another-key" not in refused.value.reason


async def test_a_sequence_is_named_by_its_id(sequences: ApolloSequences) -> None:
    with pytest.raises(Refused, match="name it by its id"):
        await sequences.enrol("acme-1", an_enrolment("named", "apollo", "42"))


async def test_without_a_mailbox_the_step_waits_until_one_is_known(connection: ApolloConnection, store: Store) -> None:
    sequences = ApolloSequences(connection.model_copy(update={"email_account": None}), store)
    with pytest.raises(NotHandedOver, match="no mailbox is known for"):
        await sequences.enrol("acme-1", in_apollo("no-mailbox"))


@pytest.mark.parametrize("switch", TROUBLE)
async def test_a_contact_is_taken_out_whatever_becomes_of_the_call(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator, switch: str
) -> None:
    effect = in_apollo(f"out-{switch}")
    await until_settled(worker, sequences, effect)
    await apollo.switch(only="/remove_or_stop_contact_ids$", **{switch: 1})

    outcome = await until_settled(worker, sequences, its_stop(effect))

    (contact,) = await contacts_of(apollo, effect.address)
    assert outcome.status == "done"
    assert [(one["status"], one["stops"]) for one in contact["statuses"]] == [("finished", 1)]


@pytest.mark.parametrize("over", ["reply", "finish", "remove", "delete"])
async def test_whoever_is_out_of_it_already_is_left_as_they_are(
    sequences: ApolloSequences, worker: Worker, apollo: RunningSimulator, over: str
) -> None:
    effect = in_apollo(f"over-{over}")
    await until_settled(worker, sequences, effect)
    await apollo.change(do=over, email=effect.address)
    before = await contacts_of(apollo, effect.address)

    outcome = await until_settled(worker, sequences, its_stop(effect))

    assert (outcome.status, await contacts_of(apollo, effect.address)) == ("done", before)


async def test_nobody_is_taken_out_whom_a_person_enrolled(sequences: ApolloSequences, apollo: RunningSimulator) -> None:
    effect = in_apollo("of-a-person")
    await apollo.change(do="save", email=effect.address)
    await apollo.change(do="enrol", email=effect.address)

    await (await sequences.stop(its_stop(effect), None)).send()

    assert await timeline_of(apollo, effect.address) == ["enrolled"]


async def test_what_was_asked_for_is_found_again_and_nothing_else(sequences: ApolloSequences, worker: Worker) -> None:
    effect = in_apollo("found")
    delivery = await sequences.enrol("acme-1", effect)
    assert delivery.find is not None
    nothing = await delivery.find()
    outcome = await until_settled(worker, sequences, effect)

    assert (nothing, await delivery.find()) == (Absent(), Found(outcome.reference))
    another = await sequences.enrol("acme-1", in_apollo("another", to=effect.to))
    assert another.find is not None
    assert await another.find() == Absent()


async def test_what_is_left_of_the_shortest_window_counts() -> None:
    left = {"x-minute-requests-left": "20", "x-hourly-requests-left": "7"}
    assert remaining(left) == Remaining(7, timedelta(hours=1))
    assert remaining({}) is None
