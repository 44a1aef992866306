"""Every scheme of proof over HTTP: what is kept, what leaves a trace, and what no source is ever answered."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from integrations.kit.proof.request import WebhookRequest
from store import intake
from store.database import Store
from store.errors import StoreAway
from store.intake import IntakeState
from tests.gateway.conftest import OPTIONS, PUBLIC_URL, Api, served
from tests.integrations.kit.proof.signers import FORM, SIGNERS, Signer, changed

SOURCE = """
source: {source}
title: A test
about: A test.
auth: {auth}
keep_ids_for: 5d
refuse_literals: {{X-Signature: [no-secret-provided]}}
body: {body}
event_id: [event.id]
occurred_at: {{path: event.at}}
deal: {{id: event.deal}}
rules: [{{fact: note_added, fields: {{text: "{{event.text}}"}}}}]
"""
STOPS_A_SOURCE_FOR_GOOD = {403, 410}
"""Postmark stops at a 403, Calendly deletes its subscription at a 410."""

every_signer = pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.name)


@pytest.fixture(scope="module")
async def shared(
    migrated_sqlite: Path, away: DealClient, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Api, Store]]:
    """A gateway with every source, and its store."""
    folder = tmp_path_factory.mktemp("sources")
    for signer in SIGNERS:
        body = "form" if signer.content_type == FORM else "json"
        (folder / f"{signer.source}.yaml").write_text(SOURCE.format(source=signer.source, auth=signer.auth, body=body))
    secrets = {signer.source: signer.secrets for signer in SIGNERS}
    store = Store.open(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'deals.db')}")
    options = replace(OPTIONS, custom_mappings=folder, webhook_secrets=secrets)
    async with served(create_app(options, away, store)) as client:
        client.headers.pop("X-API-Key")
        yield client, store
    await store.close()


async def post(gateway: Api, request: WebhookRequest) -> httpx2.Response:
    path = request.url.removeprefix(PUBLIC_URL)
    if request.path_secret:
        path += f"/{request.path_secret}"
    return await gateway.post(path, content=request.body, headers=request.headers)


def without_proof(signer: Signer, request: WebhookRequest) -> WebhookRequest:
    headers = {name: text for name, text in request.headers.items() if name != signer.header.lower()}
    url = request.url.partition("?")[0]
    return changed(request, headers=headers, path_secret="", url=url)


def broken(signer: Signer, now: datetime) -> Mapping[str, WebhookRequest]:
    """Requests that look as if the source had sent them, and prove nothing."""
    right = signer.request(now)
    found = {"without a proof": without_proof(signer, right)}
    if signer.covers_body:
        found["with a flipped byte"] = changed(right, body=right.body.replace(b"acme", b"acmf"))
    if signer.covers_url:
        found["with another url"] = changed(right, url=right.url + ("&x=1" if "?" in right.url else "?x=1"))
    if signer.has_time:
        found["stale"] = signer.request(now - timedelta(minutes=6))
        found["of the future"] = signer.request(now + timedelta(minutes=6))
    return found


@every_signer
async def test_what_is_proven_counts_once_and_what_is_not_leaves_a_trace(
    signer: Signer, shared: tuple[Api, Store]
) -> None:
    (gateway, store), now = shared, datetime.now(UTC)
    bad = broken(signer, now)
    for name, request in bad.items():
        assert (name, (await post(gateway, request)).status_code) == (name, 401)
    rows = await intake.recent(store, source=signer.source)
    assert [row.state for row in rows] == [IntakeState.REFUSED] * len(bad)
    assert all(row.last_error and row.fact == "" for row in rows)
    for which, new in ((0, 1), (0, 0), (1, 0)):  # also the same event under the other secret
        answer = await post(gateway, signer.request(now, which))
        assert (answer.status_code, answer.json()) == (202, {"events": 1, "new": new})
    (kept,) = [row for row in await intake.recent(store, source=signer.source) if row.state is IntakeState.WAITING]
    assert (kept.event_id, kept.deal_ref, kept.payload["text"]) == ("e-1", "acme", kept.payload["text"])


@every_signer
async def test_no_secret_stands_in_a_trace_or_a_log(
    signer: Signer, shared: tuple[Api, Store], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    (gateway, store), now = shared, datetime.now(UTC)
    right = signer.request(now)
    guess = changed(right, path_secret="a-wrong-guess-at-it" if signer.in_path else "", body=b"{")
    for request in (right, guess, without_proof(signer, right)):
        await post(gateway, request)
    told = caplog.text + "".join(str(row) for row in await intake.recent(store, limit=500))
    told = "".join(line for line in told.splitlines() if "HTTP Request" not in line)  # the test's own client
    for secret in (*signer.secrets, "a-wrong-guess-at-it"):
        assert secret not in told


@every_signer
async def test_no_source_is_answered_that_it_may_never_come_again(
    signer: Signer, shared: tuple[Api, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    (gateway, _), now = shared, datetime.now(UTC)
    right = signer.request(now)
    path = right.url.removeprefix(PUBLIC_URL).partition("?")[0]
    answers = [
        *[await post(gateway, request) for request in broken(signer, now).values()],
        await post(gateway, signer.request(now, body=b"no json, no form; x")),
        await post(gateway, changed(right, headers={**right.headers, "x-signature": "no-secret-provided"})),
        await post(gateway, changed(right, path_secret="x" * 300)),
        await gateway.get(path),
        await gateway.delete(path),
        await gateway.post(path + "/a/b", content=b""),
        await gateway.post(path + "/", content=b""),
        await gateway.post("/webhooks/nobody/secret", content=b""),
        await gateway.post(path, content=b"x" * (1024 * 1024 + 1)),
    ]
    await post(gateway, right)
    answers.append(await post(gateway, signer.request(now, body=right.body.replace(b"text", b"texx"))))
    monkeypatch.setattr(intake, "add", _store_away)
    answers.append(await post(gateway, signer.request(now, body=right.body.replace(b"e-1", b"e-2"))))
    statuses = [answer.status_code for answer in answers]
    assert not STOPS_A_SOURCE_FOR_GOOD & set(statuses)
    assert statuses[-1] >= 500  # nothing was kept, so it comes again
    assert all(status >= 400 for status in statuses[:-2] if status != 202)


async def _store_away(_store: Store, _events: object) -> None:
    raise StoreAway(OSError("no answer"))
