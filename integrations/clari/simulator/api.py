"""Clari's API, v4, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.clari.simulator.organization import Organization
from integrations.clari.simulator.switches import ClariSwitches

MOST = 100
"""Opportunities in one call."""
_KNOWN = {"oppId", "mode"}


def problem(status: int, phrase: str, description: str, details: str) -> Response:
    """An error as Clari's opportunity API writes it: a list, with its own spelling of ``reasonPhrase``."""
    one = {"statusCode": status, "reaspnPhrase": phrase, "description": description, "details": details}
    return JSONResponse([one], status)


class Api:
    """The paths."""

    def __init__(self, organization: Organization, switches: ClariSwitches) -> None:
        self._organization, self._switches = organization, switches

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/v4/opportunity", self._opportunities, methods=["GET"]),
            Route("/v4/admin/limits", self._limits, methods=["GET"]),
        ]

    async def _opportunities(self, request: Request) -> Response:
        wanted, held = request.query_params.getlist("oppId"), self._organization.opportunities
        unknown = [name for name in request.query_params if name not in _KNOWN]
        if unknown or not wanted or len(wanted) > MOST:
            details = f"{unknown[0]} is unknown" if unknown else "oppId is required" if not wanted else "too many oppId"
            return problem(400, "Bad Request", "invalid query parameter", details)
        missing = [one for one in wanted if one not in held]
        if missing and self._switches.refuse_unknown:
            return problem(400, "Bad Request", "invalid query parameter", f"no opportunity {missing[0]}")
        return JSONResponse([held[one].shown() for one in dict.fromkeys(wanted) if one in held])

    async def _limits(self, _: Request) -> Response:
        return JSONResponse({"jobs": {
            "concurrentLimit": 3, "monthlyQuota": 1000, "submittedJobIds": [], "availableConcurrentLimit": 3,
            "availableMonthlyQuota": 1000,
        }})  # fmt: skip
