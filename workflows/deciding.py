"""Deciding: what came in and the time go into a decision; what it says is carried out, or the deal is parked."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from dealwright.decision import Attributes, Decision
    from dealwright.entries import AttentionAsked, AttentionSettled
from workflows.attributes import upsert
from workflows.deal_run import DealRun
from workflows.phase import Phase

_PARKED = "parked"
"""The point of attention of a parked deal."""
_LONGEST_SUMMARY = 200


def is_awake(deal: DealRun) -> bool:
    """Whether there is something to look at."""
    if deal.timer.due:
        return True
    return deal.phase is not Phase.PARKED and (bool(deal.effects.outcomes) or deal.inbox.presses)


async def look(deal: DealRun) -> None:
    """Note what went as planned, and decide on the rest and the time, if there is a reason to."""
    if deal.effects.outcomes:
        deal.note_as_planned()
    if _is_to_decide(deal):
        await _decide(deal)


def _is_to_decide(deal: DealRun) -> bool:
    if deal.timer.due or deal.outlook is None or deal.state.finished:
        return True
    return deal.phase is not Phase.PARKED and deal.inbox.presses


async def _decide(deal: DealRun) -> None:
    if deal.phase is Phase.WAITING:  # a deal that is parked, or about to end, keeps no command waiting meanwhile
        deal.phase = Phase.DECIDING
    batch = deal.inbox.batch(alone=deal.decisions.doubtful)
    decision = await deal.decisions.on(batch, deal.state, deal.start)
    if decision is None:
        _park(deal)
        return
    deal.inbox.settle(decision.took or len(batch), decision.verdicts, workflow.now())
    _carry_out(deal, decision)


def _carry_out(deal: DealRun, decision: Decision) -> None:
    """Do what was decided. The order of these lines is the order of the commands in every recorded history."""
    if decision.restored is not None:
        deal.restore(decision.restored)
    if parked := _PARKED in deal.state.attention:
        deal.note(AttentionSettled(at=workflow.now(), point=_PARKED, why="it can be decided again"))
    for entry in decision.entries:
        deal.note(entry)
    upsert(decision.attributes, clear_attention=parked and not deal.state.attention)
    deal.decisions.trust_again(still_waiting=bool(deal.inbox.items))
    deal.phase = Phase.WAITING
    deal.keep_outlook(decision)
    deal.effects.start(decision.effects)
    deal.withdraw(decision.withdraw)
    if not deal.ends_as_new:  # else the next run sets the timer
        deal.wake_as_decided()
    deal.effects.write_journal(now=decision.must_report(workflow.now()))


def _park(deal: DealRun) -> None:
    """Keep all that came in, ask for attention, and try again later."""
    if deal.phase is not Phase.PARKED:
        upsert(Attributes(NeedsAttention=True))
    deal.phase = Phase.PARKED
    trouble = deal.decisions.trouble
    deal.timer.set(workflow.now() + deal.decisions.next_attempt_in, f"Parked. {trouble}"[:_LONGEST_SUMMARY])
    if _PARKED not in deal.state.attention:
        deal.note(AttentionAsked(at=workflow.now(), point=_PARKED, text=trouble))
