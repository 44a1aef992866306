"""What is PandaDoc's own of making documents. The rest stands in ``tests/integrations/documents``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dealwright.effects import SendDocument
from integrations.kit.documents import key_of
from integrations.kit.errors import Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.pandadoc.documents import PandaDocDocuments
from tests.activities.conftest import Worker
from tests.integrations.documents.desk import until_settled
from tests.integrations.documents.effects import a_proposal


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


async def test_an_expiry_that_pandadoc_cannot_set_is_refused(documents: PandaDocDocuments) -> None:
    with pytest.raises(Refused, match="take expires_after out"):
        await documents.send("acme-1", a_proposal("expiring", "pandadoc", expires_after=timedelta(days=30)))
