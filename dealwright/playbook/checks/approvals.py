"""Who is asked for an approval: levels and rules that leave something open, or that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.playbook.language.approval_chains import chain_of, side_by_side
from dealwright.playbook.language.approval_matrix import MatrixRule
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.conditions import Compares, ComparesPaths, Equals, IsKnown, leaves
from dealwright.playbook.language.experiments import experiments_in
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import Path, all_paths, known_path
from dealwright.playbook.language.relative_dates import RelativeDate


def approval_levels(playbook: Playbook) -> Iterator[Diagnostic]:
    """Levels of an approval that no value ever reaches, and values that have no level."""
    for number, approval in enumerate(playbook.approvals):
        place: Place = ("approvals", number)
        if approval.of is None:
            continue
        if approval.of.kind != "number":
            paths = (*map(known_path, all_paths()), *playbook.own_paths.values())
            numbers = ", ".join(path.text for path in paths if path.kind == "number")
            problem = f"{approval.of.text!r} is no number, so that it has no level"
            yield Diagnostic((*place, "of"), problem, f"write one of {numbers}")
            continue
        yield from _currency_of_levels(approval, approval.of, place)
        disorder = [*_out_of_order(approval, place)]
        yield from disorder or _gap_above(approval, approval.of, place)


def _currency_of_levels(approval: ApprovalRule, of: Path, place: Place) -> Iterator[Diagnostic]:
    measured = any(level.up_to is not None for level in approval.levels)
    if of.is_money and measured and approval.currency is None:
        problem = f"{of.text!r} is money, and nothing says in which currency the levels are meant"
        yield Diagnostic((*place, "levels"), problem, "add currency: EUR, or the one that is meant")
    elif approval.currency is not None and not of.is_money:
        problem = f"{of.text!r} is no money, so that a currency says nothing"
        yield Diagnostic((*place, "currency"), problem, "take it out")


def _out_of_order(approval: ApprovalRule, place: Place) -> Iterator[Diagnostic]:
    highest = -1.0
    for index, level in enumerate(approval.levels):
        here: Place = (*place, "levels", index)
        if level.up_to is None and index + 1 < len(approval.levels):
            problem = "a level without up_to takes every value, so that those below it are never reached"
            yield Diagnostic(here, problem, "put it last, or add up_to")
        elif level.up_to is not None and level.up_to <= highest:
            problem = f"a level before this one already goes up to {highest:g}"
            remedy = "order the levels from the lowest up_to to the highest"
            yield Diagnostic((*here, "up_to"), problem, remedy)
        highest = max(highest, level.up_to if level.up_to is not None else highest)


def _gap_above(approval: ApprovalRule, of: Path, place: Place) -> Iterator[Diagnostic]:
    last, here = approval.levels[-1], (*place, "levels", len(approval.levels) - 1)
    if last.up_to is None and not last.by:
        problem = "whatever is above the other levels is granted, without anybody being asked"
        yield Diagnostic(here, problem, "say who is asked then: by: [a role]")
    elif last.up_to is not None and (of.highest is None or last.up_to < of.highest):
        problem = f"nothing says who is asked above {last.up_to:g}"
        yield Diagnostic((*here, "up_to"), problem, "add a last level without up_to: {by: [a role]}")


def approval_rules(playbook: Playbook) -> Iterator[Diagnostic]:
    """Rules of an approval that look at what is no value of the deal, or at money of no currency."""
    for number, approval in enumerate(playbook.approvals):
        for index, rule in enumerate(approval.rules):
            place: Place = ("approvals", number, "rules", index)
            yield from _of_values(rule, (*place, "if"))
            yield from _currency_of_rule(rule, place)


def stand_ins(playbook: Playbook) -> Iterator[Diagnostic]:
    """Roles that stand in for themselves."""
    for name, role in playbook.roles.items():
        if role.stand_in == name:
            yield _for_oneself(("roles", name, "stand_in"), name)
    for number, approval in enumerate(playbook.approvals):
        for asked, stand_in in approval.stand_in.items():
            if asked == stand_in:
                yield _for_oneself(("approvals", number, "stand_in", asked), asked)


def _for_oneself(place: Place, role: str) -> Diagnostic:
    return Diagnostic(place, f"{role!r} would stand in for themselves", "name another role, or take it out")


def stand_ins_that_say_nothing(playbook: Playbook) -> Iterator[Diagnostic]:
    """Stand-ins for roles that an approval never asks, or who must say yes in the same chain anyway."""
    for number, approval in enumerate(playbook.approvals):
        place: Place = ("approvals", number, "stand_in")
        for role in approval.stand_in:
            if role not in approval.roles:
                yield warning((*place, role), f"{approval.name} never asks {role!r}", "take it out, or add the role")
        for role, stand_in in dict.fromkeys(_one_yes_for_two(playbook, approval)):
            problem = f"{stand_in!r} is asked in the same chain as {role!r}, and says yes once for both"
            yield warning((*place, role), problem, "name another stand-in, or take it out")


def _one_yes_for_two(playbook: Playbook, approval: ApprovalRule) -> Iterator[tuple[str, str]]:
    """Roles whose stand-in has another seat of the same chain."""
    for chain in approval.chains:
        for seat in chain:
            others = {role for other in chain if other != seat for role in other}
            for role in seat:
                if (stand_in := playbook.stand_in(approval.name, role)) in others and stand_in is not None:
                    yield role, stand_in


def _of_values(rule: MatrixRule, place: Place) -> Iterator[Diagnostic]:
    for test in leaves(rule.if_) if rule.if_ is not None else ():
        if isinstance(test, RelativeDate):
            problem = f"{test.words()!r} becomes another thing with time, and an approval is of values that stay"
            yield Diagnostic(place, problem, "compare the date with a day, or test another value")
        elif not isinstance(test, Equals | Compares | ComparesPaths | IsKnown):
            problem = f"{test.words()!r} happens, and an approval is of values that people agree to"
            yield Diagnostic(place, problem, "test a value, and let a play ask for the approval when it happens")
        elif next(experiments_in(test), None) is not None:
            problem = f"{test.words()!r} is an arm of an experiment, and an approval is of values that people agree to"
            yield Diagnostic(place, problem, "try it where it is asked for: if: beside approval:, one for each arm")


def _currency_of_rule(rule: MatrixRule, place: Place) -> Iterator[Diagnostic]:
    tests = leaves(rule.if_) if rule.if_ is not None else ()
    limits = [test.path for test in tests if isinstance(test, Compares | Equals)]
    money = next((path for path in limits if path.is_money), None)
    if money is not None and rule.currency is None:
        problem = f"{money.text!r} is money, and nothing says in which currency the rule means it"
        yield Diagnostic((*place, "if"), problem, "add currency: EUR beside if, or the one that is meant")
    elif money is None and rule.currency is not None:
        yield Diagnostic((*place, "currency"), "the rule compares no amount with a number", "take it out")


def rules_that_never_matter(playbook: Playbook) -> Iterator[Diagnostic]:
    """Rules of an approval whose chain is asked anyway, by a rule without a case."""
    for number, approval in enumerate(playbook.approvals):
        always = [chain_of(rule.by) for rule in approval.rules if rule.if_ is None]
        for index, rule in enumerate(approval.rules):
            mine = chain_of(rule.by)
            if rule.if_ is not None and any(side_by_side([other, mine]) == (other,) for other in always):
                place: Place = ("approvals", number, "rules", index)
                problem = "a rule without a case asks the same people anyway, in the same order"
                yield warning(place, problem, "take it out, or say in which case the other rule asks")
