"""Names in policies that the playbook does not have, and the facts that policies speak of."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.playbook.checks.references import names_of, unknown_name, unknown_variant
from dealwright.playbook.language.conditions import Equals, Test, leaves
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.subscriptions import asked_in
from simulation.policies.policy import AlwaysHappens, Holds, NeverHappens, Policy
from simulation.timeline.names import unknown_names
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import TriggerPattern


def unknown_in(policy: Policy, playbook: Playbook) -> Iterator[Diagnostic]:
    """The names in a policy that nothing in the playbook has, each at its place."""
    key = "never" if policy.never is not None else "always"
    if policy.if_ is not None:
        yield from (one.under("if") for one in _in_condition(policy.if_, playbook))
    match policy.rule:
        case NeverHappens(pattern, _) | AlwaysHappens(pattern, _):
            yield from (one.under(key) for one in unknown_names(pattern, playbook))
            for word, patterns in _whens(policy):
                for each in patterns:
                    yield from (one.under(key, word) for one in unknown_names(each, playbook))
        case Holds(condition, _):
            yield from (one.under(key) for one in _in_condition(condition, playbook))


def keys_in(policy: Policy) -> Iterator[str]:
    """The keys of all facts and events that a policy speaks of."""
    for condition in conditions_in(policy):
        yield from asked_in(condition)
    for pattern in (each for _, patterns in _whens(policy) for each in patterns):
        if isinstance(pattern, TriggerPattern):
            yield from pattern.keys


def conditions_in(policy: Policy) -> Iterator[Test]:
    """The conditions of a policy."""
    if policy.if_ is not None:
        yield policy.if_
    if isinstance(policy.rule, Holds):
        yield policy.rule.condition


def _whens(policy: Policy) -> Iterator[tuple[str, tuple[Pattern, ...]]]:
    match policy.rule:
        case NeverHappens(_, when):
            yield from (("after", when.after), ("before", when.before))
        case AlwaysHappens(_, when):
            yield from (("after", when.after), ("unless", when.unless))


def _in_condition(condition: Test, playbook: Playbook) -> Iterator[Diagnostic]:
    for key in asked_in(condition):
        yield from unknown_variant(playbook, key)
    for leaf in leaves(condition):
        if isinstance(leaf, Equals) and leaf.path.text == "deal.stage":
            for value in map(str, leaf.values):
                yield from unknown_name("stage", value, names_of(playbook, "stage"), ())
