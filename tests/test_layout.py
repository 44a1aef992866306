"""The shape of the project, where import-linter does not look: ``worker.py``, packaging, what an import costs."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERSION = PYPROJECT["project"]["version"]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
SHIPPED = [name for name in PACKAGES if name not in {"bench", "tests"}]
CLIENT = ROOT / "dealwright"
"""What other services import: a distribution of its own."""


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files_of_ours() -> Iterator[Path]:
    yield ROOT / "worker.py"
    for package in {*SHIPPED, "bench"}:
        yield from (ROOT / package).rglob("*.py")


LINES = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files_of_ours()}


def test_no_module_is_longer_than_can_be_kept_in_mind() -> None:
    assert {name: count for name, count in LINES.items() if count > 300} == {}
    assert statistics.median(LINES.values()) <= 100


def test_no_function_is_longer_than_a_screen() -> None:
    long = {f"{path.relative_to(ROOT)}: {name}" for path in files_of_ours() for name in long_functions(path)}
    assert long <= {"store/migrations/versions/0001_first_tables.py: upgrade"}  # the first tables, one after another


def long_functions(path: Path, longest: int = 45) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(part.lineno for part in (node, *node.decorator_list))
            if (node.end_lineno or first) - first + 1 > longest:
                yield node.name


@pytest.mark.parametrize("folder", sorted({str(path.parent.relative_to(ROOT)) for path in files_of_ours()} - {"."}))
def test_every_folder_says_what_belongs_there_and_what_does_not(folder: str) -> None:
    module, readme = ROOT / folder / "__init__.py", ROOT / folder / "README.md"
    said = ast.get_docstring(ast.parse(module.read_text())) or "" if module.exists() else readme.read_text()
    assert said.count("\n\n") >= 1, f"{folder}: say in two paragraphs what belongs there, and what does not"


def test_every_part_of_the_core_has_its_layer() -> None:
    (contract,) = PYPROJECT["tool"]["importlinter"]["contracts"]
    layered = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    core = ROOT / "dealwright"
    parts = {path.stem for path in core.glob("*.py")} | {path.parent.name for path in core.glob("*/__init__.py")}
    assert {f"dealwright.{part}" for part in parts - {"__init__"}} <= layered


def test_the_worker_is_made_of_what_a_worker_needs() -> None:
    ours = {name.partition(".")[0] for name in imports_of(ROOT / "worker.py")} & set(PACKAGES)
    assert ours <= {"activities", "dealwright", "integrations", "playbooks", "runtime", "store", "workflows"}


def test_only_the_local_stack_imports_the_worker() -> None:
    importing = {
        str(path.relative_to(ROOT))
        for package in SHIPPED
        for path in (ROOT / package).rglob("*.py")
        if "worker" in {name.partition(".")[0] for name in imports_of(path)}
    }
    assert importing <= {"local/stack.py"}


def test_the_package_of_workflows_exports_nothing() -> None:
    # A name exported here would be imported into each workflow's sandbox, past the list of what may pass through.
    assert [*imports_of(ROOT / "workflows" / "__init__.py")] == []


def test_every_package_is_in_the_wheel_and_under_the_import_rules() -> None:
    included = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert sorted([*included, CLIENT.name]) == sorted([*SHIPPED, "worker.py"])
    assert sorted(PYPROJECT["tool"]["importlinter"]["root_packages"]) == SHIPPED


def test_no_package_hides_a_module_of_python() -> None:
    assert set(PACKAGES) & sys.stdlib_module_names == set()


def test_both_distributions_are_of_one_version_and_licence() -> None:
    client = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    assert client["version"] == VERSION
    assert f"{client['name']}=={VERSION}" in PYPROJECT["project"]["dependencies"]
    assert (CLIENT / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_what_other_services_import_says_that_it_is_typed() -> None:
    assert (CLIENT / "py.typed").is_file()


def test_other_services_need_nothing_that_the_worker_brings() -> None:
    names = {re.split(r"[\[>=<; ]", one)[0] for one in PYPROJECT["project"]["dependencies"]} - {CLIENT.name}
    modules = {{"pyyaml": "yaml"}.get(name, name.replace("-", "_")) for name in names}
    hidden = sorted({*modules, *SHIPPED, "worker"} - {CLIENT.name})
    without = f"import sys; sys.modules |= dict.fromkeys({hidden})"  # as if none were installed
    script = f"{without}; import dealwright"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_the_changelog_speaks_of_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == VERSION


def test_scripts_lead_to_functions_that_exist() -> None:
    for target in PYPROJECT["project"]["scripts"].values():
        module, _, function = target.partition(":")
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
