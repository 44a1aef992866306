"""Puts the adapter of an org together, from its block in the connections file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from integrations.kit.http import ToolClient
from integrations.kit.ports import Crm
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.kit.tokens import SharedTokens
from integrations.kit.tool import Connected
from integrations.salesforce.answers import classify
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.crm import SalesforceCrm
from integrations.salesforce.login import grant_of, remaining
from integrations.salesforce.memory import OrgMemory
from integrations.salesforce.org import Org
from integrations.salesforce.settings import SOURCE, SalesforceConnection


def crm(connected: Connected) -> Crm:
    """The org as the CRM."""
    return SalesforceCrm(org_of(connected))


def org_of(connected: Connected) -> Org:
    """The org that a connection is to."""
    connection, store = connected.block(SalesforceConnection), connected.store
    who = (connection.client_id, connection.username or "", connection.base_url or connection.login_url)
    tokens = SharedTokens(store, f"{SOURCE}:{connection.client_id}", grant_of(connection), seed=who)
    limit = Limit(most=connection.daily_calls, per=timedelta(days=1))
    budget = SharedBudget(store, budget_name(SOURCE, connection.organization), limit, remaining)
    tool = ToolClient(SOURCE, connection.base_url or connection.login_url, tokens, budget, classify)
    return Org(SalesforceClient(tool), connection, OrgMemory(store), lambda: datetime.now(UTC))
