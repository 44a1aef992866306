"""The tools that ship with Dealwright, once each, as data; and what of them an installation uses."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from pydantic import SecretStr

from integrations.apollo.tool import APOLLO
from integrations.cal_com.tool import CAL_COM
from integrations.calendly.tool import CALENDLY
from integrations.chat.incoming_webhook import ChatWebhook
from integrations.chorus.tool import CHORUS
from integrations.clari.tool import CLARI
from integrations.clari_copilot.tool import CLARI_COPILOT
from integrations.docusign.tool import DOCUSIGN
from integrations.embedded.crm import EmbeddedChat, EmbeddedCrm
from integrations.embedded.no_billing import NoBilling
from integrations.embedded.text_messages import NoTextMessages
from integrations.endpoints.posting import PostedEndpoints
from integrations.endpoints.settings import EndpointsConnection
from integrations.endpoints.tool import ENDPOINTS
from integrations.gong.tool import GONG
from integrations.google_calendar.tool import GOOGLE_CALENDAR
from integrations.hubspot.tool import HUBSPOT
from integrations.kit.commands import CommandSource
from integrations.kit.connection import Connection
from integrations.kit.connections import Connections, read_connections
from integrations.kit.inbound import Fetcher, InboundHandler
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.mapping.source_mapping import SourceMapping
from integrations.kit.ports import (
    Billing,
    Chat,
    Crm,
    Documents,
    Endpoints,
    Engagement,
    Listener,
    PersonalMessages,
    PollingSource,
    TaskLists,
    TextMessages,
)
from integrations.kit.tool import Connected, Tool
from integrations.mail.providers import MAIL_TOOLS
from integrations.meteroid.tool import METEROID
from integrations.outreach.tool import OUTREACH
from integrations.pandadoc.tool import PANDADOC
from integrations.pipedrive.tool import PIPEDRIVE
from integrations.qwilr.tool import QWILR
from integrations.salesforce.tool import SALESFORCE
from integrations.salesloft.tool import SALESLOFT
from integrations.slack.tool import SLACK
from integrations.stripe.tool import STRIPE
from integrations.twilio.tool import TWILIO
from store.database import Store

_SHIPPED = (
    HUBSPOT,
    SALESFORCE,
    PIPEDRIVE,
    SLACK,
    TWILIO,
    CALENDLY,
    GOOGLE_CALENDAR,
    CAL_COM,
    STRIPE,
    GONG,
    CHORUS,
    CLARI,
    CLARI_COPILOT,
    METEROID,
    PANDADOC,
    OUTREACH,
    APOLLO,
    SALESLOFT,
    DOCUSIGN,
    QWILR,
    ENDPOINTS,
    Tool(name="standard_webhooks", title="Standard Webhooks", source="standard"),
    *MAIL_TOOLS,
)
TOOLS = MappingProxyType({tool.name: tool for tool in _SHIPPED})
"""Every tool, by name. One with a ``source`` has its mapping file ``inbound.yaml``."""


def shipped_mappings() -> dict[str, SourceMapping]:
    """The sources that come with the gateway, by name."""
    mappings = [shipped_mapping(name) for name in TOOLS if TOOLS[name].source]
    return {mapping.source: mapping for mapping in mappings}


def connections_at(path: Path | None) -> Connections:
    """What an installation is connected to, as its connections file says; nothing without one.

    Raises:
        BadConnections: what is wrong, with file and line. No secret is told.
    """
    return Connections() if path is None else read_connections(path, TOOLS)


def connections_by_source(connections: Connections) -> dict[str, Connection]:
    """The connections of tools that send webhooks, by the names of their sources."""
    return {source: block for name, block in connections.tools.items() if (source := TOOLS[name].source)}


def crm_of(connections: Connections, store: Store) -> Crm:
    """The CRM of an installation: the connected one, else the embedded one."""
    name = connections.crm
    make = TOOLS[name].crm if name else None
    return EmbeddedCrm(store) if name is None or make is None else make(_connected(name, connections, store))


def touches_of(connections: Connections, store: Store) -> tuple[str, TaskLists] | None:
    """Where people find the tasks by which they reach contacts, by the tool's name; None where it is the CRM."""
    name = connections.touches
    make = TOOLS[name].touches if name else None
    return None if name is None or make is None else (name, make(_connected(name, connections, store)))


