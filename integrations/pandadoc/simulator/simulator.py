"""A PandaDoc workspace with its API, the buyers who answer documents, and its webhooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.pandadoc.actions import FORWARDED, VIEWED
from integrations.pandadoc.simulator.api import Api, problem
from integrations.pandadoc.simulator.trail_api import TrailApi
from integrations.pandadoc.simulator.webhook_rules import PandaDocPosts
from integrations.pandadoc.simulator.workspace import Document, Logged, Subscription, Workspace, new_id

_TRIGGERS = ["document_state_changed", "recipient_completed"]
_OPEN = frozenset({"document.sent", "document.viewed"})


class PandaDocOptions(SimulatorOptions):
    """The workspace's key, its subscription's shared key, and its template."""

    key: str = "pandadoc-local-key"
    shared_key: str = "pandadoc-local-shared-key"
    template: str = "7Xfnrk7dTaWJ78wNUrg3rr"
    drafting_looks: int = 1
    """How often a document is looked for in vain while it is being made."""


class PandaDocSimulator(Simulator[Workspace, PandaDocOptions]):
    """A workspace, as a sandbox is."""

    name: ClassVar[str] = "pandadoc"
    title: ClassVar[str] = "PandaDoc"

    def __init__(self, options: PandaDocOptions, state: Workspace) -> None:
        super().__init__(options, state, Switches(), PandaDocPosts(options.shared_key))
        self._api = Api(state, options.drafting_looks, self.now, self._tell)
        if options.target and options.target not in {one.url for one in state.subscriptions.values()}:
            made = Subscription(
                uuid=new_id(), url=options.target, triggers=[*_TRIGGERS], payload=["metadata", "tokens"],
                shared_key=options.shared_key,
            )  # fmt: skip
            state.subscriptions[made.uuid] = made

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        read = PandaDocOptions.model_validate(options)
        state = Workspace.model_validate_json(kept) if kept else Workspace(templates=[read.template])
        return cls(read, state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return [*TrailApi(self.state).routes(), *self._api.routes()]

    def refusal(self, request: Request) -> Response | None:
        """401 without the key."""
        if request.headers.get("authorization") != f"API-Key {self.options.key}":
            return self.answer_to("expire_token")
        return None

    def answer_to(self, fault: str) -> Response:
        """In PandaDoc's words."""
        match fault:
            case "quota_spent":
                return problem(429, "request_error", "Request was throttled. Expected available in 2 seconds.")
            case "expire_token":
                return problem(401, "authentication_error", "Authentication credentials were not provided.")
            case _:
                return problem(500, "internal_error", "An unexpected error occurred.")

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a buyer does with a document, or a person or PandaDoc itself.

        ``{"do": "view", "document": …, "email": …}`` (else its first recipient), ``forward`` (by ``email``), ``sign``
        (the only recipient, so that it is completed), ``decline``, ``expire``, ``void`` (by a person), ``edit`` (it is
        a draft again; ``total``: what its pricing table comes to then, ``tokens``: what its variables say), ``send`` (a
        draft, by a person), ``disable`` (the subscription), ``demote`` and ``promote`` (whoever has the key).

        Raises:
            BadChange: nobody can do that.
        """
        wanted = str(change.get("do"))
        if wanted == "disable":
            for one in self.state.subscriptions.values():
                one.active, one.status = False, "DEACTIVATED"
            return None
        if wanted in {"demote", "promote"}:
            self.state.administrator = wanted == "promote"
            return None
        self._api.made_in_the_background()
        document = self.state.documents.get(str(change.get("document")))
        if document is None:
            raise BadChange("there is no such document")
        needed = {"document.draft"} if wanted == "send" else _OPEN
        if document.status not in needed:
            raise BadChange(f"it is {document.status}")
        if wanted == "edit":
            tokens = change.get("tokens")
            document.total = str(change.get("total", document.total))
            document.tokens |= {
                name: str(value) for name, value in (tokens if isinstance(tokens, dict) else {}).items()
            }
        self._do(wanted, document, str(change.get("email") or document.recipients[0].email))
        return document.listed()

    def connection(self, address: str) -> ConnectionExample:
        """The block ``pandadoc``."""
        return ConnectionExample(
            source=self.name,
            block={
                "key": "secret:key",
                "webhook_secrets": ["secret:shared-key"],
                "base_url": address,
                "templates": {"offer 3": self.options.template},
                **({"webhook_url": self.options.target} if self.options.target else {}),
            },
            secrets={"key": self.options.key, "shared-key": self.options.shared_key},
        )

    def _do(self, wanted: str, document: Document, email: str) -> None:
        match wanted:
            case "view":
                document.add(VIEWED, email, self.now())
                if document.status == "document.sent":  # of later ones webhooks tell nothing
                    self._set(document, "document.viewed")
            case "forward":
                document.add(FORWARDED, email, self.now())
            case "sign":
                document.recipients[0].has_completed, document.modified = True, self.now()
                self._tell(document, "recipient_completed")
                self._set(document, "document.completed")
            case "decline":
                self._set(document, "document.declined")
            case "expire":
                document.expires = self.now()
                self._set(document, "document.voided")
            case "void":
                self._set(document, "document.voided")
            case "edit":
                self._set(document, "document.draft")
            case "send":
                document.sendings += 1
                self._set(document, "document.sent")
            case _:
                raise BadChange("do is to be view, forward, sign, decline, expire, void, edit, send or disable")

    def _set(self, document: Document, status: str) -> None:
        document.status, document.modified = status, self.now()
        self._tell(document, "document_state_changed")

    def _tell(self, document: Document, event: str) -> None:
        """Log what subscribers are told, and tell those that are active."""
        for one in self.state.subscriptions.values():
            if event not in one.triggers:
                continue
            told = document.told(one.payload)
            if event == "recipient_completed":
                first = document.recipients[0]
                told |= {"action_by": {"email": first.email}, "action_date": told["date_modified"]}
            body = json.dumps([{"event": event, "data": told}])
            logged = Logged(uuid=new_id(), type=event, event_time=self.now(), request_body=body)
            self.state.log.append(logged)
            if one.active:
                self.webhooks.add(one.url, {"uuid": logged.uuid, "body": body})
