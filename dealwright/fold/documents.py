"""The documents that were made for the buyer: sent, answered, taken back."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold.applying import Apply
from dealwright.state import DealState, Document

_KEPT = 20
"""Of the versions that are no longer offered, the last ones."""
_ENDS = {
    "proposal_accepted": "proposal", "proposal_declined": "proposal", "proposal_expired": "proposal",
    "proposal_withdrawn": "proposal", "contract_signed": "contract", "contract_renewed": "contract",
    "contract_withdrawn": "contract",
}  # fmt: skip
"""The facts after which a document can no longer be accepted, and of which kind they end."""
_SETTLES = frozenset({"contract_signed", "contract_renewed"})
"""What was signed is what both sides agreed on: no proposal is open beside it."""
_AFTER_SENDING = {"done": "out", "uncertain": "unsure", "failed": "over"}
_AFTER_WITHDRAWING = {"done": "withdrawn", "failed": "kept", "uncertain": "withdrawing"}
"""Of what may or may not have been taken back somebody says so, or the tool tells it."""


def _drawn_up(state: DealState, entry: e.DocumentDrawnUp) -> None:
    state.documents[entry.effect] = Document(
        name=entry.document, version=entry.version, effect=entry.effect, what=entry.what, tool=entry.tool,
        terms=entry.terms, contact=entry.contact,
    )  # fmt: skip
    state.document_versions[entry.document] = entry.version
    settled = [key for key, one in state.documents.items() if one.standing in {"withdrawn", "over"}]
    for key in settled[:-_KEPT]:
        del state.documents[key]


def _recalled(state: DealState, entry: e.DocumentRecalled) -> None:
    _change(state, entry.effect, recalled=entry.why, replaced=entry.replaced)


def started(state: DealState, entry: e.EffectStarted) -> None:
    """A document is being sent, or taken back."""
    if entry.does == "send_document":
        _change(state, entry.effect, started_at=entry.at)
    if entry.does == "withdraw_document":
        for one in list(state.documents.values()):
            if one.withdrawal == entry.effect:
                _change(state, one.effect, standing="withdrawing")


def settled(state: DealState, entry: e.EffectSettled) -> None:
    """A document was sent, or taken back, or was not."""
    if entry.does == "send_document" and (one := state.documents.get(entry.effect)) and one.standing != "over":
        _change(state, entry.effect, reference=entry.reference or one.reference, link=entry.link or one.link)
        if one.standing != "withdrawing":  # else what finds it takes it back
            _change(state, entry.effect, standing=_AFTER_SENDING.get(entry.status, "withdrawn"))
        if one.standing == "withdrawn" and entry.status == "done":  # somebody says that it went out
            _change(state, entry.effect, taken_back=one.taken_back + 1)
    elif entry.does == "withdraw_document":
        for one in list(state.documents.values()):
            if one.withdrawal == entry.effect and one.standing == "withdrawing":
                _change(state, one.effect, standing=_AFTER_WITHDRAWING.get(entry.status, "out"))
                if entry.status not in {"done", "uncertain"}:  # else that is counted once it is out all the same
                    _change(state, one.effect, taken_back=one.taken_back + 1)


def told(state: DealState, entry: e.FactTaken) -> None:
    """The buyer has answered, or the tool says that it is over. What names no document is about those of its kind.

    What waits to be sent was answered by nobody.
    """
    heard(state, entry.id)
    what = _ENDS.get(entry.fact)
    if what is None or (entry.no_news is not None and not entry.beside):
        return
    standing = [one for one in state.documents.values() if one.is_live or one.standing == "withdrawing"]
    live = [one for one in standing if one.what == what and not waits(state, one)]
    known = [one for one in live if one.reference is not None and one.reference == entry.document]
    over = known or ([] if _is_named(state, entry) else live)
    if entry.fact in _SETTLES:
        over = [*over, *(one for one in standing if one.what == "proposal" and one.standing != "sending")]
    for one in over:
        if one.standing == "withdrawing" and _is_taken_back(entry):  # it is what we asked for, and another may follow
            _change(state, one.effect, standing="withdrawn")
        else:
            _change(state, one.effect, standing="over", replaced=False)


def _is_taken_back(entry: e.FactTaken) -> bool:
    """Whether the tool tells that our side took a document back, before it answered us, or instead."""
    return entry.fact in {"proposal_withdrawn", "contract_withdrawn"} and entry.variant in {"voided", "replaced"}


def waits(state: DealState, one: Document) -> bool:
    """Whether nothing of a document was handed over yet, and it is tried again."""
    pending = state.pending.get(one.effect)
    return one.standing == "sending" and pending is not None and pending.again_at is not None


def heard(state: DealState, fact: str | None) -> None:
    """The deal has looked at a fact of its own about a document: ``<effect>:sent``, ``<effect>:withdrawn``."""
    effect, _, what = (fact or "").rpartition(":")
    if what in {"sent", "withdrawn"}:
        _change(state, effect, told=what)


def _is_named(state: DealState, entry: e.FactTaken) -> bool:
    """Whether it names a document that is another one than those that are out: one that a person made."""
    return entry.document is not None and any(one.reference is not None for one in state.documents.values())


def _change(state: DealState, effect: str, **changes: object) -> None:
    if (one := state.documents.get(effect)) is not None:
        state.documents[effect] = one.model_copy(update=changes)


APPLY: dict[str, Apply] = {"document_drawn_up": _drawn_up, "document_recalled": _recalled}
