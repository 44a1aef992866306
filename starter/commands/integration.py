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


Repair = Annotated[
    bool, typer.Option("--repair", help="First set up there what is missing: properties and subscriptions.")
]


@app.command()
def check(tool: ToolName, repair: Repair = False, as_json: AsJson = False) -> None:
    """Look at a connected tool: reach, clock, credentials, scopes, subscriptions, and when it was last heard of.

    Without --repair nothing is changed there. Exit code 1 when there is a problem; warnings alone give 0.
    """
    tell(asyncio.run(_check(tool, repair=repair)), as_json=as_json)


async def _check(tool: str, *, repair: bool) -> list[Finding]:
    from integrations.registry import connections_at
    from runtime.settings import Settings
    from starter.checks.tools import check_connected
    from store.database import Store
    from store.sealing import Seal

    settings = Settings()
    connections = connections_at(settings.connections)
    if tool not in connections.tools:
        remedy = did_you_mean(
            tool, connections.tools, "write its block into the file that DEALWRIGHT_CONNECTIONS names"
        )
        raise BadValue(f"there is no connection to {tool!r}", remedy)
    store = Store.existing(settings.database_url, seal=Seal(settings.token_keys))
    try:
        await store.check_migrated()
        return await check_connected(tool, connections, store, repair=repair)
    finally:
        await store.close()
