"""What happens to envelopes in DocuSign, as Connect tells it and as the list of envelopes shows it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.docusign.polling import DocuSignPolling
from integrations.docusign.settings import DocuSignConnection
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.proof.request import InvalidSignature
from integrations.kit.proof.schemes import verifier_for
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.documents.desk import Desk
from tests.integrations.documents.effects import a_proposal
from tests.integrations.docusign.webhooks import MAPPING, read, request

SAMPLE = Path(__file__).parent / "samples" / "recipient_completed.json"


def sample(**changes: object) -> bytes:
    return json.dumps({**json.loads(SAMPLE.read_bytes()), **changes}).encode()


def facts(events: list[Event]) -> list[str]:
    return [event.fact for event in events if event.state is IntakeState.WAITING]


async def read_since(polling: DocuSignPolling, cursor: str, envelope: str) -> list[Event]:
    """What reading finds of an envelope since a cursor."""
    events, more = list[Event](), True
    while more:
        page = await polling.poll(cursor)
        events += [event for event in page.events if envelope in event.event_id]
        cursor, more = page.cursor, page.more
    return events


async def test_a_webhook_proves_where_it_comes_from_by_the_hash_with_any_key_of_the_account() -> None:
    verifier = verifier_for("docusign", MAPPING.auth, ["secret"])
    body, now = b'{"event":"demo","n":1}', datetime.now(UTC)
    right = base64.b64encode(hmac.digest(b"secret", body, hashlib.sha256)).decode()
    await verifier.check(request(body, {"x-docusign-signature-1": right}), now)
    await verifier.check(request(body, {"x-docusign-signature-1": "bm90IGl0", "x-docusign-signature-2": right}), now)
    for wrong in (
        request(body), request(body, {"x-docusign-signature-1": right[::-1]}),
        request(body + b" ", {"x-docusign-signature-1": right}),
    ):  # fmt: skip
        with pytest.raises(InvalidSignature):
            await verifier.check(wrong, now)


async def test_what_the_simulator_signs_with_several_keys_passes_the_gateways_check(
    desk: Desk, connection: DocuSignConnection
) -> None:
    await desk.sent(a_proposal("signed-webhook", "docusign"))
    await desk.running.deliver()
    secrets = [one.get_secret_value() for one in connection.webhook_secrets]
    headers, body = desk.door.requests[-1]

    assert {"x-docusign-signature-1", "x-docusign-signature-2"} <= set(headers)
    await verifier_for("docusign", MAPPING.auth, secrets).check(request(body, dict(headers)), datetime.now(UTC))


async def test_an_event_as_docusign_documents_it_can_be_read(store: Store) -> None:
    (event,) = await read(store, SAMPLE.read_bytes())

    assert (event.fact, event.deal_ref, event.payload["address"]) == ("proposal_signed", "acme-1", "ana@buyer.example")
    assert str(event.payload["at"]).startswith("2026-03-02T09:15:31.977")


async def test_the_same_event_sent_again_has_the_same_id(store: Store) -> None:
    first, again = await read(store, SAMPLE.read_bytes(), sample(retryCount="3", configurationId="10543210"))

    assert first.event_id == again.event_id


async def test_what_nobody_follows_is_kept_as_such(store: Store) -> None:
    (event,) = await read(store, sample(event="envelope-purge"))

    assert event.state is IntakeState.SKIPPED


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"[]", b'{"event": "envelope-sent"}', b'{"event": 1, "data": {}}'])
async def test_what_is_no_event_is_refused_as_unreadable(store: Store, body: bytes) -> None:
    with pytest.raises(Unreadable):
        await read(store, body)


async def test_somebody_of_our_own_side_who_signs_is_no_buyer(store: Store) -> None:
    body: Any = json.loads(SAMPLE.read_bytes())
    body["data"]["envelopeSummary"]["recipients"]["signers"][0]["roleName"] = "Seller"

    assert await read(store, json.dumps(body).encode()) == []


async def test_somebody_who_gets_a_copy_has_signed_nothing(store: Store) -> None:
    body: Any = json.loads(SAMPLE.read_bytes())
    body["data"]["recipientId"] = "2"

    assert await read(store, json.dumps(body).encode()) == []


async def test_a_signature_is_told_also_where_the_event_has_no_recipients(store: Store) -> None:
    body: Any = json.loads(SAMPLE.read_bytes())
    del body["data"]["envelopeSummary"]["recipients"]

    (event,) = await read(store, json.dumps(body).encode())

    assert (event.fact, event.payload.get("address")) == ("proposal_signed", None)


async def test_a_contract_whose_days_nobody_knows_is_kept_for_a_person(store: Store) -> None:
    body: Any = json.loads(sample(event="envelope-completed"))
    body["data"]["envelopeSummary"]["customFields"] = None

    (event,) = await read(store, json.dumps(body).encode())

    assert (event.state, event.last_error) == (
        IntakeState.SKIPPED, "it is signed, but nobody knows its days: tell contract_signed by hand",
    )  # fmt: skip


async def test_why_the_buyer_declined_is_told_and_who_did(desk: Desk) -> None:
    sent = await desk.sent(a_proposal("why", "docusign"))
    await desk.running.change(do="decline", envelope=sent)

    (declined,) = [event for event in await desk.brought(sent) if event.fact == "proposal_declined"]

    assert declined.payload["reason"] == "The price is too high"
    assert declined.payload["address"] == "ana@buyer.example"


async def test_a_proposal_that_is_reassigned_was_passed_on(desk: Desk) -> None:
    sent = await desk.sent(a_proposal("passed", "docusign"))
    await desk.running.change(do="reassign", envelope=sent, to="cfo@buyer.example")

    (told,) = [event for event in await desk.brought(sent) if event.fact == "proposal_forwarded"]

    assert (told.payload["address"], told.payload["to"]) == ("ana@buyer.example", "cfo@buyer.example")


@pytest.mark.parametrize("done", [("view", "decline"), ("view", "sign"), ("expire",), ("void",)])
async def test_what_connect_did_not_bring_is_read_under_the_same_ids_and_with_the_same_content(
    desk: Desk, polling: DocuSignPolling, done: tuple[str, ...]
) -> None:
    cursor = (await polling.poll(None)).cursor
    sent = await desk.sent(a_proposal(f"read-{done[-1]}", "docusign"))
    for what in done:
        await desk.running.change(do=what, envelope=sent)

    found = await read_since(polling, cursor, sent)

    came = await desk.brought(sent)
    assert facts(found) == facts(came) != []
    assert [(one.event_id, one.payload) for one in found if one.fact] == [
        (one.event_id, one.payload) for one in came if one.fact
    ]


async def test_what_was_told_long_ago_is_not_read_again_when_more_becomes_of_the_envelope(
    desk: Desk, polling: DocuSignPolling
) -> None:
    await desk.running.switch(clock_skew=-1200)
    sent = await desk.sent(a_proposal("again", "docusign"))
    await desk.running.change(do="view", envelope=sent)
    await desk.running.switch(clock_skew=0)
    cursor = (await polling.poll(None)).cursor
    await desk.running.change(do="decline", envelope=sent)

    assert facts(await read_since(polling, cursor, sent)) == ["proposal_declined"]
