"""Law 9, of what is billed: each signed term once, for what was signed, and no longer than it was signed for."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.deal import Contract, Money
from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.subscription import TermBilled
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_BILLING = {"start_subscription", "change_subscription", "cancel_subscription"}
_NOTHING_DONE = {"failed", "skipped", "withdrawn"}


class _RemembersBilling(Check):
    """What was begun in the billing tool for each term, and what became of it."""

    def __init__(self) -> None:
        self._effects: dict[str, StartSubscription | ChangeSubscription | CancelSubscription] = {}
        self._on_their_way: dict[str, str] = {}
        """The terms about which something is under way, or of which nobody knows what became of it, by the effect."""
        self._there: dict[str, TermBilled] = {}
        """What the tool bills for each term, as far as we did it."""
        self._refused: dict[str, TermBilled | None] = {}
        """What the tool refused last, by the term: somebody was asked about just that. None for an end."""

    def remember(self, replay: Replay, entry: e.Entry) -> None:
        """Take in what an entry tells of billing."""
        match entry:
            case e.EffectStarted() if entry.does in _BILLING:
                effect = replay.effects.get(entry.effect)
                if isinstance(effect, StartSubscription | ChangeSubscription | CancelSubscription):
                    self._effects[entry.effect] = effect
                    self._on_their_way[entry.effect] = effect.contract
            case e.EffectSettled() if (effect := self._effects.get(entry.effect)) is not None:
                self._settle(entry, effect)
            case e.SubscriptionDecided(how="agree"):
                self._there[entry.term] = entry.terms
            case _:
                pass

    def _settle(
        self, entry: e.EffectSettled, effect: StartSubscription | ChangeSubscription | CancelSubscription
    ) -> None:
        if entry.status in {"done", *_NOTHING_DONE}:
            self._on_their_way.pop(entry.effect, None)
        self._refused.pop(effect.contract, None)
        if entry.status == "failed":
            self._refused[effect.contract] = None if isinstance(effect, CancelSubscription) else effect.terms
        elif entry.status == "done" and isinstance(effect, CancelSubscription):
            self._there.pop(effect.contract, None)
        elif entry.status == "done" and not isinstance(effect, CancelSubscription):
            self._there[effect.contract] = effect.terms


class EachTermIsBilledOnce(_RemembersBilling):
    """Of a term one subscription is begun: no other one while it is there, under way, or may be there."""

    listens_to = ("effect_started", "effect_settled", "subscription_decided")

    def __init__(self) -> None:
        super().__init__()
        self._begun: set[str] = set()
        """The terms of which a subscription was begun, and is there."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.EffectStarted) and not entry.again:
            effect = replay.effects.get(entry.effect)
            busy = effect is not None and getattr(effect, "contract", None) in self._on_their_way.values()
            if isinstance(effect, StartSubscription) and (busy or effect.contract in self._begun):
                yield f"{entry.label!r}, which is billed already"
        self.remember(replay, entry)
        if isinstance(entry, e.EffectSettled) and entry.status == "done":
            effect = self._effects.get(entry.effect)
            self._begun |= {effect.contract} if isinstance(effect, StartSubscription) else set()


class NothingUnsignedIsBilled(_RemembersBilling):
    """What is begun or changed in the billing tool is what was signed: its amounts, and its first and last day."""

    listens_to = ("effect_started",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        effect = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) else None
        if not isinstance(effect, StartSubscription | ChangeSubscription):
            return
        contract = replay.memory.terms.get(effect.contract)
        if contract is None or contract.status != "signed":
            yield f"{effect.summary!r} bills {effect.terms.words()}, and {contract} is signed"
        elif not _is_as_signed(effect.terms, contract):
            yield f"{effect.summary!r} bills {effect.terms.words()}, and signed is {contract}"
        elif replay.memory.over:
            yield f"{effect.summary!r}, and the deal is over"


class TheBooksAgree(_RemembersBilling):
    """What is billed is what the deal says, or it is being brought there, or somebody is asked."""

    listens_to = (
        "effect_started", "effect_settled", "subscription_decided", "attention_asked", "attention_settled",
        "fact_taken",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._asked = False
        self._told = False
        """Whether the tool told of its own: what it says then is not told from what we did."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(replay, entry)
        if isinstance(entry, e.AttentionAsked | e.AttentionSettled) and entry.point == "billing":
            self._asked = isinstance(entry, e.AttentionAsked)
        self._told |= _tells_other_terms(replay, entry)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        memory = replay.memory
        if memory.paused or self._asked or self._told or replay.state.approvals:
            return
        for key, there in self._there.items():
            contract = memory.terms.get(key)
            if key in self._on_their_way.values() or there.ends_on < made.now.date():
                continue
            refused, is_refused = self._refused.get(key), key in self._refused
            if contract is None or contract.status != "signed" or memory.over:
                ends_on = contract.ends_on if contract is not None else None
                if (ends_on is None or there.ends_on > ends_on) and not is_refused:
                    yield f"term {key} is billed until {there.ends_on}, and signed until {ends_on}"
            elif not _is_as_signed(there, contract) and not (refused and _is_as_signed(refused, contract)):
                yield f"term {key} is billed as {there.words()}, and {contract} is signed"


class NothingIsWrittenThatIsThere(_RemembersBilling):
    """What the tool refused is not believed: no subscription is changed to what it is."""

    listens_to = ("effect_started", "effect_settled", "subscription_decided", "fact_taken")

    def __init__(self) -> None:
        super().__init__()
        self._told = False
        """Whether the tool told of its own: what it has then is not told from what we did."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        effect = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) and not entry.again else None
        there = self._there.get(effect.contract) if isinstance(effect, ChangeSubscription) else None
        if isinstance(effect, ChangeSubscription) and effect.terms == there and not self._told:
            yield f"{effect.summary!r} writes {effect.terms.words()}, which is there"
        self.remember(replay, entry)
        self._told |= _tells_other_terms(replay, entry)


def _tells_other_terms(replay: Replay, entry: e.Entry) -> bool:
    """Whether the tool told that something is billed otherwise."""
    if not isinstance(entry, e.FactTaken) or entry.fact != "subscription_changed":
        return False
    return replay.payload.get("change") == "ended" or bool({"amount", "ends_on"} & replay.payload.keys())


def _is_as_signed(billed: TermBilled, contract: Contract) -> bool:
    days = (billed.starts_on, billed.ends_on) == (contract.starts_on, contract.ends_on)
    once = contract.one_off if contract.one_off is not None and contract.one_off.amount else None
    return days and billed.one_off == once and billed.recurring == _each_year(contract, once)


def _each_year(contract: Contract, once: Money | None) -> Money | None:
    """What comes each year; where only the whole value of about one year is signed, what comes once is taken off."""
    if contract.recurring is not None or contract.value is None:
        return contract.recurring
    return Money(amount=contract.value.amount - (once.amount if once else 0), currency=contract.value.currency)
