"""The tests beside the shipped playbooks hold, and are red once the playbook breaks what they promise."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

import playbooks
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_pinned, load_playbook
from dealwright.yaml.document import read_yaml
from simulation.playbook_tests.judging import judge
from simulation.playbook_tests.reading import WrittenTest, read_tests
from simulation.playbook_tests.running import live
from simulation.playbook_tests.schema import schema_of_tests, schema_text
from simulation.timeline.rules import Rules
from tests.generated import COMMAND, SCHEMA_OF_TESTS

TEXTS = {name: bundle["playbook.yaml"] for name, bundle in playbooks.shipped().items()}
RULES = {name: load_playbook(text) for name, text in TEXTS.items()}
WRITTEN = {name: files("playbooks").joinpath(name, "tests.yaml").read_text("utf-8") for name in TEXTS}
TESTS = [(name, written) for name in TEXTS for written in read_tests(WRITTEN[name], RULES[name])]
VALIDATOR: Any = jsonschema.Draft202012Validator(schema_of_tests())


def test_named(name: str) -> WrittenTest:
    return next(written for _, written in TESTS if written.test.name == name)


test_named.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "written"), TESTS, ids=[written.test.name for _, written in TESTS])
def test_a_shipped_playbook_keeps_what_its_tests_promise(name: str, written: WrittenTest) -> None:
    assert judge(written.test, live(written.test, RULES[name]), RULES[name]) == ()


@pytest.mark.parametrize(
    ("test", "old", "new"),
    [
        ("whoever answers gets no more of the cadence", "[{reply_received: interested}, meet", "[meet"),
        ("nobody is reminded of a demo that is over", "on: [demo_missed, demo_cancelled]", "on: demo_missed"),
        ("a discount above 20 needs the manager and then finance", "[sales_manager, finance]}]", "[finance]}]"),
        ("low usage is rescued once until it is over", "{deal.health: {lt: 50}}", "{deal.health: {lt: 20}}"),
        ("somebody reads a no before the deal goes to nurture", "task: read_and_decide", "task: read_answer"),
        ("whoever answers gets no more of the cadence", "do: [{handoff: sdr-to-ae}]", "do: [{notify: sdr}]"),
    ],
)  # fmt: skip
def test_a_playbook_that_breaks_a_promise_is_red(test: str, old: str, new: str) -> None:
    written = test_named(test)
    _, broken = changed({old: new})

    assert judge(written.test, live(written.test, broken), broken)


def test_a_red_test_names_the_step_that_did_it() -> None:
    written = test_named("whoever answers gets no more of the cadence")
    rules, broken = changed({
        "leave_when: [{reply_received: interested}, meeting_booked]": "leave_when: meeting_booked",
        "[{reply_received: *said}, {call_logged: connected}, conversation_recorded, meeting_booked,": "[",
    })  # fmt: skip

    failed = judge(written.test, live(written.test, broken), broken)

    (never,) = [one for one in failed if one.expected == "never email cold-2 or last-note"]
    lines = [str(rules.of(one)) for one in never.instead]
    assert lines == ["cold-cadence, step 3 (playbook.yaml:161)", "cold-cadence, step 5 (playbook.yaml:163)"]


def changed(changes: dict[str, str]) -> tuple[Rules, Playbook]:
    text = TEXTS["b2b-saas"]
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    playbook = load_pinned({"playbook.yaml": text})
    return Rules(playbook, read_yaml(text, "playbook.yaml")), playbook


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_editors_take_the_shipped_tests(name: str) -> None:
    VALIDATOR.validate(json.loads(json.dumps(read_yaml(WRITTEN[name], "tests.yaml").data, default=date.isoformat)))
    assert WRITTEN[name].startswith("# yaml-language-server: $schema=../tests.schema.json\n")


@pytest.mark.parametrize(
    "broken",
    [
        {"name": "it"},
        {"name": "it", "then": {"emial": "x"}},
        {"name": "it", "then": {"email": "x", "times": 0}},
        {"name": "it", "given": {"sorce": "x"}, "then": {"email": "x"}},
        {"name": "it", "when": [{"soon": "demo_held"}], "then": {"email": "x"}},
        {"name": "it", "when": [{"+1d": {"demo_booked": {"demo": "d1"}}}], "then": {"email": "x"}},
    ],
)
def test_editors_mark_what_is_wrong(broken: object) -> None:
    assert not VALIDATOR.is_valid([broken])


def test_the_schema_of_tests_is_up_to_date() -> None:
    VALIDATOR.check_schema(schema_of_tests())
    assert SCHEMA_OF_TESTS.read_text("utf-8") == schema_text(), f"Models or facts changed. Run: {COMMAND}"
