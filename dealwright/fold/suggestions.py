"""Next steps that tools suggest, and the conversations that were recorded."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.fold.applying import Apply, touch
from dealwright.state import Conversation, DealState, Suggestion
from dealwright.values.recorded import AwareDatetime

_SETTLED_KEPT, _CONVERSATIONS_KEPT = 200, 50
"""The last ones: a tool that is read again tells of no more."""


def keep_conversation(state: DealState, entry: e.FactTaken) -> None:
    """Remember a conversation that was recorded; with somebody of the deal's contacts, it is contact made."""
    if entry.conversation is None or entry.no_news is not None:
        return
    state.conversations[entry.conversation] = Conversation(
        at=entry.happened_at, ended_at=entry.ended_at or entry.happened_at, concerns=entry.concerns,
        source=entry.source,
    )  # fmt: skip
    _keep_last(state.conversations, _CONVERSATIONS_KEPT)
    if entry.concerns:
        touch(state, entry.happened_at, by_person=True)


def took_part(state: DealState, entry: e.FactTaken) -> None:
    """Somebody who is known only now was part of a conversation."""
    known = state.conversations.get(entry.conversation or "")
    if known is not None:
        concerns = tuple(dict.fromkeys((*known.concerns, *entry.concerns)))
        state.conversations[entry.conversation or ""] = known.model_copy(update={"concerns": concerns})


def _suggestion_made(state: DealState, entry: e.SuggestionMade) -> None:
    state.suggestions[entry.suggestion] = Suggestion(
        id=entry.suggestion, text=entry.text, words=entry.words, role=entry.role, answer_by=entry.answer_by,
        happened_at=entry.happened_at, by=entry.by, source=entry.source, conversation=entry.conversation,
        due=entry.due, digest=entry.digest, asked_at=entry.at, given_to=entry.given_to,
    )  # fmt: skip


def _suggestion_answered(state: DealState, entry: e.SuggestionAnswered) -> None:
    suggestion = state.suggestions.pop(entry.suggestion, None)
    if suggestion is not None:
        state.suggestions_settled.pop(suggestion.words, None)  # the latest stands last
        state.suggestions_settled[suggestion.words] = entry.at
        _keep_last(state.suggestions_settled, _SETTLED_KEPT)


def _keep_last(table: dict[str, Conversation] | dict[str, AwareDatetime], most: int) -> None:
    for key in list(table)[:-most]:
        del table[key]


APPLY: dict[str, Apply] = {
    "suggestion_made": _suggestion_made,
    "suggestion_answered": _suggestion_answered,
}
