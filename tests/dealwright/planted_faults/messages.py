"""Faults planted about what leaves is true now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dealwright.calendar.business_calendar import Calendar
from dealwright.deal import Contact
from dealwright.effects import SendEmail
from dealwright.facts import Turn, things
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.step import Step
from dealwright.rules import dates, moved_dates, play_ends, plays, wanted
from dealwright.rules.actions import email, sending_again
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.actions.message import Way
from dealwright.rules.decision_context import DecisionContext, Event
from tests.dealwright.planting import never, nothing


def what_was_called_off_is_spoken_of(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dates, "is_off", never)
    patch.setattr(moved_dates, "is_off", never)
    patch.setattr(wanted, "is_off", never)


def what_is_late_is_sent_all_the_same(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wanted, "_too_late", nothing)


def a_message_may_leave_after_its_date(patch: pytest.MonkeyPatch) -> None:
    def until_the_day_closes(context: DecisionContext, _: Play, __: Step, calendar: Calendar) -> datetime:
        return calendar.closes(context.now)

    patch.setattr(email, "last_moment", until_the_day_closes)


def what_waited_leaves_as_it_was(patch: pytest.MonkeyPatch) -> None:
    write, written = email._letter, dict[str, SendEmail]()

    def write_once(context: DecisionContext, due: DueStep[EmailStep], contact: Contact) -> SendEmail:
        letter = write(context, due, contact)
        return written.setdefault(letter.id, letter).model_copy(update={"at": context.now})

    mail = replace(email.MAIL, message=write_once)
    patch.setattr(email, "MAIL", mail)
    ways: dict[type[MessageStep], Way[Any]] = {**sending_again._WAYS, EmailStep: mail}
    patch.setattr(sending_again, "_WAYS", ways)


def nobody_asks_whether_it_is_still_so(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wanted, "_no_longer_so", nothing)
    patch.setattr(plays, "hear", _hear_without_stopping)


def who_accepted_another_proposal_is_asked_about_theirs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(things, "_put_or_taken", lambda _, one, __: one.sent_at or datetime.min.replace(tzinfo=UTC))
    counts = play_ends.counts_for

    def counts_for(mine: str | None, theirs: str | None, turn: Turn | None, *, dated: bool) -> bool:
        of_proposals = (mine or "").startswith("proposal/") and turn == "goes_well"
        return mine == theirs if of_proposals and dated else counts(mine, theirs, turn, dated=dated)

    patch.setattr(play_ends, "counts_for", counts_for)
    patch.setattr(plays, "counts_for", counts_for)


def _hear_without_stopping(context: DecisionContext, event: Event) -> None:
    for play in context.playbook.listening(context.state.stage, event.key):
        plays.begin(context, play, plays.Cause.of(event, event.key, context))
