"""Buttons that people press in Slack: which command each press is, by whom, and what the message shows afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import JsonValue

from dealwright.commands import AcceptHandoff, AnswerSuggestion, Command, CompleteTask, DecideApproval, DeclineHandoff
from dealwright.decision import Verdict
from dealwright.entries import ApprovalAnswered, TaskClosed, WorkGiven
from integrations.kit.commands import GivenCommand
from integrations.kit.errors import Refused, Unanswered
from integrations.kit.simulator.process import RunningSimulator
from integrations.slack.buttons import SlackButtons
from integrations.slack.client import SlackClient
from integrations.slack.work_messages import SlackWorkMessages
from store.database import Store
from store.intake import Event
from tests.integrations.slack.questions import (
    DEAL,
    MAX,
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

GRANTED = Verdict(accepted=True, text="discount is granted.")
NOT_ASKED = Verdict(accepted=False, text="Not taken: <Ana> is not asked.")


@dataclass
class Office:
    """A workspace in which Max is asked, and what takes his answers."""

    slack: RunningSimulator
    store: Store
    messages: SlackWorkMessages

    async def asked(self, name: str, *kinds: str) -> str:
        """Max is asked; what Slack names the message."""
        return await ask(self.messages, telling(f"asked/{name}", *await open_for_max(self.store, name, *kinds)))

    async def press(self, reference: str, answer: str, **more: str) -> Event:
        """Somebody presses a button; the event of it."""
        return await press(self.slack, self.store, reference, answer, **more)

    async def message(self, reference: str) -> dict[str, Any]:
        """A message as it is now."""
        return await message_in(self.slack, reference)


async def command_of(buttons: SlackButtons, event: Event) -> Command:
    """The command that a press is."""
    given = await buttons.read(event.payload["what"])
    assert isinstance(given, GivenCommand)
    return given.command


@pytest.fixture
async def office(slack: RunningSimulator, store: Store) -> AsyncIterator[Office]:
    messages = SlackWorkMessages(await connection_to(slack), store)
    yield Office(slack, store, messages)
    await messages.close()


@pytest.fixture
async def buttons(slack: RunningSimulator, store: Store) -> AsyncIterator[SlackButtons]:
    buttons = SlackButtons(await connection_to(slack), store)
    yield buttons
    await buttons.close()


@pytest.mark.parametrize(
    ("kind", "answer", "command"),
    [
        ("task", "done", CompleteTask(by="max@seller.example", task="n/t")),
        (
            "approval",
            "approve",
            DecideApproval(by="max@seller.example", approval="n/a", answer="approve", terms={"discount": "15"}),
        ),
        (
            "approval",
            "refuse",
            DecideApproval(by="max@seller.example", approval="n/a", answer="refuse", terms={"discount": "15"}),
        ),
        ("handoff", "accept", AcceptHandoff(by="max@seller.example", handoff="n/h")),
        (
            "suggestion",
            "accept",
            AnswerSuggestion(by="max@seller.example", suggestion="n/s", answer="accept"),
        ),
        (
            "suggestions",
            "dismiss",
            AnswerSuggestion(by="max@seller.example", suggestion="n/d", answer="dismiss"),
        ),
    ],
)
async def test_a_press_is_a_command_by_whoever_pressed(
    office: Office, buttons: SlackButtons, kind: str, answer: str,
    command: Command,
) -> None:  # fmt: skip
    event = await office.press(await office.asked("n", kind), answer)
    given = await buttons.read(event.payload["what"])
    assert given == GivenCommand(DEAL, command)


async def test_a_task_that_may_end_in_several_ways_has_a_button_for_each(office: Office, buttons: SlackButtons) -> None:
    work = await open_for_max(office.store, "ways", "task", "approval", outcomes=("connected", "wrong_person"))
    reference = await ask(office.messages, telling("asked/ways", *work))
    assert [answer for answer, _ in buttons_of(await office.message(reference))] == [
        "outcome.connected", "outcome.wrong_person", "approve", "refuse",
    ]  # fmt: skip
    event = await office.press(reference, "outcome.wrong_person")
    given = await command_of(buttons, event)
    assert given == CompleteTask(by="max@seller.example", task="ways/t", outcome="wrong_person")


async def test_the_buttons_of_what_is_still_asked_stay_while_another_question_is_answered(
    office: Office, buttons: SlackButtons
) -> None:
    work = await open_for_max(office.store, "stay", "task", "approval", outcomes=("connected", "voicemail"))
    reference = await ask(office.messages, telling("asked/stay", *work))
    event = await office.press(reference, "approve")
    await buttons.tell(event.payload["what"], GRANTED)
    assert [answer for answer, _ in buttons_of(await office.message(reference))] == [
        "outcome.connected", "outcome.voicemail",
    ]  # fmt: skip


async def test_what_was_written_beside_the_buttons_goes_along(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("why", "approval", "handoff")
    refused = await office.press(reference, "refuse", note="Too much")
    declined = await office.press(reference, "decline", note="Not my region")
    refusal = await command_of(buttons, refused)
    assert isinstance(refusal, DecideApproval)
    assert refusal.note == "Too much"
    assert await command_of(buttons, declined) == DeclineHandoff(
        by="max@seller.example", handoff="why/h", why="Not my region"
    )


async def test_a_handoff_is_not_declined_without_a_reason(office: Office, buttons: SlackButtons) -> None:
    event = await office.press(await office.asked("bare", "handoff"), "decline")
    with pytest.raises(Refused, match="Write why"):
        await buttons.read(event.payload["what"])


@pytest.mark.parametrize(("user", "why"), [("U0NOMAIL", "no e-mail address"), ("U0ALIEN", "Only members")])
async def test_nobody_answers_whom_deals_cannot_know(
    office: Office, buttons: SlackButtons, user: str, why: str
) -> None:
    event = await office.press(await office.asked(user, "approval"), "approve", user=user)
    with pytest.raises(Refused, match=why):
        await buttons.read(event.payload["what"])


async def test_the_settings_say_whose_account_it_is(office: Office) -> None:
    event = await office.press(await office.asked("own", "task"), "done", user="U0NOMAIL")
    buttons = SlackButtons(await connection_to(office.slack, owners={"nora@seller.example": "U0NOMAIL"}), office.store)
    assert (await command_of(buttons, event)).by == "nora@seller.example"
    await buttons.close()


async def test_a_button_that_nobody_here_made_is_no_command(buttons: SlackButtons) -> None:
    pressed: JsonValue = {"question": "f" * 32, "answer": "approve", "user": "U0MAX", "channel": "C0DEALS"}
    with pytest.raises(Refused, match="Nobody here knows"):
        await buttons.read(pressed)


async def test_what_was_answered_stands_where_the_buttons_were(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("answered", "approval")
    event = await office.press(reference, "approve")
    await buttons.tell(event.payload["what"], GRANTED)
    message = await office.message(reference)
    assert buttons_of(message) == []
    assert "discount is granted. (max@seller.example)" in texts_of(message)


async def test_a_changed_message_is_still_found_after_a_crash(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("found", "approval")
    event = await office.press(reference, "approve")
    await buttons.tell(event.payload["what"], GRANTED)
    again = await office.messages.tell(
        MAX, telling("asked/found", *await open_for_max(office.store, "found", "approval"))
    )
    assert again.find is not None
    found = await again.find()
    assert getattr(found, "reference", None) == reference


async def test_of_several_questions_only_the_answered_one_loses_its_buttons(
    office: Office, buttons: SlackButtons
) -> None:
    reference = await office.asked("several", "task", "approval")
    event = await office.press(reference, "done")
    await buttons.tell(event.payload["what"], Verdict(accepted=True, text="Done."))
    assert [answer for answer, _ in buttons_of(await office.message(reference))] == ["approve", "refuse"]


async def test_whoever_is_not_asked_is_told_so_alone(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("other", "approval")
    before = await office.message(reference)
    event = await office.press(reference, "approve")
    await buttons.tell(event.payload["what"], NOT_ASKED)
    state: Any = await office.slack.state()
    assert (state["whispers"][-1]["user"], state["whispers"][-1]["text"]) == (
        "U0MAX", "Not taken: &lt;Ana&gt; is not asked."
    )  # fmt: skip
    assert await office.message(reference) == before


@pytest.mark.parametrize(
    ("kind", "entry", "shown"),
    [
        (
            "approval",
            ApprovalAnswered(
                at=NOW, number=9, approval="e/a", name="discount", answer="refuse", by="eva@us.example",
                settled="refused",
            ),
            "Approval discount: refuse by eva@us.example, refused",
        ),
        (
            "task",
            TaskClosed(at=NOW, number=9, task="e/t", title="Call Ana", how="cancelled"),
            "Task cancelled: Call Ana",
        ),
        (
            "approval",
            WorkGiven(
                at=NOW, number=9, what="approval", id="e/a", label="discount", role="sales_manager", person="Eva",
                given_to="eva@us.example",
            ),
            "Eva is sales_manager now",
        ),
    ],
)  # fmt: skip
async def test_what_was_answered_elsewhere_or_is_no_longer_asked_is_shown(
    office: Office, buttons: SlackButtons, kind: str, entry: Any,
    shown: str,
) -> None:  # fmt: skip
    reference = await office.asked("e", kind)
    await write(office.store, entry)
    await buttons.settle()
    message = await office.message(reference)
    assert buttons_of(message) == []
    assert shown in texts_of(message)


async def test_what_is_still_asked_stays_as_it_is(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("stays", "task")
    await buttons.settle()
    assert (await office.message(reference))["edits"] == 0


async def test_what_is_shown_is_not_shown_again(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("once", "task")
    await write(office.store, TaskClosed(at=NOW, number=9, task="once/t", title="Call Ana", how="done"))
    await buttons.settle()
    await buttons.settle()
    assert (await office.message(reference))["edits"] == 1


async def test_a_change_without_an_answer_is_made_again(office: Office, buttons: SlackButtons) -> None:
    reference = await office.asked("lost", "task")
    await write(office.store, TaskClosed(at=NOW, number=9, task="lost/t", title="Call Ana", how="done"))
    await office.slack.switch(only="chat.update", lose_request=1)
    with pytest.raises(Unanswered):
        await buttons.settle()
    await buttons.settle()
    assert buttons_of(await office.message(reference)) == []


async def test_a_message_that_somebody_deleted_holds_up_nothing(office: Office, buttons: SlackButtons) -> None:
    channel, ts = (await office.asked("deleted", "task")).removeprefix("message:").split("/")
    await office.slack.change(do="delete", channel=channel, ts=ts)
    await write(office.store, TaskClosed(at=NOW, number=9, task="deleted/t", title="Call Ana", how="done"))
    await buttons.settle()
    await office.slack.switch(only="chat.update", lose_request=1)
    await buttons.settle()


async def test_an_answer_that_comes_before_its_message_is_known_is_shown_once_it_is(
    office: Office, buttons: SlackButtons
) -> None:
    delivery = await office.messages.tell(
        MAX, telling("asked/early", *await open_for_max(office.store, "early", "task"))
    )
    reference = await delivery.send()
    assert reference is not None
    assert delivery.arrived is not None
    event = await office.press(reference, "done")
    await buttons.tell(event.payload["what"], Verdict(accepted=True, text="Done."))
    await delivery.arrived(reference)
    await buttons.settle()
    assert buttons_of(await office.message(reference)) == []


async def test_what_two_gateways_show_at_once_ends_as_the_last_one_knows_it(
    office: Office, buttons: SlackButtons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One is about to show the first answer when the other shows both."""
    reference = await office.asked("two", "task", "approval")
    first = await office.press(reference, "done")
    second = await office.press(reference, "approve")
    other, update, meanwhile = (
        SlackButtons(await connection_to(office.slack), office.store),
        SlackClient.update,
        [second],
    )

    async def overtaken(self: SlackClient, message: str, content: Any) -> None:
        if meanwhile:
            await other.tell(meanwhile.pop().payload["what"], GRANTED)
        await update(self, message, content)

    monkeypatch.setattr(SlackClient, "update", overtaken)
    await buttons.tell(first.payload["what"], Verdict(accepted=True, text="Done."))
    await other.close()
    assert buttons_of(await office.message(reference)) == []
