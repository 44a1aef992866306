"""``integration``: what can be done with one connected tool."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from starter.commands.doctor import tell
from starter.commands.messages import AsJson

if TYPE_CHECKING:
    from integrations.kit.findings import Finding

app = typer.Typer(help="The tools around a deal.", no_args_is_help=True)
ToolName = Annotated[str, typer.Argument(help="The tool's name in the connections file.")]


@app.command()
def check(tool: ToolName, as_json: AsJson = False) -> None:
    """Look at a connected tool: reach, clock, credentials, scopes, subscriptions, and when it was last heard of.

    Nothing is changed there. Exit code 1 when there is a problem; warnings alone give 0.
    """
    tell(asyncio.run(_check(tool)), as_json=as_json)


async def _check(tool: str) -> list[Finding]:
    from integrations.registry import connections_at
    from runtime.settings import Settings
    from starter.checks.tools import check_connected
    from store.database import Store

    settings = Settings()
    connections = connections_at(settings.connections)
    if tool not in connections.tools:
        remedy = did_you_mean(
            tool, connections.tools, "write its block into the file that DEALWRIGHT_CONNECTIONS names"
        )
        raise BadValue(f"there is no connection to {tool!r}", remedy)
    store = Store.existing(settings.database_url)
    try:
        await store.check_migrated()
        return await check_connected(tool, connections, store)
    finally:
        await store.close()
