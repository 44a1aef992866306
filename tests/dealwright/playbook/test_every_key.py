"""A mistake is planted in every key of the language, and told where it stands: ``every_key.yaml`` has them all."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealwright.diagnostics.diagnostic import Diagnostic, Place
from dealwright.facts import FACTS
from dealwright.playbook import loading
from dealwright.playbook.schema.json_schema import playbook_schema
from dealwright.yaml.document import Data, Position, YamlDocument, read_yaml

TEXT = Path(__file__).with_name("every_key.yaml").read_text("utf-8")
DATA = read_yaml(TEXT, "playbook.yaml").data
LETTER = "Subject: Hi\n\nHello {{ contact.name }}, {{ unsubscribe_url }}\n"
TEMPLATES = {
    **{f"templates/{name}.md": LETTER for name in ("hello", "again", "deck")},
    "templates/today.sms.md": "Today at three, {{ sender.name if sender else 'the team' }}. Reply STOP to opt out.",
}
NAMED_BY_TEAMS = {
    "playbook", "summary", "title", "name", "text", "reason", "why",  # what people read, and names that others use
    "task", "call", "social", "post", "outcomes",  # likewise: a task is named where it is asked for
    "sources", "signals", "notes", "one_of", "is",  # words that are declared here
    "tool", "template", "attachments", "webhook", "subscribe", "enrol",  # the connections file knows them
}  # fmt: skip
"""The keys in which any word may stand."""
ANY_KEY = {"arms", "committee"}
"""The keys under which any name may stand with a number."""


def parts(data: Data, place: Place = ()) -> Iterator[tuple[Place, Data]]:
    """Every part of the playbook, with its place."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in pairs:
        yield (*place, step), value
        yield from parts(value, (*place, step))


def key_of(place: Place) -> str:
    """The key that a part stands under."""
    return next((str(step) for step in reversed(place) if isinstance(step, str)), "")


PARTS = [*parts(DATA)]


def planted(place: Place, value: Data) -> YamlDocument:
    """The playbook with another value in one place. Each part stands in a line of its own."""
    data = copy.deepcopy(DATA)
    at = data
    for step in place[:-1]:
        at = at[step]  # type: ignore[index]
    at[place[-1]] = value  # type: ignore[index]
    lines = {one: Position(number, 1) for number, (one, _) in enumerate(parts(data), 1)}
    return YamlDocument("playbook.yaml", data, dict(lines), dict(lines))


@pytest.fixture(autouse=True)
def _planted_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check reads what is planted, and else the file."""
    monkeypatch.setattr(loading, "read_yaml", lambda text, file: _PLANTED[0] if _PLANTED else read_yaml(text, file))
    _PLANTED.clear()


_PLANTED: list[YamlDocument] = []


def found(place: Place, value: Data) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """What the check says of the playbook with another value in one place: in all, and of the place or within it."""
    _PLANTED[:] = [planted(place, value)]
    everything = loading.check_bundle({"playbook.yaml": TEXT, **TEMPLATES})
    wanted = names_in(place)
    near = [one for one in everything if names_in(one.place)[: len(wanted)] == wanted]
    near += [one for one in everything if one.place and names_in(one.place) in {wanted[:-1], wanted[:-2]}]
    return everything, tuple(one for one in near if one.location and one.location.line)


def names_in(place: Place) -> Place:
    """A place without the numbers in lists: one that stands for a list has none, and its parts are told with some."""
    return tuple(step for step in place if isinstance(step, str))


def test_the_playbook_is_sound_and_has_every_key() -> None:
    keys = {key for part in (playbook_schema(), *_defs()) for key in _properties(part)}
    assert keys - {key_of(place) for place, _ in PARTS} - FACTS.keys() == set()
    assert loading.check_bundle({"playbook.yaml": TEXT, **TEMPLATES}) == ()


def test_what_is_of_another_kind_is_told_where_it_stands() -> None:
    told = list[str]()
    for place, value in PARTS:
        wrong: Data = [[["x"]]] if isinstance(value, dict) else {"nonsense": {"deeper": [1]}}
        everything, here = found(place, wrong)
        if not here:
            told.append(f"{place}: {wrong} is taken; told is {[str(one) for one in everything]}")
    assert told == []


def test_a_key_that_is_none_is_told_where_it_stands() -> None:
    told = list[str]()
    for place, value in PARTS:
        if isinstance(value, dict) and key_of(place) not in ANY_KEY:
            everything, here = found((*place, "nosuchkey"), 1)
            if not here:
                told.append(f"{place}: nosuchkey is taken; told is {[str(one) for one in everything]}")
    assert told == []


def test_a_word_that_nothing_has_is_told() -> None:
    told = list[str]()
    for place, value in PARTS:
        if isinstance(value, str) and key_of(place) not in NAMED_BY_TEAMS | {"pricing"}:
            everything, _ = found(place, "nowhere-zz")
            if not everything:
                told.append(f"{place}: nowhere-zz is taken")
    assert told == []


def test_a_rule_of_cool_off_with_a_key_too_many_says_which() -> None:
    (one,) = found(("limits", "cool_off", "nosuchkey"), 1)[0]
    assert re.match(r"playbook\.yaml:\d+: limits\.cool_off\.nosuchkey: 'nosuchkey' is no key here", str(one))


def _defs() -> list[object]:
    defs = playbook_schema()["$defs"]
    return list(defs.values()) if isinstance(defs, dict) else []


def _properties(part: object) -> list[str]:
    properties = part.get("properties", {}) if isinstance(part, dict) else {}
    return list(properties) if isinstance(properties, dict) else []
