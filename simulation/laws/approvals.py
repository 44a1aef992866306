"""Law 4: an approval is of exact terms, and no more is granted than somebody may grant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from dealwright import entries as e
from dealwright.deal import Money
from dealwright.identity import play_of
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.documents import DocumentRule
from dealwright.terms import Terms
from dealwright.values.addresses import normal
from simulation.laws.who_must import who_must
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_DONE_BY_STEPS = frozenset({"send_email", "send_sms", "create_task", "notify", "post_webhook"})


class GrantsNeedEveryYes(Check):
    """What is granted has a yes for each seat of each chain, to the terms that are the deal's then."""

    listens_to = ("approval_requested", "approval_answered")

    def __init__(self) -> None:
        self._asked: dict[str, e.ApprovalRequested] = {}
        self._open: set[str] = set()
        self._yes: dict[str, list[str]] = defaultdict(list)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.ApprovalRequested):
            self._asked[entry.approval] = entry
            self._open.add(entry.approval)
        elif isinstance(entry, e.ApprovalAnswered):
            asked = self._asked.get(entry.approval)
            if entry.answer == "approve" and entry.by != "dealwright":
                self._yes[entry.approval].append(entry.by)
            if entry.settled:
                self._open.discard(entry.approval)
            if entry.settled in {"agreed", "granted"} and asked is not None:
                yield from self._judge_chain(replay, asked)
            if entry.settled == "granted" and asked is not None:
                yield from self._judge(replay, asked)

    def _judge_chain(self, replay: Replay, asked: e.ApprovalRequested) -> Iterator[str]:
        said = frozenset[str]().union(*(_identity(replay, by) for by in self._yes[asked.approval]))
        lacking = [seat for seat in asked.seats if not said & self._entitled(replay, asked, seat)]
        if lacking:
            yield f"{asked.name} is agreed to without {lacking}: {self._yes[asked.approval]} said yes"

    def _entitled(self, replay: Replay, asked: e.ApprovalRequested, seat: tuple[str, ...]) -> frozenset[str]:
        """Who may answer for a seat: its roles, and whoever was asked in their place."""
        instead = (one.chain[0] for one in self._asked.values() if one.instead_of == asked.approval)
        return frozenset[str]().union(*(_identity(replay, role) for role in (*seat, *instead)))

    def _judge(self, replay: Replay, asked: e.ApprovalRequested) -> Iterator[str]:
        if waiting := [one for one in self._open if self._asked[one].name == asked.name]:
            yield f"{asked.name} is granted, and {waiting} are still asked"
        rule = replay.playbook.approval(asked.name)
        if rule is not None and not are_in_force(replay, rule, asked.terms):
            yield f"{asked.name} is granted for {asked.terms}, and the deal's are {_in_force(replay, rule)}"


class RemembersGrants(Check):
    """What was asked for in this term, and what of it was granted."""

    def __init__(self) -> None:
        self._granted: dict[str, list[_Grant]] = defaultdict(list)
        self._asked: dict[str, e.ApprovalRequested] = {}

    def remember(self, entry: e.Entry) -> None:
        """Take in what an entry tells of approvals."""
        match entry:
            case e.TermBegan():
                self._granted.clear()
            case e.ApprovalRequested():
                self._asked[entry.approval] = entry
            case e.ApprovalAnswered(settled="granted") if (asked := self._asked.get(entry.approval)) is not None:
                self._granted[entry.name].append(_Grant(asked, entry.valid_until))

    def is_granted(self, replay: Replay, rule: ApprovalRule, at: datetime) -> bool:
        """Whether the deal's terms of now need nobody's yes, or were granted."""
        values = values_of(replay, rule)
        terms = Terms.of(values)
        now = e.ApprovalRequested(
            at=at, approval="", name=rule.name, terms=terms.values, currencies=terms.currencies, chain=(), answer_by=at,
        )  # fmt: skip
        return not who_must(rule, values) or any(one.covers(now, rule) for one in self._granted[rule.name])


