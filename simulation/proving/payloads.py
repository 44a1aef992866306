"""What facts say in lives of one playbook: in its own words, on both sides of its bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeAlias

from dealwright.deal import Money, OwnValue
from dealwright.facts import FACTS
from dealwright.playbook.language.own_fields import OwnField
from dealwright.qualification import STATUSES
from dealwright.state import DealState
from simulation.moves.facts import payload_of
from simulation.moves.situation import Situation
from simulation.proving.moves import Fact, relative
from simulation.proving.words import PlaybookWords

_Say: TypeAlias = Callable[["Sayings", Situation], dict[str, object]]
_DAY = timedelta(days=1)
_PERCENT = tuple(map(Decimal, (5, 15, 30)))
_QUALIFICATION = ("budget", "authority", "need", "timeline", "pain", "champion", "metrics", "economic_buyer",
                  "decision_criteria", "decision_process")  # fmt: skip


class Sayings:
    """Draws what facts say."""

    def __init__(self, random: Random, words: PlaybookWords) -> None:
        self._random, self._words = random, words

    def fact(self, key: str, state: DealState, now: datetime) -> Fact:
        """A fact, by its name or its key with a variant."""
        name, _, variant = key.partition(":")
        situation = Situation(self._random, now, state)
        payload = payload_of(situation, name)
        if (say := _SAID.get(name)) is not None:
            payload |= say(self, situation)
        field = FACTS[name].variant_field
        if field is not None and (variant or field not in payload):
            payload[field] = variant or self._variant(name)
        return Fact(name, relative({key: value for key, value in payload.items() if value is not None}, now))

    def _variant(self, name: str) -> str:
        return self._random.choice((*FACTS[name].variants(), *self._words.variants.get(name, ())) or ("any",))

    def number(self, path: str, usual: tuple[Decimal, ...]) -> Decimal:
        """A value on one of the sides of what the playbook asks about a path."""
        return self._random.choice(self._words.bounds.get(path) or usual)

    def money(self, path: str = "deal.amount") -> dict[str, str]:
        """An amount in the playbook's currency."""
        usual = self._words.bounds.get("deal.amount") or (Decimal(900), Decimal(24_000), Decimal(180_000))
        amount = self.number(path, usual)
        return {"amount": str(amount), "currency": self._words.currency}

    def percent(self, path: str) -> str:
        """A percentage."""
        return f"{min(self.number(path, _PERCENT), Decimal(100)).normalize():f}"

    def _whom(self, situation: Situation) -> dict[str, object]:
        """Whom a fact is about: mostly whoever messages go to, else a contact of the deal."""
        contacts = (situation.state.deal.contacts if situation.state.deal else None) or ()
        named = self._random.choice([one.id for one in contacts]) if contacts and self._random.random() < 0.3 else None
        return {"contact": named, "address": None, "touch": None}

    def _reply(self, situation: Situation) -> dict[str, object]:
        back_on = situation.day(3, 60) if self._random.random() < 0.7 else None
        named = {"name": "Bo Lin", "email": f"bo{self._random.randint(1, 3)}@buyer.example"}
        return {**self._whom(situation), "back_on": back_on, "refers_to": named}

    def _sent(self, situation: Situation) -> dict[str, object]:
        discount = self.percent("proposal.discount") if self._random.random() < 0.4 else None
        return {"amount": self.money("proposal.amount"), "discount": discount}

    def _retraction(self, situation: Situation) -> dict[str, object]:
        told = [name for name in situation.state.happened if name in FACTS and not hasattr(FACTS[name], "contact")]
        return {"retracts": self._random.choice(told or ["contract_cancelled"])}

    def _account(self, situation: Situation) -> dict[str, object]:
        account = {"id": "acme", "name": "Acme", "employees": int(self.number(_EMPLOYEES, (Decimal(50),)))}
        score = self.number("deal.score", (Decimal(50),))
        return {"score": score, "account": account} if _EMPLOYEES in self._words.bounds else {"score": score}

    def _notes(self, situation: Situation) -> dict[str, object]:
        return {"notes": {piece: f"what the {piece} is" for piece in self._words.notes}}

    def _answers(self, situation: Situation) -> dict[str, object]:
        given = _QUALIFICATION if self._random.random() < 0.6 else self._random.sample(_QUALIFICATION, 3)
        return {"answers": {name: self._answer(name) for name in given}}

    def _answer(self, name: str) -> object:
        """An answer; where the playbook asks how sure one is, mostly with that."""
        if not self._words.asks_how_sure or self._random.random() < 0.2:
            return f"some {name}"
        return {"value": f"some {name}", "status": self._random.choice(STATUSES)}

    def fields(self, now: datetime) -> dict[str, OwnValue]:
        """Values of some of the playbook's own fields; none where it has none."""
        told = {name: field for name, field in self._words.playbook.fields.items() if field.by is None}
        some = self._random.sample(sorted(told), self._random.randint(1, len(told))) if told else []
        return {name: self._value(name, told[name], now) for name in some}

    def _value(self, name: str, field: OwnField, now: datetime) -> OwnValue:
        match field.type:
            case "number":
                return float(self.number(f"fields.{name}", (Decimal(10),)))
            case "money":
                return Money.model_validate(self.money(f"fields.{name}"))
            case "date":
                return (now + self._random.choice((5, 40, 200)) * _DAY).date().isoformat()
            case _:
                return self._random.choice(field.words or ("some text",))

    def _held(self, situation: Situation) -> dict[str, object]:
        if not self._words.contact_roles:
            return {}
        contacts = (situation.state.deal.contacts if situation.state.deal else None) or ()
        return {"attended": [one.id for one in contacts if self._random.random() < 0.6] or None}


_EMPLOYEES = "account.employees"
_SAID: dict[str, _Say] = {
    "lead_qualified": lambda say, _: {"score": say.number("deal.score", (Decimal(50),))},
    "account_researched": Sayings._account,
    "buying_signal_seen": lambda say, _: {"signal": say._random.choice(say._words.signals)},
    "email_bounced": Sayings._whom,
    "opted_out": Sayings._whom,
    "channel_refused": Sayings._whom,
    "channel_allowed": Sayings._whom,
    "reply_received": Sayings._reply,
    "notes_learned": Sayings._notes,
    "qualification_learned": Sayings._answers,
    "proposal_sent": Sayings._sent,
    "discount_requested": lambda say, _: {"percent": say.percent("proposal.discount")},
    "usage_reported": lambda say, _: {"health": str(min(say.number("deal.health", (Decimal(30), Decimal(80))), 100))},
    "fact_retracted": Sayings._retraction,
    "fields_learned": lambda say, situation: {"fields": say.fields(situation.now)},
    "meeting_held": Sayings._held,
    "discovery_held": Sayings._held,
    "demo_held": Sayings._held,
}
