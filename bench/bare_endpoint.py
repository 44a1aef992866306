"""The reference for the intake: an endpoint that signals the deal and answers. ``python -m bench.bare_endpoint PORT``.

It is what is written first when a webhook has to reach a workflow: no proof of origin, no check of the fact, nothing
kept, so that an event is lost while Temporal is away, and counts twice when it is sent twice.
"""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, JsonValue
from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from dealwright.identity import workflow_id
from runtime.plugin import deals_plugin


class Body(BaseModel):
    """A webhook's body."""

    type: str
    data: dict[str, JsonValue]


def app_for(client: Client) -> FastAPI:
    """The endpoint."""
    app = FastAPI()

    @app.get("/healthz")
    async def healthz() -> None:
        return None

    @app.post("/webhooks/standard", status_code=202)
    async def signal(body: Body) -> None:
        deal_id = str(body.data.pop("deal_id"))
        await client.get_workflow_handle(workflow_id(deal_id)).signal(body.type, body.data)

    return app


async def main(port: int) -> None:
    """Serve until told to end."""
    client = await Client.connect(**ClientConfig.load_client_connect_config(), plugins=[deals_plugin()])
    config = uvicorn.Config(app_for(client), "127.0.0.1", port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
