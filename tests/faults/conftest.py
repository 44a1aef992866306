from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.server.server import LocalServer
from tests.faults.calendar_world import CalendarWorld
from tests.faults.docusign_world import DocuSignWorld
from tests.faults.hubspot_world import HubSpotWorld
from tests.faults.pipedrive_world import PipedriveWorld
from tests.faults.qwilr_world import QwilrWorld
from tests.faults.salesforce_world import SalesforceWorld
from tests.faults.stripe_world import StripeWorld
from tests.faults.tool_world import a_tool_world
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import MailServer
from tests.store.databases import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="package")
async def mail(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailServer]:
    """A mail server that always takes what it is given."""
    async with MailServer(tmp_path_factory.mktemp("mail") / "mail.jsonl") as server:
        yield server


@pytest.fixture
async def own_world(temporal_server: LocalServer, mail: MailServer, tmp_path: Path) -> AsyncIterator[World]:
    """A namespace and a database of the test's own."""
    async with a_world(temporal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world:
        yield world


@pytest.fixture
async def hubspot(own_world: World, tmp_path: Path) -> AsyncIterator[HubSpotWorld]:
    """An installation with its worker and gateway, connected to a HubSpot account of its own."""
    async with a_tool_world(HubSpotWorld, own_world, tmp_path, "hubspot") as lived:
        yield lived


@pytest.fixture
async def salesforce(own_world: World, tmp_path: Path) -> AsyncIterator[SalesforceWorld]:
    """An installation with its worker and gateway, connected to a Salesforce org of its own."""
    async with a_tool_world(SalesforceWorld, own_world, tmp_path, "salesforce") as lived:
        yield lived


@pytest.fixture
async def pipedrive(own_world: World, tmp_path: Path) -> AsyncIterator[PipedriveWorld]:
    """An installation with its worker and gateway, connected to a Pipedrive company of its own."""
    async with a_tool_world(PipedriveWorld, own_world, tmp_path, "pipedrive") as lived:
        yield lived


@pytest.fixture
async def calendars(own_world: World, tmp_path: Path) -> AsyncIterator[CalendarWorld]:
    """An installation with its worker and gateway, connected to calendars, to Calendly and to Slack."""
    async with a_tool_world(CalendarWorld, own_world, tmp_path, "google_calendar", "calendly", "slack") as lived:
        yield lived


@pytest.fixture
async def stripe(own_world: World, tmp_path: Path) -> AsyncIterator[StripeWorld]:
    """An installation with its worker and gateway, that bills in a Stripe account of its own."""
    async with a_tool_world(StripeWorld, own_world, tmp_path, "stripe") as lived:
        yield lived


@pytest.fixture
async def docusign(own_world: World, tmp_path: Path) -> AsyncIterator[DocuSignWorld]:
    """An installation with its worker and gateway, whose contracts are signed in a DocuSign account of its own."""
    async with a_tool_world(DocuSignWorld, own_world, tmp_path, "docusign") as lived:
        yield lived


@pytest.fixture
async def qwilr(own_world: World, tmp_path: Path) -> AsyncIterator[QwilrWorld]:
    """An installation with its worker and gateway, that offers in a Qwilr account of its own."""
    async with a_tool_world(QwilrWorld, own_world, tmp_path, "qwilr") as lived:
        yield lived
