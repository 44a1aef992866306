from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx2
import pytest

from local.server.ports import free_ports
from runtime.connection import NotReady
from runtime.health import health_endpoint


async def well() -> str | None:
    return None


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def test_a_process_that_lives_and_can_work_says_both() -> None:
    (port,) = free_ports(1)
    async with health_endpoint("127.0.0.1", port, well), httpx2.AsyncClient(timeout=60) as client:
        answers = [await client.get(f"http://127.0.0.1:{port}/{path}") for path in ("healthz", "readyz")]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_port_that_is_taken_is_refused_before_anything_begins(taken: int) -> None:
    with pytest.raises(NotReady, match=f"127.0.0.1:{taken} .*in use.*DEALWRIGHT_HEALTH_PORT"):
        async with health_endpoint("127.0.0.1", taken, well):
            pass


async def test_a_host_that_is_not_this_machine_is_refused() -> None:
    with pytest.raises(NotReady, match=r"no-such-host\.invalid"):
        async with health_endpoint("no-such-host.invalid", 1, well):
            pass
