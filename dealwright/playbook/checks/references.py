"""What a playbook calls by a name that does not exist, exists twice, or says nothing where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from dealwright.calendar.durations import RefusedTime
from dealwright.calendar.zones import known_region, zone_named
from dealwright.diagnostics.diagnostic import Diagnostic, Place, warning
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS, FactRetracted
from dealwright.playbook.checks.task_outcomes import unknown_outcome
from dealwright.playbook.checks.traversal import asked_for, conditions_in, plays_in, steps_in
from dealwright.playbook.language.approval_chains import AnyOf
from dealwright.playbook.language.conditions import Equals, leaves
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.steps.approval import ApprovalStep
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.sms import SmsByMachine
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.playbook.language.triggers import WITH_OUTCOMES
from dealwright.values.addresses import complaint_about_address

ENGINE_TASKS = frozenset(
    {"supply_handoff_pieces", "mend_handoff", "take_over", "look_into_it", "mend_refused", "settle_uncertain"}
    | {"choose_owner", "say_why_it_ended", "say_why_it_ends", "decide_next_step", "answer_for_the_gate"}
    | {"answer_after_the_end", "settle_crm_record"}
)
"""The tasks that a deal opens by itself, which a playbook may wait for too."""


def wrong_names(playbook: Playbook) -> Iterator[Diagnostic]:
    """Names of roles, stages, handoffs, approvals, tasks and templates that nothing has; names given twice."""
    yield from _roles(playbook)
    yield from _twice(playbook)
    yield from _in_steps(playbook)
    yield from _in_events(playbook)
    yield from _in_conditions(playbook)
    for number, stage in enumerate(playbook.stages):
        yield from unknown_name("stage", stage.to, [each.name for each in playbook.stages], ("stages", number, "to"))


def wrong_places(playbook: Playbook) -> Iterator[Diagnostic]:
    """Addresses that mail could not go to, time zones and holidays that are not known."""
    calendar = playbook.calendar
    yield from _zone(calendar.timezone, ("calendar", "timezone"))
    yield from _region(calendar.holidays, ("calendar", "holidays"))
    for name, role in playbook.roles.items():
        yield from _address(role.email, ("roles", name, "email"))
        yield from _zone(role.fixed_timezone, ("roles", name, "timezone"))
        yield from _region(role.fixed_country, ("roles", name, "country"))
    for name, pool in playbook.pools.items():
        for number, member in enumerate(pool.members):
            yield from _zone(member.timezone, ("pools", name, "members", number, "timezone"))
            yield from _region(member.country, ("pools", name, "members", number, "country"))


def _address(email: str | None, place: Place) -> Iterator[Diagnostic]:
    if email is not None and (complaint := complaint_about_address(email)) is not None:
        yield Diagnostic(place, complaint, "write the address alone, such as ana@seller.example")


def _roles(playbook: Playbook) -> Iterator[Diagnostic]:
    roles = list(playbook.roles)
    for name, role in playbook.roles.items():
        yield from unknown_name("role", role.reports_to, roles, ("roles", name, "reports_to"))
        yield from unknown_name("role", role.stand_in, roles, ("roles", name, "stand_in"))
    for number, stage in enumerate(playbook.stages):
        yield from unknown_name("role", stage.owner, roles, ("stages", number, "owner"))
    for number, rule in enumerate(playbook.handoffs):
        for key, role_name in (("from", rule.from_), ("to", rule.to), ("escalate", rule.escalate)):
            yield from unknown_name("role", role_name, roles, ("handoffs", number, key))
    for name, pool in playbook.pools.items():
        yield from unknown_name("role", pool.otherwise, roles, ("pools", name, "otherwise"))
    for number, approval in enumerate(playbook.approvals):
        yield from unknown_name("role", approval.escalate, roles, ("approvals", number, "escalate"))
        for role_name, stand_in in approval.stand_in.items():
            yield from unknown_name("role", role_name, roles, ("approvals", number, "stand_in", role_name))
            yield from unknown_name("role", stand_in, roles, ("approvals", number, "stand_in", role_name))
        for index, level in enumerate(approval.levels):
            yield from _approvers(level.by, roles, ("approvals", number, "levels", index, "by"))
        for index, case in enumerate(approval.rules):
            yield from _approvers(case.by, roles, ("approvals", number, "rules", index, "by"))


def _approvers(approvers: Iterable[str | AnyOf], roles: Collection[str], place: Place) -> Iterator[Diagnostic]:
    for who, one in enumerate(approvers):
        if isinstance(one, AnyOf):
            for index, name in enumerate(one.any_of):
                yield from unknown_name("role", name, roles, (*place, who, "any_of", index))
        else:
            yield from unknown_name("role", one, roles, (*place, who))


def _twice(playbook: Playbook) -> Iterator[Diagnostic]:
    plays = list(plays_in(playbook))
    yield from _repeats("play", [at.play.name for at in plays], [at.place for at in plays])
    for what, rules in (
        ("stage", playbook.stages),
        ("handoff", playbook.handoffs),
        ("approval", playbook.approvals),
    ):
        places: list[Place] = [(f"{what}s", number) for number in range(len(rules))]
        yield from _repeats(what, [rule.name for rule in rules], places)


def _repeats(what: str, names: list[str], places: list[Place]) -> Iterator[Diagnostic]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Diagnostic((*places[number], "name"), f"there is already a {what} {name!r}", "give it another name")


def _in_steps(playbook: Playbook) -> Iterator[Diagnostic]:
    known = {what: names_of(playbook, what) for what in ("role", "stage", "handoff", "approval", "pool", "document")}
    for place, step in steps_in(playbook):
        yield from unknown_name("approval", step.needs, known["approval"], (*place, "needs"))
        if isinstance(step, ApprovalStep) and step.needs == step.approval:
            problem = f"the step needs {step.needs!r}, which it asks for itself"
            yield Diagnostic((*place, "needs"), problem, "take it out, or write it at the step that must wait")
        for what, name, key in step.references():
            yield from unknown_name(what, name, known[what], (*place, key))


def _in_events(playbook: Playbook) -> Iterator[Diagnostic]:
    for place, key in asked_for(playbook):
        yield from unknown_variant(playbook, key, place)


def unknown_variant(playbook: Playbook, key: str, place: Place = ()) -> Iterator[Diagnostic]:
    """What is wrong with a fact's or event's key whose variant is a name: nothing in the playbook has it."""
    name, _, variant = key.partition(":")
    if not variant or name not in _NAMED_BY:
        return
    (what, known), outcome = _NAMED_BY[name], ""
    if name in WITH_OUTCOMES:
        variant, _, outcome = variant.partition(":")
    unknown = [*unknown_name(what, variant, names_of(playbook, known), place)]
    yield from unknown
    if outcome and not unknown:
        yield from unknown_outcome(playbook, variant, outcome, place)


def names_of(playbook: Playbook, what: str) -> list[str]:
    """The names that a playbook gives to its roles, stages, plays, tasks, templates and so on, or that are given."""
    steps = [step for _, step in steps_in(playbook)]
    by_name: dict[str, Iterable[str]] = {"role": playbook.roles, "pool": playbook.pools, "level": playbook.levels}
    by_name["document"] = playbook.documents
    if what in by_name:
        return [*by_name[what]]
    match what:
        case "stage":
            return [stage.name for stage in playbook.stages]
        case "play":
            return [at.play.name for at in plays_in(playbook)]
        case "handoff":
            return [rule.name for rule in playbook.handoffs]
        case "approval":
            return [rule.name for rule in playbook.approvals]
        case "template" | "text message":
            kind = EmailStep if what == "template" else SmsByMachine
            return [step.subject for step in steps if isinstance(step, kind)]
        case "task":
            return [*(step.subject for step in steps if isinstance(step, WorkStep)), *sorted(ENGINE_TASKS)]
        case "step":
            return [step.subject for step in steps]
        case "fact":
            return [*FACTS]
    raise AssertionError(f"nothing has a name as {what}")


_NAMED_BY = {
    "level_reached": ("level", "level"),
    "level_lost": ("level", "level"),
    "entered": ("stage", "stage"),
    "left": ("stage", "stage"),
    "stalled": ("stage", "stage"),
    FactRetracted.name: ("fact", "fact"),
    "step_skipped": ("step about", "step"),
    "email_sent": ("step that sends", "template"),
    "sms_sent": ("step that sends", "text message"),
    "task_done": ("step that opens", "task"),
    "approval_granted": ("approval", "approval"),
    "approval_refused": ("approval", "approval"),
    "approval_expired": ("approval", "approval"),
    "handoff_accepted": ("handoff", "handoff"),
    "handoff_declined": ("handoff", "handoff"),
    "handoff_fell_back": ("handoff", "handoff"),
}
"""For each event (or fact) that has a name as its variant, how a diagnostic calls what has it, and what has it."""


def _in_conditions(playbook: Playbook) -> Iterator[Diagnostic]:
    stages = [stage.name for stage in playbook.stages]
    for place, condition in conditions_in(playbook):
        for test in leaves(condition):
            if not isinstance(test, Equals):
                continue
            for value in map(str, test.values):
                if test.path.text == "deal.stage":
                    yield from unknown_name("stage", value, stages, place)
                elif test.path.usual and value not in test.path.usual:
                    problem = f"{test.path.text!r} is hardly ever {value!r}"
                    yield warning(place, problem, f"write one of {', '.join(test.path.usual)}")


def unknown_name(what: str, name: str | None, known: Collection[str], place: Place) -> Iterator[Diagnostic]:
    """What is wrong with a name that is none of those that are known."""
    if name is None or name in known:
        return
    choice = f"write one of {', '.join(sorted(known))}, or add it" if known else "add it"
    yield Diagnostic(place, f"there is no {what} {name!r}", did_you_mean(name, known, choice))


def _zone(name: str | None, place: Place) -> Iterator[Diagnostic]:
    try:
        zone_named(name or "UTC")
    except RefusedTime as refused:
        yield from (one.under(*place) for one in refused.diagnostics)


def _region(code: str | None, place: Place) -> Iterator[Diagnostic]:
    if code is None:
        return
    try:
        known_region(code)
    except RefusedTime as refused:
        yield from (one.under(*place) for one in refused.diagnostics)
