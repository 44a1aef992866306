"""Next steps that tools suggest: asked of whoever has the deal, and done only once they say so."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.commands import AnswerSuggestion
from dealwright.decision import Verdict
from dealwright.facts import Fact, NextStepSuggested
from dealwright.identity import run_key
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import open_task
from dealwright.state import Suggestion

TASK = "suggested_next_step"
"""The task that an accepted suggestion becomes."""
MOST_ALONE, MOST_OPEN = 5, 50
"""So many are asked one by one, those beyond in one question; and so many may be open at all."""
_TOO_MANY = f"{MOST_OPEN} suggested next steps wait for an answer: nobody is asked about more of them"
_TO_ANSWER, _TO_DO = Span.parse("3bd"), Span.parse("2bd")
_LAST_DAY = date(9998, 12, 31)
_LONGEST_TITLE = 200
"""Characters."""


def no_news(context: DecisionContext, fact: NextStepSuggested, happened_at: datetime) -> str | None:
    """Why nobody is asked about a suggestion: it is asked already, or was answered since; None when they are."""
    words, state = _words(fact.text), context.state
    if any(one.words == words for one in state.suggestions.values()):
        return "it is asked already"
    settled = state.suggestions_settled.get(words)
    if settled is not None and happened_at <= settled:
        return "it was answered since that conversation"
    if len(state.suggestions) >= MOST_OPEN:
        context.ask_attention("suggestions", _TOO_MANY)
        return f"{MOST_OPEN} suggestions wait for an answer already"
    return None


def mind(context: DecisionContext, fact: Fact, taken: e.FactTaken) -> None:
    """Ask whoever has the deal about a next step that was suggested."""
    if not isinstance(fact, NextStepSuggested):
        return
    role, number = _owner(context), context.state.entries
    open_now = context.state.suggestions.values()
    id_ = context.id_for(run_key("suggested", context.state.visit, number), "suggestion")
    digest = next((one.digest for one in open_now if one.digest), None)
    if digest is None and len(open_now) >= MOST_ALONE:
        digest = context.id_for(run_key("suggested", context.state.visit, number), "digest")
    context.note(
        e.SuggestionMade(
            at=context.now, suggestion=id_, text=fact.text, words=_words(fact.text), role=role, by=fact.by,
            answer_by=context.by_then(role, _TO_ANSWER), happened_at=taken.happened_at, source=fact.source,
            conversation=fact.conversation, due=fact.due, digest=digest, given_to=context.given_to(role),
        )
    )  # fmt: skip


def answer(context: DecisionContext, command: AnswerSuggestion) -> Verdict:
    """Somebody accepts a suggestion, perhaps changed, or dismisses it."""
    meant = [one for one in context.state.suggestions.values() if command.suggestion in {one.id, one.digest}]
    if not meant:
        return _no("This suggestion is not open: it was answered or dropped, or never made.")
    if command.answer == "dismiss":
        if {"text", "to", "due_at"} & command.model_fields_set:
            return _no("Only what is accepted can be changed: leave out text, to and due_at.")
        for one in meant:
            _settle(context, one, "dismissed", command.by, command.note)
        return Verdict(accepted=True, text=f"Dismissed: {_line(meant[0].text) if len(meant) == 1 else len(meant)}.")
    if command.suggestion != meant[0].id:
        return _no("Accept suggestions one by one, each by its id; only dismissing takes all of a question.")
    if command.to is not None and (stranger := context.no_such_role((command.to,))):
        return _no(stranger)
    if command.due_at is not None and command.due_at <= context.now:
        return _no("due_at is past: give a time that is ahead, or leave it out.")
    return _accept(context, meant[0], command)


def give(context: DecisionContext) -> bool:
    """Let open suggestions go with the deal: whoever has it now is asked. True when any changed hands."""
    role, gave = _owner(context), False
    holder, person = context.given_to(role), context.holder(role)
    for one in list(context.state.suggestions.values()):
        if (one.role, one.given_to) != (role, holder):
            context.note(
                e.WorkGiven(
                    at=context.now, what="suggestion", id=one.id, label=f"suggestion {_line(one.text)}", role=role,
                    person=person.name if person else None, given_to=holder,
                )
            )  # fmt: skip
            gave = True
    return gave


def drop_all(context: DecisionContext, why: str) -> None:
    """No longer ask about any."""
    for one in list(context.state.suggestions.values()):
        _settle(context, one, "dropped", "dealwright", why)
    context.settle_attention("suggestions", why)


def _accept(context: DecisionContext, one: Suggestion, command: AnswerSuggestion) -> Verdict:
    role, text = command.to or one.role, command.text or one.text
    due_at = command.due_at or _due(context, one, role)
    task = context.id_for(run_key("suggested", context.state.visit, context.state.entries), "task")
    _settle(context, one, "accepted", command.by, command.note, task)
    title = _line(text)
    more = (text if title != text else None, f"Suggested by {one.source}." if one.source else None, command.note)
    detail = " ".join(filter(None, more)) or None
    opened = e.TaskOpened(
        at=context.now, task=task, title=title, name=TASK, role=role, due_at=due_at,
        escalate=context.boss_of(role), detail=detail,
    )  # fmt: skip
    open_task(context, opened, detail)
    return Verdict(accepted=True, text=f"Accepted, and asked of {role} by {due_at:%a %d %b %Y %H:%M} UTC: {title}")


def _settle(
    context: DecisionContext, one: Suggestion, how: str, by: str, note: str | None, task: str | None = None
) -> None:
    context.note(
        e.SuggestionAnswered(at=context.now, suggestion=one.id, text=one.text, answer=how, by=by, note=note, task=task)
    )
    context.settle_attention("suggestions", "one of them was answered")


def _due(context: DecisionContext, one: Suggestion, role: str) -> datetime:
    """The end of the day that was named, if it is ahead, where whoever does it is."""
    usual = context.by_then(role, _TO_DO)
    if one.due is None or one.due > _LAST_DAY:
        return usual
    zone = ZoneInfo(context.calendar_of(role).timezone)
    end = datetime.combine(one.due + timedelta(days=1), time(), zone).astimezone(UTC)
    return end if end > context.now else usual


def _owner(context: DecisionContext) -> str:
    return context.state.owner_role or context.stage.owner


def _words(text: str) -> str:
    """What is the same for texts that have the same words in the same order."""
    words = " ".join(re.findall(r"\w+", text.casefold())) or text
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"


def _no(text: str) -> Verdict:
    return Verdict(accepted=False, text=text)
