"""The command line on tools: what is configured, and what a payload would become."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from starter.app import run
from store import mail_messages
from store.database import Store
from store.mail_messages import MailMessage
from tests.gateway.signed_requests import created, hubspot_event

CONNECTIONS = """
crm: hubspot
tools:
  hubspot:
    token: env:A_TOKEN
    webhook_secrets: [env:A_SECRET]
    settings: {currency: EUR}
    stages: {demo: demoscheduled}
"""
SALESFORCE = """
tools:
  salesforce:
    organization: 00D5f0000000001AAA
    client_id: an-app
    client_secret: env:A_SECRET
"""
ROOT = Path(__file__).parents[2]
AS_MAIL = ("--header", "Content-Type: message/rfc822")
OWN = """
source: calendar
title: Our calendar
about: A test.
auth: {scheme: standard_webhooks}
event_id: [event.id]
occurred_at: {path: event.at}
deal: {id: event.deal}
answer: {status: 200, body: ok}
rules:
  - when: {event.kind: moved}
    skip: moved within the day
  - when: {event.kind: both}
    facts:
      - {fact: meeting_held}
      - {fact: note_added, fields: {text: "{header.x_who} {query.team}"}}
  - {fact: meeting_booked, fields: {starts_at: "{event.starts_at}"}}
"""


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a mapping file of its own, and no database."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "calendar.yaml").write_text(OWN)
    monkeypatch.setenv("DEALWRIGHT_WEBHOOK_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("A_TOKEN", "a-token-of-hubspot-1")
    monkeypatch.setenv("A_SECRET", "a-secret-of-hubspot-1")
    return tmp_path


def sample(folder: Path, body: object) -> str:
    file = folder / "sample.json"
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    return str(file)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert run([*arguments, "--json"]) == code
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_tools_are_listed_with_what_they_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["integration", "list"]) == 0
    said = capsys.readouterr().out
    assert "hubspot" in said
    assert "Standard Webhooks" in said
    (own,) = [line for line in said.splitlines() if line.startswith("calendar")]
    assert "own mapping file" in own


def test_the_list_says_what_is_configured_and_no_secret(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALWRIGHT_WEBHOOK_SECRETS", '{"standard": ["whsec_bG9jYWwtc3RhbmRhcmQtd2ViaG9va3M="]}')
    document = asked(capsys, "integration", "list")
    assert isinstance(document["tools"], list)
    by_name = {tool["name"]: tool for tool in document["tools"]}
    assert by_name["standard_webhooks"]["configured"] == ["1 webhook secret"]
    assert by_name["hubspot"]["configured"] == []
    assert "bG9jYWw" not in str(document)


def test_a_payload_is_tried_without_a_signature_or_a_database(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sample(installation, [created(1), hubspot_event(2), hubspot_event(3, changeSource="INTEGRATION")])
    document = asked(capsys, "integration", "try", "hubspot", "--file", file)
    assert isinstance(document["events"], list)
    opening, moved, skipped = document["events"]
    assert (opening["fact"], opening["deal"]) == ("open_deal", "deal:9001")
    assert (moved["fact"], moved["fields"], moved["at"]) == (
        "crm_stage_moved", {"stage": "qualifiedtobuy"}, "2026-11-30T00:53:22Z",
    )  # fmt: skip
    assert (skipped["state"], skipped["fact"]) == ("skipped", None)
    assert "integration wrote this" in skipped["why"]


def test_headers_and_the_query_reach_the_mapping(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sample(installation, {"id": "1", "kind": "both", "deal": "acme"})
    arguments = ["integration", "try", "calendar", "--file", file, "--header", "X-Who: Ana", "--query", "team=blue"]
    document = asked(capsys, *arguments)
    assert isinstance(document["events"], list)
    assert [event["event_id"] for event in document["events"]] == ["1.meeting_held", "1.note_added"]
    assert document["events"][1]["fields"] == {"text": "Ana blue"}
    assert document["answer"] == {"status": 200, "content_type": "text/plain", "body": "ok"}


def test_people_get_a_table_with_why_an_event_would_be_skipped_or_refused(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [{"id": "1", "kind": "moved", "deal": "a"}, {"id": "2", "deal": "a"}, {"id": "3", "kind": "x"}]
    assert run(["integration", "try", "calendar", "--file", sample(installation, bodies)]) == 0
    said = capsys.readouterr().out
    assert "3 events of calendar" in said
    assert "skipped: moved within the day" in said
    assert "refused: starts_at" in said


def test_without_a_database_it_is_said_that_nothing_known_was_looked_at(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = sample(installation, "From: Ana <ana@acme.example>\nMessage-ID: <m-1@acme.example>\n\nYes, please.")
    document = asked(capsys, "integration", "try", "mail", "--file", letter, *AS_MAIL)
    assert isinstance(document["events"], list)
    (event,) = document["events"]
    assert event["why"] == "it answers no message of a deal"
    assert "database does not answer" in str(document["without_database"])


def test_mail_is_read_by_its_code_with_the_messages_that_the_database_knows_and_changes_nothing(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{installation / 'deals.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    asyncio.run(_with_message(url))
    before = (installation / "deals.db").read_bytes()
    letter = sample(
        installation,
        "From: Ana <ana@acme.example>\nMessage-ID: <m-1@acme.example>\nIn-Reply-To: <ours-1@deals.example>\n"
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\n\nYes, please.",
    )
    document = asked(capsys, "integration", "try", "mail", "--file", letter, *AS_MAIL)
    assert isinstance(document["events"], list)
    (event,) = document["events"]
    assert (event["deal"], event["fact"]) == ("acme-2026", "reply_received")
    assert document["without_database"] is None
    assert (installation / "deals.db").read_bytes() == before


async def _with_message(url: str) -> None:
    store = Store.open(url)
    await store.migrate()
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    ours = MailMessage(
        message_id="ours-1@deals.example", deal_id="acme-2026", effect_id="acme-2026/1", recipient="ana@acme.example",
        at=at,
    )  # fmt: skip
    await mail_messages.remember(store, ours)
    await store.close()


def test_a_message_of_salesforce_is_read_without_asking_the_org(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (installation / "connections.yaml").write_text(SALESFORCE)
    monkeypatch.setenv("DEALWRIGHT_CONNECTIONS", str(installation / "connections.yaml"))
    file = ROOT / "tests/integrations/salesforce/samples/outbound_message.xml"
    document = asked(capsys, "integration", "try", "salesforce", "--file", str(file))
    assert document["events"]
    assert "<Ack>true</Ack>" in str(document["answer"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["hubspott"], 2, "Did you mean 'hubspot'"),
        (["hubspot", "--header", "nonsense"], 2, "nonsense"),
    ],
)
def test_what_cannot_be_tried_is_told(
    installation: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(["integration", "try", *arguments, "--file", sample(installation, [])]) == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err


def test_a_payload_that_cannot_be_read_is_told(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "integration", "try", "hubspot", "--file", sample(installation, "{"), code=1) == {
        "ok": False, "error": "the body is no JSON",
    }  # fmt: skip
