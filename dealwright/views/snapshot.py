"""What people and services read about a deal: a snapshot, an agenda, and a page. All from its state alone.

The models are public and stable: fields are added, never renamed or taken away. Times are in the deal's own
time, in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from dealwright import consent
from dealwright.deal import Deal, Money, OwnValue
from dealwright.state import Approval, DealState, Handoff, Suggestion, Task
from dealwright.values.recorded import AwareDatetime, Recorded
from dealwright.waits import by_time, next_wait, waits_of

_EVER = datetime.min.replace(tzinfo=UTC)


class TaskView(Recorded):
    """A task that is open; ``missed`` counts the deadlines that went by."""

    id: str
    title: str
    role: str
    due_at: AwareDatetime
    missed: int = 0
    name: str = ""
    """What the playbook calls it; ``complete_task`` takes this or the id."""
    contact: str | None = None
    """The contact whom it is about, where its play runs for each."""
    outcomes: tuple[str, ...] = ()
    """The ways in which it may end: ``complete_task`` says one of them."""
    fills: dict[str, str] = {}
    """What may be filled in, each by its name and the path at which the deal knows it then."""
    channel: str | None = None
    """How whoever does it reaches a contact: ``call``, ``social``, ``sms``, ``post``."""
    reaches: str | None = None
    """The contact whom it reaches, by id."""


class ApprovalView(Recorded):
    """An approval that is asked for. ``decide_approval`` names its ``id`` or name and repeats these ``terms``."""

    id: str
    name: str
    terms: dict[str, str]
    currencies: dict[str, str] = {}
    """Of the terms that are money."""
    waits_for: str
    """The role whose answer is next."""
    answer_by: AwareDatetime


class HandoffView(Recorded):
    """A handoff that is not accepted yet; it is offered once nothing is ``missing``."""

    id: str
    name: str
    from_role: str
    to_role: str
    missing: tuple[str, ...] = ()
    accept_by: AwareDatetime | None = None
    missed: int = 0


class SuggestionView(Recorded):
    """A next step that a tool suggested; ``answer_suggestion`` names its ``id``, or its ``digest`` to dismiss all."""

    id: str
    text: str
    role: str
    """Who is asked."""
    answer_by: AwareDatetime
    by: str | None = None
    """Whose words they are."""
    source: str | None = None
    """The tool."""
    conversation: str | None = None
    """The conversation that it comes from."""
    due: date | None = None
    """By which day, where that was said."""
    digest: str | None = None
    """The question in which it stands with others."""


class HeldContact(Recorded):
    """A contact whom something keeps from getting messages."""

    id: str
    marketing: bool = True
    """Whether they may get marketing: no, once they opted out."""
    mail: bool = True
    """Whether they may get any mail: no, once their address bounced."""
    away_until: AwareDatetime | None = None
    """When they are back, while they are away: their messages wait."""


class Snapshot(Recorded):
    """Where a deal stands: the answer of the ``snapshot`` query."""

    deal_id: str | None = None
    """None until the deal's first decision let it in."""
    title: str | None = None
    stage: str | None = None
    stage_entered_at: AwareDatetime | None = None
    owner_role: str | None = None
    owner: str | None = None
    """The name of whoever holds that role in this deal, if it is known."""
    outcome: str | None = None
    """``won`` as soon as it is; at the end ``completed``, ``lost``, ``churned`` …"""
    reason: str | None = None
    """Why the deal ended, or was not let in."""
    reason_code: str | None = None
    """Which of the playbook's reasons that was."""
    competitor: str | None = None
    """Whom the buyer chose instead."""
    back_on: date | None = None
    """The day on which to come back."""
    playbook: str | None = None
    bundle: str | None = None
    """Content hash of the playbook bundle that the deal follows."""
    adopts_at_next_stage: str | None = None
    """Content hash of the bundle that it will follow from its next stage on."""
    term: int = 1
    """The contract term, counted from 1."""
    paused: bool = False
    amount: Money | None = None
    score: float | None = None
    health: float | None = None
    fields: dict[str, OwnValue] = {}
    """The fields that the playbook declares, as far as they are known; those worked out by a table too."""
    arms: dict[str, str] = {}
    """The arm of each experiment that the deal was exposed to."""
    scores: dict[str, int] = {}
    """The playbook's scores in whole points, as they were worked out last."""
    score_points: tuple[str, ...] = ()
    """What each of them is made of: ``intent +15 buying signal seen: pricing_page (2026-03-02)``."""
    levels: tuple[str, ...] = ()
    """The levels of the playbook that the deal is at."""
    leaves_when: str = ""
    """What it takes to leave the stage, in words."""
    missing: tuple[str, ...] = ()
    """What the stage's hard gate still lacks, once the deal would leave."""
    next_action: str | None = None
    next_at: AwareDatetime | None = None
    first_touch_at: AwareDatetime | None = None
    """When a message went out first, or a person reached a contact."""
    first_human_touch_at: AwareDatetime | None = None
    """When a person reached a contact first: by a call, in a social network, by post."""
    open_tasks: tuple[TaskView, ...] = ()
    open_approvals: tuple[ApprovalView, ...] = ()
    open_handoffs: tuple[HandoffView, ...] = ()
    open_suggestions: tuple[SuggestionView, ...] = ()
    """Next steps that tools suggested and nobody has answered."""
    uncertain_touches: tuple[str, ...] = ()
    """Effects that may or may not have been handed over: ``resolve_touch`` settles them."""
    attention: dict[str, str] = {}
    """What somebody should look at: ``acknowledge`` takes a point off."""
    held_contacts: tuple[HeldContact, ...] = ()
    """Contacts who get no marketing or no mail, or are away. Other deals may know more: see the suppression list."""
    contract_ends_on: str | None = None
    """The last day of the running term (ISO date), in the deal's time zone."""
    repeats: int = 0
    """Deliveries of facts that were known already."""
    finished: bool = False


