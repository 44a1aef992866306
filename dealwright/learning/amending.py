"""What a correction teaches: it counts from when somebody made it, and may take things out."""

from __future__ import annotations

from datetime import datetime

from dealwright.deal import Deal, Known, Money
from dealwright.facts import Thing
from dealwright.facts.things import TABLES, UNNAMED, Record, Things, key_named
from dealwright.facts.turns import CORRECTED
from dealwright.learning.amounts import Said, amount_offered, signed_last
from dealwright.learning.lessons import THINGS, Lesson, news
from dealwright.state import DealState


def amended(state: DealState, deal: Deal, known: Known, now: datetime) -> Lesson:
    """What a correction teaches: each part given is so from now on; contacts are those given and no others."""
    nothings = tuple(
        name for name in Known.model_fields if name in known.model_fields_set and getattr(known, name) is None
    )
    strangers = [f"contacts.{one.id}" for one in deal.contacts or ()] if known.contacts is not None else []
    said = known.model_copy(
        update={"cleared": (*(known.cleared or ()), *nothings), **dict.fromkeys(THINGS)} if nothings or known.cleared
        else dict.fromkeys(THINGS)
    )  # fmt: skip
    learned, taught = news(state, deal, said, now)
    changes = learned.changes() if learned else {}
    if strangers:
        kept = changes.get("contacts", ())
        of_old = {one.id: one for one in deal.contacts or ()}
        ids = [one.id for one in known.contacts or ()]
        merged = {one.id: one for one in kept} if isinstance(kept, tuple) else {}
        changes["contacts"] = tuple(merged.get(id_) or of_old[id_] for id_ in ids)
        changes["cleared"] = (*(_cleared(changes)), *strangers)
        taught = (*taught, *strangers)
    things, focus = _amended_things(state, known)
    for thing in focus:
        changes[thing] = getattr(things, TABLES[thing])[focus[thing]]
        taught = (*taught, *_taught_of(thing, focus[thing], getattr(known, thing)))
    if known.proposal is not None and "amount" not in known.model_fields_set | set(known.cleared or ()):
        amount = _by_offer(state, deal, things, focus["proposal"])
        changes |= {} if amount is None else {"amount": amount}
        taught = (*taught, *(("amount",) if amount is not None and amount == known.proposal.amount else ()))
    return Lesson(
        learned=Known.model_validate(changes) if changes else None,
        taught=taught,
        things=things if focus else None,
        focus={str(thing): key for thing, key in focus.items()},
    )


def _cleared(changes: dict[str, object]) -> tuple[str, ...]:
    cleared = changes.get("cleared", ())
    return cleared if isinstance(cleared, tuple) else ()


def _by_offer(state: DealState, deal: Deal, things: Things, focus: str) -> Money | None:
    """What the deal is worth by the proposal that is corrected, where one said it last; None where it stays."""
    said = Said(deal.amount, state.taught.get("amount"), signed_last(state.happened))
    return amount_offered(state.proposals, state.proposals | things.proposals, focus, state.taught, said)


def _amended_things(state: DealState, known: Known) -> tuple[Things, dict[Thing, str]]:
    tables: dict[str, dict[str, Record]] = {}
    focus: dict[Thing, str] = {}
    for thing, name in TABLES.items():
        given = getattr(known, thing)
        if given is None:
            continue
        key = key_named(getattr(state, name), given.id) or state.focus.get(thing)
        key = key or ("1" if thing == "contract" else UNNAMED)
        old = getattr(state, name).get(key)
        said = {field: getattr(given, field) for field in given.model_fields_set}
        tables[name] = {key: given if old is None else old.model_copy(update=said)}
        focus[thing] = key
    return Things.model_validate(tables), focus


def _taught_of(thing: Thing, key: str, given: Record) -> tuple[str, ...]:
    fields = sorted(given.model_fields_set)
    begun = ("begun",) if {"starts_at", "sent_at", "starts_on"} & set(fields) else ()
    corrected = (CORRECTED,) if "status" in fields else ()
    return tuple(f"{TABLES[thing]}.{key}.{field}" for field in (*fields, *begun, *corrected))
