"""A Slack workspace with its Web API, its people and the buttons that they press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.slack.simulator.errors import SlackError, too_many
from integrations.slack.simulator.interactions import InteractionPosts, Interactions, SlackSwitches
from integrations.slack.simulator.web_api import WebApi
from integrations.slack.simulator.workspace import Workspace, new_workspace

_SCOPES = "chat:write,users:read,users:read.email,im:write,channels:history,im:history"


class SlackOptions(SimulatorOptions):
    """The app's credentials and scopes."""

    token: str = "xoxb-local-slack"  # noqa: S105 - of a simulator
    signing_secret: str = "local-slack-secret"  # noqa: S105 - of a simulator
    scopes: str = _SCOPES
    """With commas between them."""
    posts_a_second: Annotated[int, Field(ge=1)] = 1
    """Messages that a channel takes in a second."""
    calls_a_minute: Annotated[int, Field(ge=1)] = 100
    """What the connection's block says of it. Slack itself counts each method by itself."""


class SlackSimulator(Simulator[Workspace, SlackOptions]):
    """A workspace in which the app is installed."""

    name: ClassVar[str] = "slack"
    title: ClassVar[str] = "Slack"

    def __init__(self, options: SlackOptions, state: Workspace) -> None:
        switches = SlackSwitches()
        super().__init__(options, state, switches, InteractionPosts(options.signing_secret, switches))
        self._interactions = Interactions(state, self.now)
        self._address = ""

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Workspace.model_validate_json(kept) if kept else new_workspace()
        return cls(SlackOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The Web API, and where presses are answered."""
        scopes = frozenset(self.options.scopes.split(","))
        api = WebApi(self.state, scopes, self.options.posts_a_second, self.now)
        return [*api.routes(), *self._interactions.routes()]

    def refusal(self, request: Request) -> Response | None:
        """``ok: false`` without the token."""
        self._address = str(request.base_url).rstrip("/")
        if request.url.path.startswith("/actions/"):
            return None
        given = request.headers.get("authorization", "")
        if given == f"Bearer {self.options.token}":
            return None
        return SlackError("invalid_auth" if given else "not_authed").response()

    def answer_to(self, fault: str) -> Response:
        """In Slack's words."""
        match fault:
            case "quota_spent":
                return too_many(30)
            case "expire_token":
                return SlackError("token_expired").response()
            case _:
                return JSONResponse({"ok": False, "error": "internal_error"}, 500)

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does.

        ``{do: press, user, action_id, channel, ts, value, note}``, the last four if need be,
        ``{do: leave, user}`` (the company), ``{do: archive, channel}``, ``{do: delete, channel, ts}`` (a message).

        Raises:
            BadChange: nobody can do that.
        """
        match change.get("do"):
            case "press":
                pressed = self._interactions.press(change, self._address)
                self.webhooks.add(self.options.target, pressed)
                return pressed
            case "leave" if (user := self.state.users.get(str(change.get("user")))) is not None:
                user.deleted = True
                return user.id
            case "archive" if (channel := self.state.conversations.get(str(change.get("channel")))) is not None:
                channel.is_archived = True
                return channel.id
            case "delete":
                self.state.delete(str(change.get("channel")), str(change.get("ts")))
                return change.get("ts")
        raise BadChange("do is to be press, leave, archive or delete, with somebody or something that is there")

    def connection(self, address: str) -> ConnectionExample:
        """The block ``slack``."""
        return ConnectionExample(
            source=self.name,
            is_chat=True,
            block={
                "token": "secret:bot-token",
                "webhook_secrets": ["secret:signing-secret"],
                "base_url": address,
                "channel": "C0DEALS",
                "channels": {"sales_manager": "C0MANAGERS"},
                "calls_a_minute": self.options.calls_a_minute,
            },
            secrets={"bot-token": self.options.token, "signing-secret": self.options.signing_secret},
        )
