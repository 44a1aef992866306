from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server.namespace import ensure_namespace
from local.server.server import LocalServer
from tests.e2e.forked import dealwright, run_forked
from tests.e2e.processes import BIN, ROOT, Ended, run
from tests.temporal_environment import new_deal_id

pytestmark = pytest.mark.server


async def worker(**environment: str) -> Ended:
    return await run_forked("dealwright-worker", **environment)


@pytest.fixture
async def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'deals.db'}"
    assert (await dealwright("migrate", DATABASE_URL=url)).code == 0
    return url


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


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
    as_installed = await run([BIN / "dealwright-worker"], DEALWRIGHT_DRAIN_SECONDS="soon")
    assert "DEALWRIGHT_DRAIN_SECONDS" in one_line(as_installed)


async def test_a_worker_with_secrets_that_are_no_json_names_the_variable() -> None:
    assert "DEALWRIGHT_WEBHOOK_SECRETS" in one_line(await worker(DEALWRIGHT_WEBHOOK_SECRETS="{bad"))


async def test_a_worker_whose_database_has_no_place_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    line = one_line(await worker(DATABASE_URL=f"sqlite:///{tmp_path / 'a-file' / 'x' / 'deals.db'}"))
    assert f"{tmp_path / 'a-file' / 'x'} cannot be made (Not a directory)" in line


@pytest.mark.parametrize("address", ["nonsense", "localhost:9464", "taken"])
async def test_a_worker_with_an_unusable_metrics_address_names_the_variable(
    database: str, address: str, taken: int
) -> None:
    address = f"127.0.0.1:{taken}" if address == "taken" else address
    line = one_line(await worker(DATABASE_URL=database, DEALWRIGHT_METRICS_ADDRESS=address))
    assert f"DEALWRIGHT_METRICS_ADDRESS={address} cannot be used" in line


async def test_a_worker_whose_health_port_is_taken_says_which(
    database: str, temporal_server: LocalServer, taken: int
) -> None:
    line = one_line(
        await worker(DATABASE_URL=database, DEALWRIGHT_HEALTH_PORT=str(taken), **temporal_server.environment)
    )
    assert f"127.0.0.1:{taken}" in line
    assert "DEALWRIGHT_HEALTH_PORT" in line


async def test_up_with_data_in_a_file_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    line = one_line(await dealwright("up", "--data", str(tmp_path / "a-file")))
    assert f"Data cannot be kept in {tmp_path / 'a-file'}: File exists. Name another directory with --data" in line


async def test_up_with_the_mailboxs_port_taken_names_the_option(tmp_path: Path, taken: int) -> None:
    line = one_line(await dealwright("up", "--data", str(tmp_path), "--mail-port", str(taken)))
    assert f"Port {taken} on 127.0.0.1 cannot be used for the mailbox: Address already in use" in line
    assert "--mail-port; 0 takes a free one" in line


@pytest.mark.parametrize("option", ["--port", "--ui-port", "--gateway-port", "--mail-port"])
async def test_up_refuses_a_port_that_no_machine_has(tmp_path: Path, option: str) -> None:
    ended = await dealwright("up", "--data", str(tmp_path), option, "99999")
    assert ended.code == 2
    assert f"'{option}': " in ended.err
    assert "65535" in ended.err


async def test_a_worker_without_a_server_says_how_to_start_one(database: str) -> None:
    line = one_line(await worker(DATABASE_URL=database, TEMPORAL_ADDRESS="127.0.0.1:1"))
    assert "127.0.0.1:1" in line
    assert "make up" in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TEMPORAL_ADDRESS", "127.0.0.1:many"), ("TEMPORAL_PROFILE", "nobodys"),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["dealwright-worker"], ["dealwright", "list"], ["dealwright", "repair", "deals"]])
async def test_a_connection_that_is_wrongly_set_is_one_line_that_names_the_variables(
    database: str, command: list[str], variable: str, value: str
) -> None:
    wrong = {"DATABASE_URL": database, variable: value}
    line = one_line(await run_forked(*command, **wrong))
    assert "Temporal's settings cannot be used" in line
    assert variable.replace("CLIENT_CERT_PATH", "*") in line


