"""A HubSpot account with its API, its people and its webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.hubspot.simulator.batches_api import BatchesApi
from integrations.hubspot.simulator.changes import Author, Changes
from integrations.hubspot.simulator.errors import HubSpotError
from integrations.hubspot.simulator.journal_api import JournalApi
from integrations.hubspot.simulator.new_portal import new_portal
from integrations.hubspot.simulator.objects_api import ObjectsApi
from integrations.hubspot.simulator.people import People
from integrations.hubspot.simulator.portal import Portal
from integrations.hubspot.simulator.rate_limits import RateLimits, too_many
from integrations.hubspot.simulator.search_api import SearchApi
from integrations.hubspot.simulator.settings_api import SettingsApi
from integrations.hubspot.simulator.webhook_rules import HubSpotWebhooks
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Seconds, Switches, Times

_OWN_PROOF = ("/oauth/", "/webhooks-journal/", "/_files/")
"""Paths that the service key does not open: they look at who calls themselves."""


_STAGES = {
    "research": "appointmentscheduled", "outreach": "appointmentscheduled", "nurture": "",
    "discovery": "qualifiedtobuy", "presentation": "presentationscheduled", "proposal": "decisionmakerboughtin",
    "close": "closedwon", "customer": "closedwon",
    "target": "appointmentscheduled", "evaluation": "presentationscheduled", "won": "closedwon",
}  # fmt: skip
"""The stages of ``b2b-saas``, then those that only ``enterprise-outbound`` has, in the pipeline of every account."""


class HubSpotOptions(SimulatorOptions):
    """The keys of the account and its app."""

    token: str = "local-hubspot-service-key"  # noqa: S105 - of a simulator
    """The service key, which calls carry."""
    client_id: str = "local-hubspot-app"
    client_secret: str = "local-hubspot-secret"  # noqa: S105 - of a simulator
    """Of the project app: signs webhooks, and opens the journal."""
    app_id: int = 30000001
    portal_id: int = 40000001
    set_up: bool = True
    """Whether the account has our unique property already, as after setting it up."""
    calls_in_ten_seconds: Annotated[int, Field(ge=1)] = 190


class HubSpotSwitches(Switches):
    """What HubSpot does wrong besides."""

    search_lag: Seconds = 5
    """Seconds until a search finds what was written."""
    same_event_id: Times = 0
    """Events that have the ``eventId`` of the one before."""
    quota_lasts: Seconds = 0
    """What is said (``Retry-After``) of a limit that is reached; 0 says nothing."""
    generic_events: bool = False
    """Whether deals' and contacts' events are named ``object.*`` too, as in subscriptions of the newer kind."""


class HubSpotSimulator(Simulator[Portal, HubSpotOptions]):
    """A HubSpot account."""

    name: ClassVar[str] = "hubspot"
    title: ClassVar[str] = "HubSpot"
    switches: HubSpotSwitches

    def __init__(self, options: HubSpotOptions, state: Portal) -> None:
        switches = HubSpotSwitches()
        super().__init__(options, state, switches, HubSpotWebhooks(options.client_secret))
        self._limits = RateLimits(options.calls_in_ten_seconds)
        self._changes = Changes(state, options.app_id, switches, self.now, self._tell)

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        read = HubSpotOptions.model_validate(options)
        return cls(read, Portal.model_validate_json(kept) if kept else new_portal(read.portal_id, set_up=read.set_up))

    def routes(self) -> Sequence[BaseRoute]:
        """The API; what is more exact stands first."""
        us = Author("INTEGRATION", str(self.options.app_id))
        journal = JournalApi(self._changes, self.options.client_id, self.options.client_secret)
        return [
            *BatchesApi(self._changes, us).routes(),
            *SearchApi(self._changes).routes(),
            *ObjectsApi(self._changes, us).routes(),
            *SettingsApi(self._changes).routes(),
            *journal.routes(),
        ]

    def refusal(self, request: Request) -> Response | None:
        """401 without the service key, 429 above the limit."""
        path = request.url.path
        if path.startswith(_OWN_PROOF):
            return None
        if request.headers.get("authorization") != f"Bearer {self.options.token}":
            return self.answer_to("expire_token")
        try:
            self._limits.count(self.now(), search=path.endswith("/search"))
        except HubSpotError as error:
            return error.response()
        return None

    def headers(self) -> dict[str, str]:
        """How many calls are left."""
        return self._limits.headers()

    def answer_to(self, fault: str) -> Response:
        """In HubSpot's words."""
        match fault:
            case "quota_spent":
                refusal = too_many("DAILY", "daily").response()
                if lasts := self.switches.quota_lasts:
                    refusal.headers["Retry-After"] = f"{lasts:.0f}"
                return refusal
            case "expire_token":
                text = "Authentication credentials not found, or expired."
                return HubSpotError(401, "INVALID_AUTHENTICATION", text).response()
            case _:
                return HubSpotError(500, "INTERNAL_ERROR", "internal error").response()

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.hubspot.simulator.people``."""
        return People(self._changes).do(change)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``hubspot``."""
        return ConnectionExample(
            source=self.name,
            is_crm=True,
            block={
                "token": "secret:service-key",
                "webhook_secrets": ["secret:client-secret"],
                "client_id": self.options.client_id,
                "client_secret": "secret:client-secret",
                "portal_id": self.options.portal_id,
                "base_url": address,
                "calls_in_ten_seconds": max(1, self.options.calls_in_ten_seconds * 4 // 5),
                "settings": {"currency": "EUR", "app_id": str(self.options.app_id)},
                "stages": {**_STAGES},
            },
            secrets={"service-key": self.options.token, "client-secret": self.options.client_secret},
        )

    def _tell(self, *events: JsonValue) -> None:
        self.webhooks.add(self.options.target, *events)
