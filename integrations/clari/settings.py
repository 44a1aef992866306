"""What an installation says of its Clari organization: the block ``clari`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from integrations.kit.connection import BaseUrl, Connection, ForecastWord, Secret

SOURCE = "clari"
"""Under which mirrored values and events of Clari are kept."""
FieldId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,119}$")]
"""What Clari calls a field of opportunities: ``opportunity.amount``."""
System: TypeAlias = Literal["salesforce", "hubspot", "pipedrive"]


class ClariConnection(Connection):
    """One Clari organization. It sends no webhooks: its opportunities are asked for."""

    api_key: Secret
    """An API token, made by a user under Settings, API Token. It ends when that user is deactivated."""
    base_url: BaseUrl = "https://api.clari.com"
    system: System = "salesforce"
    """The CRM that Clari reads, whose ids its opportunities have."""
    forecast_field: FieldId | None = "opportunity.forecastCategory"
    """The field that says how sure an opportunity is; None where none does."""
    close_field: FieldId | None = "opportunity.closeDate"
    """The field that says when it should close."""
    forecasts: dict[ForecastWord, str] = {}
    """Our words for a forecast, each with Clari's category, where they are not the usual English ones."""
    poll_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    """How often the opportunities of open deals are asked for: one call for each 25."""

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        """What it says in the tables of the mapping file."""
        return {**super().tables, "forecasts": {str(ours): theirs for ours, theirs in self.forecasts.items()}}
