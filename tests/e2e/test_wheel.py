from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, run

pytestmark = pytest.mark.server  # not of the server, but a matter of many seconds: left out of make check

USES_THE_CLIENT = """
from dealwright.facts import DemoHeld
from dealwright.client.deal_client import DealClient
print(DealClient.__name__, DemoHeld.name)
"""


def uv() -> str:
    return shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")


@pytest.fixture(scope="module")
async def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    built = await run([uv(), "build", "--wheel", "--quiet", "--out-dir", directory, ROOT])
    assert built.code == 0, built.err
    (found,) = directory.glob("*.whl")
    return found


@pytest.fixture
async def base_install(wheel: Path, tmp_path: Path) -> Path:
    """A fresh environment with the wheel and what it needs, without extras; gives its folder of programs."""
    environment = tmp_path / "venv"
    assert (await run([uv(), "venv", "--quiet", environment])).code == 0
    installed = await run([uv(), "pip", "install", "--quiet", "--python", environment / "bin" / "python", wheel])
    assert installed.code == 0, installed.err
    return environment / "bin"


async def test_the_base_install_is_enough_for_the_client(base_install: Path, tmp_path: Path) -> None:
    script = tmp_path / "uses_the_client.py"
    script.write_text(USES_THE_CLIENT, encoding="utf-8")
    ended = await run([base_install / "python", script])
    assert (ended.code, ended.out.strip()) == (0, "DealClient demo_held"), ended.err


async def test_the_command_line_says_which_extra_it_needs(base_install: Path) -> None:
    ended = await run([base_install / "dealwright", "list"])
    assert ended.code == 2
    assert "dealwright[cli]" in ended.err


async def test_the_wheel_carries_playbooks_mappings_and_migrations(wheel: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(wheel, tmp_path / "unpacked", "zip")
    for path in (
        "playbooks/b2b-saas/playbook.yaml", "playbooks/playbook.schema.json", "gateway/webhooks/sources/hubspot.yaml",
        "store/migrations/versions/0001_first_tables.py", "worker.py",
    ):  # fmt: skip
        assert (tmp_path / "unpacked" / path).is_file(), path
