"""What is built and installed: one wheel for other services, one for the worker."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from tests.e2e.processes import ROOT, run

pytestmark = pytest.mark.server  # not of the server, but a matter of many seconds: left out of make check

USES_THE_CLIENT = """
from dealwright.facts import DemoHeld
from dealwright.client.deal_client import DealClient
print(DealClient.__name__, DemoHeld.name)
"""


class Wheels(NamedTuple):
    """Both, each built from its source distribution."""

    client: Path
    worker: Path


def uv() -> str:
    return shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")


@pytest.fixture(scope="module")
async def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    directory = tmp_path_factory.mktemp("wheels")
    built = await run([uv(), "build", "--all-packages", "--quiet", "--out-dir", directory, ROOT])
    assert built.code == 0, built.err
    (client,), (worker,) = directory.glob("dealwright-*.whl"), directory.glob("dealwright_worker-*.whl")
    return Wheels(client, worker)


@pytest.fixture
async def service(wheels: Wheels, tmp_path: Path) -> Path:
    """A fresh environment with the client's wheel and what it needs; gives its folder of programs."""
    environment = tmp_path / "venv"
    assert (await run([uv(), "venv", "--quiet", environment])).code == 0
    installed = await run(
        [uv(), "pip", "install", "--quiet", "--python", environment / "bin" / "python", wheels.client]
    )
    assert installed.code == 0, installed.err
    return environment / "bin"


def files_in(wheel: Path) -> set[str]:
    names = ZipFile(wheel).namelist()
    return {name for name in names if ".dist-info/" not in name}


async def test_the_client_s_wheel_is_enough_for_the_client(service: Path, tmp_path: Path) -> None:
    script = tmp_path / "uses_the_client.py"
    script.write_text(USES_THE_CLIENT, encoding="utf-8")
    ended = await run([service / "python", script])
    assert (ended.code, ended.out.strip()) == (0, "DealClient demo_held"), ended.err


async def test_the_client_s_wheel_brings_one_name_and_all_that_is_behind_it(wheels: Wheels) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dealwright").rglob("*.py")}
    assert files_in(wheels.client) == {*modules, "dealwright/py.typed"}


async def test_the_worker_s_wheel_leaves_that_name_to_the_client_s(wheels: Wheels) -> None:
    assert {name.partition("/")[0] for name in files_in(wheels.worker)} & {"dealwright", "tests", "bench"} == set()


async def test_the_worker_s_wheel_carries_playbooks_mappings_and_migrations(wheels: Wheels) -> None:
    assert files_in(wheels.worker) >= {
        "playbooks/b2b-saas/playbook.yaml", "playbooks/playbook.schema.json", "integrations/hubspot/inbound.yaml",
        "store/migrations/versions/0001_first_tables.py", "worker.py",
    }  # fmt: skip
