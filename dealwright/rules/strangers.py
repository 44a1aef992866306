"""People whom facts name and the deal does not know: somebody is asked, until they are a contact."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.rules.decision_context import DecisionContext
from dealwright.values.addresses import normal


def ask_whom_it_means(context: DecisionContext, taken: e.FactTaken) -> None:
    """Have somebody look at a fact about a person whom the deal does not know."""
    what = taken.fact.replace("_", " ").capitalize()
    text = f"{what}: this deal knows nobody as {taken.unresolved}. Find out who it is"
    if taken.silences:
        text += "; the address gets no marketing from any deal" if taken.addresses else "; nobody was silenced by it"
    context.ask_attention(taken.point, text)


def recognise(context: DecisionContext) -> bool:
    """Let what was told of somebody unknown hold for them, once they are a contact. True when somebody is."""
    if not context.state.strangers:
        return False
    known = [(one.id, normal(one.email) if one.email else None) for one in context.deal.contacts or ()]
    found = [
        (point, stranger, contact, address)
        for point, stranger in context.state.strangers.items()
        for contact, address in known
        if stranger.is_one_of(contact, address)
    ]
    for point, stranger, contact, address in found:
        silenced = (address,) if address and stranger.opted_out_at else ()
        context.note(
            e.PersonRecognised(
                at=context.now, point=point, contact=contact, opted_out_at=stranger.opted_out_at, addresses=silenced
            )
        )
        context.settle_attention(point, f"they are known by now: {contact}")
    return bool(found)