def chat_of(connections: Connections, store: Store, webhook_url: SecretStr | None = None) -> Chat:
    """The chat of an installation: the connected one, else an incoming webhook, else notices are kept in the store."""
    name = connections.chat
    if name is not None and (make := TOOLS[name].chat) is not None:
        return make(_connected(name, connections, store))
    return EmbeddedChat(store) if webhook_url is None else ChatWebhook(webhook_url.get_secret_value())


def billing_of(connections: Connections, store: Store) -> Billing:
    """What bills customers: the connected tool, else nothing, and deals that want to be billed ask for attention."""
    name = connections.billing
    make = TOOLS[name].billing if name else None
    return NoBilling() if name is None or make is None else make(_connected(name, connections, store))


def text_messages_of(connections: Connections, store: Store) -> TextMessages:
    """What sends text messages: the connected tool that does; without one, none is sent."""
    for name in connections.tools:
        if (make := TOOLS[name].text_messages) is not None:
            return make(_connected(name, connections, store))
    return NoTextMessages()


def endpoints_of(connections: Connections) -> Endpoints:
    """The team's own systems, which playbooks tell about deals; none without their block."""
    block = connections.tools.get(ENDPOINTS.name)
    return PostedEndpoints(block.to if isinstance(block, EndpointsConnection) else {})


def engagements_of(connections: Connections, store: Store) -> dict[str, Engagement]:
    """What runs cadences, by the names of the connected tools: playbooks enrol contacts in them by these."""
    return {
        name: make(_connected(name, connections, store))
        for name in connections.tools
        if (make := TOOLS[name].engagement) is not None
    }


def documents_of(connections: Connections, store: Store) -> dict[str, Documents]:
    """What makes and sends proposals and contracts, by the names of the connected tools."""
    return {
        name: make(_connected(name, connections, store))
        for name in connections.tools
        if (make := TOOLS[name].documents) is not None
    }


def personal_messages_of(connections: Connections, store: Store) -> dict[str, PersonalMessages]:
    """What tells people of their work, by the names of the connected tools: those are the channels besides mail."""
    return {
        name: make(_connected(name, connections, store))
        for name in connections.tools
        if (make := TOOLS[name].personal_messages) is not None
    }


def handlers_of(connections: Connections, store: Store) -> dict[str, InboundHandler]:
    """The code that reads webhooks, by the names of their sources."""
    return {
        tool.source: tool.handler(_connected(name, connections, store) if name in connections.tools else None)
        for name, tool in TOOLS.items()
        if tool.handler is not None and tool.source is not None
    }


def fetchers_of(connections: Connections, store: Store) -> dict[str, Fetcher]:
    """What looks up what webhooks hint at, by the names of their sources, for the tools that are connected."""
    return {
        tool.source: tool.fetcher(_connected(name, connections, store))
        for name, tool in TOOLS.items()
        if tool.fetcher is not None and tool.source is not None and name in connections.tools
    }


def commands_of(connections: Connections, store: Store) -> dict[str, CommandSource]:
    """What reads the commands that people give in tools, by the names of their sources, for those connected."""
    return {
        tool.source: tool.commands(_connected(name, connections, store))
        for name, tool in TOOLS.items()
        if tool.commands is not None and tool.source is not None and name in connections.tools
    }


def polling_of(connections: Connections, store: Store) -> dict[str, tuple[Tool, Connection, PollingSource]]:
    """What of the connected tools can be read beside their webhooks, by the names of their sources."""
    found = {}
    for name, connection in connections.tools.items():
        tool = TOOLS[name]
        if tool.polling is not None:
            made = tool.polling(_connected(name, connections, store))
            found[tool.source or name] = (tool, connection, made)
    return found


def listeners_of(connections: Connections, store: Store) -> dict[str, Listener]:
    """What takes in changes over connections that are kept open, by the names of the tools that want it.

    Raises:
        BadValue: an extra is not installed that one of them needs.
    """
    made = {
        name: make(_connected(name, connections, store))
        for name in connections.tools
        if (make := TOOLS[name].listener) is not None
    }
    return {name: listener for name, listener in made.items() if listener is not None}


def _connected(name: str, connections: Connections, store: Store) -> Connected:
    marks = tuple(mark for other in connections.tools if other != name for mark in TOOLS[other].marks_of_bookings)
    return Connected(tool=name, connection=connections.tools[name], store=store, marks_of_bookings=marks)
