"""What people are told of their work in Slack: to whom, with which buttons, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from activities.once_only import Checkpoint
from dealwright.deal import Person
from dealwright.effects import Notify
from integrations.kit.delivery import Delivery
from integrations.kit.errors import Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.slack.work_messages import SlackWorkMessages
from store.database import Store
from tests.activities.conftest import Worker
from tests.activities.fake_receiver import Receiver
from tests.integrations.slack.questions import (
    DEAL,
    MAX,
    MAX_IN_SLACK,
    ask,
    buttons_of,
    connection_to,
    message_in,
    open_for_max,
    telling,
    texts_of,
)
from tests.store.samples import NOW


@pytest.fixture
async def messages(slack: RunningSimulator, store: Store) -> AsyncIterator[SlackWorkMessages]:
    messages = SlackWorkMessages(await connection_to(slack), store)
    yield messages
    await messages.close()


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        ("task", ["done"]),
        ("approval", ["approve", "refuse"]),
        ("handoff", ["accept", "decline"]),
        ("suggestion", ["accept", "dismiss"]),
        ("suggestions", ["dismiss"]),
    ],
)
async def test_each_kind_of_work_is_asked_with_its_buttons(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store, kind: str, answers: list[str]
) -> None:
    work = await open_for_max(store, kind, kind)
    posted = await message_in(slack, await ask(messages, telling(f"told/{kind}", *work)))
    state: Any = await slack.state()
    assert state["conversations"][posted["channel"]]["user"] == MAX_IN_SLACK
    assert [answer for answer, _ in buttons_of(posted)] == answers
    assert "for Acme" in texts_of(posted)


async def test_a_button_says_nothing_about_the_deal(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store
) -> None:
    work = await open_for_max(store, "opaque", "approval")
    posted = await message_in(slack, await ask(messages, telling("told/opaque", *work)))
    assert all(DEAL not in value and "opaque" not in value for _, value in buttons_of(posted))


async def test_whoever_slack_does_not_know_is_told_elsewhere(messages: SlackWorkMessages, store: Store) -> None:
    work = await open_for_max(store, "stranger", "task")
    stranger = Person(name="Zoe Far", email="zoe@elsewhere.example")
    with pytest.raises(Refused, match="knows nobody"):
        await messages.tell(stranger, telling("told/stranger", *work))


async def test_what_strangers_wrote_calls_nobody_and_makes_no_link(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store
) -> None:
    work = await open_for_max(store, "markup", "task")
    text = "<!channel>\n<http://bad.example|ours> & more"
    said = texts_of(await message_in(slack, await ask(messages, telling("told/markup", *work, text=text))))
    assert "&lt;!channel&gt;\n&lt;http://bad.example|ours&gt; &amp; more" in said


async def test_slack_is_told_to_make_no_links_of_what_strangers_wrote(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store
) -> None:
    work = await open_for_max(store, "links", "task")
    posted = await message_in(
        slack, await ask(messages, telling("told/links", *work, text="https://bad.example #general"))
    )
    texts = [part for block in posted["blocks"] for part in (block.get("text"), *block.get("elements", [])) if part]
    written = [one for one in texts if one.get("type") == "mrkdwn"]
    assert written
    assert all(one["verbatim"] is True for one in written)


async def test_a_text_of_any_length_is_posted(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store
) -> None:
    work = await open_for_max(store, "long", "task")
    posted = await message_in(slack, await ask(messages, telling("told/long", *work, text="&" * 9000)))
    assert buttons_of(posted)


async def test_of_very_much_work_the_rest_is_told_with_how_to_answer_it_elsewhere(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store
) -> None:
    work = [
        one for number in range(16) for one in await open_for_max(store, f"m{number}", "task", deal_id=f"d{number}")
    ]
    posted = await message_in(slack, await ask(messages, telling("told/much", *work)))
    assert len(buttons_of(posted)) == 15
    assert "dealwright command m15/t" in texts_of(posted)


@pytest.mark.parametrize("at", list(Checkpoint))
async def test_killed_anywhere_a_message_is_posted_once(
    messages: SlackWorkMessages, slack: RunningSimulator, store: Store, at: Checkpoint
) -> None:
    effect = Notify(id=f"{DEAL}/killed-work-{at}", at=NOW, summary="Tell", role="sdr", text="-")
    work = await open_for_max(store, at, "approval")

    async def prepare() -> Delivery:
        return await messages.tell(MAX, telling(effect.id, *work))

    worker = Worker(store, Receiver())
    await worker.attempt_until_killed(at, effect, prepare=prepare)
    assert (await worker.attempt(effect, prepare=prepare, later=timedelta(minutes=1))).status == "done"
    state: Any = await slack.state()
    keys = [one["metadata"]["event_payload"]["key"] for one in state["messages"] if one["metadata"]]
    assert keys.count(effect.id) == 1
