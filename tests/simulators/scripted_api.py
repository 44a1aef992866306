"""An HTTP API on loopback that answers as it is told to, call by call, and remembers what it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Got:
    """One call, as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Says:
    """One answer. ``hang_up`` reads the call and breaks off; ``stall`` never answers."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False
    stall: bool = False

    def raw(self) -> bytes:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        head = {"Content-Length": str(len(content)), "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} said", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@dataclass
class ScriptedApi:
    """The API. Answers come in their order; the last one is given again and again."""

    url: str = ""
    answers: list[Says] = field(default_factory=lambda: [Says()])
    got: list[Got] = field(default_factory=list)

    def will_say(self, *answers: Says) -> None:
        self.answers = list(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ")
        self.got.append(Got(method, path, headers, body))
        says = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if says.stall:
            await reader.read()  # until the other side goes away
        elif not says.hang_up:
            writer.write(says.raw())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def scripted_api(port: int = 0) -> AsyncIterator[ScriptedApi]:
    """The API, while the block runs."""
    api = ScriptedApi()
    server = await asyncio.start_server(api.serve, "127.0.0.1", port)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.close()
        await server.wait_closed()
