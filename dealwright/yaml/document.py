"""A file of YAML as data, with the line and column of every part."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

import yaml

from dealwright.diagnostics.diagnostic import BadInput, Code, Diagnostic, Location, Place
from dealwright.yaml.loader import STANDARD, Loader
from dealwright.yaml.syntax_errors import syntax_error

Data: TypeAlias = "str | bool | int | float | date | list[Data] | dict[str, Data] | None"

LONGEST_FILE = 256 * 1024
"""Characters that a file may have."""
_MOST_PARTS = 50_000
_MERGE = "<<"
_IN_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}\.[0-9]{2}0")
"""A number whose point many people write between thousands: nobody ends a fraction with a third digit of 0."""


class BadYaml(BadInput):
    """A text that is no YAML, or too much of it."""


@dataclass(frozen=True, slots=True)
class Position:
    """A line and a column, from 1."""

    line: int
    column: int


@dataclass(slots=True)
class YamlDocument:
    """A file read as YAML: its data, and where each part of it stands."""

    file: str
    data: Data = None
    keys: dict[Place, Position] = field(default_factory=dict)
    values: dict[Place, Position] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    """What is wrong with it as YAML, although it could be read."""

    def position(self, place: Place, *, of_key: bool = False) -> Position:
        """Where a part stands; for one that is not there, where the nearest part around it does."""
        while place:
            for known in (self.keys, self.values) if of_key else (self.values, self.keys):
                if place in known:
                    return known[place]
            place, of_key = place[:-1], False
        return self.values.get((), Position(1, 1))

    def located(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of the data, with the line and column of its place."""
        at = self.position(diagnostic.place, of_key=diagnostic.of_key)
        return replace(diagnostic, location=Location(self.file, at.line, at.column))

    def add(
        self, place: Place, problem: str, remedy: str, *, at: Position | None = None, code: Code | None = None
    ) -> None:
        """Note what is wrong; ``at`` is where it stands, if not at the place's value."""
        at = at or self.position(place)
        location = Location(self.file, at.line, at.column)
        self.diagnostics.append(Diagnostic(place, problem, remedy, code=code, location=location))


def read_yaml(text: str, file: str) -> YamlDocument:
    """Read a file of YAML. What is wrong beyond its syntax is in the result's ``diagnostics``.

    Raises:
        BadYaml: the text is no YAML, or too much of it.
    """
    document = YamlDocument(file)
    if len(text) > LONGEST_FILE:
        problem, remedy = f"the file has {len(text):,} characters", f"keep it below {LONGEST_FILE:,}"
        document.add((), problem, remedy, code="too_large")
        raise BadYaml(document.diagnostics)
    try:
        root = yaml.compose(text, Loader=Loader)
        if root is not None:
            document.data = _Walk(document).read(root, ())
    except yaml.YAMLError as error:
        raise BadYaml([syntax_error(error, text, file)]) from None
    except RecursionError:
        document.add((), "the file is nested too deeply", "close the brackets", at=Position(1, 1), code="syntax")
        raise BadYaml(document.diagnostics[-1:]) from None
    return document


class _Walk:
    """One way through the tree that YAML makes of a file."""

    def __init__(self, document: YamlDocument) -> None:
        self.document = document
        self.parts = 0
        self.around: list[yaml.Node] = []

    def read(self, node: yaml.Node, place: Place) -> Data:
        self.document.values[place] = _position(node)
        self.parts += 1
        if self.parts > _MOST_PARTS:
            problem = f"the file has more than {_MOST_PARTS:,} parts"
            self.document.add(place, problem, "write less, or repeat fewer aliases", code="too_large")
            raise BadYaml(self.document.diagnostics)
        if any(outer is node for outer in self.around):
            self.document.add(place, "an alias (*) repeats what it stands in", "write the part out")
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
                remedy = "write a word, a colon and the value"
                self.document.add(place, "a list or a mapping is no key", remedy, at=_position(key))
            elif key.value == _MERGE and key.style is None:
                merged = {**self._merged(value, place), **merged}
            elif key.value in own:
                first = self.document.keys[*place, key.value].line
                problem = f"{key.value!r} stands here twice; the first is in line {first}"
                place_of_key = (*place, key.value)
                self.document.add(place_of_key, problem, "keep one of them", at=_position(key), code="duplicate")
            else:
                self.document.keys[*place, key.value] = _position(key)
                own[key.value] = self.read(value, (*place, key.value))
        return {**merged, **own}

    def _merged(self, node: yaml.Node, place: Place) -> dict[str, Data]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, Data] = {}
        for part in parts:
            if isinstance(part, yaml.MappingNode) and not any(outer is part for outer in self.around):
                found = {**self._mapping(part, place), **found}
            else:
                problem = "<< takes in another mapping"
                self.document.add((*place, _MERGE), problem, "write <<: *name", at=_position(node))
        return found

    def _scalar(self, node: yaml.Node, place: Place) -> Data:
        text = str(node.value)
        match node.tag.removeprefix(STANDARD):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text)
            case "float":
                if _IN_THOUSANDS.fullmatch(text):
                    number = f"{float(text):g}"
                    remedy = f"write {text.replace('.', '')}, or {number} if that is meant"
                    self.document.add(place, f"{text} is read as {number}: a point begins a fraction", remedy)
                return float(text)
            case "timestamp":
                try:
                    return date.fromisoformat(text)
                except ValueError:
                    self.document.add(place, f"there is no {text} in the calendar", "write another date")
                    return None
        self.document.add(place, f"the tag {node.tag!r} is not known here", "take it out, or put the text in quotes")
        return None


def _position(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
