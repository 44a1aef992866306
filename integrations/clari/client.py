"""Clari's API, as far as Dealwright uses it: what it holds of opportunities, and the organization's limits.

https://developer.clari.com/documentation/external_spec (version 5.0.0). Each method raises ``NotHandedOver``,
``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from integrations.clari.settings import SOURCE, ClariConnection
from integrations.kit.answers import Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.errors import Refused, Unanswered
from integrations.kit.http import ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

MOST_AT_ONCE = 25
"""Opportunities in one call. Clari takes 100, but shows all fields of each with their history, and answers of more than
8 MiB are not read."""
_LIMIT = Limit(most=10, per=timedelta(seconds=1))
"""Clari says 100 a second of its ingestion alone."""
_OPPORTUNITIES = Operation(name="read opportunities")
_LIMITS = Operation(name="read the organization's limits")


class Trend(BaseModel):
    """That a field got a value."""

    newValue: JsonValue = None  # noqa: N815 - Clari's names
    date: int | None = None
    """Milliseconds. In Clari's examples it is the beginning of a day (UTC)."""


class OpportunityField(BaseModel):
    """A field of an opportunity. Clari documents its value as "any"."""

    id: str
    value: JsonValue = None
    trendHistory: list[Trend] | None = None  # noqa: N815


class Opportunity(BaseModel):
    """What Clari holds of an opportunity, under the CRM's id of it."""

    id: str
    fields: list[OpportunityField] = []

    def field(self, id_: str | None) -> OpportunityField | None:
        """A field; None where Clari does not show it."""
        return next((one for one in self.fields if one.id == id_), None)


_READ = TypeAdapter(list[Opportunity])


class ClariClient:
    """One Clari organization. Close it at the end."""

    def __init__(self, connection: ClariConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.api_key.get_secret_value()), _LIMIT)
        token = FixedToken(connection.api_key, header="apikey", form="{}")
        self._base_url = connection.base_url
        self._http = ToolClient("Clari", connection.base_url, token, budget)

    async def opportunities(self, ids: Sequence[str]) -> list[Opportunity]:
        """Those of at most 25 ids that Clari has.

        What it says of an id that it does not have is not documented: where it refuses several at once, each half is
        asked for by itself, and an id that is refused alone is one that it does not have.
        """
        try:
            return await self._read(ids)
        except Refused:
            if len(ids) == 1:
                return []
            await self.limits()  # where all is refused, it is not for an id
            middle = len(ids) // 2
            return [*await self.opportunities(ids[:middle]), *await self.opportunities(ids[middle:])]

    async def limits(self) -> None:
        """Whether the organization's limits can be read: whether the token is good."""
        await self._http.call(_LIMITS, "/v4/admin/limits")

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _read(self, ids: Sequence[str]) -> list[Opportunity]:
        query = urlencode([("oppId", one) for one in ids])
        answer = await self._http.call(_OPPORTUNITIES, f"{self._base_url}/v4/opportunity?{query}")
        try:
            return _READ.validate_json(answer.body)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"])) or "its body"
            raise Unanswered(f"it answered with what cannot be read ({where})") from None
