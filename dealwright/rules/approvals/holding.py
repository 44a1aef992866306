"""Steps that need an approval: they wait until it is granted, for the deal's terms of then, and are left out if not."""

from __future__ import annotations

from dealwright.calendar.durations import Span
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.steps.document import DocumentStep
from dealwright.playbook.language.steps.step import Step
from dealwright.rules.approvals.current import (
    chains_of,
    is_covered,
    open_chains,
    point_of,
    renamed,
    terms_of,
    times_asked,
)
from dealwright.rules.approvals.granted import is_refused
from dealwright.rules.approvals.questions import open_question, request
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.message_times import PutOff
from dealwright.rules.planning import UNTIL_ANOTHER_LOOK
from dealwright.rules.step_outcomes import plan_again
from dealwright.state import Run

_SOON = Span.parse("1bd")
"""How long a message waits that was on its way when the deal's terms went beyond what was granted."""


def refusal(context: DecisionContext, step: Step) -> str | None:
    """Why a step is left out, if the approval that it needs was refused: then the deal asks for attention."""
    rule = _needed(context, step)
    if rule is None or _is_granted(context, rule) or open_chains(context, rule.name):
        return None
    if not is_refused(context, rule, terms_of(context, rule)):
        return None
    context.ask_attention(point_of(rule.name), f"{step.label} is left out: {rule.name} was refused.")
    return f"{rule.name} was refused"


def is_held(context: DecisionContext, run: Run, index: int, step: Step) -> bool:
    """Hold a step until the approval that it needs is granted; ask for it, if nobody has. True while it is held."""
    rule = _needed(context, step)
    if rule is None or _is_granted(context, rule):
        return False
    if not open_chains(context, rule.name):
        asked = renamed(context.id_of_step(run, index), f"needs{times_asked(context, rule.name)}")
        request(context, rule, asked, run=run.key, step=index)
        if _is_granted(context, rule):
            return False
    look = context.by_then(context.stage.owner, UNTIL_ANOTHER_LOOK)
    plan_again(context, run, index, look, f"it needs {rule.name}", held_by=rule.name)
    return True


def put_off(context: DecisionContext, step: Step) -> PutOff | None:
    """Until when a message waits that is on its way, and whose approval the deal's terms have gone beyond."""
    rule = _needed(context, step)
    if rule is None or _is_granted(context, rule):
        return None
    return PutOff(context.by_then(context.stage.owner, _SOON), f"it needs {rule.name}")


def is_granted(context: DecisionContext, name: str | None) -> bool:
    """Whether nobody need say yes to an approval any more, for the deal's terms of now; also where none is needed."""
    rule = context.playbook.approval(name) if name is not None else None
    return rule is None or _is_granted(context, rule)


def is_granted_or_asked(context: DecisionContext, name: str | None, approval: str) -> bool:
    """Whether an approval is granted; if not, it is asked for under an id, unless it is asked for or was refused."""
    rule = context.playbook.approval(name) if name is not None else None
    if rule is None or _is_granted(context, rule):
        return True
    if open_chains(context, rule.name) or is_refused(context, rule, terms_of(context, rule)):
        return False
    open_question(context, rule, approval, run=None, step=None)
    return _is_granted(context, rule)


def _needed(context: DecisionContext, step: Step) -> ApprovalRule | None:
    name = step.needs
    if isinstance(step, DocumentStep) and (document := context.playbook.documents.get(step.document)) is not None:
        name = document.needs
    return context.playbook.approval(name) if name is not None else None


def _is_granted(context: DecisionContext, rule: ApprovalRule) -> bool:
    """Whether nobody need say yes to the deal's terms of now any more."""
    return chains_of(context, rule) == () or is_covered(context, rule, terms_of(context, rule))
