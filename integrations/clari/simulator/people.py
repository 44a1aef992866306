"""What people do in Clari, for ``POST /_simulator/change``.

``{"do": "set", "opportunity": "006…", "field": "opportunity.forecastCategory", "value": "Commit"}``, perhaps with
``days_ago``, or ``undated``: without a trace in its history; ``{"do": "delete", "opportunity": "006…"}``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from pydantic import JsonValue

from integrations.clari.simulator.organization import Field, JsonObject, Opportunity, Organization, Step
from integrations.kit.simulator.people import done


class People:
    """Those who forecast."""

    def __init__(self, organization: Organization, now: Callable[[], datetime]) -> None:
        self._organization, self._now = organization, now

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the opportunity.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {"set": self._set, "delete": self._delete})

    def _set(self, change: JsonObject) -> Opportunity:
        id_, name, value = str(change["opportunity"]), str(change["field"]), change["value"]
        there = self._organization.opportunities.setdefault(id_, Opportunity(id=id_))
        field = there.fields.setdefault(name, Field())
        on = (self._now() - timedelta(days=float(str(change.get("days_ago", 0))))).astimezone(UTC).date()
        at = int(datetime.combine(on, time(), UTC).timestamp() * 1000)
        if change.get("undated") is not True:
            field.history.append(Step(old=field.value, new=value, date=at))
        field.value = value
        return there

    def _delete(self, change: JsonObject) -> Opportunity:
        return self._organization.opportunities.pop(str(change["opportunity"]))
