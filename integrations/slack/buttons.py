"""Buttons that people press: which command a press is, by whom, and what the message shows afterwards."""

from __future__ import annotations

import logging
import time

from pydantic import JsonValue

from dealwright.commands import (
    LONGEST_STEP,
    AcceptHandoff,
    AnswerSuggestion,
    Command,
    CompleteTask,
    DecideApproval,
    DeclineHandoff,
)
from dealwright.decision import Verdict
from dealwright.facts import ReplyReceived
from integrations.chat.incoming_webhook import as_plain_text
from integrations.kit.commands import GivenCommand, GivenFact
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.tool import Connected
from integrations.slack.client import SlackClient
from integrations.slack.inbound import Press
from integrations.slack.people import SlackPeople
from integrations.slack.readings import in_words, reading_of
from integrations.slack.settings import SlackConnection
from integrations.slack.work_blocks import OUTCOME, READS, work_content
from integrations.slack.work_messages import SOURCE
from store import asked_work
from store.asked_work import AskedWork
from store.database import Store

log = logging.getLogger(__name__)
_READ_ALREADY = "This reply was read before."
_FORGET_EVERY = 3600.0
"""Seconds."""


def slack_buttons(connected: Connected) -> SlackButtons:
    """What reads presses, of an installation that is connected to Slack."""
    return SlackButtons(connected.block(SlackConnection), connected.store)


class SlackButtons:
    """Presses as commands. Whoever pressed is who Slack says, by their e-mail address."""

    def __init__(self, connection: SlackConnection, store: Store) -> None:
        self._store, self._client = store, SlackClient(connection, store)
        self._people = SlackPeople(connection, self._client)
        self._forget_at = time.monotonic() + _FORGET_EVERY

    async def read(self, what: JsonValue) -> GivenCommand | GivenFact:
        """The command that a press is; of one that says what a reply means, the fact.

        Raises:
            NotHandedOver: Slack cannot say now who pressed.
            Refused: it is none that counts.
            StoreAway: the database does not answer.
        """
        press = Press.model_validate(what)
        question = await asked_work.find(self._store, press.question)
        if question is None:
            raise Refused("Nobody here knows what this button asks.")
        who = await self._people.address_of(press.user)
        if press.answer.startswith(READS):
            return GivenFact(question.deal_id, _reading(question, press, who))
        return GivenCommand(question.deal_id, _command(question, press, who))

    async def tell(self, what: JsonValue, verdict: Verdict) -> None:
        """Show in the message what was answered; or tell whoever pressed, and nobody else, why it does not count.

        Raises:
            NotHandedOver, Refused, Unanswered: they may not have been told.
            StoreAway: the database does not answer.
        """
        press = Press.model_validate(what)
        if not verdict.accepted:
            await self._client.whisper(press.channel, press.user, as_plain_text(verdict.text))
            return
        question = await asked_work.find(self._store, press.question)
        if question is not None:
            who = await self._people.address_of(press.user)
            if press.answer.startswith(READS):
                await self._show_reading(question, press, who)
                return
            await asked_work.conclude(self._store, question.id, f"{verdict.text} ({who})")
            await self._show(question.message_key)

    async def _show_reading(self, question: AskedWork, press: Press, who: str) -> None:
        """Show what somebody says that a reply means, in place of the buttons for it; what was said first holds."""
        if question.reply is not None:
            words = in_words(reading_of(press.answer, press.note, question.reply, who), who)
            if (held := await asked_work.read_as(self._store, question.id, words)) != words:
                await self._client.whisper(press.channel, press.user, as_plain_text(f"{_READ_ALREADY} {held}."))
        await self._show(question.message_key)

    async def settle(self) -> None:
        """Show what became of questions that were answered elsewhere, or are no longer asked.

        Raises:
            NotHandedOver, Unanswered: it is shown later.
            StoreAway: the database does not answer.
        """
        if (now := time.monotonic()) >= self._forget_at:
            await asked_work.forget_old(self._store, SOURCE)
            self._forget_at = now + _FORGET_EVERY
        await asked_work.conclude_closed(self._store, SOURCE)
        failed: NotHandedOver | Unanswered | None = None
        for key in await asked_work.unshown(self._store, SOURCE):
            try:
                await self._show(key)
            except (NotHandedOver, Unanswered) as error:
                failed = error  # of one message: the others are shown
        if failed is not None:
            raise failed

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _show(self, message_key: str) -> None:
        """Change the message until it says what is known: another gateway may be changing it as well."""
        questions = await asked_work.of_message(self._store, SOURCE, message_key)
        while True:
            if not questions or (message := questions[0].message) is None:
                return None  # it is being posted: shown once it stands
            try:
                await self._client.update(message, work_content(message_key, questions))
            except Refused as error:
                # It was deleted, or its channel is gone: nobody can press there any more.
                log.warning("a message does not show what became of its questions: %s", error.reason)
            now = await asked_work.of_message(self._store, SOURCE, message_key)
            if [(one.outcome, one.reading) for one in now] == [(one.outcome, one.reading) for one in questions]:
                return await asked_work.show(self._store, [one for one in now if one.outcome is not None])
            questions = now


def _reading(question: AskedWork, press: Press, by: str) -> ReplyReceived:
    if question.reply is None:
        raise Refused("Nobody is asked any more what this reply means.")
    fact = reading_of(press.answer, press.note, question.reply, by)
    if question.reading not in {None, in_words(fact, by)}:  # the same again is a press that is passed on once more
        raise Refused(f"{_READ_ALREADY} {question.reading}.")
    return fact


def _command(question: AskedWork, press: Press, by: str) -> Command:
    match question.kind, press.answer:
        case "task", "done":
            return CompleteTask(by=by, task=question.work_id)
        case "task", answer if answer.startswith(OUTCOME):
            return CompleteTask(by=by, task=question.work_id, outcome=answer.removeprefix(OUTCOME))
        case "approval", "approve":
            return DecideApproval(
                by=by, approval=question.work_id, answer="approve", terms=dict(question.terms), note=press.note
            )
        case "approval", "refuse":
            return DecideApproval(
                by=by, approval=question.work_id, answer="refuse", terms=dict(question.terms), note=press.note
            )
        case ("suggestion", "accept" | "dismiss") | ("suggestions", "dismiss"):
            return _on_suggestion(question, press, by)
        case "handoff", "accept":
            return AcceptHandoff(by=by, handoff=question.work_id)
        case "handoff", "decline":
            if press.note is None:
                raise Refused("Write why into the field above the buttons, and press Decline once more.")
            return DeclineHandoff(by=by, handoff=question.work_id, why=press.note)
    raise Refused(f"{press.answer!r} is no answer to this.")


def _on_suggestion(question: AskedWork, press: Press, by: str) -> Command:
    """What is written beside the buttons is the step in other words, or why it is not wanted."""
    if press.answer == "dismiss":
        return AnswerSuggestion(by=by, suggestion=question.work_id, answer="dismiss", note=press.note)
    if press.note is None:
        return AnswerSuggestion(by=by, suggestion=question.work_id, answer="accept")
    if len(press.note) > LONGEST_STEP:
        raise Refused(f"Say it in {LONGEST_STEP} characters, and press Accept once more.")
    return AnswerSuggestion(by=by, suggestion=question.work_id, answer="accept", text=press.note)
