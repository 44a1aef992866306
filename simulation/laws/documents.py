"""Law 4, of documents: the buyer gets them for exact terms that were granted, one version each, and none too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dealwright import entries as e
from dealwright.deal import COMPLETED
from dealwright.effects import SendDocument, WithdrawDocument
from simulation.laws.approvals import RemembersGrants, are_in_force
from simulation.replay import Check, Replay, is_told_to_itself
from simulation.simulated_deal import DecisionMade

_AGREED = {"proposal_accepted": "proposal", "contract_signed": "contract", "contract_renewed": "contract"}
_ANSWERED = _AGREED | {
    "proposal_declined": "proposal", "proposal_expired": "proposal", "proposal_withdrawn": "proposal",
    "contract_withdrawn": "contract",
}  # fmt: skip
"""What the buyer, or the tool, tells of a document by which it can be accepted no more, and of which kind it is."""
_OUT = {"done", "uncertain"}


class DocumentsAreForGrantedTerms(RemembersGrants):
    """A document goes out for the deal's terms of then alone, and only when these need nobody's yes or were granted."""

    listens_to = ("approval_requested", "approval_answered", "term_began", "effect_started")

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(entry)
        sent = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) else None
        rule = replay.playbook.documents.get(sent.document) if isinstance(sent, SendDocument) else None
        if not isinstance(sent, SendDocument) or rule is None:
            return
        if not are_in_force(replay, rule, sent.terms.values):
            yield f"{sent.summary!r} says {sent.terms.words()}, which are not the deal's terms"
        needed = replay.playbook.approval(rule.needs) if rule.needs is not None else None
        if needed is not None and not self.is_granted(replay, needed, entry.at):
            yield f"{sent.summary!r} says {sent.terms.words()}, which nobody granted ({needed.name})"


class _Version(NamedTuple):
    """A version of a document that is with the buyer, may be, or will be."""

    sent: SendDocument
    reference: str | None = None
    """What the tool calls it."""


class _RemembersVersions(Check):
    """Which versions the buyer may accept, from what was sent, taken back and told."""

    def __init__(self) -> None:
        self._out: dict[str, _Version] = {}
        """By the effect that sends it."""
        self._withdrawals: dict[str, str] = {}
        """The effect that each of them takes back."""
        self._agreed: set[str] = set()
        """The effects whose document the buyer agreed to."""
        self._names_are_known = False
        """Whether the tool's name of any document came back: until then, an answer that names one may be about ours."""

    def remember(self, replay: Replay, entry: e.Entry) -> None:
        """Take in what an entry tells of documents."""
        match entry:
            case e.EffectStarted():
                effect = replay.effects.get(entry.effect)
                if isinstance(effect, SendDocument):
                    self._out[entry.effect] = _Version(effect)
                elif isinstance(effect, WithdrawDocument):
                    self._withdrawals[entry.effect] = effect.sending
            case e.EffectSettled(does="send_document"):
                self._settle(entry)
            case e.EffectSettled(does="withdraw_document", status="done"):
                self._out.pop(self._withdrawals.get(entry.effect, ""), None)
            case e.FactTaken() if is_told_to_itself(entry.id):
                pass  # it follows from what the deal believes
            case e.FactTaken() if entry.fact in _ANSWERED and (entry.no_news is None or entry.beside):
                self._answer(replay, entry, _ANSWERED[entry.fact])
            case _:
                pass

    def _settle(self, entry: e.EffectSettled) -> None:
        version = self._out.pop(entry.effect, None)
        if version is not None and entry.status in _OUT:
            self._out[entry.effect] = version._replace(reference=entry.reference or version.reference)
        self._names_are_known |= entry.reference is not None

    def _answer(self, replay: Replay, entry: e.FactTaken, what: str) -> None:
        """What names a document is about that one; a signature ends what is proposed beside it."""
        named = replay.payload.get(what)
        of_kind = [id_ for id_, one in self._out.items() if one.sent.what == what]
        known = [id_ for id_ in of_kind if named is not None and self._out[id_].reference == named]
        over = known or (of_kind if named is None or not self._names_are_known else [])
        if entry.fact in _AGREED:
            self._agreed |= {*over}
        if what == "contract" and entry.fact in _AGREED:
            over = [*over, *(id_ for id_, one in self._out.items() if one.sent.what == "proposal")]
        for id_ in over:
            self._out.pop(id_, None)


class OneVersionIsOut(_RemembersVersions):
    """Of a document one version is with the buyer at a time: the next goes out once the last is taken back."""

    listens_to = ("effect_started", "effect_settled", "fact_taken")

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(replay, entry)
        if isinstance(entry, e.EffectStarted) and (new := self._out.get(entry.effect)) is not None:
            for id_, one in self._out.items():
                if one.sent.document == new.sent.document and id_ != entry.effect:
                    yield f"{new.sent.summary!r} goes out beside version {one.sent.version}"


class WhatIsAgreedToStays(_RemembersVersions):
    """What the buyer accepted or signed is not taken back, and no proposal of before a signature is sent after it."""

    listens_to = ("effect_started", "effect_settled", "fact_taken")

    def __init__(self) -> None:
        super().__init__()
        self._proposed: set[str] = set()
        """The effects of proposals that were begun before the last signature."""
        self._overtaken: set[str] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(replay, entry)
        if isinstance(entry, e.EffectStarted) and entry.does == "send_document":
            if entry.effect in self._overtaken:
                yield f"{entry.label!r} is sent again, although a contract was signed meanwhile"
            if (version := self._out.get(entry.effect)) is not None and version.sent.what == "proposal":
                self._proposed.add(entry.effect)
        elif isinstance(entry, e.FactTaken) and entry.fact in {"contract_signed", "contract_renewed"}:
            self._overtaken |= self._proposed if entry.no_news is None else set()
        if isinstance(entry, e.EffectStarted) and self._withdrawals.get(entry.effect) in self._agreed:
            yield f"{entry.label!r} takes back what the buyer agreed to"


class NoDocumentOutlivesItsDeal(_RemembersVersions):
    """Nothing is offered any more once a deal has ended, unless it is completed: what is out is taken back."""

    listens_to = ("effect_started", "effect_settled", "fact_taken", "deal_closed", "deal_reopened")

    def __init__(self) -> None:
        super().__init__()
        self._over = False
        self._called_off: set[str] = set()
        """What was called off while it was on its way, until it is known whether it went out."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self.remember(replay, entry)
        if isinstance(entry, e.DealClosed):
            self._over = entry.outcome != COMPLETED
        elif isinstance(entry, e.DealReopened):
            self._over = False
        elif isinstance(entry, e.EffectSettled):
            self._called_off.discard(entry.effect)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        self._called_off |= {*made.decision.withdraw}
        taken_back = {*self._withdrawals.values(), *self._called_off}
        for id_, one in self._out.items() if self._over else ():
            if id_ not in taken_back:
                yield f"{one.sent.summary!r} is with the buyer, and the deal is over"
