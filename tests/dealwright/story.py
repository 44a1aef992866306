"""Deals in a few lines: a small playbook, what happens when, and what ``decide`` makes of it.

Times are UTC, written ``2026-03-02 10:00`` (a Monday). Effects are done at once, as planned, unless ``keep`` holds
them back. Time passes by ``until`` and ``wait``; on the way the deal is looked at whenever it asked to be.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from dealwright import entries as e
from dealwright.decide import decide
from dealwright.decision import Decision, Received, Verdict
from dealwright.effect_base import EffectBase
from dealwright.effects import CreateTask, Effect, Notify, Outcome, SendEmail
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_playbook
from dealwright.playbook.source.bundle import bundle_hash
from dealwright.rules import next_step
from dealwright.state import DealState, Task
from dealwright.validation.opening import admit
from simulation.choices import as_planned

ANA = {"id": "ana", "name": "Ana", "email": "ana@buyer.example", "timezone": "UTC"}
MONDAY = "2026-03-02 10:00"
_ROLES = """
playbook: tiny
roles:
  rep: {reports_to: boss}
  expert: {reports_to: boss}
  boss: {}
"""
AnEffect = TypeVar("AnEffect", bound=EffectBase)
AnEntry = TypeVar("AnEntry", bound=e.EntryBase)


def moment(text: str) -> datetime:
    """A time as stories write it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def playbook(text: str, name: str = "tiny") -> Playbook:
    """A playbook; one that names no roles gets a rep and an expert, who report to a boss."""
    return load_playbook(text if "roles:" in text else _ROLES.replace("tiny", name) + text)


def of_stage(plays: str, *, before: str = "") -> Playbook:
    """A playbook with one stage ``selling``, owned by the rep, and these plays in it."""
    indented = "\n".join(f"      {line}" for line in plays.strip("\n").splitlines())
    return playbook(f"{before}\nstages:\n  - name: selling\n    owner: rep\n    plays:\n{indented}\n")


