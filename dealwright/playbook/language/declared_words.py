"""Declared words: where a playbook lists its sources, signals or notes, no other word is taken for one of them.

Without such a list words are free, as whoever opens deals and reports facts writes them.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from dealwright.values.recorded import Name, Text

_EXAMPLE = "write a list of words, such as [inbound, outbound], or word: meaning"


def read_words(written: object) -> object:
    """Read a list of words, or of words with their meanings; a word means nothing more unless said.

    Raises:
        ValueError: what is wrong, and what to write instead.
    """
    match written:
        case list() if written:
            given = [(word, "") for word in written]
        case dict() if written:
            given = [(word, meaning or "") for word, meaning in written.items()]
        case _:
            raise ValueError(f"there are no words here: {_EXAMPLE}")
    words: dict[str, str] = {}
    for word, meaning in given:
        if not isinstance(word, str) or not word.strip() or not isinstance(meaning, str):
            raise ValueError(f"{word!r} is no word: {_EXAMPLE}")
        if (same := _alike(word, words)) is not None:
            raise ValueError(f"{word!r} and {same!r} are one word to people: keep one of them")
        words[word] = meaning
    return words


Words = Annotated[
    dict[Name, Text] | None,
    BeforeValidator(read_words),
    Field(max_length=500),
    WithJsonSchema({"$comment": "Words"}),
]
"""Words that may be used, each with its meaning (empty: none was given)."""


def unknown_word(what: str, word: str | None, words: Mapping[str, str] | None) -> str | None:
    """What to say of a word that is none of those declared. None when it is, and when nothing is declared.

    ``what`` is the kind of word, as one of them is called: ``source``.
    """
    if word is None or words is None or word in words:
        return None
    near = nearest(word, words)
    hint = f"did you mean {near!r}? " if near else ""
    return f"{word!r} is no {what} of this playbook: {hint}{what.capitalize()}s are {', '.join(words)}"


def nearest(word: str, words: Collection[str], *, cutoff: float = 0.6) -> str | None:
    """The word that was most likely meant: the same in other letters, or one that is close."""
    if (same := _alike(word, words)) is not None:
        return same
    folded = {each.casefold(): each for each in words}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def _alike(word: str, words: Collection[str]) -> str | None:
    return next((each for each in words if _folded(each) == _folded(word)), None)


def _folded(word: str) -> str:
    return word.strip().casefold().replace("_", "-").replace(" ", "-")
