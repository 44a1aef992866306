"""Every name that other programs, stored histories and databases know deals by, as the code declares it.

``python -m tests.generated`` writes new ones into ``wire_names.txt``. It takes none out.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeAlias, cast

import nexusrpc
import typer
from temporalio import activity, workflow
from typer.core import TyperGroup

import activities
from dealwright.client.deal_client import DealClient
from dealwright.client.nexus_service import DealsService
from dealwright.contract import ALARM, RECONCILE, STORE_AWAY
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.effects import EFFECT_KINDS
from dealwright.entries import ENTRY_KINDS
from dealwright.identity import MANY_SIGNALS, NAMESPACE, TASK_QUEUE, workflow_id
from gateway.api import create_app
from gateway.options import GatewayOptions
from gateway.routes.unsubscribe import SOURCE
from integrations.registry import shipped_mappings
from runtime.schedules import schedule_id
from starter.app import app as command_line
from store.database import Store
from store.tables import METADATA
from workflows.deal import DealWorkflow

_OPTIONS = GatewayOptions()
FILE = Path(__file__).with_name("wire_names.txt")
Names: TypeAlias = Mapping[str, Iterable[str]]


@cache
def declared() -> dict[str, list[str]]:
    """The names by what they name, as the code has them."""
    of_workflow = workflow._Definition.must_from_class(DealWorkflow)
    sections: dict[str, Iterable[str]] = {
        "namespace": [NAMESPACE],
        "task queue": [TASK_QUEUE],
        "workflow type": [of_workflow.name or "", RECONCILE],
        "schedules": [schedule_id("SOURCE")],
        "workflow id": [workflow_id("DEAL")],
        "signals": [MANY_SIGNALS, *filter(None, of_workflow.signals)],
        "updates": filter(None, of_workflow.updates),
        "queries": filter(None, of_workflow.queries),
        "Nexus operations": _nexus_operations(),
        "activities": set(_activities()),
        "effect kinds": EFFECT_KINDS,
        "entry kinds": ENTRY_KINDS,
        "error types": [ALARM, STORE_AWAY],
        "search attributes": (f"{name} {kind}" for name, kind in SEARCH_ATTRIBUTES.items()),
        "HTTP routes": _routes(),
        "webhook sources": [*shipped_mappings(), SOURCE],
        "tables and columns": (f"{table.name}.{column.name}" for table in METADATA.sorted_tables for column in table.c),
        "CLI commands": _commands(typer.main.get_command(command_line)),
    }
    return {what: sorted(names) for what, names in sections.items()}


def listed() -> dict[str, list[str]]:
    """The names as they were released, from the file."""
    sections: dict[str, list[str]] = {}
    for section in FILE.read_text("utf-8").split("\n\n"):
        what, *names = section.splitlines()
        sections[what.strip("[]")] = names
    return sections


def written(sections: Names) -> str:
    """The text of the file."""
    return "\n\n".join("\n".join((f"[{what}]", *names)) for what, names in sections.items()) + "\n"


def _activities() -> Iterator[str]:
    for found in pkgutil.iter_modules(activities.__path__, "activities."):
        for owner in _owners(importlib.import_module(found.name)):
            for each in vars(owner).values():
                if callable(each) and (definition := activity._Definition.from_callable(each)) is not None:
                    yield definition.name or ""


def _nexus_operations() -> Iterator[str]:
    service = nexusrpc.get_service_definition(DealsService)
    assert service is not None
    yield from (f"{service.name} {name}" for name in service.operation_definitions)


def _owners(module: ModuleType) -> Iterator[object]:
    yield module
    yield from (each for each in vars(module).values() if isinstance(each, type))


def _routes() -> Iterator[str]:
    app = create_app(_OPTIONS, cast("DealClient", None), cast("Store", None))  # asked for nothing but its routes
    yield from (f"{path} {method.upper()}" for path, methods in app.openapi()["paths"].items() for method in methods)


def _commands(command: object, *before: str) -> Iterator[str]:
    if not isinstance(command, TyperGroup):
        yield " ".join(before)
        return
    for name, each in command.commands.items():
        yield from _commands(each, *before, name)


def text_with_new_names() -> str:
    """The text of the file with names that are new. Those that are lost stay in it."""
    released = listed()
    return written({what: sorted({*released.get(what, []), *names}) for what, names in declared().items()})
