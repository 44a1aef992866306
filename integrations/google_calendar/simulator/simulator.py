"""Google calendars with their API, the people who use them, and watch channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.google_calendar.simulator.api import Api, problem
from integrations.google_calendar.simulator.notices import GoogleNotices, notice
from integrations.google_calendar.simulator.people import People
from integrations.google_calendar.simulator.switches import GoogleCalendarSwitches
from integrations.google_calendar.simulator.tokens import Client, TokenEndpoint
from integrations.google_calendar.simulator.workspace import Channel, Event, Workspace
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions


class GoogleCalendarOptions(SimulatorOptions):
    """Whose calendars there are, and who is let in."""

    calendars: str = "sam@seller.example,ana@seller.example"
    """With commas between them. The first one's owner sees all of them, and gave the refresh token."""
    client_id: str = "local-client.apps.googleusercontent.com"
    client_secret: str = "local-google-client-secret"  # noqa: S105 - of a simulator
    refresh_token: str = "1//local-google-refresh-token"  # noqa: S105 - of a simulator
    service_account: str = "dealwright@local.iam.gserviceaccount.com"
    public_key: str = ""
    """Of the service account, in PEM form."""
    channel_token: str = "local-google-channel-token"  # noqa: S105 - of a simulator


class GoogleCalendarSimulator(Simulator[Workspace, GoogleCalendarOptions]):
    """Calendars of one Workspace."""

    name: ClassVar[str] = "google_calendar"
    title: ClassVar[str] = "Google Calendar"

    def __init__(self, options: GoogleCalendarOptions, state: Workspace) -> None:
        self._switches = GoogleCalendarSwitches()
        super().__init__(options, state, self._switches, GoogleNotices())
        client = Client(
            client_id=options.client_id, client_secret=options.client_secret, refresh_token=options.refresh_token,
            user=state.calendars[0], service_account=options.service_account, public_key=options.public_key,
        )  # fmt: skip
        self._tokens = TokenEndpoint(state, client, self.now)

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        read = GoogleCalendarOptions.model_validate(options)
        state = Workspace.model_validate_json(kept) if kept else Workspace(calendars=read.calendars.split(","))
        return cls(read, state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return Api(self.state, self._tokens, self._switches, self.now, self._send).routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without a good token."""
        if request.url.path == "/token" or self._tokens.subject_of(request.headers.get("authorization", "")):
            return None
        return self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """In Google's words."""
        match fault:
            case "quota_spent" if self._switches.quota_as_429:
                return problem(429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")
            case "quota_spent":
                return problem(403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits")
            case "expire_token":
                return problem(401, "authError", "Invalid Credentials")
            case _:
                return problem(500, "backendError", "Backend Error")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does; see ``integrations.google_calendar.simulator.people``. Or Google itself."""
        match change.get("do"):
            case "forget_sync_tokens":
                self.state.oldest_sync_token = self.state.changes + 1
                self.state.changes += 1
            case "end_channels":
                for channel in self.state.channels.values():
                    channel.ends_at = self.now()
            case "end_access_tokens":
                self.state.tokens.clear()
            case _:
                return People(self.state, self.now, self._tell).do(change)
        return None

    def connection(self, address: str) -> ConnectionExample:
        """The block ``google_calendar``."""
        return ConnectionExample(
            source=self.name,
            block={
                "calendars": [*self.state.calendars],
                "client_id": self.options.client_id,
                "client_secret": "secret:client-secret",
                "refresh_token": "secret:refresh-token",
                "base_url": address,
                "token_url": f"{address}/token",
                "webhook_secrets": ["secret:channel-token"],
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={
                "client-secret": self.options.client_secret,
                "refresh-token": self.options.refresh_token,
                "channel-token": self.options.channel_token,
            },
        )

    def _tell(self, event: Event) -> None:
        for channel in self.state.channels.values():
            if event.is_in(channel.calendar):
                self._send(channel, "exists")

    def _send(self, channel: Channel, state: str) -> None:
        if channel.ends_at > self.now():
            channel.sent += 1
            self.webhooks.add(channel.address, notice(channel, state))
