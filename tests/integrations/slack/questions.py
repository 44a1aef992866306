"""What people are asked in a simulated workspace, and their presses, for tests."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import JsonValue, SecretStr

from dealwright.deal import Person
from dealwright.entries import ApprovalRequested, Entry, HandoffBegun, HandoffOffered, SuggestionMade, TaskOpened
from dealwright.open_work import ReplyToRead
from integrations.kit.personal_message import PersonalMessage, WorkItem
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from integrations.slack.inbound import SlackInteractions
from integrations.slack.settings import SlackConnection
from integrations.slack.work_messages import SlackWorkMessages
from store import journal, open_work
from store.database import Store
from store.intake import Event
from store.open_work import OpenWork, WhichWork
from tests.store.samples import NOW

DEAL = "acme-1"
MAX = Person(name="Max Field", email="max@seller.example")
MAX_IN_SLACK = "U0MAX"
DAY = timedelta(days=1)


async def connection_to(slack: RunningSimulator, **changed: Any) -> SlackConnection:
    """The connection that the simulator proposes, with its secrets."""
    example = await slack.connection()
    secrets = {name: SecretStr(value) for name, value in example.secrets.items()}
    block = {**example.block, "token": secrets["bot-token"], "webhook_secrets": [secrets["signing-secret"]]}
    return SlackConnection.model_validate({**block, **changed})


def entries_for(name: str, outcomes: tuple[str, ...] = (), reply: ReplyToRead | None = None) -> tuple[Entry, ...]:
    """Max is asked to do a task, to approve a discount, to take a deal over, and about three next steps."""
    given = {"at": NOW, "given_to": MAX.email}
    return (
        TaskOpened.model_validate(
            {**given, "number": 1, "task": f"{name}/t", "title": "Call Ana", "name": "call", "role": "sdr",
             "due_at": NOW + DAY, "outcomes": outcomes, "reply": reply}
        ),
        ApprovalRequested.model_validate(
            {**given, "number": 2, "approval": f"{name}/a", "name": "discount", "terms": {"discount": "15"},
             "chain": ("sales_manager",), "answer_by": NOW + DAY}
        ),
        HandoffBegun.model_validate(
            {"at": NOW, "number": 3, "handoff": f"{name}/h", "name": "sdr-to-ae", "from_role": "sdr",
             "to_role": "account_executive"}
        ),
        HandoffOffered.model_validate(
            {**given, "number": 4, "handoff": f"{name}/h", "name": "sdr-to-ae", "to_role": "account_executive",
             "accept_by": NOW + DAY}
        ),
        suggestion(5, f"{name}/s"),
        suggestion(6, f"{name}/s2", digest=f"{name}/d"),
        suggestion(7, f"{name}/s3", digest=f"{name}/d"),
    )  # fmt: skip


def suggestion(number: int, id_: str, **about: object) -> SuggestionMade:
    """Max is asked what becomes of a next step."""
    given = {
        "at": NOW, "number": number, "suggestion": id_, "text": f"Send list {number}", "words": str(number),
        "role": "sdr", "given_to": MAX.email, "answer_by": NOW + DAY, "happened_at": NOW,
    }  # fmt: skip
    return SuggestionMade.model_validate({**given, **about})


async def write(store: Store, *entries: Entry, deal_id: str = DEAL) -> None:
    """Entries of the deal's journal."""
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, "run-1")


async def open_for_max(
    store: Store, name: str, *kinds: str, deal_id: str = DEAL, outcomes: tuple[str, ...] = (),
    reply: ReplyToRead | None = None,
) -> list[OpenWork]:  # fmt: skip
    """What Max is asked, of these kinds."""
    await write(store, *entries_for(name, outcomes, reply), deal_id=deal_id)
    found = await open_work.list_work(store, NOW, WhichWork(deal_id=deal_id))
    return sorted((one for one in found if one.kind in kinds), key=lambda one: kinds.index(one.kind))


def telling(key: str, *work: OpenWork, text: str = "") -> PersonalMessage:
    """A message to somebody about their work."""
    items = tuple(
        WorkItem(work=one, text=text or f"{one.title}, for Acme", answer=f"dealwright command {one.id}") for one in work
    )
    return PersonalMessage(id=key, at=NOW, subject="For you", opening="This is for you:", items=items)


async def ask(messages: SlackWorkMessages, message: PersonalMessage, person: Person = MAX) -> str:
    """Post a message, as the ledger does; returns what Slack names it."""
    delivery = await messages.tell(person, message)
    reference = await delivery.send()
    assert reference is not None
    assert delivery.arrived is not None
    await delivery.arrived(reference)
    return reference


async def message_in(slack: RunningSimulator, reference: str) -> dict[str, Any]:
    """A message as the workspace holds it."""
    channel, ts = reference.removeprefix("message:").split("/")
    state: Any = await slack.state()
    (found,) = [one for one in state["messages"] if (one["channel"], one["ts"]) == (channel, ts)]
    return dict(found)


def buttons_of(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Its buttons: the answer of each, and what it carries."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [(one["action_id"], one["value"]) for row in rows for one in row]


def texts_of(message: dict[str, Any]) -> str:
    """All that its blocks say, but for the buttons."""
    said = []
    for block in message["blocks"]:
        texts = [block["text"]] if block["type"] == "section" else block.get("elements", [])
        said += [str(one["text"]) for one in texts if one.get("type") == "mrkdwn"]
    return "\n".join(said)


async def press(
    slack: RunningSimulator, store: Store, reference: str, answer: str, *, user: str = MAX_IN_SLACK, **more: str
) -> Event:
    """Somebody presses a button; gives the event that the intake gets of it."""
    channel, ts = reference.removeprefix("message:").split("/")
    payload = await slack.change(do="press", user=user, channel=channel, ts=ts, action_id=answer, **more)
    (event,) = await read_press(store, payload)
    return event


async def read_press(store: Store, payload: JsonValue) -> tuple[Event, ...]:
    """What is read in an interaction."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-slack-signature": f"v0={'a' * 64}"}
    request = WebhookRequest("POST", "https://deals.example.com/webhooks/slack", headers, body)
    source = shipped_mappings()["slack"].with_settings({}, None)
    return (await SlackInteractions(None)(request, source, store)).events