async def test_an_unreachable_server_is_one_sentence_in_our_words() -> None:
    ended = await dealwright("list", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "no connection to 127.0.0.1:1" in ended.err
    assert "tcp" not in ended.err


async def test_a_database_that_is_none_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "a-file.db"
    await asyncio.to_thread(file.write_text, "no database, but long enough to be read as one " * 50, encoding="utf-8")
    assert f"{file} is no database that can be read" in one_line(
        await dealwright("tasks", DATABASE_URL=f"sqlite:///{file}")
    )
    assert "it is a folder itself" in one_line(await dealwright("tasks", DATABASE_URL=f"sqlite:///{tmp_path}"))


async def test_a_playbook_that_is_no_text_is_said_so(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "playbook.yaml").write_bytes, b"\xff\xfe")
    ended = await dealwright("playbook", "check", str(tmp_path))
    assert ended.code == 2
    assert "is no text in UTF-8" in " ".join(ended.err.split())


async def test_a_reader_that_goes_away_is_no_crash() -> None:
    command = f"{BIN / 'dealwright'} playbook check {ROOT / 'playbooks' / 'b2b-saas'} --json | true"
    ended = await run(["sh", "-c", command])
    assert (ended.code, ended.err) == (0, "")


async def test_a_full_disk_behind_its_output_is_one_line() -> None:
    ended = await run(["sh", "-c", f"{BIN / 'dealwright'} --version > /dev/full"])
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "No space left on device" in ended.err


async def test_a_worker_without_its_namespace_says_what_to_run(database: str, temporal_server: LocalServer) -> None:
    line = one_line(
        await worker(DATABASE_URL=database, TEMPORAL_ADDRESS=temporal_server.address, TEMPORAL_NAMESPACE="nowhere")
    )
    assert "nowhere" in line
    assert "dealwright namespace" in line


async def test_a_worker_without_a_search_attribute_names_it(database: str, temporal_server: LocalServer) -> None:
    name = new_deal_id("half-made")
    await ensure_namespace(temporal_server.address, name, {"DealStage": "Keyword"})
    line = one_line(
        await worker(DATABASE_URL=database, TEMPORAL_ADDRESS=temporal_server.address, TEMPORAL_NAMESPACE=name)
    )
    assert "NeedsAttention" in line
    assert "dealwright namespace" in line


async def test_a_good_playbook_checks_out() -> None:
    ended = await dealwright("playbook", "check", str(ROOT / "playbooks" / "b2b-saas"))
    assert ended.code == 0, ended.out
    assert "0 errors, " in ended.out


async def test_a_bad_playbook_is_refused_with_its_line_and_the_remedy(tmp_path: Path) -> None:
    text = (ROOT / "playbooks" / "five-steps" / "playbook.yaml").read_text(encoding="utf-8")
    (tmp_path / "playbook.yaml").write_text(text.replace("stages:", "stagse:"), encoding="utf-8")
    ended = await dealwright("playbook", "check", str(tmp_path))
    assert ended.code == 1
    assert "playbook.yaml:" in ended.out
    assert "Did you mean 'stages'" in ended.out


@pytest.fixture
def half_good(tmp_path: Path) -> Path:
    """A playbook's folder with one mistake, in a template."""
    folder = tmp_path / "half-good"
    shutil.copytree(ROOT / "playbooks" / "five-steps", folder)
    template = next((folder / "templates").glob("*.md"))
    template.write_text(template.read_text(encoding="utf-8") + "\n{{ nobody.knows }}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("named", [".", "playbook.yaml"])
async def test_a_mistake_in_a_template_is_told_with_its_folder_and_one_is_one_error(
    half_good: Path, named: str
) -> None:
    ended = await dealwright("playbook", "check", str(half_good / named))
    assert ended.code == 1
    assert f"error: {half_good}/templates/" in ended.out
    assert "1 error, " in ended.out


async def test_a_bad_playbook_is_not_published_and_that_is_said(half_good: Path) -> None:
    ended = await dealwright("playbook", "publish", str(half_good))
    assert ended.code == 1
    assert f"error: {half_good}/templates/" in ended.out
    assert ended.out.endswith("Nothing was published.\n")


async def test_a_fact_that_does_not_exist_is_refused_with_those_that_do() -> None:
    ended = await run([BIN / "dealwright", "record", "acme-1", "moon_landed"])
    assert ended.code == 2
    assert "demo_held" in ended.err
