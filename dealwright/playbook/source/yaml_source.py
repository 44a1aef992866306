"""A playbook's text as data, with the line and column of every part.

YAML as its authors mean it, and not as YAML 1.1 has it: keys are text (``on`` is not "true"), only ``true``
and ``false`` are truth values (the country ``NO`` is not "false"), ``09:30`` is no number of seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import yaml

from dealwright.playbook.diagnostics import BadPlaybook, Mistake, Place, Severity, as_text

Data: TypeAlias = "str | bool | int | float | date | list[Data] | dict[str, Data] | None"

LONGEST_FILE = 256 * 1024
"""Characters a playbook's or a template's file may have."""
_MOST_PARTS = 50_000
_STANDARD = "tag:yaml.org,2002:"
_MERGE = "<<"

_PLAIN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), "tTfF"),
    ("null", re.compile(r"~|null|Null|NULL|"), "~nN\0"),
    ("int", re.compile(r"[-+]?[0-9]+"), "-+0123456789"),
    ("float", re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"), "-+.0123456789"),
    ("timestamp", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "0123456789"),
)

_REMEDIES: tuple[tuple[str, str], ...] = (
    ("\\t", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", 'put a text with ": " in it in quotes, and check the indentation'),
    ("expected ',' or", "put a text with a comma, ?, { or [ in it in quotes, and close every bracket"),
    ("could not find expected ':'", 'write "name: value", with a space behind the colon'),
    ("undefined alias", "define it first with &name, or put a text that begins with * in quotes"),
    ("single document", "keep one playbook in a file: take out the line ---"),
    ("quoted scalar", "close the quotes"),
    ("block collection", "begin the entries of a list at the same column"),
    ("block mapping", "begin the keys that belong together at the same column"),
    ("cannot start any token", "put the text in quotes"),
)


class _Loader(yaml.SafeLoader):
    """A safe loader that knows the truth values, numbers and dates of :data:`_PLAIN`, and nothing else."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _name, _pattern, _first in _PLAIN:
    for _letter in _first:
        _found = (f"{_STANDARD}{_name}", re.compile(f"(?:{_pattern.pattern})\\Z"))
        _Loader.yaml_implicit_resolvers.setdefault("" if _letter == "\0" else _letter, []).append(_found)


@dataclass(frozen=True, slots=True)
class Position:
    """A line and a column, from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Written:
    """A file read as YAML: its data, and where each part of it stands."""

    file: str
    data: Data = None
    keys: dict[Place, Position] = field(default_factory=dict)
    values: dict[Place, Position] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def position(self, place: Place, *, of_key: bool = False) -> Position:
        """Where a part stands; for one that is not there, where the nearest part around it does."""
        while place:
            for known in (self.keys, self.values) if of_key else (self.values, self.keys):
                if place in known:
                    return known[place]
            place, of_key = place[:-1], False
        return self.values.get((), Position(1, 1))

    def mistake(
        self, place: Place, problem: str, remedy: str, *, severity: Severity = "error", of_key: bool = False
    ) -> Mistake:
        """A mistake at a place of this file."""
        at = self.position(place, of_key=of_key)
        return Mistake(self.file, at.line, at.column, as_text(place), problem, remedy, severity)

    def note(self, place: Place, problem: str, remedy: str, at: Position | None = None) -> None:
        """Write a mistake down; ``at`` is where it stands, if not at the place's value."""
        at = at or self.position(place)
        self.mistakes.append(Mistake(self.file, at.line, at.column, as_text(place), problem, remedy))


def read_yaml(text: str, file: str) -> Written:
    """Read a file of YAML. What is wrong beyond its syntax is in the result's ``mistakes``.

    Raises:
        BadPlaybook: the text is no YAML, or too much of it.
    """
    written = Written(file)
    if len(text) > LONGEST_FILE:
        written.note((), f"the file has {len(text):,} characters", f"keep it below {LONGEST_FILE:,}")
        raise BadPlaybook(tuple(written.mistakes))
    try:
        root = yaml.compose(text, Loader=_Loader)
        if root is not None:
            written.data = _Walk(written).read(root, ())
    except yaml.YAMLError as error:
        raise BadPlaybook((_syntax_mistake(error, text, file),)) from None
    except RecursionError:
        raise BadPlaybook((Mistake(file, 1, 1, "", "the file is nested too deeply", "close the brackets"),)) from None
    return written


class _Walk:
    """One way through the tree that YAML makes of a file."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.parts = 0
        self.around: list[yaml.Node] = []

    def read(self, node: yaml.Node, place: Place) -> Data:
        written = self.written
        written.values[place] = _position(node)
        self.parts += 1
        if self.parts > _MOST_PARTS:
            written.note(place, f"the file has more than {_MOST_PARTS:,} parts", "write less, or repeat fewer aliases")
            raise BadPlaybook(tuple(written.mistakes))
        if any(outer is node for outer in self.around):
            written.note(place, "an alias (*) repeats what it stands in", "write the part out")
            return None
        self.around.append(node)
        try:
            match node:
                case yaml.MappingNode():
                    return self._mapping(node, place)
                case yaml.SequenceNode():
                    return [self.read(each, (*place, index)) for index, each in enumerate(node.value)]
                case _:
                    return self._scalar(node, place)
        finally:
            self.around.pop()

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Data]:
        merged: dict[str, Data] = {}
        own: dict[str, Data] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.written.note(
                    place, "a list or a mapping is no key", "write a word, a colon and the value", _position(key)
                )
            elif key.value == _MERGE and key.style is None:
                merged = {**self._merged(value, place), **merged}
            elif key.value in own:
                first = self.written.keys[*place, key.value].line
                problem = f"{key.value!r} stands here twice; the first is in line {first}"
                self.written.note((*place, key.value), problem, "keep one of them", _position(key))
            else:
                self.written.keys[*place, key.value] = _position(key)
                own[key.value] = self.read(value, (*place, key.value))
        return {**merged, **own}

    def _merged(self, node: yaml.Node, place: Place) -> dict[str, Data]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, Data] = {}
        for part in parts:
            if isinstance(part, yaml.MappingNode) and not any(outer is part for outer in self.around):
                found = {**self._mapping(part, place), **found}
            else:
                self.written.note((*place, _MERGE), "<< takes in another mapping", "write <<: *name", _position(node))
        return found

    def _scalar(self, node: yaml.Node, place: Place) -> Data:
        text = str(node.value)
        match node.tag.removeprefix(_STANDARD):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "timestamp":
                try:
                    return date.fromisoformat(text)
                except ValueError:
                    self.written.note(place, f"there is no {text} in the calendar", "write another date")
                    return None
        self.written.note(place, f"the tag {node.tag!r} is not known here", "take it out, or put the text in quotes")
        return None


def _position(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def _syntax_mistake(error: yaml.YAMLError, text: str, file: str) -> Mistake:
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        words = f"{error.context or ''}, {error.problem or ''}".strip(", ")
        remedy = next((remedy for sign, remedy in _REMEDIES if sign in words), "check indentation, brackets and quotes")
        return Mistake(file, mark.line + 1, mark.column + 1, "", f"this is no YAML: {words}", remedy)
    offset = getattr(error, "position", 0)
    before = text[:offset]
    line, column = before.count("\n") + 1, offset - before.rfind("\n")
    return Mistake(file, line, column, "", "there is a character here that YAML does not take", "take it out")


__all__ = ["Data", "Position", "Written", "read_yaml"]