class Story:
    """A deal and all that became of it."""

    def __init__(self, rules: Playbook, *, at: str = MONDAY, **known: object) -> None:
        self.rules = rules
        self.offers = {rules.playbook: (bundle_hash({"playbook.yaml": repr(rules)}), rules)}
        self.now = moment(at)
        self.state = DealState()
        self.entries: list[e.Entry] = []
        self.effects: list[Effect] = []
        self.withdrawn: list[str] = []
        self.decision = Decision()
        """The last decision."""
        self._kept: set[str] = set()
        self._serial = 0
        deal = admit({"id": "acme", "contacts": [ANA], **known})
        bundle, _ = self.offers[rules.playbook]
        self._look([], opened=e.DealOpened(at=self.now, deal=deal, playbook=rules.playbook, bundle=bundle))

    # --- what happens ---------------------------------------------------------------------------------------

    def tell(self, fact: str, **payload: object) -> Decision:
        """A fact arrives."""
        return self._look([self.fact(fact, **payload)])

    def tell_at_once(self, *received: Received) -> Decision:
        """Several things arrive at one moment."""
        return self._look(list(received))

    def fact(self, name: str, **payload: object) -> Received:
        """A fact as it is received now."""
        text = json.dumps(payload, default=_plainly)
        return Received(kind="fact", name=name, id=None, at=self.now, payload=text)

    def command(self, name: str, **payload: object) -> Received:
        """A command as it is received now."""
        self._serial += 1
        text = json.dumps({"by": "boss", **payload}, default=_plainly)
        return Received(kind="command", name=name, id=f"u{self._serial}", at=self.now, payload=text)

    def order(self, command: str, **payload: object) -> Verdict:
        """Somebody (the boss, unless said otherwise) gives a command."""
        received = self.command(command, **payload)
        return self._look([received]).verdicts[received.id or ""]

    def keep(self, *names: str) -> None:
        """Hold back the outcomes of effects of these kinds or templates."""
        self._kept.update(names)

    def come_back(self, effect: Effect, status: str, **more: object) -> Decision:
        """An effect comes back."""
        outcome = Outcome.model_validate({"effect": effect.id, "kind": effect.kind, "status": status, **more})
        return self._look([Received(kind="outcome", name=effect.kind, at=self.now, outcome=outcome, effect=effect)])

    def until(self, text: str) -> Story:
        """Let time pass until then."""
        end = moment(text)
        while (wake_at := self.decision.wake_at) is not None and wake_at <= end:
            assert wake_at > self.now, f"woken at {wake_at}, and it is {self.now}"
            self.now = wake_at
            self._look([])
        self.now = end
        return self

    def wait(self, **time: float) -> Story:
        """Let so much time pass."""
        return self.until((self.now + timedelta(**time)).replace(tzinfo=None).isoformat(" "))

    def oversleep(self, text: str) -> Decision:
        """Nobody looks until then: the worker is away."""
        self.now = moment(text)
        return self._look([])

    # --- what became of it ----------------------------------------------------------------------------------

    @property
    def stage(self) -> str | None:
        """The stage the deal is in."""
        return self.state.stage

    @property
    def outcome(self) -> str | None:
        """How it ended, or ``won``."""
        return self.state.outcome

    @property
    def sent(self) -> list[str]:
        """The messages that were started, with their times: ``Mon 10:00 hello``."""
        return [f"{email.at:%a %H:%M} {email.template}" for email in self.all(SendEmail)]

    @property
    def told(self) -> list[str]:
        """The notices, with their receivers: ``boss: look at it``; without those about what comes next."""
        notices = [note for note in self.all(Notify) if "/next-step/" not in note.id]
        return [f"{note.role}: {note.text.removesuffix(' (deal acme)')}" for note in notices]

    @property
    def tasks(self) -> dict[str, str]:
        """The open tasks, by name, with their deadlines: ``Tue 03 Mar 10:00``; without the one of ``next_step``."""
        tasks = [task for task in self.state.tasks.values() if task.name != next_step.TASK]
        return {task.name: f"{task.due_at:%a %d %b %H:%M}" for task in tasks}

    @property
    def asks_for_next_step(self) -> bool:
        """Whether the owner is asked what comes next, since nothing is planned."""
        return any(task.name == next_step.TASK for task in self.state.tasks.values())

    @property
    def asked(self) -> list[str]:
        """The tasks that were asked for, by title; without those that ask what comes next."""
        return [task.title for task in self.all(CreateTask) if "/next-step/" not in task.id]

    @property
    def steps(self) -> dict[str, str]:
        """The steps to come, by what they do, with their times."""
        planned = (step for run in self.state.runs.values() for step in run.planned.values())
        return {step.label.partition(": ")[2]: f"{step.due_at:%a %d %b %H:%M}" for step in planned}

    @property
    def wakes(self) -> str:
        """When the deal looks again."""
        return f"{self.decision.wake_at:%a %d %b %H:%M}" if self.decision.wake_at else "never"

    def task(self, name: str) -> Task:
        """The open task of that name."""
        return next(task for task in self.state.tasks.values() if task.name == name)

    def all(self, kind: type[AnEffect]) -> list[AnEffect]:
        """Every effect of a kind that was started."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def noted(self, kind: type[AnEntry]) -> list[AnEntry]:
        """Every entry of a kind."""
        return [entry for entry in self.entries if isinstance(entry, kind)]

    def last(self, kind: type[AnEntry]) -> AnEntry:
        """The last entry of a kind."""
        return self.noted(kind)[-1]

    def _look(self, inbox: list[Received], opened: e.DealOpened | None = None) -> Decision:
        decision = decide(self.state, self.rules, inbox, self.now, opened=opened, offers=self.offers)
        self.entries += [fold(self.state, entry) for entry in decision.entries]
        self.rules = next((rules for bundle, rules in self.offers.values() if bundle == self.state.bundle), self.rules)
        self.effects += decision.effects
        self.withdrawn += decision.withdraw
        self.decision = decision
        back = [
            effect for effect in decision.effects if not self._kept & {effect.kind, getattr(effect, "template", "")}
        ]
        for effect in [effect for effect in back if not effect.needs_decision]:
            done = e.EffectSettled(at=self.now, effect=effect.id, does=effect.kind, status="done", label=effect.summary)
            self.entries.append(fold(self.state, done))
        for effect in [effect for effect in back if effect.needs_decision]:
            planned = as_planned(effect)
            self.come_back(effect, planned.status, reference=planned.reference, reason=planned.reason)
        return decision


def _plainly(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
