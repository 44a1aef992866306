"""Which tools there are, and what of them this installation has configured."""

from __future__ import annotations

from pydantic import BaseModel

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from integrations.kit.connections import Connections
from integrations.kit.mapping.files import mappings_in
from integrations.kit.mapping.source_mapping import SourceMapping
from integrations.kit.tool import Tool
from integrations.registry import TOOLS, connections_at, shipped_mappings
from runtime.settings import Settings


class ListedTool(BaseModel):
    """A tool, as ``integration list`` shows it."""

    name: str
    title: str
    source: str | None
    """The name in the URL of its webhooks."""
    offers: list[str]
    configured: list[str]


def mappings(settings: Settings) -> dict[str, SourceMapping]:
    """Every source's mapping file: those of the installation take the place of shipped ones.

    Raises:
        BadMapping: what is wrong with one, with file and line.
    """
    return shipped_mappings() | (mappings_in(settings.webhook_sources) if settings.webhook_sources else {})


def check_linkable(source: str) -> None:
    """Check that a source names its deals by objects of its own, which can be linked.

    Raises:
        BadValue: there is no such source, or it names deals by their ids.
    """
    known = {name: mapping for name, mapping in mappings(Settings()).items() if mapping.by_object}
    if source not in known:
        raise BadValue(f"{source!r} is no source whose objects can be linked", did_you_mean(source, known))


def tools() -> list[ListedTool]:
    """Every tool, and every source of the installation's own.

    Raises:
        BadConnections: the connections file cannot be used.
        BadMapping: a mapping file cannot be used.
    """
    settings = Settings()
    connections, known = connections_at(settings.connections), mappings(settings)
    listed = [_listed(tool, settings, connections) for _, tool in sorted(TOOLS.items())]
    own = sorted(set(known) - {tool.source for tool in listed})
    return listed + [
        ListedTool(
            name=source, title=known[source].title, source=source, offers=["webhooks"],
            configured=["own mapping file", *_secrets(len(settings.webhook_secrets.get(source, ())))],
        )
        for source in own
    ]  # fmt: skip


def _listed(tool: Tool, settings: Settings, connections: Connections) -> ListedTool:
    offers = {
        "webhooks": tool.source, "crm": tool.crm, "chat": tool.chat, "reconciling": tool.polling,
        "simulator": tool.simulated,
    }  # fmt: skip
    connection = connections.tools.get(tool.name)
    configured = ["connection"] if connection else []
    configured += ["the crm"] if connections.crm == tool.name else []
    configured += ["the chat"] if connections.chat == tool.name else []
    of_variable = settings.webhook_secrets.get(tool.source, ()) if tool.source else ()
    configured += _secrets(len(connection.webhook_secrets if connection else of_variable))
    return ListedTool(
        name=tool.name,
        title=tool.title,
        source=tool.source,
        offers=[name for name, there in offers.items() if there],
        configured=configured,
    )


def _secrets(count: int) -> list[str]:
    return [f"{count} webhook secret{'' if count == 1 else 's'}"] if count else []
