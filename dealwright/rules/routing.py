"""Routing: who of a pool gets a role. What one deal cannot know, such as whose turn it is, an effect is asked."""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.candidates import Candidate
from dealwright.deal import Person
from dealwright.effects import ChooseOwner, Outcome
from dealwright.playbook.language.pools import Member, Pool
from dealwright.playbook.language.steps.assign import AssignStep
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.planning import plan_next
from dealwright.rules.tasks import ask
from dealwright.state import Pending
from dealwright.values.addresses import normal

TASK = "choose_owner"
"""The task by which a role is asked to choose itself."""
_SOON = Span.parse("1bd")


def ask_whose_turn(context: DecisionContext, id_: str, step: AssignStep, *, run: str, index: int) -> None:
    """Start the effect that chooses."""
    pool, account = context.playbook.pools[step.from_], context.deal.account
    holds = (context.deal.owners or {}).get(step.assign)
    context.start(
        ChooseOwner(
            id=id_, at=context.now, since=context.now, summary=f"Choose {step.assign} from {step.from_}", run=run,
            step=index, needs_decision=True, playbook=context.playbook.playbook, pool=step.from_, role=step.assign,
            by=pool.by, candidates=_candidates(context, pool, step.assign), keeps=None if step.anew else holds,
            replaces=holds if step.anew else None,
            account=(account.domain or account.id) if account else None,
            account_first=pool.first == "account_owner", waits=pool.otherwise is None,
        )
    )  # fmt: skip


def as_it_is_now(context: DecisionContext, effect: ChooseOwner) -> ChooseOwner:
    """A choice that waited, of those who can be chosen by now."""
    pool = context.playbook.pools.get(effect.pool)
    holds = (context.deal.owners or {}).get(effect.role)
    changes: dict[str, object] = {"at": context.now}
    if holds is not None and holds != effect.replaces:
        changes["keeps"] = holds  # somebody else has given the role meanwhile
    if pool is not None:
        changes |= {
            "candidates": _candidates(context, pool, effect.role),
            "by": pool.by,
            "waits": pool.otherwise is None,
        }
    return effect.model_copy(update=changes)


def _candidates(context: DecisionContext, pool: Pool, role: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            person=member.person(), weight=member.weight, capacity=member.capacity,
            cover=normal(member.cover) if member.cover else None,
            fits=member.territory is None or member.territory.test(context.state, None, context.clock),
            at_work_from=_at_work_from(context, member, role) if pool.at_work else None,
        )
        for member in pool.members
    )  # fmt: skip


def _at_work_from(context: DecisionContext, member: Member, role: str) -> datetime:
    return context.playbook.calendars.of(role, member.person(), context.deal.contact).next_open(context.now)


def take_choice(context: DecisionContext, pending: Pending, outcome: Outcome, effect: ChooseOwner) -> None:
    """Give the role to whoever was chosen, and let the play go on; or have somebody choose."""
    if outcome.status in {"not_done", "deferred"}:
        return
    if outcome.status == "done" and (person := _chosen(context, outcome, effect)) is not None:
        context.note(
            e.OwnerChosen(
                at=context.now, role=effect.role, person=person, pool=effect.pool, effect=effect.id,
                why=outcome.reason,
            )
        )  # fmt: skip
        context.dates_changed = True
    elif outcome.status in {"done", "skipped"} and not context.state.finished:
        _have_somebody_choose(context, effect)
    plan_next(context, pending.run or "", pending.step or 0, context.now)


def _chosen(context: DecisionContext, outcome: Outcome, effect: ChooseOwner) -> Person | None:
    holds = (context.deal.owners or {}).get(effect.role)
    if holds is not None and holds != effect.replaces:
        return holds  # whoever gave it meanwhile had a reason
    people = (*(one.person for one in effect.candidates), *filter(None, (effect.keeps,)))
    return next((person for person in people if person.key == outcome.reference), None)


def _have_somebody_choose(context: DecisionContext, effect: ChooseOwner) -> None:
    pool = context.playbook.pools.get(effect.pool)
    role = (pool.otherwise if pool else None) or context.state.owner_role or context.stage.owner
    head, _, occurrence = effect.id.rpartition("/")
    title = f"Nobody in {effect.pool} can take this deal: choose who is {effect.role}"
    ask(context, f"{head}.choose/{occurrence}", title, role, context.by_then(role, _SOON), name=TASK)


def keep_count(context: DecisionContext) -> None:
    """Say of roles that pools gave whether the deal still counts among the open ones of whoever has them."""
    for role, counts in list(context.state.assigned.items()):
        if (now := _has_work_ahead(context, role)) != counts:
            context.note(e.OwnerCounted(at=context.now, role=role, counts=now))


def _has_work_ahead(context: DecisionContext, role: str) -> bool:
    """Whether a role owns the deal's stage or a later one; of a role that owns no stage, until the deal is won."""
    playbook, state = context.playbook, context.state
    if state.owner_role == role:
        return True
    if all(stage.owner != role for stage in playbook.stages):
        return state.outcome != "won"
    return any(stage.owner == role for stage in playbook.stages[playbook.position(context.stage.name) :])
