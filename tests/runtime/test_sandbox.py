from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import BuiltinFunctionType, ModuleType

import pytest
from temporalio.worker.workflow_sandbox import SandboxRestrictions
from temporalio.worker.workflow_sandbox._restrictions import RestrictionContext
from temporalio.worker.workflow_sandbox._runner import _Instance

from tests.replay.replaying import HISTORIES, DoesNotReplay, history_in, replay
from workflows.deal_run import DealRun

ROOT = Path(__file__).parents[2]
OURS = {path.parent.name for path in ROOT.glob("*/__init__.py")}
PURE = (path for path in (ROOT / "dealwright").rglob("*.py") if path.parent.name != "client")
IN_EVERY_WORKFLOW = sorted([*(ROOT / "workflows").glob("*.py"), *PURE])


async def test_no_module_of_ours_is_loaded_anew_for_a_run_of_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = SourceFileLoader.exec_module

    def watched(self: SourceFileLoader, module: ModuleType) -> None:
        loaded.append(module.__name__)
        load(self, module)

    monkeypatch.setattr(SourceFileLoader, "exec_module", watched)
    await replay("one run", history_in(HISTORIES[0]))
    assert [name for name in loaded if name.partition(".")[0] in OURS] == []


def asks_for_a_file(_: DealRun) -> None:
    open(__file__)  # noqa: PTH123, SIM115 - the sandbox stands before the builtin


def throws_dice(_: DealRun) -> None:
    import random

    random.random()


@pytest.mark.parametrize("deed", [asks_for_a_file, throws_dice], ids=lambda deed: deed.__name__)
async def test_what_the_sandbox_forbids_is_still_refused(deed: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DealRun, "note_as_planned", deed)
    with pytest.raises(DoesNotReplay, match="Restricted"):
        await replay("one run", history_in(HISTORIES[0]))


@pytest.mark.parametrize("name", ["isinstance", "issubclass"])
async def test_what_the_whole_process_asks_all_the_time_stays_the_builtin_in_a_turn(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[object] = []
    wake_as_decided = DealRun.wake_as_decided

    def watched(deal: DealRun) -> None:
        met.append(getattr(builtins, name))
        wake_as_decided(deal)

    monkeypatch.setattr(DealRun, "wake_as_decided", watched)
    await replay("one run", history_in(HISTORIES[0]))
    assert met
    assert {type(one) for one in met} == {BuiltinFunctionType}


async def test_a_turn_compiles_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []
    run_code = _Instance._run_code

    def watched(self: _Instance, code: str, **extra_globals: object) -> None:
        entered.append(code)
        run_code(self, code, **extra_globals)

    monkeypatch.setattr(_Instance, "_run_code", watched)
    await replay("one run", history_in(HISTORIES[0]))
    assert entered, "runs are made as the SDK makes them"
    assert not any(".activate(" in code for code in entered)


# A module that is passed through got its imports outside of the sandbox, which then cannot see what is done with them.
@pytest.mark.parametrize("path", IN_EVERY_WORKFLOW, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_passed_through_names_nothing_that_the_sandbox_forbids(path: Path) -> None:
    assert forbidden_in(path.read_text()) == []


def test_a_clock_and_chance_would_be_found() -> None:
    code = "import time\nfrom datetime import datetime as d\nimport random as r\n(time.time(), d.now(), r.random())"
    assert forbidden_in(code) == ["datetime.datetime.now", "random.random", "time.time"]


def forbidden_in(code: str) -> list[str]:
    """What the sandbox's own list would refuse to a running workflow."""
    forbidden, context = SandboxRestrictions.invalid_module_members_default, RestrictionContext()
    context.is_runtime = True
    named = sorted(set(dotted_names(ast.parse(code))))
    return [name for name in named if forbidden.match_access(context, *name.split("."), include_use=True)]


def dotted_names(tree: ast.AST) -> Iterator[str]:
    """What a module uses of other modules, in full: ``datetime.datetime.now``."""
    meant: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            meant |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            meant |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    yield from meant.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if first in meant:
                yield f"{meant[first]}.{rest}"
