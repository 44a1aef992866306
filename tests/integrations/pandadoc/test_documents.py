"""Documents in PandaDoc: made from approved templates, sent once, taken back, whatever becomes of the calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from dealwright.effects import Outcome, SendDocument, WithdrawDocument
from integrations.kit.documents import key_of
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.pandadoc.documents import PandaDocDocuments
from tests.activities.conftest import Worker
from tests.integrations.documents.effects import a_contract, a_proposal, taken_back

MANY = 12
LATER = timedelta(minutes=2)


async def until_settled(
    worker: Worker, documents: PandaDocDocuments, effect: SendDocument | WithdrawDocument
) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    for number in range(MANY):
        try:
            if isinstance(effect, SendDocument):
                return await worker.attempt(
                    effect, prepare=lambda: documents.send("acme-1", effect), later=LATER * number
                )
            return await worker.attempt(
                effect, prepare=lambda: documents.withdraw("acme-1", effect), later=LATER * number
            )
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


async def made_by(pandadoc: RunningSimulator, effect: SendDocument) -> list[dict[str, Any]]:
    state: Any = await pandadoc.state()
    key = key_of(effect.id)
    return [one for one in state["documents"].values() if one["metadata"]["dealwright_effect"] == key]


async def test_a_document_is_made_in_the_background_and_sent_once_it_is_a_draft(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator
) -> None:
    effect = a_proposal("first", "pandadoc", attachments=("security",))

    outcome = await until_settled(worker, documents, effect)

    (one,) = await made_by(pandadoc, effect)
    assert (outcome.status, outcome.reference, one["status"], one["sendings"]) == (
        "done",
        one["id"],
        "document.sent",
        1,
    )
    assert one["tokens"] == {"amount": "9000 EUR", "discount": "5"}
    assert (one["recipients"][0]["email"], list(one["attachments"])) == ("ana@buyer.example", ["security"])


async def test_a_contract_carries_its_days(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator
) -> None:
    effect = a_contract("paper", "pandadoc")

    await until_settled(worker, documents, effect)

    (one,) = await made_by(pandadoc, effect)
    assert one["metadata"]["dealwright_kind"] == "contract"
    assert one["metadata"]["dealwright_starts_on"] == "2026-04-01"


@pytest.mark.parametrize("switch", ["lose_response", "bad_gateway", "lose_request", "server_error"])
@pytest.mark.parametrize("call", ["POST /public/v1/documents$", "/send$", "/attachments$"])
async def test_one_document_is_sent_once_whatever_becomes_of_a_call(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator, switch: str, call: str
) -> None:
    effect = a_proposal(f"trouble-{switch}-{len(call)}", "pandadoc", attachments=("security",))
    await pandadoc.switch(only=call, **{switch: 1})

    outcome = await until_settled(worker, documents, effect)

    (one,) = await made_by(pandadoc, effect)
    assert (outcome.status, one["status"], one["sendings"]) == ("done", "document.sent", 1)


@pytest.mark.parametrize("place", range(12))
async def test_one_document_is_sent_once_wherever_the_worker_dies(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator, place: int
) -> None:
    effect = a_proposal(f"killed-{place}", "pandadoc")
    for _ in range(2):
        try:
            await worker.attempt_killed_at_the(place, effect, prepare=lambda: documents.send("acme-1", effect))
        except ApplicationError:
            continue
    outcome = await until_settled(worker, documents, effect)

    sent = [one for one in await made_by(pandadoc, effect) if one["status"] == "document.sent"]
    assert (outcome.status, [one["sendings"] for one in sent]) == ("done", [1])


async def test_a_template_that_nobody_approved_is_waited_for(documents: PandaDocDocuments) -> None:
    with pytest.raises(NotHandedOver, match="no approved template 'offer 4'"):
        await documents.send("acme-1", a_proposal("unapproved", "pandadoc", template_version="4"))


async def test_an_expiry_that_pandadoc_cannot_set_is_refused(documents: PandaDocDocuments) -> None:
    with pytest.raises(Refused, match="take expires_after out"):
        await documents.send("acme-1", a_proposal("expiring", "pandadoc", expires_after=timedelta(days=30)))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("switch", ["lose_response", "server_error"])
async def test_a_document_is_taken_back_also_where_its_id_is_not_known(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator, switch: str, known: bool
) -> None:
    effect = a_proposal(f"withdrawn-{switch}-{known}", "pandadoc")
    sent = await until_settled(worker, documents, effect)
    await pandadoc.switch(only="/status$", **{switch: 1})

    outcome = await until_settled(worker, documents, taken_back(effect, sent.reference if known else None))

    (one,) = await made_by(pandadoc, effect)
    assert (outcome.status, one["status"]) == ("done", "document.voided")


async def test_what_the_buyer_has_accepted_is_not_taken_back(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator
) -> None:
    effect = a_proposal("accepted", "pandadoc")
    sent = await until_settled(worker, documents, effect)
    await pandadoc.change(do="sign", document=sent.reference)

    outcome = await until_settled(worker, documents, taken_back(effect, sent.reference))

    (one,) = await made_by(pandadoc, effect)
    assert (outcome.status, one["status"]) == ("failed", "document.completed")


@pytest.mark.parametrize("over", ["decline", "expire", "void"])
async def test_what_is_over_is_left_as_it_is(
    documents: PandaDocDocuments, worker: Worker, pandadoc: RunningSimulator, over: str
) -> None:
    effect = a_proposal(f"over-{over}", "pandadoc")
    sent = await until_settled(worker, documents, effect)
    await pandadoc.change(do=over, document=sent.reference)
    before = await made_by(pandadoc, effect)

    outcome = await until_settled(worker, documents, taken_back(effect, sent.reference))

    assert (outcome.status, await made_by(pandadoc, effect)) == ("done", before)
