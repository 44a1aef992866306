"""Declared words: where a playbook lists its sources, signals or notes, no other word is taken for one of them.

Without such a list words are free, as whoever opens deals and reports facts writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean, the_same
from dealwright.values.recorded import Name, Text

_EXAMPLE = "write a list of words, such as [inbound, outbound], or word: meaning"


def read_words(written: object) -> object:
    """Read a list of words, or of words with their meanings; a word means nothing more unless said.

    Raises:
        BadValue: what is wrong, and what to write instead.
    """
    match written:
        case list() if written:
            given = [(word, "") for word in written]
        case dict() if written:
            given = [(word, meaning or "") for word, meaning in written.items()]
        case _:
            raise BadValue("there are no words here", _EXAMPLE)
    words: dict[str, str] = {}
    for word, meaning in given:
        if not isinstance(word, str) or not word.strip() or not isinstance(meaning, str):
            raise BadValue(f"{word!r} is no word", _EXAMPLE)
        if (same := the_same(word, words)) is not None:
            raise BadValue(f"{word!r} and {same!r} are one word to people", "keep one of them")
        words[word] = meaning
    return words


Words = Annotated[
    dict[Name, Text] | None,
    BeforeValidator(read_words),
    Field(max_length=500),
    WithJsonSchema({"$comment": "Words"}),
]
"""Words that may be used, each with its meaning (empty: none was given)."""


def unknown_word(what: str, word: str | None, words: Mapping[str, str] | None) -> Diagnostic | None:
    """What is wrong with a word that is none of those declared. None when it is, and when nothing is declared.

    ``what`` is the kind of word, as one of them is called: ``source``.
    """
    if word is None or words is None or word in words:
        return None
    listed = f"{what.capitalize()}s are {', '.join(words)}"
    near = did_you_mean(word, words, listed)
    remedy = listed if near == listed else f"{near} {listed}"
    return Diagnostic((), f"{word!r} is no {what} of this playbook", remedy)
