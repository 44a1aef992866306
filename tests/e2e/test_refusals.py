from __future__ import annotations

from pathlib import Path

import pytest

from runtime.local_server.namespace import ensure_namespace
from runtime.local_server.server import LocalServer
from tests.e2e.processes import BIN, ROOT, Ended, dealwright, run
from tests.living import new_id

pytestmark = pytest.mark.server


async def worker(**environment: str) -> Ended:
    return await run([BIN / "dealwright-worker"], **environment)


@pytest.fixture
async def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'deals.db'}"
    assert (await dealwright("migrate", DATABASE_URL=url)).code == 0
    return url


def one_line(ended: Ended) -> str:
    assert ended.code == 2
    lines = [line for line in ended.err.splitlines() if line.strip()]
    assert len(lines) == 1, ended.err
    return lines[0]


async def test_a_worker_without_its_tables_says_what_to_run(tmp_path: Path) -> None:
    line = one_line(await worker(DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}"))
    assert "dealwright migrate" in line


async def test_a_worker_without_its_database_says_so(tmp_path: Path) -> None:
    line = one_line(await worker(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"))
    assert "database does not answer" in line


async def test_a_worker_with_an_unusable_database_url_says_what_to_write() -> None:
    assert "DATABASE_URL" in one_line(await worker(DATABASE_URL="mysql://somewhere"))


async def test_a_worker_with_a_bad_setting_names_it() -> None:
    assert "DEALWRIGHT_DRAIN_SECONDS" in one_line(await worker(DEALWRIGHT_DRAIN_SECONDS="soon"))


async def test_a_worker_without_a_server_says_how_to_start_one(database: str) -> None:
    line = one_line(await worker(DATABASE_URL=database, TEMPORAL_ADDRESS="127.0.0.1:1"))
    assert "127.0.0.1:1" in line
    assert "make up" in line


async def test_a_worker_without_its_namespace_says_what_to_run(database: str, temporal_server: LocalServer) -> None:
    line = one_line(
        await worker(DATABASE_URL=database, TEMPORAL_ADDRESS=temporal_server.address, TEMPORAL_NAMESPACE="nowhere")
    )
    assert "nowhere" in line
    assert "dealwright namespace" in line


async def test_a_worker_without_a_search_attribute_names_it(database: str, temporal_server: LocalServer) -> None:
    name = new_id("half-made")
    await ensure_namespace(temporal_server.address, name, {"DealStage": "Keyword"})
    line = one_line(
        await worker(DATABASE_URL=database, TEMPORAL_ADDRESS=temporal_server.address, TEMPORAL_NAMESPACE=name)
    )
    assert "NeedsAttention" in line
    assert "dealwright namespace" in line


async def test_a_good_playbook_checks_out() -> None:
    ended = await dealwright("playbook", "check", str(ROOT / "playbooks" / "b2b-saas"))
    assert ended.code == 0, ended.out
    assert "0 errors" in ended.out


async def test_a_bad_playbook_is_refused_with_its_line_and_the_remedy(tmp_path: Path) -> None:
    text = (ROOT / "playbooks" / "five-steps" / "playbook.yaml").read_text(encoding="utf-8")
    (tmp_path / "playbook.yaml").write_text(text.replace("stages:", "stagse:"), encoding="utf-8")
    ended = await dealwright("playbook", "check", str(tmp_path))
    assert ended.code == 1
    assert "playbook.yaml:" in ended.out
    assert "Did you mean 'stages'" in ended.out


async def test_a_fact_that_does_not_exist_is_refused_with_those_that_do() -> None:
    ended = await dealwright("record", "acme-1", "moon_landed")
    assert ended.code == 2
    assert "demo_held" in ended.err
