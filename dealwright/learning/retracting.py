"""What is so again when something that was told is not so."""

from __future__ import annotations

from datetime import datetime

from dealwright.deal import Contract, Known, Meeting, Proposal
from dealwright.facts import AboutThing, Fact
from dealwright.facts.things import (
    TABLES,
    UNNAMED,
    Record,
    also_called,
    holding,
    in_focus,
    key_named,
    stands_in_deal,
)
from dealwright.facts.turns import status_besides
from dealwright.learning.amounts import Said, amount_offered, signed_last
from dealwright.learning.lessons import Lesson, known_of
from dealwright.state import DealState


def retracted(state: DealState, fact: type[Fact], about: str | None, at: datetime, now: datetime) -> Lesson:
    """What is so again when a fact was none. ``about`` is the id of its thing.

    Without it, it is the one of which the fact was told last, else the one that the deal is about now.
    """
    if not issubclass(fact, AboutThing):
        it = state.happened.get(fact.name)
        again = it is not None and it.at > at
        return Lesson(no_news=_AGAIN if again else None, takes_back_older=again)
    name = TABLES[fact.thing]
    table, focus = getattr(state, name), state.focus.get(fact.thing)
    named = _named(state, fact, about)
    key = next((each for each in (named, _told_last(state, fact), focus) if each is not None), None)
    record = table.get(key)
    is_another = about is not None and named is None and (record is None or record.id is not None)
    if is_another and fact.thing != "contract":  # the one that is meant was not told of yet
        return Lesson(about=f"{fact.thing}/{about}")
    if record is None or key is None:
        return Lesson(about=None if key is None else f"{fact.thing}/{key}")
    it = state.happened_to.get(f"{fact.name} {fact.thing}/{key}")
    # Told again of what was known already, nothing happened anew: that it was told says only since when it is known.
    last_told = state.taught.get(f"{name}.{key}.status") if record.status == fact.status else None
    if (it is not None and it.at > at) or (last_told is not None and last_told > at):
        return Lesson(about=f"{fact.thing}/{key}", no_news=_AGAIN)
    besides = status_besides(fact, record, known_of(state, f"{name}.{key}.", f"{fact.thing}/{key}"))
    before = record.model_copy(update=_before(fact, record, besides))
    after = {**table, key: before}
    now_about = in_focus(fact.thing, after, focus, now, state.taught) or UNNAMED
    known: dict[str, object] = (
        {fact.thing: after[now_about]} if stands_in_deal(after[now_about]) else {"cleared": (fact.thing,)}
    )
    amount = state.deal.amount if state.deal else None
    said = Said(amount, state.taught.get("amount"), signed_last(state.happened))
    if (other := amount_offered(table, after, now_about, state.taught, said)) is not None:
        known["amount"] = other
    changes = any(one != two for (_, one), (_, two) in zip(record, before, strict=True))
    return Lesson(
        learned=Known.model_validate(known) if changes else None,
        taught=(f"{name}.{key}.status",) if changes else (),
        things=holding(fact.thing, key, before),
        about=f"{fact.thing}/{key}",
        focus={fact.thing: now_about},
    )


_AGAIN = "it was told again since"


def _named(state: DealState, fact: type[AboutThing], about: str | None) -> str | None:
    """The key of the thing of that id, or that had it before; None where it is not known."""
    known = key_named(getattr(state, TABLES[fact.thing]), about)
    return also_called(fact.thing, state.taught).get(about or "") if known is None else known


def _told_last(state: DealState, fact: type[AboutThing]) -> str | None:
    """The key of the thing of which a fact was told last."""
    prefix = f"{fact.name} {fact.thing}/"
    told = [(it.number, name.removeprefix(prefix)) for name, it in state.happened_to.items() if name.startswith(prefix)]
    return max(told, default=(0, None))[1]


def _before(fact: type[AboutThing], record: Record, besides: str | None) -> dict[str, object]:
    """What a thing was before a fact, by field. What never began is called off; a term that was none has no days.

    ``besides`` is what became of it, as other facts said that changed nothing as long as this one was believed.
    """
    if fact.turn == "begins":
        match record:
            case Meeting():
                return {"status": "cancelled"}
            case Proposal():
                return {"status": "draft", "sent_at": None, "opened_at": None}
            case Contract():
                return {"status": "cancelled", "starts_on": None, "ends_on": None}
    if record.status != fact.status:
        return {}
    if besides is not None:
        return {"status": besides, **({"opened_at": None} if fact.status == "opened" else {})}
    match record:
        case Proposal() if fact.status == "opened":
            return {"status": "sent", "opened_at": None}
        case Proposal():
            return {"status": "opened" if record.opened_at else "sent"}
        case Meeting():
            return {"status": "booked"}
    return {"status": "signed"}
