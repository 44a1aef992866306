"""Which decisions reports, and other deals, must hear of at once: their entries do not wait for the journal."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.rules.decision_context import DecisionContext

_AT_ONCE = frozenset(
    (
        "deal_opened", "stage_entered", "stage_left", "approval_requested", "approval_answered", "terms_offered",
        "handoff_offered", "handoff_answered", "deadline_missed", "deal_closed", "deal_reopened", "deal_refused",
        "command_taken", "touches_held", "person_recognised", "playbook_adopted", "cool_off_began",
        "approval_expired", "owner_counted", "suggestion_made",
    )
)  # fmt: skip


def reports_now(context: DecisionContext) -> bool:
    """Whether others must hear of the decision now: an address that opted out is out for all deals."""
    return any(_is_for_others(context, entry) for entry in context.entries)


def _is_for_others(context: DecisionContext, entry: e.Entry) -> bool:
    if entry.kind in _AT_ONCE:
        return True
    if not isinstance(entry, e.FactTaken):
        return False
    return bool(entry.silences) or _is_back(context, entry) or _gives_away(context, entry)


def _is_back(context: DecisionContext, reply: e.FactTaken) -> bool:
    """Whether somebody has written who, as far as was known, is away."""
    absence = context.state.away.get(reply.contact or "") if reply.written_by_them else None
    return absence is not None and absence.until > context.now


def _gives_away(context: DecisionContext, entry: e.FactTaken) -> bool:
    """Whether somebody else has a role now that a pool gave: the deal counts as theirs."""
    owners = entry.learned.owners if entry.learned else None
    return bool(owners) and not context.state.assigned.keys().isdisjoint(owners or ())
