"""What the documents say can be done, can be done: commands, snippets, links, settings."""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from temporalio.client import Client
from typer.main import get_command

from dealwright.client.deal_client import DealClient
from dealwright.commands import COMMANDS
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.entries import ENTRY_KINDS
from dealwright.facts import FACTS
from dealwright.identity import NAMESPACE, TASK_QUEUE, WORKFLOW_TYPE, workflow_id
from dealwright.preferences import ChosenPreferences
from dealwright.validation.opening import admit
from local.server.server import LocalServer
from local.server.sources import CHOICE_VARIABLE
from playbooks import shipped
from runtime.settings import Settings
from starter.app import app
from store import bundles
from store.database import Store
from tests.temporal_environment import wait_until
from worker import compose

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
VARIABLES = {
    name: str(field.validation_alias or f"DEALWRIGHT_{name.upper()}") for name, field in Settings.model_fields.items()
}
"""The environment's variable for each setting."""


class Block(NamedTuple):
    """A piece of code in a document."""

    document: str
    language: str
    text: str


def _blocks() -> Iterator[Block]:
    for path in DOCUMENTS:
        for found in re.finditer(r"^```(\w*)\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL):
            yield Block(path.name, found[1], found[2])


_ASSIGNMENT = re.compile(r"(export )?\w+=('.*'|\$\(.*\)|\S*)")
BLOCKS = list(_blocks())
PYTHON = [block.text for block in BLOCKS if block.language == "python"]
COMMAND_LINES = [
    (block.document, shlex.split(line, comments=True))
    for block in BLOCKS
    if block.language == "sh"
    for line in block.text.replace("\\\n", " ").splitlines()
    if line.strip() and not _ASSIGNMENT.fullmatch(line)
]
OURS = [line for _, line in COMMAND_LINES if any(Path(word).name == "dealwright" for word in line)]


def _lines_of(program: str) -> list[list[str]]:
    return [line for _, line in COMMAND_LINES if line[0] == program]


def _option(line: list[str], name: str) -> str:
    return line[line.index(name) + 1]


def _slug(heading: str) -> str:
    plain = re.sub(r"[`*\[\]()]", "", heading.lower())
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text()):
        file, _, anchor = target.partition("#")
        document = (path.parent / file).resolve() if file else path
        assert document.exists(), f"{path.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
            assert anchor in map(_slug, headings), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(path: Path) -> None:
    folders = "|".join(sorted(entry.name for entry in ROOT.iterdir() if entry.is_dir() and entry.name[0] not in "._v"))
    for named in re.findall(rf"`((?:{folders})/[\w./-]*)`", path.read_text()):
        assert (ROOT / named).exists(), f"{path.name} names {named}"


@pytest.mark.parametrize("text", PYTHON, ids=range(len(PYTHON)))
def test_python_snippets_import_what_exists(text: str) -> None:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("line", OURS, ids=" ".join)
def test_our_own_commands_exist_as_they_are_written(line: list[str]) -> None:
    words = line[[Path(word).name for word in line].index("dealwright") + 1 :]
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        assert words[0] in command.commands
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word not in options] == []
    if command.name in {"record", "command"}:
        registry: dict[str, Any] = FACTS if command.name == "record" else COMMANDS
        registry[words[1]](**{name: _as_typed(value) for name, _, value in (word.partition("=") for word in words[2:])})


def _as_typed(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value


def test_make_has_every_target_that_is_named() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"`make ([a-z-]+)", path.read_text())}
    assert named | {line[1] for line in _lines_of("make")} <= targets


def test_requests_by_curl_are_ones_that_the_api_takes() -> None:
    ours = [line for line in _lines_of("curl") if any(":8080/" in word for word in line)]  # others go to simulators
    bodies = [(line, _option(line, "-d")) for line in ours]
    assert bodies
    for line, body in bodies:
        path = next(word for word in line if word.startswith("http")).partition(":8080")[2]
        match path.split("/")[1:]:
            case ["v1", "deals"]:
                admit(json.loads(body)["deal"])
            case ["v1", "deals", _, "facts", name]:
                FACTS[name].model_validate_json(body)
            case ["v1", "deals", _, "commands", name]:
                COMMANDS[name].model_validate_json(body)
            case ["v1", "people", _, "preferences"]:
                ChosenPreferences.model_validate_json(body)
            case _:
                assert path == "/webhooks/standard"


