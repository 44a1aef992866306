"""Fields that the playbook declares: what is told of them is checked, and what is worked out is written down."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dealwright import entries as e
from dealwright.deal import Deal, Known, OwnValue
from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.own_fields import wrong_fields
from dealwright.playbook.language.paths import OWN
from dealwright.rules.decision_context import DecisionContext


def refused_fields(playbook: Playbook, known: Known | None) -> tuple[Diagnostic, ...]:
    """Why what is told of fields is not taken in: none that are declared, or values that cannot stand there."""
    return tuple(wrong_fields(known.fields if known else None, playbook.fields))


def keep_up(context: DecisionContext) -> bool:
    """Write down what the playbook's tables make of what is known now. True when anything is another value."""
    names = [name for name, field in context.playbook.fields.items() if field.by is not None]
    if not names and not context.state.computed:
        return False
    now = dict(_worked_out(context, names))
    changed = {name: value for name, value in now.items() if context.state.computed.get(name) != value}
    gone: dict[str, OwnValue | None] = dict.fromkeys(context.state.computed.keys() - now.keys())
    if not changed and not gone:
        return False
    context.note(e.FieldsWorkedOut(at=context.now, fields={**changed, **gone}))
    return True


def _worked_out(context: DecisionContext, names: list[str]) -> Iterator[tuple[str, OwnValue]]:
    for name in names:
        value = context.playbook.path(f"{OWN}{name}").compared(context.state)
        if isinstance(value, Decimal):
            yield name, float(value)
        elif isinstance(value, str):
            yield name, value


def with_computed(context: DecisionContext) -> Deal:
    """The deal as a message sees it: with what the playbook's tables make of what is known."""
    if not context.state.computed:
        return context.deal
    told = {name: value for name, value in (context.deal.fields or {}).items() if name not in context.state.computed}
    return context.deal.model_copy(update={"fields": {**told, **context.state.computed}})
