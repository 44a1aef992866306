"""Law 4: an approval is of exact terms, and no more is granted than somebody may grant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from dealwright import entries as e
from dealwright.deal import Deal, Money
from dealwright.playbook.language.approval_levels import ApprovalRule
from dealwright.values.addresses import normal
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade


class GrantsNeedEveryYes(Check):
    """What is granted has a yes of each of its chain, to the terms that are the deal's then."""

    listens_to = ("approval_requested", "approval_answered")

    def __init__(self) -> None:
        self._asked: dict[str, e.ApprovalRequested] = {}
        self._yes: dict[str, list[str]] = defaultdict(list)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.ApprovalRequested):
            self._asked[entry.approval] = entry
        elif isinstance(entry, e.ApprovalAnswered):
            asked = self._asked.get(entry.approval)
            if entry.answer == "approve" and entry.by != "dealwright":
                self._yes[entry.approval].append(entry.by)
            if entry.settled == "granted" and asked is not None:
                yield from self._judge(replay, asked)

    def _judge(self, replay: Replay, asked: e.ApprovalRequested) -> Iterator[str]:
        said = [_identity(replay, by) for by in self._yes[asked.approval]]
        lacking = [role for role in asked.chain if not _identity(replay, role) & set().union(*said)]
        if lacking:
            yield f"{asked.name} is granted without {lacking}: {self._yes[asked.approval]} said yes"
        rule = replay.playbook.approval(asked.name)
        if rule is not None and not _are_in_force(replay.memory.deal, rule, asked.terms):
            yield f"{asked.name} is granted for {asked.terms}, and the deal's are {_in_force(replay.memory.deal, rule)}"


class WhoMayGrantIsAsked(Check):
    """Everybody is asked whom the value needs, all of them where it is not known; nobody grants what nobody may."""

    listens_to = ("approval_requested", "approval_answered", "term_began")

    def __init__(self) -> None:
        self._granted: dict[str, list[e.ApprovalRequested]] = defaultdict(list)
        self._asked: dict[str, e.ApprovalRequested] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.TermBegan():
                self._granted.clear()
            case e.ApprovalRequested():
                self._asked[entry.approval] = entry
                yield from self._judge(replay, entry)
            case e.ApprovalAnswered(settled="granted") if (asked := self._asked.get(entry.approval)) is not None:
                self._granted[entry.name].append(asked)

    def _judge(self, replay: Replay, asked: e.ApprovalRequested) -> Iterator[str]:
        rule = replay.playbook.approval(asked.name)
        if rule is None:
            return
        needed = _who_must(rule, _values(replay.memory.deal, rule)[rule.key])
        covered = any(_covers(granted, asked, rule) for granted in self._granted[asked.name])
        if asked.chain != needed and not (covered and not asked.chain):
            yield f"{asked.name} of {asked.terms} {asked.currencies} is asked of {asked.chain}, not of {needed}"


class OpenTermsAreTheDeals(Check):
    """A question that is open is about the deal's terms of now: terms that change supersede it."""

    listens_to = ("approval_requested", "approval_answered")

    def __init__(self) -> None:
        self._open: dict[str, e.ApprovalRequested] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.ApprovalRequested):
            self._open[entry.approval] = entry
        elif isinstance(entry, e.ApprovalAnswered) and entry.settled:
            self._open.pop(entry.approval, None)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if replay.memory.paused or replay.memory.over:
            return
        for asked in self._open.values():
            rule = replay.playbook.approval(asked.name)
            if rule is None:
                yield f"{asked.approval} is open, and {replay.playbook.playbook} has no such approval"
            elif not _are_in_force(replay.memory.deal, rule, asked.terms):
                yield f"{asked.approval} is about {asked.terms}, the deal about {_in_force(replay.memory.deal, rule)}"


class WhatNobodyGrantedIsTold(Check):
    """Terms that are put to the buyer and that nobody granted are written down, and somebody is told."""

    listens_to = ("fact_taken", "approval_requested", "approval_answered", "term_began", "terms_offered")

    def __init__(self) -> None:
        self._asked: dict[str, e.ApprovalRequested] = {}
        self._granted: list[Decimal] = []
        self._offered: tuple[e.FactTaken, Decimal] | None = None
        self._sent = False

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.TermBegan():
                self._granted.clear()
            case e.ApprovalRequested():
                self._asked[entry.approval] = entry
            case e.ApprovalAnswered(settled="granted", name="discount") if entry.approval in self._asked:
                self._granted += [*filter(None, [_number(self._asked[entry.approval].terms.get("discount", ""))])]
            case e.FactTaken(fact="proposal_sent", no_news=None) if (
                given := replay.payload.get("discount")
            ) is not None:
                self._offered = (entry, Decimal(str(given)))
            case e.TermsOffered():
                self._sent = True
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        rule = replay.playbook.approval("discount")
        if self._offered is not None and rule is not None and not self._sent:
            fact, percent = self._offered
            if _who_must(rule, percent) and all(percent > granted for granted in self._granted):
                yield f"{fact.sentence()} with {percent} %, granted are {self._granted}, and nobody is told"
        self._offered, self._sent = None, False


def _values(deal: Deal, rule: ApprovalRule) -> dict[str, object]:
    """What the deal knows of an approval's terms, read by the paths that the playbook writes."""
    found = {}
    for name, path in rule.paths.items():
        part, _, field = path.text.partition(".")
        found[name] = getattr(deal, field) if part == "deal" else getattr(getattr(deal, part), field, None)
    return found


def _in_force(deal: Deal, rule: ApprovalRule) -> dict[str, str]:
    return {name: _written(value) for name, value in _values(deal, rule).items()}


def _are_in_force(deal: Deal, rule: ApprovalRule, terms: Mapping[str, str]) -> bool:
    now = _in_force(deal, rule)
    return now.keys() == terms.keys() and all(_alike(now[name], terms[name]) for name in now)


def _written(value: object) -> str:
    return "" if value is None else str(value.amount) if isinstance(value, Money) else str(value)


def _alike(one: str, other: str) -> bool:
    return one == other or (_number(one) is not None and _number(one) == _number(other))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _who_must(rule: ApprovalRule, value: object) -> tuple[str, ...]:
    """Whose yes a value needs by the levels, worked out anew: everybody's where it cannot be compared."""
    everybody = max((level.by for level in rule.levels), key=len)
    if isinstance(value, Money):
        if rule.currency is not None and value.currency != rule.currency:
            return everybody
        value = value.amount
    if not isinstance(value, Decimal | float | int):
        return everybody
    bounded = [level for level in rule.levels if level.up_to is not None and value <= Decimal(str(level.up_to))]
    return (bounded or rule.levels[-1:])[0].by


def _covers(granted: e.ApprovalRequested, asked: e.ApprovalRequested, rule: ApprovalRule) -> bool:
    """Whether a grant is of these terms, or of worse ones that differ in nothing else, in the same currencies."""
    same = all(granted.terms.get(name) == value for name, value in asked.terms.items() if name != rule.key)
    most, wanted = _number(granted.terms.get(rule.key, "")), _number(asked.terms.get(rule.key, ""))
    enough = most is not None and wanted is not None and wanted <= most
    return same and enough and granted.currencies == asked.currencies


def _identity(replay: Replay, who: str) -> frozenset[str]:
    """The names by which somebody may answer: their role, and whoever holds it."""
    person = replay.memory.holder(who, replay.playbook)
    if person is None:
        return frozenset({who})
    return frozenset({who, person.name, normal(person.email) if person.email else person.name})
