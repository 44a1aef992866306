"""A door in the place of a dead gateway: it takes every request, and answers that nobody is there (503)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_ANSWER = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LENGTH = b"content-length:"


@asynccontextmanager
async def refusing_door(port: int) -> AsyncIterator[None]:
    """One on this port of the loopback, as a proxy that has nobody to pass requests on to."""
    async with await asyncio.start_server(_refuse, "127.0.0.1", port):
        yield


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line[len(_LENGTH) :] for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH)]
        await reader.readexactly(int(lengths[0]) if lengths else 0)
        writer.write(_ANSWER)
        await writer.drain()
    writer.close()
