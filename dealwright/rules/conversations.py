"""Conversations that tools record: with whom they were, and whether another tool told of the same one."""

from __future__ import annotations

from dealwright import consent
from dealwright import entries as e
from dealwright.facts import ConversationRecorded
from dealwright.rules.decision_context import DecisionContext

_MOST_NAMED = 10


def as_written_down(context: DecisionContext, fact: ConversationRecorded, taken: e.FactTaken) -> e.FactTaken:
    """What the story says of a conversation: who of the deal took part, and who did whom the deal does not know."""
    concerns, strangers, named = dict[str, None](), list[str](), dict[str, None]()
    for one in fact.parties:
        contact = None if one.ours else consent.known_as(context.state, one.contact, one.address)
        if contact is not None:
            concerns[contact] = None
        elif not one.ours:
            strangers.append(one.address or one.name or one.contact or "somebody")
            named |= dict.fromkeys(consent.names_of(one.contact, one.address))
    with_them = f"with {', '.join(concerns)}" if concerns else ""
    beside = f"with people whom the deal does not know: {', '.join(strangers[:_MOST_NAMED])}" if strangers else ""
    said = ", ".join(filter(None, (taken.note or fact.title, with_them, beside)))[:500]
    told = taken.model_copy(
        update={
            "conversation": fact.conversation, "concerns": tuple(concerns), "link": fact.url, "note": said or None,
            "strangers": tuple(named), "ended_at": taken.happened_at + fact.lasted if fact.lasted is not None else None,
        }
    )  # fmt: skip
    return told if told.no_news else told.model_copy(update={"no_news": _told_before(context, told)})


def _told_before(context: DecisionContext, told: e.FactTaken) -> str | None:
    """Whether this tool, or another one, told of the same conversation."""
    if told.conversation in context.state.conversations:
        return "known already"
    ended_at = told.ended_at or told.happened_at
    for known in context.state.conversations.values():
        at_once = known.at <= ended_at and told.happened_at <= known.ended_at
        if at_once and known.source != told.source and not set(known.concerns).isdisjoint(told.concerns):
            return f"{known.source or 'another tool'} told of it already"
    return None
