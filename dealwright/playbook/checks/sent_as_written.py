"""What a template says to another tool, and here reaches the buyer as it is written: placeholders, and HTML.

Templates are often brought along from a mail merge, a sequence tool or a web page. Messages are plain text, and only
``{{ … }}`` and ``{% … %}`` are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dealwright.diagnostics.diagnostic import Diagnostic, Location, warning

_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_WORDS = "name|first name|last name|full name|company|company name|account|title|job title|city|date|sender|my name"
_PLACEHOLDERS = re.compile(
    r"\$?\{(?P<braces>[A-Za-z][\w .-]*)\}"
    r"|<<(?P<angles>[A-Za-z][\w .-]*)>>"
    r"|\*\|(?P<bars>\w+)\|\*"
    r"|(?<![\w%])%{1,2}(?P<percents>[A-Za-z]\w+)%{1,2}(?!\w)"
    rf"|\[{{1,2}}(?P<brackets>(?:(?:your|their|contact|prospect|lead|insert) )?(?:{_WORDS}))\]{{1,2}}",
    re.IGNORECASE,
)
_HTML = re.compile(
    r"</?(?:a|b|blockquote|body|br|div|em|font|h[1-6]|hr|html|i|img|li|ol|p|span|strong|style|table|tbody|td|th|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MEANT = {
    "company": "account.name",
    "companyname": "account.name",
    "account": "account.name",
    "accountname": "account.name",
    "name": "contact.name",
    "firstname": "contact.name",
    "fname": "contact.name",
    "fullname": "contact.name",
    "lastname": "contact.name",
    "email": "contact.email",
    "sender": "sender.name",
    "sendername": "sender.name",
    "myname": "sender.name",
    "unsubscribe": "unsubscribe_url",
    "unsubscribelink": "unsubscribe_url",
}
"""What the words of other tools are here, in small letters and without what is between them."""
_BEFORE = re.compile(r"^(your|their|contact|prospect|lead|insert) ", re.IGNORECASE)


def sent_as_written(path: str, text: str) -> Iterator[Diagnostic]:
    """The placeholders and the tags of HTML that a message would show; of each kind the first in a line."""
    plain = _FILLED_IN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for number, line in enumerate(plain.splitlines(), 1):
        if (found := _PLACEHOLDERS.search(line)) is not None:
            word = meant_by(next(part for part in found.groups() if part))
            remedy = f"write {{{{ {word} }}}}" if word else "write what is meant, or {{ … }} with what the deal knows"
            yield _warned(path, number, f"{found[0]!r} reaches the buyer as it is written", remedy)
        if (found := _HTML.search(line)) is not None:
            yield _warned(path, number, f"{found[0]!r} is HTML, and messages are plain text", "take it out")


def meant_by(word: str) -> str | None:
    """What a word of another tool is in a template of ours; None where that is not known."""
    return _MEANT.get(re.sub(r"[^a-z]", "", _BEFORE.sub("", word).lower()))


def _warned(path: str, line: int, problem: str, remedy: str) -> Diagnostic:
    return replace(warning((), problem, remedy), location=Location(path, line))
