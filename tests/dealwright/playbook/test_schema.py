"""The JSON Schema tells editors what the reader takes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import playbooks
from dealwright.playbook.schema.json_schema import playbook_schema, schema_text
from dealwright.yaml.document import read_yaml
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, with_change
from tests.generated import COMMAND

FILE = Path(playbooks.__file__).parent / "playbook.schema.json"
SCHEMA: Any = playbook_schema()
WITH_KEYS = sorted(name for name, part in SCHEMA["$defs"].items() if "properties" in part)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def as_an_editor_sees_it(text: str) -> object:
    """The file as JSON: YAML without truth values that older YAML has, days as texts."""
    return json.loads(json.dumps(read_yaml(text, "playbook.yaml").data, default=date.isoformat))


def test_the_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), f"Models or facts changed. Run: {COMMAND}"


def test_the_schema_is_a_schema() -> None:
    VALIDATOR.check_schema(SCHEMA)


@pytest.mark.parametrize("name", sorted(playbooks.shipped()))
def test_a_shipped_playbook_validates(name: str) -> None:
    VALIDATOR.validate(as_an_editor_sees_it(playbooks.shipped()[name]["playbook.yaml"]))


@pytest.mark.parametrize("name", sorted(playbooks.shipped()))
def test_a_shipped_playbook_names_the_schema_for_editors(name: str) -> None:
    first = playbooks.shipped()[name]["playbook.yaml"].partition("\n")[0]

    assert first == "# yaml-language-server: $schema=../playbook.schema.json"


SOUND = [
    ("on: discount_requested", "on: [discount_requested, {reply_received: [other]}]"),
    ("if: {deal.source: outbound}", "if: {all: [demo_held, {not: {qualification.bant: {gte: 3}}}]}"),
    ("if: {deal.source: outbound}", "if: [{notes.use_case: {known: true}}, {contract.ends_on: {lt: 2027-01-01}}]"),
    ("if: {deal.source: outbound}", "if: {deal.source: {not_in: [a]}, account.technologies: kafka}"),
    ("if: {deal.source: outbound}", "if: {call_logged: [voicemail, no_answer], times: 3, within: 7d}"),
    ("on: discount_requested", "on: {meeting_missed: any, times: 2}"),
    ("{task_done: sign}", "{handoff_accepted: [to-rep]}"),
]
BROKEN = [
    ("on: discount_requested", "on: {discount_requested: any, times: 1}"),
    ("on: discount_requested", "on: {discount_requested: any, times: 2, within: 2bd}"),
    ("owner: sdr", "owne: sdr"),
    ("playbook: small", "playbook: Small One"),
    ("{after: 2bd, task: call", "{after: 2 days, task: call"),
    ("{email: hello}", "{email: hello, task: call}"),
    ("{email: hello}", "{after: 1d}"),
    ("{email: hello}", "{email: hello, due: 1d}"),
    ("on: discount_requested", "on: discount_request"),
    ("on: {before: demo.starts_at, by: 1bd}", "on: {before: demo.start_at, by: 1bd}"),
    ("on: {before: demo.starts_at, by: 1bd}", "on: {by: 1bd}"),
    ("{reply_received: interested}", "{reply_received: maybe}"),
    ("{task_done: sign}", "{demo_held: sign}"),
    ("if: {deal.source: outbound}", "if: {deal.sorce: outbound}"),
    ("if: {deal.source: outbound}", "if: {deal.source: {gte: 3}}"),
    ("if: {deal.source: outbound}", "if: {qualification.bant: {gte: three}}"),
    ("if: {deal.source: outbound}", "if: {qualification.bant: {}}"),
    ("if: {deal.source: outbound}", "if: {demo.starts_at: {lt: 2026-01-31}}"),
    ("{known: true}", "{known: yes}"),
    ("close: churned", "close: gone"),
    ("max: 3", "max: 0"),
    ("of: proposal.discount", "of: proposal.discont"),
]


@pytest.mark.parametrize(("old", "new"), SOUND)
def test_what_the_reader_takes_the_schema_takes(old: str, new: str) -> None:
    VALIDATOR.validate(as_an_editor_sees_it(with_change(old, new)))


@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_what_the_reader_refuses_the_schema_refuses(old: str, new: str) -> None:
    assert not VALIDATOR.is_valid(as_an_editor_sees_it(with_change(old, new)))


def test_the_sound_playbook_validates() -> None:
    VALIDATOR.validate(as_an_editor_sees_it(PLAYBOOK))


@pytest.mark.parametrize("name", ["Playbook", *WITH_KEYS])
def test_an_editor_shows_what_each_key_is_for(name: str) -> None:
    described = SCHEMA if name == "Playbook" else SCHEMA["$defs"][name]

    assert [key for key, part in described.get("properties", {}).items() if not part.get("description")] == []
