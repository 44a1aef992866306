"""What is Qwilr's own of making pages. What all such tools keep to stands in ``tests/integrations/documents``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from dealwright.effects import SendDocument
from dealwright.terms import Terms
from integrations.kit.documents import key_of, link_of
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.qwilr.documents import QwilrDocuments
from integrations.qwilr.settings import QuotedPage, QwilrConnection
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.documents.desk import until_settled
from tests.integrations.documents.effects import a_proposal, taken_back


async def made_by(qwilr: RunningSimulator, effect: SendDocument) -> list[dict[str, Any]]:
    state: Any = await qwilr.state()
    return [one for one in state["pages"].values() if key_of(effect.id) in one["tags"]]


async def test_a_page_is_made_from_its_template_for_exact_terms_and_published(
    documents: QwilrDocuments, worker: Worker, qwilr: RunningSimulator
) -> None:
    effect = a_proposal("first", "qwilr", expires_after=timedelta(days=30))

    outcome = await until_settled(worker, documents, effect)

    (page,) = await made_by(qwilr, effect)
    assert (outcome.status, outcome.reference, page["status"], page["settings"]) == ("done", page["id"], "live", 1)
    assert page["substitutions"] == {"amount": "9000 EUR", "discount": "5"}
    assert (page["template"], page["expires_after"]) == ("6ee0f841f3cc8900090d82dc", 30)
    assert page["metadata"]["dealwright_deal"] == "acme-1"


async def test_where_the_buyer_reads_it_is_kept_for_the_deals_own_message(
    documents: QwilrDocuments, worker: Worker, store: Store
) -> None:
    outcome = await until_settled(worker, documents, a_proposal("link", "qwilr"))

    link = await link_of(store, "qwilr", str(outcome.reference))
    assert (link or "").startswith("https://pages.qwilr.com/Acme-")


async def test_a_page_whose_address_is_not_told_is_never_published(
    documents: QwilrDocuments, worker: Worker, qwilr: RunningSimulator
) -> None:
    effect = a_proposal("nowhere", "qwilr")
    await qwilr.change(do="name_links_otherwise")
    outcome = await until_settled(worker, documents, effect)
    await qwilr.change(do="name_links_as_before")

    (page,) = await made_by(qwilr, effect)
    assert (outcome.status, page["status"]) == ("failed", "draft")
    assert "it names editorUrl, linkToThePage" in str(outcome.reason)


QUOTED = {
    "blocks": ["b-cover", "b-price", "b-accept"], "quote": "b-price", "currency": "EUR",
    "lines": {"amount": "Platform, a year"},
}  # fmt: skip


@pytest.fixture
async def quoting(connection: QwilrConnection, store: Store) -> AsyncIterator[QwilrDocuments]:
    quotes = {"quote 1": QuotedPage.model_validate(QUOTED)}
    made = QwilrDocuments(connection.model_copy(update={"quotes": quotes}), store)
    yield made
    await made.close()


async def test_amounts_fill_the_lines_of_a_quote_where_the_version_is_made_of_saved_blocks(
    quoting: QwilrDocuments, worker: Worker, qwilr: RunningSimulator
) -> None:
    effect = a_proposal("quoted", "qwilr", template="quote", template_version="1")

    await until_settled(worker, quoting, effect)

    (page,) = await made_by(qwilr, effect)
    assert (page["quoted"], page["template"], page["status"]) == ({"Platform, a year": 9000}, None, "live")
    assert page["substitutions"] == {"amount": "9000 EUR", "discount": "5"}


async def test_an_amount_in_another_currency_than_the_quotes_is_refused(quoting: QwilrDocuments) -> None:
    terms = Terms(values={"amount": "9000"}, currencies={"amount": "USD"})

    with pytest.raises(Refused, match="has no amount in EUR"):
        await quoting.send(
            "acme-1", a_proposal("dollars", "qwilr", template="quote", template_version="1", terms=terms)
        )


@pytest.mark.parametrize(
    "block",
    [
        {"quotes": {"offer 3": QUOTED}, "templates": {"offer 3": "6ee0f841f3cc8900090d82dc"}},
        {"quotes": {"offer 3": {**QUOTED, "quote": "b-other"}}},
    ],
)
def test_a_version_that_could_be_made_in_two_ways_or_none_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        QwilrConnection.model_validate({"key": SecretStr("a-token"), **block})


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"attachments": ("security",)}, Refused, "put what goes with it into the template"),
        ({"expires_after": timedelta(hours=36)}, Refused, "expires after whole days"),
    ],
)
async def test_what_qwilr_cannot_do_is_not_begun(
    documents: QwilrDocuments, changes: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        await documents.send("acme-1", a_proposal("impossible", "qwilr", **changes))


async def test_a_buyer_who_accepts_at_the_same_moment_is_not_overruled(
    documents: QwilrDocuments, worker: Worker, qwilr: RunningSimulator
) -> None:
    effect = a_proposal("race", "qwilr")
    sent = await until_settled(worker, documents, effect)
    withdrawal = taken_back(effect, sent.reference)
    ready = await documents.withdraw("acme-1", withdrawal)
    await qwilr.change(do="accept", page=sent.reference)

    with pytest.raises(NotHandedOver):
        await ready.send()
    outcome = await until_settled(worker, documents, withdrawal)

    assert outcome.status == "failed"
