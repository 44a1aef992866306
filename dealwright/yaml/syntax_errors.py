"""What is no YAML at all, with its line and what to write instead."""

from __future__ import annotations

import yaml

from dealwright.diagnostics.diagnostic import Diagnostic, Location

_REMEDIES: tuple[tuple[str, str], ...] = (
    ("\\t", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", 'put a text with ": " in it in quotes, and check the indentation'),
    ("expected ',' or", "put a text with a comma, ?, { or [ in it in quotes, and close every bracket"),
    ("could not find expected ':'", 'write "name: value", with a space behind the colon'),
    ("undefined alias", "define it first with &name, or put a text that begins with * in quotes"),
    ("single document", "keep one document in a file: take out the line ---"),
    ("quoted scalar", "close the quotes"),
    ("block collection", "begin the entries of a list at the same column"),
    ("block mapping", "begin the keys that belong together at the same column"),
    ("cannot start any token", "put the text in quotes"),
)
"""What to do, by a part of what PyYAML says: it tells its errors apart by nothing else."""


def syntax_error(error: yaml.YAMLError, text: str, file: str) -> Diagnostic:
    """What keeps a text from being YAML."""
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        words = f"{error.context or ''}, {error.problem or ''}".strip(", ")
        remedy = next((remedy for sign, remedy in _REMEDIES if sign in words), "check indentation, brackets and quotes")
        at = Location(file, mark.line + 1, mark.column + 1)
        return Diagnostic((), f"this is no YAML: {words}", remedy, code="syntax", location=at)
    before = text[: getattr(error, "position", 0)]
    at = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    problem = "there is a character here that YAML does not take"
    return Diagnostic((), problem, "take it out", code="syntax", location=at)
