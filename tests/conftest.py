"""What tests in several folders share."""

import gc
import os
import shutil
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from temporalio.client import Client
from xdist.remote import Producer

from dealwright.decision import SEARCH_ATTRIBUTES
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from runtime.gc_tuning import tune_gc
from tests.temporal_environment import new_namespace
from tests.timeout_report import waiting_tasks
from tests.xdist_scheduler import FilesLongestFirst, longest_first

# A machine with other things to do makes a property slow to try, not wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
# Other examples each time: for `make lives`, where what is new is looked for.
settings.register_profile("exploring", settings.get_profile("patient"), derandomize=False)
settings.load_profile("patient")


_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own there
_ROOM = 2 * 1024**3


def _has_room(folder: Path) -> bool:
    """Whether tests can keep their files there, and run those that are programs."""
    usable = folder.is_dir() and os.access(folder, os.W_OK) and not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return usable and shutil.disk_usage(folder).free > _ROOM


if _has_room(_MEMORY):  # tests kill processes, never the machine: their databases need not wait for a disk
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest where tests run side by side (``pytest -n``)."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: longest_first(item.nodeid))


def pytest_collection() -> None:
    """Collect no garbage while tests are collected: all that this makes stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Spare the garbage collector what collecting made: it would look at all of it again and again."""
    gc.collect()
    tune_gc()
    gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesLongestFirst:
    """Hand out whole files, in their order."""
    return FilesLongestFirst(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell what a test that ran out of time was waiting for."""
    report = yield
    if call.excinfo is not None and "pytest-timeout" in str(call.excinfo.value):
        report.sections.append(("asyncio tasks", waiting_tasks()))
    return report


@pytest.fixture(scope="session")
async def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalServer]:
    """One real Temporal server for the whole run; started for the first test that asks for it."""
    plan = ServerPlan(
        directory=tmp_path_factory.mktemp("temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        ui=False,
        durable=False,
        own=True,
        dynamic={"history.transferProcessorUpdateAckInterval": "1s"},  # a deleted workflow is soon forgotten
    )
    async with LocalServer.start(plan) as server:
        yield server


@pytest.fixture(scope="module")
async def temporal(temporal_server: LocalServer) -> Client:
    """A client of this server, in a namespace that the module has for itself."""
    return await new_namespace(temporal_server.address)
