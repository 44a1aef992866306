"""What is built and installed: one wheel for other services, one for the worker."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from temporalio.client import Client

from playbooks import shipped
from store import bundles
from store.database import Store
from tests.e2e.processes import ROOT, run
from tests.temporal_environment import new_deal_id, running_worker

pytestmark = pytest.mark.server

PROGRAM = Path(__file__).with_name("hosts_program.py")
ITS_OWN = ("deals", "store", "workflows", "activities", "worker")
"""Packages of the service's own, named as the worker's are."""


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


@pytest.fixture(scope="module")
async def service(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The command of a service with the client's wheel, what that needs, and packages of its own."""
    folder = tmp_path_factory.mktemp("service")
    python = folder / "venv" / "bin" / "python"
    make: list[str | Path] = ["venv", folder / "venv"]
    install: list[str | Path] = ["pip", "install", "--python", python, wheels.client]
    for command in (make, install):
        done = await run([uv(), *command, "--quiet"])
        assert done.code == 0, done.err
    for name in ITS_OWN:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(f'WHOSE = "{name} of the service"\n', encoding="utf-8")
    shutil.copy(PROGRAM, folder)
    return [python, folder / PROGRAM.name]


@pytest.fixture
async def worker(temporal: Client, tmp_path: Path) -> AsyncIterator[None]:
    store = Store.open(f"sqlite:///{tmp_path / 'deals.db'}")
    await store.migrate()
    await bundles.publish_new(store, shipped())
    async with running_worker(temporal, store):
        yield
    await store.close()


def files_in(wheel: Path) -> set[str]:
    names = ZipFile(wheel).namelist()
    return {name for name in names if ".dist-info/" not in name}


async def test_a_service_keeps_its_own_packages_beside_the_client(
    service: list[str | Path], temporal: Client, worker: None
) -> None:
    address = temporal.service_client.config.target_host

    deal_id = new_deal_id()
    ended = await run([*service, deal_id, *ITS_OWN], TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE=temporal.namespace)

    assert ended.code == 0, ended.err
    assert json.loads(ended.out) == {
        "its own": [f"{name} of the service" for name in ITS_OWN],
        "brought": [],
        "told": [True, "form-1", deal_id],
    }


async def test_the_client_s_wheel_brings_one_name_and_all_that_is_behind_it(wheels: Wheels) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dealwright").rglob("*.py")}
    assert files_in(wheels.client) == {*modules, "dealwright/py.typed"}


async def test_the_worker_s_wheel_leaves_that_name_to_the_client_s(wheels: Wheels) -> None:
    assert {name.partition("/")[0] for name in files_in(wheels.worker)} & {"dealwright", "tests", "bench"} == set()


async def test_the_worker_s_wheel_carries_playbooks_mappings_simulators_and_migrations(wheels: Wheels) -> None:
    assert files_in(wheels.worker) >= {
        "playbooks/b2b-saas/playbook.yaml", "playbooks/playbook.schema.json", "integrations/hubspot/inbound.yaml",
        "integrations/kit/simulator/serving.py", "integrations/hubspot/simulator/__main__.py",
        "store/migrations/versions/0001_first_tables.py", "worker.py",
    }  # fmt: skip
