"""What happens to documents in PandaDoc, as webhooks and the log of their events tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealwright.effects import SendDocument
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.pandadoc.documents import PandaDocDocuments
from integrations.pandadoc.inbound import PandaDocWebhooks
from integrations.pandadoc.polling import PandaDocPolling
from integrations.pandadoc.settings import PandaDocConnection
from integrations.registry import shipped_mappings
from store.database import Store
from store.intake import Event, IntakeState
from tests.activities.conftest import Worker
from tests.integrations.documents.effects import a_contract, a_proposal, a_renewal, taken_back
from tests.integrations.pandadoc.test_documents import until_settled
from tests.simulators.webhook_receiver import WebhookReceiver

MAPPING = shipped_mappings()["pandadoc"]
SAMPLE = Path(__file__).parent / "samples" / "document_state_changed.json"


def request(body: bytes, **query: str) -> WebhookRequest:
    return WebhookRequest("POST", "https://deals.example/webhooks/pandadoc", {}, body, query)


async def read(store: Store, *bodies: bytes) -> list[Event]:
    found: list[Event] = []
    for body in bodies:
        found += (await PandaDocWebhooks(None)(request(body), Source(MAPPING), store)).events
    return found


@dataclass
class Workspace:
    """A workspace, and what its webhooks bring of one document."""

    running: RunningSimulator
    door: WebhookReceiver
    store: Store
    documents: PandaDocDocuments
    worker: Worker

    async def sent(self, effect: SendDocument) -> str:
        """A document that has gone out."""
        return str((await until_settled(self.worker, self.documents, effect)).reference)

    async def brought(self, document: str) -> list[Event]:
        """What webhooks have brought of a document by now."""
        await self.running.deliver()
        return await read(self.store, *(body for _, body in self.door.requests if document.encode() in body))


@pytest.fixture
def workspace(
    pandadoc: RunningSimulator, gateway_door: WebhookReceiver, store: Store, documents: PandaDocDocuments,
    worker: Worker,
) -> Workspace:  # fmt: skip
    return Workspace(pandadoc, gateway_door, store, documents, worker)


def facts(events: list[Event]) -> list[str]:
    return [event.fact for event in events if event.state is IntakeState.WAITING]


@pytest.fixture
async def polling(connection: PandaDocConnection, store: Store) -> AsyncIterator[PandaDocPolling]:
    made = PandaDocPolling(connection, store)
    yield made
    await made.close()


async def test_a_webhook_proves_where_it_comes_from_by_the_hash_in_its_query() -> None:
    verifier = verifier_for("pandadoc", MAPPING.auth, ["secret"])
    body, now = b'{"event":"demo","n":1}', datetime.now(UTC)
    right = "dd634aab72e21cb5ab605b0076a45274fb233999ee81d0415be711889f3a6641"
    await verifier.check(request(body, signature=right), now)
    for wrong in (request(body), request(body, signature=right[::-1]), request(body + b" ", signature=right)):
        with pytest.raises(InvalidSignature):
            await verifier.check(wrong, now)


async def test_a_recorded_webhook_can_be_read_and_a_draft_says_nothing(store: Store) -> None:
    (event,) = await read(store, SAMPLE.read_bytes())
    assert (event.state, facts([event])) == (IntakeState.SKIPPED, [])


async def test_what_we_do_ourselves_does_not_come_back_as_a_fact(workspace: Workspace) -> None:
    effect = a_proposal("echo", "pandadoc")
    sent = await workspace.sent(effect)
    await until_settled(workspace.worker, workspace.documents, taken_back(effect, sent))

    assert facts(await workspace.brought(sent)) == []


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (("view", "sign"), ["proposal_opened", "proposal_signed", "proposal_accepted"]),
        (("view", "decline"), ["proposal_opened", "proposal_declined"]),
        (("expire",), ["proposal_expired"]),
        (("void",), ["proposal_withdrawn"]),
    ],
)
async def test_what_becomes_of_a_proposal_is_told_of_its_deal(
    workspace: Workspace, done: tuple[str, ...], told: list[str]
) -> None:
    sent = await workspace.sent(a_proposal(f"told-{done[-1]}", "pandadoc"))
    for what in done:
        await workspace.running.change(do=what, document=sent)

    events = await workspace.brought(sent)

    assert facts(events) == told
    assert {event.deal_ref for event in events if event.state is IntakeState.WAITING} == {"acme-1"}
    assert {event.payload.get("proposal") for event in events if event.fact in told} == {sent}


async def test_a_signed_contract_tells_the_days_and_the_amount_that_it_was_sent_for(workspace: Workspace) -> None:
    sent = await workspace.sent(a_contract("signed", "pandadoc"))
    await workspace.running.change(do="sign", document=sent)

    (signed,) = [event for event in await workspace.brought(sent) if event.fact == "contract_signed"]

    assert (signed.payload["starts_on"], signed.payload["ends_on"]) == ("2026-04-01", "2027-03-31")
    assert signed.payload["value"] == {"amount": "9000", "currency": "EUR"}


async def test_a_contract_whose_term_follows_a_signed_one_renews_it(workspace: Workspace) -> None:
    sent = await workspace.sent(a_renewal("renewed", "pandadoc"))
    await workspace.running.change(do="sign", document=sent)

    assert "contract_renewed" in facts(await workspace.brought(sent))


async def test_what_webhooks_did_not_bring_is_read_in_the_log_under_the_same_ids(
    workspace: Workspace, polling: PandaDocPolling
) -> None:
    cursor = (await polling.poll(None)).cursor
    sent = await workspace.sent(a_proposal("log", "pandadoc"))
    await workspace.running.change(do="view", document=sent)
    await workspace.running.change(do="disable")
    await workspace.running.change(do="decline", document=sent)

    events, more = list[Event](), True
    while more:
        page = await polling.poll(cursor)
        events += [event for event in page.events if sent in event.event_id]
        cursor, more = page.cursor, page.more
    await polling.repair()

    came = await workspace.brought(sent)
    assert facts(events) == ["proposal_opened", "proposal_declined"]
    assert {event.event_id for event in came} < {event.event_id for event in events}


async def test_a_subscription_that_was_switched_off_is_seen_and_switched_on_again(
    pandadoc: RunningSimulator, polling: PandaDocPolling
) -> None:
    well = [one.level for one in await polling.health()][:2]
    await pandadoc.change(do="disable")
    seen = [one.level for one in await polling.health()][:2]
    mended = [one.says for one in await polling.repair()]

    assert (well, seen, mended) == (["ok", "ok"], ["ok", "problem"], ["it was switched on again"])
    assert [one.level for one in await polling.health()] == ["ok", "ok"]
