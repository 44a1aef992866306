"""What an installation says of its HubSpot account: the block ``hubspot`` of the connections file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from integrations.kit.connection import BaseUrl, Connection, ForecastWord, Secret
from integrations.kit.own_fields import OwnFields

SOURCE = "hubspot"
"""Under which links, mirrored values and events of HubSpot are kept."""
KEYED = {
    "deals": "dealinformation", "contacts": "contactinformation", "companies": "companyinformation", "tasks": "task",
    "notes": "note", "calls": "call", "emails": "email", "meetings": "engagement",
}  # fmt: skip
"""Kinds of objects that have it, each with HubSpot's group of properties that it stands in."""


PropertyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,99}$")]
"""The internal name of a property."""


class HubSpotConnection(Connection):
    """One HubSpot account."""

    token: Secret
    """A service key with the scopes that ``docs/integrations/hubspot.md`` lists."""
    base_url: BaseUrl = "https://api.hubapi.com"
    client_id: str | None = None
    client_secret: Secret | None = None
    """Of the project app. Both together open the webhooks journal, from which missed events are read."""
    portal_id: int | None = None
    """The account's id, for the journal's subscriptions."""
    calls_in_ten_seconds: Annotated[int, Field(ge=1)] = 150
    """How many calls all workers together make in ten seconds. HubSpot takes 100 to 250, as the account is paid."""
    pipeline: str = "default"
    """The id of the pipeline that holds the deals."""
    forecasts: dict[ForecastWord, str] = {}
    """Our words for a forecast, each with HubSpot's option for it, where the account has options of its own."""

    fields: OwnFields = {}
    """The fields that the playbook declares, each with the property of deals that holds it."""
    outcome_property: PropertyName | None = None
    """The property of tasks, one of your own, that says how a task ended."""
    outcomes: dict[str, str] = {}
    """Outcomes of the playbook's tasks, each with HubSpot's option for it, where that is called otherwise."""

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        """What it says in the tables of the mapping file."""
        return {**super().tables, "forecasts": {str(ours): theirs for ours, theirs in self.forecasts.items()}}
