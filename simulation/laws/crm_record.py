"""Law 9: the deal and its record in the CRM agree. The examiner keeps the record as it was written and told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from dealwright import entries as e
from dealwright.deal import Money, Person
from dealwright.effects import UpdateCrm
from dealwright.values.addresses import normal
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_PARTS = ("stage", "outcome", "owner", "amount")
_LEFT_AS_IT_IS = "it was put back often enough"
"""How the reason begins why a stage that was set in the CRM stays there: the deal asks for attention instead."""


class _Held(NamedTuple):
    """What a part of the record holds, and since when."""

    at: datetime
    value: str
    sure: bool


class _Record(Check):
    """The record of one deal in the CRM, as far as its journal and the facts tell."""

    listens_to = ("effect_started", "effect_settled", "fact_taken", "resumed")

    def __init__(self) -> None:
        self.held: dict[str, _Held] = {}
        self.gone = False
        self._under_way: dict[str, tuple[str, ...]] = {}
        """The parts that each update writes of which it is not known that it was done."""
        self._written: dict[str, datetime] = {}
        """When each part's last update was done: what was set in the CRM before may have come first, or after it."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.EffectStarted(does="update_crm"):
                update = replay.effects.get(entry.effect)
                if isinstance(update, UpdateCrm):
                    yield from self.judge(replay, update)
                    self._write(update)
            case e.EffectSettled(does="update_crm") if entry.status not in {"not_done", "deferred"}:
                parts = self._under_way.pop(entry.effect, ())
                if entry.status != "done":
                    self._doubt(parts)
                self._written |= dict.fromkeys(parts, entry.at)
            case e.Resumed():
                self._go_on(replay)
            case e.FactTaken(fact="crm_deal_deleted", no_news=None):
                self.gone = True
            case e.FactTaken(retracts="crm_deal_deleted"):
                self.gone = False
            case e.FactTaken(fact="crm_stage_moved") if replay.playbook.crm is not None:
                self._move(replay, entry)
            case e.FactTaken(fact="crm_properties_changed"):
                self._change(replay, entry)

    def judge(self, replay: Replay, update: UpdateCrm) -> Iterator[str]:
        """What is wrong about an update."""
        yield from ()

    def _write(self, update: UpdateCrm) -> None:
        texts = _texts(update)
        parts = tuple(part for part in _PARTS if part in (update.parts or _PARTS))
        self._under_way[update.id] = parts
        self.held |= {part: _Held(update.at, texts[part], sure=True) for part in parts}

    def _go_on(self, replay: Replay) -> None:
        """What would have ended the deal may have been told by the CRM, where it is closed then, unless set since."""
        pause, stage = replay.state.pause, self.held.get("stage")
        if pause is not None and pause.ending is not None and stage is not None and stage.at <= pause.since:
            self._doubt(("stage",))

    def _move(self, replay: Replay, entry: e.FactTaken) -> None:
        stage = str(replay.payload.get("stage"))
        if replay.playbook.stage(stage) is not None and not (entry.no_news or "").startswith(_LEFT_AS_IT_IS):
            self._tell("stage", entry.happened_at, stage)

    def _change(self, replay: Replay, entry: e.FactTaken) -> None:
        if "amount" in replay.payload:
            given = replay.payload["amount"]
            self._tell("amount", entry.happened_at, money(Money.model_validate(given) if given else None))
        if "owner" in replay.payload:
            given = replay.payload["owner"]
            self._tell("owner", entry.happened_at, who(Person.model_validate(given) if given else None))

    def _tell(self, part: str, at: datetime, value: str) -> None:
        before = self.held.get(part)
        if before is None or before.at <= at:
            under_way = any(part in parts for parts in self._under_way.values())
            sure = not under_way and self._written.get(part, at) <= at
            self.held[part] = _Held(at, value, sure)

    def _doubt(self, parts: tuple[str, ...]) -> None:
        self.held |= {part: self.held[part]._replace(sure=False) for part in parts if part in self.held}


class TheRecordAgrees(_Record):
    """The record in the CRM, by what was written there and told of it last, has the deal's stage, owner and amount.

    It says how the deal ended only of a deal that has.
    """

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        memory, state = replay.memory, replay.state
        if memory.over or self.gone or state.stage is None:
            return
        owner = who(memory.holder(state.owner_role or "", replay.playbook))
        ends = self.held.get("outcome")
        if ends is not None and ends.value and state.outcome is None:
            yield f"the record says {ends.value!r}, and the deal is open"
        for part, value in (("stage", state.stage), ("owner", owner), ("amount", money(memory.deal.amount))):
            held = self.held.get(part)
            if (held.value if held else "") != value and not (part == "owner" and not value):
                yield f"the record's {part} is {held.value if held else 'empty'!r}, and the deal's {value!r}"


class NothingIsWrittenBack(_Record):
    """Nothing is written into the record that is known to stand there: what the CRM told is no news there."""

    def judge(self, replay: Replay, update: UpdateCrm) -> Iterator[str]:
        pending = replay.state.pending.get(update.id)
        if update.parts is None or not set(update.parts) <= set(_PARTS) or pending is not None:
            return
        texts = _texts(update)
        held = {part: self.held.get(part) for part in update.parts}
        if update.parts and all(one and one.sure and one.value == texts[part] for part, one in held.items()):
            yield f"{update.summary!r}, and the record says so already: {texts}"


def _texts(update: UpdateCrm) -> dict[str, str]:
    ends, owner = update.outcome or "", who(update.owner)
    return {"stage": update.stage, "outcome": ends, "owner": owner, "amount": money(update.amount)}


def who(person: Person | None) -> str:
    """A person as records are compared by; empty for nobody."""
    if person is None:
        return ""
    return normal(person.email) if person.email else person.name


def money(amount: Money | None) -> str:
    """An amount as records are compared by; empty for none."""
    return "" if amount is None else f"{Decimal(amount.amount).normalize():f} {amount.currency}"