class WhoMayGrantIsAsked(RemembersGrants):
    """Everybody is asked whom the values need, also where they are not known; nobody grants what nobody may."""

    listens_to = ("approval_requested", "approval_answered", "term_began")

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(entry)
        if isinstance(entry, e.ApprovalRequested):
            yield from self._judge(replay, entry)

    def _judge(self, replay: Replay, asked: e.ApprovalRequested) -> Iterator[str]:
        rule = replay.playbook.approval(asked.name)
        if rule is None:
            return
        if asked.instead_of is not None:
            yield from self._judge_other(replay, asked, self._asked[asked.instead_of])
            return
        needed = who_must(rule, values_of(replay, rule))
        covered = any(one.covers(asked, rule) for one in self._granted[asked.name])
        told = asked.chains or ((asked.seats,) if asked.chain else ())
        if told != needed and not (covered and not asked.chain):
            yield f"{asked.name} of {asked.terms} {asked.currencies} is asked of {told}, not of {needed}"

    def _judge_other(self, replay: Replay, asked: e.ApprovalRequested, chain: e.ApprovalRequested) -> Iterator[str]:
        """Only who stands beside another role in a seat, or stands in for one, may answer in their place."""
        roles = {role for seat in chain.seats for role in seat}
        stand_ins = {replay.playbook.stand_in(asked.name, role) for role in roles}
        stand_ins |= {replay.playbook.stand_in(asked.name, role) for role in stand_ins if role is not None}
        if asked.chain[0] not in roles | stand_ins:
            yield f"{asked.chain[0]} may answer {asked.name} in the place of one of {roles}"


class NothingLeavesUngranted(RemembersGrants):
    """A step that needs an approval is done only when the deal's terms of then need nobody, or were granted."""

    listens_to = ("approval_requested", "approval_answered", "term_began", "effect_started")

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(entry)
        if isinstance(entry, e.EffectStarted) and entry.does in _DONE_BY_STEPS and entry.run and entry.step is not None:
            yield from self._judge(replay, entry, play_of(entry.run), entry.step)

    def _judge(self, replay: Replay, entry: e.EffectStarted, name: str, step: int) -> Iterator[str]:
        play = replay.playbook.play(name)
        needs = play.actions[step].needs if play is not None and step < len(play.actions) else None
        rule = replay.playbook.approval(needs) if needs is not None else None
        if rule is None or (entry.does == "create_task" and entry.again):
            return
        if not self.is_granted(replay, rule, entry.at):
            terms = Terms.of(values_of(replay, rule))
            yield f"{entry.label} with {terms.words()}, which nobody granted ({rule.name})"


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
            elif not are_in_force(replay, rule, asked.terms):
                yield f"{asked.approval} is about {asked.terms}, the deal about {_in_force(replay, rule)}"


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
            if who_must(rule, {"discount": percent}) and all(percent > granted for granted in self._granted):
                yield f"{fact.sentence()} with {percent} %, granted are {self._granted}, and nobody is told"
        self._offered, self._sent = None, False


def values_of(replay: Replay, rule: ApprovalRule | DocumentRule) -> dict[str, object]:
    """What the deal knows of the terms of an approval or a document, read by the paths that the playbook writes."""
    deal, found = replay.memory.deal, dict[str, object]()
    for name, path in rule.paths.items():
        part, _, field = path.text.partition(".")
        if part == "fields":
            told = (deal.fields or {}).get(field)
            found[name] = _number(str(told)) if replay.playbook.fields[field].type == "number" else told
        else:
            found[name] = getattr(deal, field) if part == "deal" else getattr(getattr(deal, part), field, None)
    return found


def _in_force(replay: Replay, rule: ApprovalRule | DocumentRule) -> dict[str, str]:
    return {name: _written(value) for name, value in values_of(replay, rule).items()}


def are_in_force(replay: Replay, rule: ApprovalRule | DocumentRule, terms: Mapping[str, str]) -> bool:
    """Whether these terms are the deal's of now."""
    now = _in_force(replay, rule)
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


class _Grant(NamedTuple):
    """What was granted, and until when that holds."""

    asked: e.ApprovalRequested
    until: datetime | None

    def covers(self, wanted: e.ApprovalRequested, rule: ApprovalRule) -> bool:
        """Whether it is of these terms, or of others that are no worse, in the same currencies, and still holds."""
        granted = self.asked
        if granted.currencies != wanted.currencies or granted.terms.keys() != wanted.terms.keys():
            return False
        if self.until is not None and self.until <= wanted.at:
            return False
        each = ((granted.terms[name], value, rule.worse.get(name)) for name, value in wanted.terms.items())
        return all(_is_no_worse(*one) for one in each)


def _is_no_worse(granted: str, wanted: str, worse: str | None) -> bool:
    most, number = _number(granted), _number(wanted)
    if worse is None or most is None or number is None:
        return granted == wanted
    return number <= most if worse == "more" else number >= most


def _identity(replay: Replay, who: str) -> frozenset[str]:
    """The names by which somebody may answer: their role, and whoever holds it."""
    person = replay.memory.holder(who, replay.playbook)
    if person is None:
        return frozenset({who})
    return frozenset({who, person.name, normal(person.email) if person.email else person.name})
