"""One org as everything that works with it needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.memory import OrgMemory
from integrations.salesforce.settings import SalesforceConnection


@dataclass(frozen=True)
class Org:
    """An org: how to call it, what an installation says of it, and what is remembered of it."""

    client: SalesforceClient
    connection: SalesforceConnection
    memory: OrgMemory
    clock: Callable[[], datetime]
    """The wall clock."""
