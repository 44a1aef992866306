"""Envelopes in DocuSign: made from approved templates, sent once, taken back, whatever becomes of the calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from dealwright.effects import SendDocument
from dealwright.terms import Terms
from integrations.docusign.documents import DocuSignDocuments
from integrations.kit.documents import key_of
from integrations.kit.errors import Refused
from integrations.kit.simulator.process import RunningSimulator
from tests.activities.conftest import Worker
from tests.integrations.documents.desk import until_settled
from tests.integrations.documents.effects import a_proposal, taken_back


async def made_by(docusign: RunningSimulator, effect: SendDocument) -> list[dict[str, Any]]:
    state: Any = await docusign.state()
    key = key_of(effect.id)
    found = [one for one in state["envelopes"].values() if one["custom_fields"]["dealwright_effect"] == key]
    return [one for one in found if one["status"] != "deleted"]


async def test_an_envelope_is_made_as_a_draft_and_sent_with_the_terms_in_fields_that_nobody_can_change(
    documents: DocuSignDocuments, worker: Worker, docusign: RunningSimulator
) -> None:
    effect = a_proposal("first", "docusign", attachments=("security",))

    outcome = await until_settled(worker, documents, effect)

    (one,) = await made_by(docusign, effect)
    (signer,) = one["signers"]
    made = await docusign.calls("^POST .*/envelopes$")
    assert (outcome.status, outcome.reference, one["status"], one["sendings"]) == ("done", one["id"], "sent", 1)
    assert (signer["email"], signer["tabs"]) == ("ana@buyer.example", {"amount": "9000 EUR", "discount": "5"})
    assert "security" in one["documents"].values()
    assert '"locked":"true"' in made[-1].body.replace(" ", "")
    assert not one["reminds"]  # playbooks remind


async def test_a_document_holds_as_long_as_the_playbook_says(
    documents: DocuSignDocuments, worker: Worker, docusign: RunningSimulator
) -> None:
    effect = a_proposal("expiring", "docusign", expires_after=timedelta(days=30))

    await until_settled(worker, documents, effect)

    (one,) = await made_by(docusign, effect)
    assert one["expires_after"] == "P30D"


async def test_a_part_of_a_day_is_no_expiry(documents: DocuSignDocuments) -> None:
    with pytest.raises(Refused, match="in days"):
        await documents.send("acme-1", a_proposal("hours", "docusign", expires_after=timedelta(hours=36)))


async def test_nothing_goes_out_that_does_not_say_what_is_agreed(
    documents: DocuSignDocuments, worker: Worker, docusign: RunningSimulator
) -> None:
    terms = Terms(values={"amount": "9000", "liability": "capped"}, currencies={"amount": "EUR"})
    effect = a_proposal("unsaid", "docusign", terms=terms)

    outcome = await until_settled(worker, documents, effect)

    (one,) = await made_by(docusign, effect)
    assert (outcome.status, one["status"], one["sendings"]) == ("failed", "created", 0)
    assert "no text field 'liability'" in str(outcome.reason)
    taken = await until_settled(worker, documents, taken_back(effect))
    assert (taken.status, await made_by(docusign, effect)) == ("done", [])


async def test_an_envelope_is_found_by_its_custom_field_when_docusign_has_forgotten_the_transaction(
    documents: DocuSignDocuments, worker: Worker, docusign: RunningSimulator
) -> None:
    effect = a_proposal("old", "docusign")
    sent = await until_settled(worker, documents, effect)
    await docusign.change(do="forget")

    outcome = await until_settled(worker, documents, taken_back(effect))

    (one,) = await made_by(docusign, effect)
    assert (outcome.status, one["id"], one["status"]) == ("done", sent.reference, "voided")
    assert one["voided_reason"] == "its terms are no longer the deal's"


async def test_a_spent_quota_is_waited_for(
    documents: DocuSignDocuments, worker: Worker, docusign: RunningSimulator
) -> None:
    effect = a_proposal("quota", "docusign")
    await docusign.switch(quota_spent=1)

    with pytest.raises(ApplicationError) as refused:
        await worker.attempt(effect, prepare=lambda: documents.send("acme-1", effect))

    assert refused.value.next_retry_delay is not None