def test_every_kind_of_entry_is_listed_for_reports() -> None:
    listed = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "journal.md").read_text()))
    assert sorted(set(ENTRY_KINDS) - listed) == []


def test_the_webhook_that_is_shown_holds_a_fact() -> None:
    bodies = [body for block in BLOCKS for body in re.findall(r"^body='(.+)'$", block.text, re.MULTILINE)]
    assert bodies
    for event in map(json.loads, bodies):
        FACTS[event["type"]].model_validate({key: value for key, value in event["data"].items() if key != "deal_id"})


def test_the_plain_temporal_cli_is_told_the_names_that_deals_have() -> None:
    lines = _lines_of("temporal")
    assert lines
    for line in lines:
        assert _option(line, "--namespace") == NAMESPACE
        given = json.loads(_option(line, "--input"))
        if line[2] == "start":
            assert (_option(line, "--type"), _option(line, "--task-queue")) == (WORKFLOW_TYPE, TASK_QUEUE)
            assert _option(line, "--workflow-id") == workflow_id(admit(given["deal"]).id)
        else:
            FACTS[_option(line, "--name")].model_validate(given)


def test_filters_for_the_ui_ask_for_attributes_that_deals_have() -> None:
    asked = {name for path in DOCUMENTS for name in re.findall(r"([A-Z][A-Za-z]+)%3[CDE]", path.read_text())}
    assert asked
    assert asked <= {*SEARCH_ATTRIBUTES, "ExecutionStatus", "WorkflowType"}


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    section = (ROOT / "docs" / "operations.md").read_text().partition("## Setting up")[0]
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| (.*?) \|", section, re.MULTILINE)
    told: dict[str, str] = {}
    for names, defaults in rows:
        variables = re.findall(r"[A-Z_]+", names)
        texts = defaults.replace("`", "").split(", ") if len(variables) > 1 else [defaults.replace("`", "")]
        told |= dict(zip(variables, texts * len(variables) if len(texts) == 1 else texts, strict=False))
    for name, field in Settings.model_fields.items():
        default = "none" if field.default in (None, ()) else str(field.default)
        assert told.get(VARIABLES[name]) == default, VARIABLES[name]


def test_no_document_names_a_variable_that_nothing_reads() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"DEALWRIGHT_[A-Z_]+", path.read_text())}
    assert named <= {*VARIABLES.values(), CHOICE_VARIABLE, *_read_by_compose()}


def test_every_variable_that_the_compose_file_reads_is_told() -> None:
    told = set(re.findall(r"[A-Z_]+", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))
    assert _read_by_compose() - told == set()


def _read_by_compose() -> set[str]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))


@pytest.mark.server
async def test_the_readme_s_python_program_does_what_it_says(
    temporal: Client, temporal_server: LocalServer, tmp_path: Path
) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/dealwright.db")
    await store.migrate()
    await bundles.publish_new(store, shipped())
    here = {**temporal_server.environment, "TEMPORAL_NAMESPACE": temporal.namespace}
    async with await compose(temporal, store, Settings(drain_seconds=0)):
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PYTHON[0]), cwd=ROOT, env={**os.environ, **here}
        )
        assert await asyncio.wait_for(program.wait(), 180) == 0
        deals = DealClient(temporal)

        async def is_in_discovery() -> bool:
            return (await deals.snapshot("acme-2026")).stage == "discovery"

        await wait_until(is_in_discovery)
    await store.close()


def test_every_command_is_described_with_its_fields() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \*? ?\| (.*?) \|", text, re.MULTILINE))
    for name, command in COMMANDS.items():
        assert set(command.model_fields) - {"by", "why"} <= set(re.findall(r"`(\w+)`", rows[name])), name
