"""Buttons that say what a reply means: each press is the fact that HTTP takes as well, by whoever pressed, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from dealwright.decision import Verdict
from dealwright.entries import TaskClosed
from dealwright.facts import Referred, ReplyReceived
from dealwright.open_work import ReplyToRead
from integrations.kit.commands import GivenFact
from integrations.kit.errors import Refused
from integrations.kit.simulator.process import RunningSimulator
from integrations.slack.buttons import SlackButtons
from integrations.slack.work_messages import SlackWorkMessages
from store.database import Store
from store.intake import Event
from tests.integrations.slack.questions import (
    DEAL,
    ask,
    buttons_of,
    connection_to,
    message_in,
    open_for_max,
    press,
    telling,
    texts_of,
    write,
)
from tests.store.samples import NOW

REPLY = ReplyToRead(message_id="m1@buyer.example", contact="ana", at=NOW)
TOLD = Verdict(accepted=True, text="Told the deal: reply received (not_now).")
READS = [
    "reads.interested", "reads.not_now", "reads.not_interested", "reads.wrong_person", "reads.referral",
    "reads.unsubscribe", "reads.out_of_office",
]  # fmt: skip


class Reader:
    """Max, who is asked to read a reply in a workspace."""

    def __init__(self, slack: RunningSimulator, store: Store, messages: SlackWorkMessages) -> None:
        self._slack, self._store, self._messages = slack, store, messages
        self.message = ""

    async def is_asked(self, *, outcomes: tuple[str, ...] = (), reply: ReplyToRead | None = REPLY) -> None:
        """The message comes."""
        work = await open_for_max(self._store, "read", "task", outcomes=outcomes, reply=reply)
        self.message = await ask(self._messages, telling("asked/read", *work))

    async def presses(self, sentiment: str, **more: str) -> Event:
        """Somebody presses the button of a sentiment."""
        return await press(self._slack, self._store, self.message, f"reads.{sentiment}", **more)

    async def sees(self) -> dict[str, Any]:
        """The message as it is now."""
        return await message_in(self._slack, self.message)

    async def buttons(self) -> list[str]:
        """Its buttons."""
        return [answer for answer, _ in buttons_of(await self.sees())]


@pytest.fixture
async def max_(slack: RunningSimulator, store: Store) -> AsyncIterator[Reader]:
    messages = SlackWorkMessages(await connection_to(slack), store)
    yield Reader(slack, store, messages)
    await messages.close()


@pytest.fixture
async def buttons(slack: RunningSimulator, store: Store) -> AsyncIterator[SlackButtons]:
    buttons = SlackButtons(await connection_to(slack), store)
    yield buttons
    await buttons.close()


async def fact_of(buttons: SlackButtons, event: Event) -> ReplyReceived:
    given = await buttons.read(event.payload["what"])
    assert isinstance(given, GivenFact)
    assert given.deal_id == DEAL
    assert isinstance(given.fact, ReplyReceived)
    return given.fact


async def test_a_question_about_a_reply_has_a_button_for_each_meaning(max_: Reader) -> None:
    await max_.is_asked()
    assert await max_.buttons() == [*READS, "done"]


async def test_the_ways_in_which_the_task_may_end_stand_beside_them(max_: Reader) -> None:
    await max_.is_asked(outcomes=("answered", "lost"))
    assert await max_.buttons() == [*READS, "outcome.answered", "outcome.lost"]


async def test_a_question_about_no_reply_has_none(max_: Reader) -> None:
    await max_.is_asked(reply=None)
    assert await max_.buttons() == ["done"]


@pytest.mark.parametrize(
    ("sentiment", "note", "said"),
    [
        ("interested", None, {}),
        ("interested", "wants a demo", {"note": "wants a demo"}),
        ("not_now", None, {}),
        ("not_now", "2026-06-15", {"back_on": date(2026, 6, 15)}),
        ("not_interested", None, {}),
        ("wrong_person", None, {}),
        ("wrong_person", "Bo Lin", {"refers_to": Referred(name="Bo Lin")}),
        ("referral", "Bo Lin <bo@buyer.example>", {"refers_to": Referred(name="Bo Lin", email="bo@buyer.example")}),
        ("referral", "bo@buyer.example", {"refers_to": Referred(email="bo@buyer.example")}),
        ("unsubscribe", None, {}),
        ("out_of_office", "2026-06-15", {"returns_on": date(2026, 6, 15)}),
    ],
)
async def test_a_press_is_the_reply_told_again_with_what_it_means(
    max_: Reader, buttons: SlackButtons, sentiment: str, note: str | None, said: dict[str, object]
) -> None:
    await max_.is_asked()
    event = await max_.presses(sentiment, **({"note": note} if note else {}))
    assert await fact_of(buttons, event) == ReplyReceived.model_validate(
        {"sentiment": sentiment, "message_id": "m1@buyer.example", "contact": "ana", "at": NOW,
         "by": "max@seller.example", "source": "slack", **said}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sentiment", "note", "why"),
    [
        ("not_now", "in June", "Write the day as 2026-06-15, or nothing, and press Not now once more"),
        ("out_of_office", "soon", "Write the day as 2026-06-15"),
        ("referral", None, "Write whom they name into the field above the buttons"),
        ("referral", "Bo <bo@>", "Write whom they name as Bo Lin <bo@buyer.example>"),
    ],
)
async def test_what_does_not_say_what_it_should_is_no_fact(
    max_: Reader, buttons: SlackButtons, sentiment: str, note: str | None, why: str
) -> None:
    await max_.is_asked()
    event = await max_.presses(sentiment, **({"note": note} if note else {}))
    with pytest.raises(Refused, match=why):
        await buttons.read(event.payload["what"])


async def test_nobody_reads_whom_deals_cannot_know(max_: Reader, buttons: SlackButtons) -> None:
    await max_.is_asked()
    event = await max_.presses("not_now", user="U0ALIEN")
    with pytest.raises(Refused, match="Only members"):
        await buttons.read(event.payload["what"])


async def test_the_message_says_who_read_what_and_keeps_the_button_of_the_task(
    max_: Reader, buttons: SlackButtons
) -> None:
    await max_.is_asked()
    event = await max_.presses("not_now", note="2026-06-15")
    await buttons.tell(event.payload["what"], TOLD)
    assert await max_.buttons() == ["done"]
    assert "Read as: not now, 2026-06-15 (max@seller.example)" in texts_of(await max_.sees())


async def test_a_reply_is_read_once(max_: Reader, buttons: SlackButtons) -> None:
    await max_.is_asked()
    first, second = await max_.presses("not_now"), await max_.presses("interested", user="U0SAM")
    await buttons.tell(first.payload["what"], TOLD)
    with pytest.raises(Refused, match=r"read before\. Read as: not now"):
        await buttons.read(second.payload["what"])


async def test_a_press_that_is_passed_on_once_more_is_the_same_fact(max_: Reader, buttons: SlackButtons) -> None:
    await max_.is_asked()
    event = await max_.presses("interested")
    before = await fact_of(buttons, event)
    await buttons.tell(event.payload["what"], TOLD)
    assert await fact_of(buttons, event) == before


async def test_whoever_was_a_moment_later_hears_what_holds(
    max_: Reader, buttons: SlackButtons, slack: RunningSimulator
) -> None:
    await max_.is_asked()
    first, second = await max_.presses("not_now"), await max_.presses("interested")
    await buttons.tell(first.payload["what"], TOLD)
    await buttons.tell(second.payload["what"], TOLD)
    state: Any = await slack.state()
    assert "Read as: not now" in str(state["whispers"])
    assert "Read as: not now" in texts_of(await max_.sees())


async def test_once_the_task_is_closed_nobody_is_asked_what_the_reply_means(
    max_: Reader, buttons: SlackButtons, store: Store
) -> None:
    await max_.is_asked()
    event = await max_.presses("not_now")
    closed = {"at": NOW, "number": 99, "task": "read/t", "title": "Call Ana", "how": "done", "by": "Ana"}
    await write(store, TaskClosed.model_validate(closed))
    with pytest.raises(Refused, match="Nobody is asked any more"):
        await buttons.read(event.payload["what"])
