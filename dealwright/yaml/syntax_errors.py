"""What is no YAML at all, with its line and what to write instead.

PyYAML says where it noticed that something is wrong, in the words of its grammar. Whoever writes the file is told what
they see there: where the bracket was opened that is not closed, or which sign only looks like the right one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from dealwright.diagnostics.diagnostic import Diagnostic, Location


class _Said(NamedTuple):
    problem: str
    remedy: str


_IN_QUOTES = 'put a text that has a comma, ": ", " #", ?, { or [ in it in quotes, with quotes at both ends'
_SAYINGS: tuple[tuple[str, _Said], ...] = (
    ("\\t", _Said("a tab stands where only spaces may be", "write spaces in its place")),
    (
        "mapping values are not allowed",
        _Said(
            'a ": " stands where no value can begin', 'put a text with ": " in it in quotes, and check the indentation'
        ),
    ),
    ("flow mapping", _Said("the { of line {begun} does not end before this", f"close it with }}, and {_IN_QUOTES}")),
    ("flow sequence", _Said("the [ of line {begun} does not end before this", f"close it with ], and {_IN_QUOTES}")),
    (
        "could not find expected ':'",
        _Said(
            "this line is no name with a value behind a colon",
            'write "name: value", with a space behind the colon',
        ),
    ),
    ("undefined alias", _Said("{words}", "define it first with &name, or put a text that begins with * in quotes")),
    ("single document", _Said("a second document begins here", "keep one in a file: take out the line ---")),
    ("quoted scalar", _Said("the quotes of line {begun} do not end", "close the quotes")),
    (
        "block collection",
        _Said(
            "the list that begins in line {begun} has something here that is no entry of it",
            'begin the entries of a list at the same column, each with "- "',
        ),
    ),
    (
        "found '-'",
        _Said(
            'the line begins with "-", as an entry of a list, among the keys that begin in line {begun}',
            "take the - out, or write the list's own key above it",
        ),
    ),
    (
        "block mapping",
        _Said(
            "the line does not begin where the keys above it do, of which line {begun} is the first",
            "begin the keys that belong together at the same column",
        ),
    ),
    ("cannot start any token", _Said("{words}", "put the text in quotes")),
)
"""What is said, by a part of what PyYAML says: it tells its errors apart by nothing else. The first that fits."""
_ELSE = _Said("{words}", "check indentation, brackets and quotes")
_LOOK_ALIKES: tuple[tuple[re.Pattern[str], _Said], ...] = (
    (
        re.compile(r"(?:^\s*|[:,-])[\u00a0\u2007\u202f]"),
        _Said("line {line} has a no-break space in it, which is no space in YAML", "write a space in its place"),
    ),
    (
        re.compile(r"(?:^|[:,\[{-])\s*[\u201c\u201d\u201e\u2018\u2019]"),
        _Said("line {line} has typographic quotes in it, which are none in YAML", 'write straight ones: "…"'),
    ),
    (
        re.compile(r"^\s*[\u2010-\u2015\u2212\u2022]"),
        _Said("line {line} begins with a sign that only looks like a hyphen", 'write "- " in its place'),
    ),
    (
        re.compile(r"^\s*-[^\s\-\d.]"),
        _Said("line {line} begins with a hyphen that has no space behind it", 'write "- " before an entry of a list'),
    ),
)
"""What only looks right, by its sign; looked for in the lines that PyYAML stumbled over."""
_MOST_LINES = 3
"""So many lines are looked at: further up, such a sign has nothing to do with it."""


def syntax_error(error: yaml.YAMLError, text: str, file: str) -> Diagnostic:
    """What keeps a text from being YAML."""
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        said, line = _said(error, mark.line, text)
        at = Location(file, mark.line + 1, mark.column + 1)
        if line is not None:
            at = Location(file, line + 1, 1)
        return Diagnostic((), f"this is no YAML: {said.problem}", said.remedy, code="syntax", location=at)
    before = text[: getattr(error, "position", 0)]
    at = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    problem = "there is a character here that YAML does not take"
    return Diagnostic((), problem, "take it out", code="syntax", location=at)


def _said(error: yaml.MarkedYAMLError, noticed: int, text: str) -> tuple[_Said, int | None]:
    """What is wrong, and its line (from 0) where that is another one than PyYAML noticed it in."""
    begun = error.context_mark.line if error.context_mark else noticed
    lines = text.splitlines()
    for number in range(noticed, max(min(begun, noticed - 1), noticed - _MOST_LINES, 0) - 1, -1):
        for sign, said in _LOOK_ALIKES:
            if number < len(lines) and sign.search(lines[number].partition(" #")[0]):
                return _Said(said.problem.format(line=number + 1), said.remedy), number
    words = f"{error.context or ''}, {error.problem or ''}".strip(", ")
    problem, remedy = next((said for sign, said in _SAYINGS if sign in words), _ELSE)
    said = _Said(problem.replace("{begun}", str(begun + 1)).replace("{words}", words), remedy)
    return said, begun if "simple key" in words else None
