"""Writes mail headers, instead of ``email.policy``.

Python's mail policy reads the text it is given before it writes it: what looks like an encoded word (RFC 2047) in a
deal's title is decoded, line breaks and all, and becomes a header of its own. Here text is text: it is never read,
only written. What is not plain ASCII, or looks like an encoded word, is encoded as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from email.header import Header

LONGEST_LINE = 998
"""Octets of a line, without its end (RFC 5322)."""
LINE = 78
"""Where a line is folded if it can be."""
_ENCODED_LINE = 76
"""Characters of a line that holds an encoded word, which itself has at most 75 (RFC 2047)."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_BREAKS = {"Cc", "Zl", "Zp"}
_FOLD = "\r\n "


def plain(text: str) -> str:
    """A text on one line: line breaks and controls are spaces, spaces are single, lone surrogates are replaced."""
    kept = (" " if unicodedata.category(one) in _BREAKS else one for one in without_surrogates(text))
    return " ".join("".join(kept).split())


def without_surrogates(text: str) -> str:
    """A text that UTF-8 can hold: a surrogate that stands alone is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def text_header(name: str, text: str) -> str:
    """A header that people read, such as a subject; ``text`` is :func:`plain`."""
    if _is_plain_ascii(text):
        return _folded(name, text.split(" "))
    return f"{name}: {_encoded(text, name)}\r\n"


def address_header(name: str, display_name: str, address: str) -> str:
    """A header with one mailbox; ``display_name`` is :func:`plain`, ``address`` is deliverable."""
    if not display_name:
        return _folded(name, [address])
    phrase = display_name
    if not _ATOMS.fullmatch(display_name):
        phrase = '"{}"'.format(display_name.replace("\\", "\\\\").replace('"', '\\"'))
    if _is_plain_ascii(phrase):
        return _folded(name, [*phrase.split(" "), f"<{address}>"])
    return _begun(f"{name}: {_encoded(display_name, name)}", f"<{address}>")


def token_header(name: str, *tokens: str) -> str:
    """A header that programs read: ids, links, dates. It is folded between tokens, and each stays whole."""
    return _folded(name, tokens)


def _is_plain_ascii(text: str) -> bool:
    return text.isascii() and "=?" not in text and all(len(word) < LINE - 4 for word in text.split(" "))


def _encoded(text: str, name: str) -> str:
    return Header(text, charset="utf-8", header_name=name, maxlinelen=_ENCODED_LINE).encode(linesep="\r\n")


def _folded(name: str, words: Sequence[str]) -> str:
    if not words or not words[0]:
        return f"{name}: \r\n"
    # A first line that is empty but for the name misleads some readers: only where it brings a line within bounds.
    if len(name) + 2 + len(words[0]) > LINE >= 1 + len(words[0]):
        lines, rest = [f"{name}:", words[0]], words[1:]
    else:
        lines, rest = [f"{name}: {words[0]}"], words[1:]
    for word in rest:
        if len(lines[-1]) + 2 + len(word) <= LINE:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return _FOLD.join(lines) + "\r\n"


def _begun(before: str, word: str) -> str:
    last = before.rpartition("\n")[2]
    between = " " if len(last) + 1 + len(word) <= _ENCODED_LINE else _FOLD
    return f"{before}{between}{word}\r\n"
