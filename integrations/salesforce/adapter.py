"""Puts the adapter of an org together, from its block in the connections file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.http import ToolClient
from integrations.kit.inbound import InboundHandler, InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.ports import Crm, Listener, PollingSource
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.kit.tokens import SharedTokens
from integrations.kit.tool import Connected
from integrations.salesforce.answers import classify
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.crm import SalesforceCrm
from integrations.salesforce.inbox import Inbox
from integrations.salesforce.login import grant_of, remaining
from integrations.salesforce.memory import OrgMemory
from integrations.salesforce.org import Org
from integrations.salesforce.polling import SalesforcePolling
from integrations.salesforce.settings import SOURCE, SalesforceConnection
from integrations.salesforce.webhook import OutboundMessageHandler
from store.database import Store


def crm(connected: Connected) -> Crm:
    """The org as the CRM."""
    return SalesforceCrm(org_of(connected))


def inbound(connected: Connected | None) -> InboundHandler:
    """What reads the org's outbound messages. Without a connection nobody knows whose they are."""
    return _not_connected if connected is None else OutboundMessageHandler(org_of(connected))


async def _not_connected(request: WebhookRequest, source: Source, store: Store) -> InboundResult:  # noqa: ARG001 - as every handler
    raise Unreadable("no org is connected: add salesforce: to the connections file")


def polling(connected: Connected) -> PollingSource:
    """What asks the org for what no message told."""
    org = org_of(connected)
    return SalesforcePolling(org, Inbox(org, source_of(org.connection)))


def source_of(connection: SalesforceConnection) -> Source:
    """The shipped mapping, as the installation has it.

    Raises:
        BadMapping: a setting is given that the mapping does not know.
    """
    mapping = shipped_mapping("salesforce")
    return mapping.with_settings(connection.settings, connection.tables)


def listener(connected: Connected) -> Listener | None:
    """What follows the org's change events, where they are wanted.

    Raises:
        BadValue: the extra that it needs is not installed.
    """
    connection = connected.block(SalesforceConnection)
    if not connection.change_events:
        return None
    try:
        from integrations.salesforce.change_events.listener import ChangeEventListener
        from integrations.salesforce.change_events.pubsub import PubSub
    except ImportError as missing:
        problem = f"change events of Salesforce cannot be followed: {missing.name} is not installed"
        remedy = "install dealwright-worker[salesforce-events], or leave change_events: out"
        raise BadValue(problem, remedy, ("tools", SOURCE, "change_events")) from None
    org = org_of(connected)
    pubsub = PubSub(connection.pubsub, connection.organization, tokens_of(connected))
    return ChangeEventListener(org, Inbox(org, source_of(connection)), pubsub, connected.store)


def tokens_of(connected: Connected) -> SharedTokens:
    """The access tokens of a connection."""
    connection, store = connected.block(SalesforceConnection), connected.store
    first = connection.refresh_token.get_secret_value() if connection.refresh_token else None
    who = (connection.client_id, connection.username or "", connection.base_url or connection.login_url, first or "")
    name = f"{SOURCE}:{connection.client_id}"
    return SharedTokens(store, name, grant_of(connection), seed=who, first_refresh=first)


def org_of(connected: Connected) -> Org:
    """The org that a connection is to."""
    connection, store = connected.block(SalesforceConnection), connected.store
    tokens = tokens_of(connected)
    limit = Limit(most=connection.daily_calls, per=timedelta(days=1))
    budget = SharedBudget(store, budget_name(SOURCE, connection.organization), limit, remaining)
    tool = ToolClient(SOURCE, connection.base_url or connection.login_url, tokens, budget, classify)
    return Org(SalesforceClient(tool), connection, OrgMemory(store), lambda: datetime.now(UTC))
