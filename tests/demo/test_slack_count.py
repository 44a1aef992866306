"""What the demo counts in Slack, and what it finds wrong there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from demo.slack_count import SlackCount, count_slack, messages_in
from integrations.kit.simulator.process import RunningSimulator
from integrations.slack.work_messages import SlackWorkMessages
from store import asked_work
from store.database import Store
from store.work_messages import WorkMessage
from tests.integrations.slack.questions import MAX, ask, connection_to, open_for_max, telling
from tests.store.samples import NOW

KEY = "work/1"
TOLD = WorkMessage(
    id=KEY, person="max@seller.example", digest_on=None, planned_at=NOW, state="done", channel="slack", reason=None,
    settled_at=NOW,
)  # fmt: skip


@pytest.fixture
async def before(slack: RunningSimulator) -> int:
    """What other tests left in the workspace."""
    return len(await messages_in(slack))


@pytest.fixture
async def work_messages(slack: RunningSimulator, store: Store) -> AsyncIterator[SlackWorkMessages]:
    messages = SlackWorkMessages(await connection_to(slack), store)
    yield messages
    await messages.close()


async def counted(slack: RunningSimulator, store: Store, before: int, *told: WorkMessage) -> SlackCount:
    return await count_slack(slack, before, store, [], told, patience=timedelta())


async def ask_max(work_messages: SlackWorkMessages, store: Store) -> None:
    await ask(work_messages, telling(KEY, *await open_for_max(store, "n", "task")))


async def test_a_question_without_its_outcome_is_found(
    slack: RunningSimulator, store: Store, work_messages: SlackWorkMessages, before: int
) -> None:
    await ask_max(work_messages, store)

    found = await counted(slack, store, before, TOLD)

    assert found.faults == ["n/t: Slack does not show what became of it"]


async def test_buttons_that_are_left_are_found_though_an_outcome_is_said_to_be_shown(
    slack: RunningSimulator, store: Store, work_messages: SlackWorkMessages, before: int
) -> None:
    await ask_max(work_messages, store)
    (question,) = await asked_work.of_message(store, "slack", KEY)
    await asked_work.conclude(store, question.id, "Done. (max@seller.example)")
    await asked_work.show(store, [question])

    found = await counted(slack, store, before, TOLD)

    assert (found.pressed, found.faults) == (1, ["n/t: Slack does not show what became of it"])


async def test_a_message_that_stands_there_twice_is_found(
    slack: RunningSimulator, store: Store, work_messages: SlackWorkMessages, before: int
) -> None:
    await ask_max(work_messages, store)
    await (await work_messages.tell(MAX, telling(KEY, *await open_for_max(store, "n", "task")))).send()

    found = await counted(slack, store, before, TOLD)

    assert f"{KEY}: told 1 times in the ledger, 2 times in Slack" in found.faults


async def test_a_message_that_nobody_was_to_get_is_found(
    slack: RunningSimulator, store: Store, work_messages: SlackWorkMessages, before: int
) -> None:
    await ask_max(work_messages, store)

    found = await counted(slack, store, before)

    assert found.faults == [f"{KEY}: told 0 times in the ledger, 1 times in Slack"]


async def test_a_message_that_does_not_stand_there_is_found(slack: RunningSimulator, store: Store, before: int) -> None:
    found = await counted(slack, store, before, TOLD)

    assert (found.about_work, found.faults) == (1, [f"{KEY}: told 1 times in the ledger, 0 times in Slack"])
