"""Whoever only holds connections open is not waited for, and keeps nobody else out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Self

import httpx2
import pytest

from gateway import connections
from tests.gateway.conftest import Api

HEAD = b"POST /v1/deals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HALVES = {
    "nothing": b"",
    "half a line": b"GET /heal",
    "half a head": HEAD,
    "a second request after one that was served": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal",
}


@pytest.fixture
async def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT", 1.0)
    monkeypatch.setattr(connections, "REQUEST_TIMEOUT", 2.0)


@pytest.fixture
async def half_open(api: Api) -> AsyncIterator[HalfOpen]:
    async with HalfOpen(str(api.base_url.host), api.base_url.port or 0) as opened:
        yield opened


class HalfOpen:
    """Connections that begin a request and never end it."""

    def __init__(self, host: str, port: int) -> None:
        self._place, self._stack = (host, port), AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def begin(self, said: bytes) -> asyncio.StreamReader:
        """One more of them."""
        reader, writer = await asyncio.open_connection(*self._place)
        self._stack.callback(writer.close)
        writer.write(said)
        return reader


async def seconds_until_closed(reader: asyncio.StreamReader) -> float:
    began = time.monotonic()
    async with asyncio.timeout(20):
        try:
            while await reader.read(4096):
                pass
        except ConnectionError:
            pass
    return time.monotonic() - began


@pytest.mark.parametrize("said", HALVES.values(), ids=HALVES)
async def test_a_request_that_does_not_arrive_is_not_waited_for(
    hurried: None, half_open: HalfOpen, said: bytes
) -> None:
    assert await seconds_until_closed(await half_open.begin(said)) < 8


async def test_a_head_that_trickles_in_is_not_waited_for(hurried: None, api: Api) -> None:
    reader, writer = await asyncio.open_connection(str(api.base_url.host), api.base_url.port)
    closed = asyncio.create_task(seconds_until_closed(reader))
    for letter in HEAD.decode():
        if closed.done():
            break
        writer.write(letter.encode())
        await asyncio.wait({closed}, timeout=0.1)
    assert await closed < 8
    writer.close()


async def test_an_answer_that_is_not_taken_is_not_kept(hurried: None, half_open: HalfOpen) -> None:
    body = HEAD + b"Content-Length: 1000\r\n\r\n{"
    assert await seconds_until_closed(await half_open.begin(body)) < 10


async def test_four_hundred_half_open_connections_are_closed_and_keep_nobody_out(
    hurried: None, api: Api, half_open: HalfOpen
) -> None:
    readers = [await half_open.begin(HEAD) for _ in range(400)]
    assert (await api.get("/healthz")).status_code == 200
    waits = await asyncio.gather(*map(seconds_until_closed, readers))
    assert max(waits) < 10
    assert (await api.get("/healthz")).status_code == 200


async def test_with_too_many_connections_the_one_that_was_silent_for_longest_goes(
    api: Api, half_open: HalfOpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 5)
    first = await half_open.begin(HEAD)
    await asyncio.sleep(0.05)
    for _ in range(8):
        await half_open.begin(HEAD)
    assert await seconds_until_closed(first) < connections.HEADER_TIMEOUT / 2
    async with httpx2.AsyncClient(base_url=api.base_url, timeout=60) as other:
        assert (await other.get("/healthz")).status_code == 200


async def test_a_head_that_is_too_large_is_refused_also_when_it_comes_at_once(half_open: HalfOpen) -> None:
    reader = await half_open.begin(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 17_000 + b"\r\n\r\n")
    said = await reader.read(4096)
    assert said.startswith(b"HTTP/1.1 431 ")
    assert b"may have 16384 bytes" in said


async def test_a_request_that_says_its_length_in_two_ways_is_refused_and_its_connection_closed(
    half_open: HalfOpen,
) -> None:
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = await (await half_open.begin(HEAD + two + smuggled)).read()
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1") == 1


async def test_a_head_that_is_too_large_is_refused(half_open: HalfOpen) -> None:
    reader = await half_open.begin(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000)
    assert b"400 Bad Request" in await reader.readline()