class AgendaItem(Recorded):
    """Something that happens by itself or is due, unless news change it."""

    at: AwareDatetime
    what: str
    why: str


def snapshot_of(state: DealState, *, repeats: int = 0, now: datetime | None = None) -> Snapshot:
    """Where the deal stands. ``repeats`` and the deal's time are what only the shell knows."""
    deal = state.deal
    upcoming = next_wait(state)
    owner = (deal.owners or {}).get(state.owner_role or "") if deal else None
    standing = Snapshot(
        deal_id=deal.id if deal else None,
        title=deal.title if deal else None,
        stage=state.stage,
        stage_entered_at=state.stage_entered_at,
        owner_role=state.owner_role,
        owner=owner.name if owner else None,
        outcome=state.outcome,
        reason=state.reason,
        reason_code=state.ended_for.reason_code if state.ended_for else None,
        competitor=state.ended_for.competitor if state.ended_for else None,
        back_on=state.ended_for.back_on if state.ended_for else None,
        playbook=state.playbook,
        bundle=state.bundle,
        adopts_at_next_stage=state.adopts.bundle if state.adopts else None,
        term=state.term,
        paused=state.pause is not None,
        amount=deal.amount if deal else None,
        score=deal.score if deal else None,
        health=deal.health if deal else None,
        fields=fields_of(state),
        arms=dict(state.arms),
        scores={name: standing.value for name, standing in state.scores.items()},
        score_points=tuple(score_points_of(state)),
        levels=tuple(state.levels),
        leaves_when=state.leaves_when,
        missing=state.held_by,
        next_action=upcoming.what if upcoming else None,
        next_at=upcoming.at if upcoming else None,
        attention=dict(state.attention),
        held_contacts=tuple(_held(state, now)),
        contract_ends_on=_end_of_contract(deal),
        repeats=repeats,
        finished=state.finished,
    )
    return standing.model_copy(update=_touches_and_work(state))


def _touches_and_work(state: DealState) -> dict[str, object]:
    return {
        "first_touch_at": state.first_touch_at,
        "first_human_touch_at": state.first_human_touch_at,
        "open_tasks": tuple(_task(task) for task in state.tasks.values()),
        "open_approvals": tuple(_approval(approval) for approval in state.approvals.values()),
        "open_handoffs": tuple(_handoff(handoff) for handoff in state.handoffs.values()),
        "open_suggestions": tuple(_suggestion(one) for one in state.suggestions.values()),
        "uncertain_touches": tuple(pending.effect for pending in state.pending.values() if pending.uncertain),
    }


def fields_of(state: DealState) -> dict[str, OwnValue]:
    """What the deal knows of the fields that its playbook declares, and what follows from tables."""
    told = (state.deal.fields if state.deal else None) or {}
    return {**{name: value for name, value in told.items() if value is not None}, **state.computed}


def score_points_of(state: DealState) -> Iterator[str]:
    """What the playbook's scores are made of, each point explained."""
    for name, standing in state.scores.items():
        yield from (f"{name} {point.words()}" for point in standing.points)


def _held(state: DealState, now: datetime | None) -> Iterator[HeldContact]:
    """The contacts whom something keeps from messages; without a time, all who said that they are away."""
    for contact in (state.deal.contacts if state.deal else None) or ():
        held = HeldContact(
            id=contact.id,
            marketing=consent.forbidden(state, contact, marketing=True) is None,
            mail=consent.forbidden(state, contact, marketing=False) is None,
            away_until=consent.away_until(state, contact, now or _EVER),
        )
        if not held.marketing or not held.mail or held.away_until is not None:
            yield held


def _end_of_contract(deal: Deal | None) -> str | None:
    ends_on = deal.contract.ends_on if deal and deal.contract else None
    return ends_on.isoformat() if ends_on else None


def agenda_of(state: DealState) -> tuple[AgendaItem, ...]:
    """What happens next, when, and why, the earliest first. Empty once the deal is finished."""
    coming = sorted(waits_of(state), key=by_time)
    return tuple(AgendaItem(at=wait.at, what=wait.what, why=wait.why) for wait in coming)


def _task(task: Task) -> TaskView:
    return TaskView.model_validate(task, from_attributes=True)


def _approval(approval: Approval) -> ApprovalView:
    return ApprovalView(
        id=approval.id,
        name=approval.name,
        terms=approval.terms,
        currencies=approval.currencies,
        waits_for=approval.waits_for if approval.chain else "nobody",
        answer_by=approval.answer_by,
    )


def _handoff(handoff: Handoff) -> HandoffView:
    return HandoffView.model_validate(handoff, from_attributes=True)


def _suggestion(suggestion: Suggestion) -> SuggestionView:
    return SuggestionView.model_validate(suggestion, from_attributes=True)
