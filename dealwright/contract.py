"""Names, inputs and results of all activities: all that workflows know of them.

The activity that does an effect is named like the effect's kind (``send_email``, ``create_task`` …) and takes an
:class:`EffectRequest`. All names are part of running deals' histories: they never change.
"""

from __future__ import annotations

from dealwright.decision import DealStart, Decision, Received
from dealwright.effects import Effect, Outcome
from dealwright.entries import Entry
from dealwright.state import DealState
from dealwright.values.recorded import AwareDatetime, Recorded

DECIDE = "decide"
WRITE_JOURNAL = "write_journal"
WITHDRAW = "withdraw_effects"

RECONCILE = "ReconcileTool"
"""The workflow type that reads one tool beside its webhooks."""
POLL_TOOL = "poll_tool"
WATCH_TOOL = "watch_tool"

TELL_PEOPLE = "TellPeople"
"""The workflow type that tells people of their work."""
PLAN_WORK_MESSAGES = "plan_work_messages"
SEND_WORK_MESSAGE = "send_work_message"

STORE_AWAY = "StoreAway"
"""``ApplicationError.type`` when the store cannot be reached: never taken for a bad rule."""

ALARM = "Alarm"
"""``ApplicationError.type``, final, when a journal number or an effect id stands for two different things."""


class DecideRequest(Recorded):
    """Everything ``decide`` looks at. Not written into the history: only the decision is."""

    deal_id: str
    start: DealStart | None = None
    """Given until the deal is opened: what the workflow was started with."""
    state: DealState
    inbox: tuple[Received, ...]
    now: AwareDatetime


class EffectRequest(Recorded):
    """One effect to hand over, and journal entries that ride along (of this deal, in order)."""

    deal_id: str
    effect: Effect
    entries: tuple[Entry, ...] = ()


class JournalRequest(Recorded):
    """Entries for the journal. Writing the same ones again changes nothing."""

    deal_id: str
    entries: tuple[Entry, ...]


class WithdrawRequest(Recorded):
    """Effects that are no longer wanted, if it is not too late.

    The answer has an outcome for each, in their order: ``withdrawn``; what became of one that came too late;
    or ``not_done`` for one that is being handed over at this moment. That one's own activity tells the rest;
    where none is running any more, starting the same id again does, and sends nothing.
    """

    deal_id: str
    effects: tuple[str, ...]
    kinds: dict[str, str] = {}
    """What kind each of them is, where that is known."""
    at: AwareDatetime
    entries: tuple[Entry, ...] = ()


class ReconcileRequest(Recorded):
    """One tool to read and to watch, by the name of its source."""

    source: str


class PollReport(Recorded):
    """What reading one page found, and whether there is another one now."""

    found: int
    more: bool = False


class PlannedMessages(Recorded):
    """Messages to people that are to go out, by their ids."""

    ids: tuple[str, ...]


class WorkMessageRequest(Recorded):
    """One message to a person about their work, by its id."""

    id: str


__all__ = [
    "ALARM",
    "DECIDE",
    "PLAN_WORK_MESSAGES",
    "POLL_TOOL",
    "RECONCILE",
    "SEND_WORK_MESSAGE",
    "STORE_AWAY",
    "TELL_PEOPLE",
    "WATCH_TOOL",
    "WITHDRAW",
    "WRITE_JOURNAL",
    "DecideRequest",
    "Decision",
    "EffectRequest",
    "JournalRequest",
    "Outcome",
    "PlannedMessages",
    "PollReport",
    "ReconcileRequest",
    "WithdrawRequest",
    "WorkMessageRequest",
]
