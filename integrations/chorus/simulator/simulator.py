"""A Chorus account with its API, the people who talk, and its hook.

``POST /_simulator/change``: ``{"do": "record", "emails": ["…"], "ours": ["…"], "deal": "006…", "steps": ["…"]}``, and
with ``conversation`` (its id) ``work_out`` (``steps``: action items that come later) and ``delete``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Self

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.chorus.simulator.account import Account, Conversation, JsonObject, Participant, problem_body
from integrations.kit.simulator.people import done
from integrations.kit.simulator.simulator import ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.kit.simulator.webhooks import SignedWebhook

PAGE = 100


class ChorusOptions(SimulatorOptions):
    """The token of its API."""

    token: str = "local-chorus-token"  # noqa: S105 - of a simulator
    hook_secret: str = "local-chorus-hook-secret"  # noqa: S105
    """What stands behind ``target``."""


class ChorusHooks:
    """How Chorus tells of a recording: unsigned, and nobody says how often it tries."""

    largest_batch = 1
    most_attempts = 1
    pauses: tuple[float, ...] = ()

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One recording."""
        return SignedWebhook(target, {"content-type": "application/json"}, json.dumps(events[0]).encode())

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - there is one attempt
        """The only attempt is the last one."""
        return True


class ChorusSimulator(Simulator[Account, ChorusOptions]):
    """A Chorus account."""

    name: ClassVar[str] = "chorus"
    title: ClassVar[str] = "Chorus"

    def __init__(self, options: ChorusOptions, state: Account) -> None:
        super().__init__(options, state, Switches(), ChorusHooks())
        self._hook = f"{options.target}/{options.hook_secret}" if options.target else ""
        if self._hook and self._hook not in state.hooks:
            state.hooks.append(self._hook)

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        state = Account.model_validate_json(kept) if kept else Account()
        return cls(ChorusOptions.model_validate(options), state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return [
            Route("/v3/engagements", self._engagements),
            Route("/api/v1/conversations/{id}", self._conversation),
            Route("/v3/webhook", self._hooks, methods=["GET"]),
            Route("/v3/webhook", self._subscribe, methods=["POST"]),
        ]

    def refusal(self, request: Request) -> Response | None:
        """401 without the token."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.answer_to("expire_token") if given != self.options.token else None

    def answer_to(self, fault: str) -> Response:
        """In Chorus's words, as far as they are known."""
        status, detail = {
            "quota_spent": (429, "Too many requests"),
            "expire_token": (401, "Unauthorized"),
        }.get(fault, (500, "Internal error"))
        return JSONResponse(problem_body(detail), status)

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a person does."""
        return done(change, {"record": self._record, "work_out": self._work_out, "delete": self._delete})

    def connection(self, address: str) -> ConnectionExample:
        """The block ``chorus``."""
        block: JsonObject = {
            "token": "secret:token", "base_url": address, "system": "hubspot", "webhook_secrets": ["secret:hook"],
            **({"webhook_url": self._hook} if self._hook else {}),
        }  # fmt: skip
        secrets = {"token": self.options.token, "hook": self.options.hook_secret}
        return ConnectionExample(source=self.name, block=block, secrets=secrets)

    async def _engagements(self, request: Request) -> Response:
        asked = request.query_params
        if asked.keys() - {"min_date", "max_date", "participants_email", "continuation_key"}:
            return JSONResponse(problem_body("unknown parameter"), 400)
        begins = datetime.fromisoformat(asked.get("min_date", "2000-01-01T00:00:00+00:00"))
        ends = datetime.fromisoformat(asked.get("max_date", "9000-01-01T00:00:00+00:00"))
        found = [one for one in self.state.conversations.values() if begins <= one.start_time < ends]
        first = int(asked.get("continuation_key", "0"))
        listed = [
            {"engagement_id": one.id, "subject": one.name, "date_time": one.start_time.timestamp()}
            for one in found[first : first + PAGE]
        ]
        more = {"continuation_key": str(first + PAGE)} if first + PAGE < len(found) else {}
        return JSONResponse({"engagements": listed, **more})

    async def _conversation(self, request: Request) -> Response:
        there = self.state.conversations.get(request.path_params["id"])
        return JSONResponse(problem_body("not found"), 404) if there is None else JSONResponse(there.shown())

    async def _hooks(self, _: Request) -> Response:
        return JSONResponse({"hooks": [{"event": "recording_done", "hook_url": one} for one in self.state.hooks]})

    async def _subscribe(self, request: Request) -> Response:
        body = from_json(await request.body())
        if not isinstance(body, dict) or body.keys() != {"event", "hook_url"} or body["event"] != "recording_done":
            return JSONResponse(problem_body("event and hook_url are needed"), 400)
        self.state.hooks.append(str(body["hook_url"]))
        return JSONResponse({"hook_url": body["hook_url"]}, 201)

    def _record(self, change: JsonObject) -> Conversation:
        minutes = int(str(change.get("minutes", 30)))
        made = Conversation(
            id=str(change.get("id", f"CH{len(self.state.conversations) + 1:06}")), duration=minutes * 60,
            name=str(change.get("title", "Discovery")), private=change.get("private") is True,
            start_time=self.now() - timedelta(minutes=minutes + 1), steps=_texts(change, "steps"),
            deal=str(change["deal"]) if "deal" in change else None,
            participants=[*_people(change, "emails", "cust"), *_people(change, "ours", "rep")],
        )  # fmt: skip
        self.state.conversations[made.id] = made
        for hook in self.state.hooks:
            self.webhooks.add(hook, {"event": "recording_done", "engagement_id": made.id})
        return made

    def _work_out(self, change: JsonObject) -> Conversation:
        there = self.state.conversations[str(change["conversation"])]
        there.steps = [*there.steps, *_texts(change, "steps")]
        return there

    def _delete(self, change: JsonObject) -> Conversation:
        return self.state.conversations.pop(str(change["conversation"]))


def _texts(change: JsonObject, name: str) -> list[str]:
    given = change.get(name)
    return [str(one) for one in given] if isinstance(given, list) else []


def _people(change: JsonObject, name: str, type_: str) -> list[Participant]:
    return [Participant(name=one.partition("@")[0].title(), email=one, type=type_) for one in _texts(change, name)]
