"""Random lives of a playbook: what happens next is drawn from what the deal waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias

from dealwright.deal import Account, Deal, Money, Person
from dealwright.facts import FACTS
from dealwright.playbook.language.conditions import HasHappened, Test, compared_paths, leaves
from dealwright.playbook.language.counts import HappenedTimes
from dealwright.playbook.language.stages import Stage
from dealwright.rules.clocks import clock_for
from dealwright.state import Task
from dealwright.validation.opening import admit
from simulation.proving.life import Opening
from simulation.proving.moves import Action, ApprovalAnswer, Command, Fact, HandoffAnswer, InTime, Move, TaskDone
from simulation.proving.payloads import Sayings
from simulation.proving.people import any_contacts
from simulation.proving.targets import Target
from simulation.proving.words import PlaybookWords
from simulation.simulated_deal import SimulatedDeal

_FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FARTHEST = timedelta(days=400)
"""Whoever waits for what comes by itself does not wait longer."""
_LONGEST_WAY = 8
"""Moves in one stage on the way to a target; one that is not left by then is not left so."""
_MOST_ON_THE_WAY = 40
"""Moves to a target in all: stages may lead round in a circle."""
_ON_THE_WAY = 0.15
"""How likely each move on the way is one that the policy speaks of."""
_WEIGHTS = (9, 7, 5, 6, 2, 1)
"""How likely each way of drawing is, in the order of ``Drawing._ways``."""
_ARMS_DRAWN = 1000
"""Of so many ids a deal has one, where its arms depend on it."""
_Way: TypeAlias = Callable[[SimulatedDeal], Action | None]


class _Ahead(NamedTuple):
    """What is drawn, and comes next."""

    at: datetime
    action: Action


def any_opening(random: Random, words: PlaybookWords, target: Target | None) -> Opening:
    """A deal as it may be opened, at any minute of a year; mostly one that the target is for."""
    sources = target.sources if target is not None and target.sources and random.random() < 0.8 else words.sources
    at = _FIRST_DAY + random.randrange(364 * 24 * 60) * _MINUTE
    say = Sayings(random, words)
    contacts = any_contacts(random, words.contact_roles)
    owners = {role: Person(name=f"The {role}") for role in words.playbook.roles} if random.random() < 0.4 else None
    score = say.number("deal.score", ()) if "deal.score" in words.bounds and random.random() < 0.5 else None
    amount = Money.model_validate(say.money()) if random.random() < 0.6 else None
    employees = int(say.number("account.employees", ())) if "account.employees" in words.bounds else None
    account = Account(id="acme", name="Acme", employees=employees) if random.random() < 0.3 else None
    arms = f"-{random.randrange(_ARMS_DRAWN)}" if words.playbook.experiments else ""  # each id is in other arms
    fields = say.fields(at) if words.playbook.fields and random.random() < 0.5 else None
    deal = Deal(
        id=f"life{arms}", title="A deal", source=random.choice(sources), contacts=contacts or None, owners=owners,
        amount=amount, account=account, score=None if score is None else float(score), fields=fields,
    )  # fmt: skip
    return Opening(at, admit(deal))


class Drawing:
    """Draws the moves of one life, and keeps them."""

    def __init__(self, random: Random, words: PlaybookWords, keys: Sequence[str], target: Target | None) -> None:
        self.random, self._words, self._keys, self._target = random, words, keys, target
        self._left = 1 + int(random.expovariate(1 / 5))
        self._on_the_way: Counter[str] = Counter()
        """Moves on the way to the target, by the stage in which they were made."""
        self._started, self._arrived = 0, False
        self._names = {key.partition(":")[0] for key in keys}
        self._say = Sayings(random, words)
        self._ways: tuple[_Way, ...] = (
            self._answer, self._advance, self._heard, self._of_the_policy, self._anything, self._command,
        )  # fmt: skip
        self._ahead: _Ahead | None = None
        self._are_diligent = random.random() < 0.6
        self.rest = random.choice((1, 8, 30, 100)) * _DAY
        """How long the deal goes on alone in the end."""
        self.decisions_at_rest = 5
        """With how many decisions, at the most."""
        self.moves: list[Move] = []

    def wait_for_dates(self) -> None:
        """Let the deal go on alone until its dates have come: a contract's are a year ahead and more."""
        self.rest, self.decisions_at_rest = self.random.choice((40, 400, 800)) * _DAY, 60

    def next(self, deal: SimulatedDeal) -> Move | None:
        """The next move, drawn; None when there are enough."""
        if self._ahead is None:
            self._ahead = self._draw(deal)
        if (move := self._in_time(deal)) is None and self._ahead is not None:
            move = Move(max(self._ahead.at - deal.now, timedelta()), self._ahead.action)
            self._ahead = None
        if move is not None:
            self.moves.append(move)
        return move

    def _draw(self, deal: SimulatedDeal) -> _Ahead | None:
        if self._left <= 0:
            return None
        if (toward := self._toward(deal)) is not None:
            return _Ahead(deal.now + self.random.choice((0, 10, 60, 24 * 60)) * _MINUTE, toward)
        self._left -= 1
        action = self._action(deal)
        if isinstance(action, Fact) and action.name in self._names and self.random.random() < 0.6:
            self._left = 0  # the policy says what must, or must not, come of itself now
        return _Ahead(deal.now + self._delay(deal, action), action)

    def _in_time(self, deal: SimulatedDeal) -> Move | None:
        """What diligent people do before its deadline, while nothing else happens."""
        if not self._are_diligent:
            return None
        until = self._ahead.at if self._ahead is not None else deal.now + self.rest
        due = min(deal.state.tasks.values(), key=lambda task: task.due_at, default=None)
        if due is None or not deal.now < due.due_at <= until:
            return None
        after = _in_minutes((due.due_at - deal.now) / 2)
        if self._ahead is None:
            self.rest -= after
        return Move(after, self._done(due))

    def _delay(self, deal: SimulatedDeal, action: Action) -> timedelta:
        random = self.random
        chance = random.random()
        if not isinstance(action, Fact) and chance < 0.7:  # people do what they are asked for within a day
            return random.choice((10, 60, 240, 24 * 60)) * _MINUTE
        if chance < 0.2:
            return random.choice((0, 1, 10, 60)) * _MINUTE
        if chance < 0.65 and deal.next_at - deal.now < _FARTHEST:  # until what comes by itself has come
            return _in_minutes(deal.next_at - deal.now) + random.choice((1, 30, 60, 240)) * _MINUTE
        mean = random.choice((_HOUR * 12, _DAY * 2, _DAY * 8))
        return _in_minutes(random.expovariate(1) * mean)

    def _action(self, deal: SimulatedDeal) -> Action:
        if self._arrived:
            self._arrived = False
            if self._keys and self.random.random() < 0.8:
                return self._fact(deal, self.random.choice(self._keys))
        for draw in self.random.choices(self._ways, _WEIGHTS, k=8):
            if (action := draw(deal)) is not None:
                return action
        return self._fact(deal, self.random.choice(self._words.facts))

    def _toward(self, deal: SimulatedDeal) -> Action | None:
        """The next step on the way to the target; None once it is reached, or cannot be."""
        target, stage = self._target, deal.state.stage or ""
        self._on_the_way[stage] += 1
        if target is None or self._on_the_way[stage] > _LONGEST_WAY or self._on_the_way.total() > _MOST_ON_THE_WAY:
            return None
        if self._keys and self.random.random() < _ON_THE_WAY:
            return self._fact(deal, self.random.choice(self._keys))
        if target.stage is not None and target.stage != stage:
            jumps = [key for there, key in self._words.playbook.jumps(stage) if there.name == target.stage]
            return self._fact(deal, self.random.choice(jumps)) if jumps else self._leave(deal)
        self._started += 1
        if self._started >= target.times or not target.starts:
            self._target, self._arrived = None, True
        return self._fact(deal, self.random.choice(target.starts)) if target.starts else None

    # --- people -----------------------------------------------------------------------------------------------

    def _answer(self, deal: SimulatedDeal) -> Action | None:
        """People do what they are asked for."""
        state, random = deal.state, self.random
        open_work = [*state.tasks, *state.approvals, *state.handoffs]
        if not open_work:
            return None
        one = random.choice(open_work)
        if (approval := state.approvals.get(one)) is not None:
            return ApprovalAnswer(approval.name, random.choice(("approve", "approve", "refuse")))
        if (handoff := state.handoffs.get(one)) is not None:
            return HandoffAnswer(handoff.name, accepts=random.random() < 0.8)
        return self._done(state.tasks[one])

    def _done(self, task: Task) -> TaskDone:
        outcome = self.random.choice(task.outcomes) if task.outcomes else None
        return TaskDone(task.name, self._words.notes if task.name == "supply_handoff_pieces" else task.asks, outcome)

    def _command(self, deal: SimulatedDeal) -> Action | None:
        """Now and then a pause, or another holder of a role."""
        if deal.state.pause is not None:
            return Command("resume")
        if self.random.random() < 0.5:
            until = InTime(self.random.choice((2, 10, 30)) * _DAY)
            return Command("pause", {"until": until, "why": "they asked us to wait"})
        role = self.random.choice(tuple(self._words.playbook.roles))
        person = {"name": "Somebody else", "email": f"{role}@seller.example"}
        return Command("reassign", {"role": role, "to": person, "why": "on leave"})

    # --- facts ------------------------------------------------------------------------------------------------

    def _advance(self, deal: SimulatedDeal) -> Action | None:
        """What the deal's stage waits for, or what brings the deal further."""
        ahead = [key for _, key in self._words.playbook.jumps(deal.state.stage or "")] if deal.state.stage else []
        if ahead and self.random.random() < 0.4:
            return self._fact(deal, self.random.choice(ahead))
        return self._leave(deal)

    def _leave(self, deal: SimulatedDeal) -> Action | None:
        """What it takes to leave the stage."""
        stage = self._words.playbook.stage(deal.state.stage or "")
        lacking = list(self._lacking(deal, stage)) if stage is not None else []
        return self._make_true(deal, self.random.choice(lacking)) if lacking else None

    def _lacking(self, deal: SimulatedDeal, stage: Stage) -> Iterator[Test]:
        required = stage.gate.require.values() if stage.gate is not None else ()
        clock = clock_for(deal.state, self._words.playbook, deal.now)
        for condition in filter(None, (stage.leave_when, *required)):
            for leaf in leaves(condition):
                if not leaf.test(deal.state, deal.state.visit_since, clock):
                    yield leaf

    def _make_true(self, deal: SimulatedDeal, leaf: Test) -> Action | None:
        if isinstance(leaf, HasHappened | HappenedTimes):
            key = self.random.choice(leaf.keys)
            return self._fact(deal, key) if key.partition(":")[0] in FACTS else self._bring_about(deal, key)
        parts = {path.part for path in compared_paths(leaf)}
        teach = [name for name in self._words.facts if parts & set(FACTS[name].teaches)]
        return self._fact(deal, self.random.choice(teach)) if teach else None

    def _bring_about(self, deal: SimulatedDeal, key: str) -> Action | None:
        """What people do so that an event comes."""
        state, (event, _, name) = deal.state, key.partition(":")
        tasks = {one.name for one in state.tasks.values()}
        match event:
            case "task_done" if (task := name.partition(":")[0]) in tasks:
                return TaskDone(task, outcome=name.partition(":")[2] or None)
            case "handoff_accepted" if "supply_handoff_pieces" in tasks:
                return TaskDone("supply_handoff_pieces", self._words.notes)
            case "handoff_accepted" | "handoff_declined" if state.handoffs:
                return HandoffAnswer(next(iter(state.handoffs.values())).name, accepts=event == "handoff_accepted")
            case "approval_granted" | "approval_refused" if state.approvals:
                answer = "approve" if event == "approval_granted" else "refuse"
                return ApprovalAnswer(next(iter(state.approvals.values())).name, answer)
        return None

    def _heard(self, deal: SimulatedDeal) -> Action | None:
        keys = self._words.heard.get(deal.state.stage or "", ())
        return self._fact(deal, self.random.choice(keys)) if keys else None

    def _of_the_policy(self, deal: SimulatedDeal) -> Action | None:
        return self._fact(deal, self.random.choice(self._keys)) if self._keys else None

    def _anything(self, deal: SimulatedDeal) -> Action | None:
        return self._fact(deal, self.random.choice(self._words.facts))

    def _fact(self, deal: SimulatedDeal, key: str) -> Action:
        return self._say.fact(key, deal.state, deal.now)


def _in_minutes(time: timedelta) -> timedelta:
    return round(max(time, timedelta()) / _MINUTE) * _MINUTE
