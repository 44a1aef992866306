"""Serving, and stopping without cutting anybody off."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2
from fastapi import FastAPI

from gateway.http_server import running_server, serve_until


def slow_app(arrived: asyncio.Event, go_on: asyncio.Event) -> FastAPI:
    app = FastAPI()

    @app.get("/slow")
    async def slow() -> str:
        arrived.set()
        await go_on.wait()
        return "done"

    return app


async def test_a_request_under_way_is_finished_before_the_server_stops() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    async with httpx2.AsyncClient(timeout=60) as client:
        async with running_server(slow_app(arrived, go_on), "127.0.0.1", 0) as address:
            request = asyncio.create_task(client.get(f"{address}/slow"))
            await arrived.wait()
            asyncio.get_running_loop().call_later(0.2, go_on.set)
        assert (await request).json() == "done"


async def test_it_serves_until_it_is_told_to_stop() -> None:
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(serve_until(FastAPI(), "127.0.0.1", 0, stop), 60)


async def test_the_port_is_free_again_afterwards() -> None:
    async with running_server(FastAPI(), "127.0.0.1", 0) as first:
        port = int(first.rpartition(":")[2])
    async with running_server(FastAPI(), "127.0.0.1", port) as second:
        assert second == first


async def test_it_serves_on_ipv6_too() -> None:
    async with running_server(FastAPI(), "::1", 0) as address, httpx2.AsyncClient(timeout=60) as client:
        assert address.startswith("http://[::1]:")
        assert (await client.get(address)).status_code == 404


async def test_an_answer_is_sent_at_once() -> None:
    async with running_server(FastAPI(), "127.0.0.1", 0) as address, httpx2.AsyncClient(timeout=60) as client:
        took = [(await client.get(address)).elapsed for _ in range(40)]
    assert min(took[20:]) < timedelta(milliseconds=30)  # by Nagle's algorithm each would take 40
