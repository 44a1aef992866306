"""A Qwilr account with its API, the buyers who open and accept pages, and its webhooks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.kit.simulator.people import done
from integrations.kit.simulator.simulator import BadChange, ConnectionExample, Simulator, SimulatorOptions
from integrations.kit.simulator.switches import Switches
from integrations.kit.simulator.webhooks import SignedWebhook
from integrations.qwilr.simulator.account import Accepter, Account, JsonObject, Page, Subscription, new_id
from integrations.qwilr.simulator.api import Api, problem

_OPEN = frozenset({"live", "accepting"})
_SUBSCRIBED = (
    "pageFirstViewed", "pageViewed", "pagePartiallyAccepted", "pageAccepted", "pageSetLive", "pageRevivedLive",
)  # fmt: skip


class QwilrOptions(SimulatorOptions):
    """The account's token, its template, and the secret at the end of the webhooks' address."""

    key: str = "qwilr-local-token"
    hook_secret: str = "qwilr-local-hook-secret"  # noqa: S105 - of a simulator
    """What stands behind ``target``."""
    template: str = "6ee0f841f3cc8900090d82dc"


class QwilrHooks:
    """How Qwilr tells of an event: unsigned. When it tries again is not documented."""

    largest_batch = 1
    most_attempts = 4
    pauses: tuple[float, ...] = ()

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002
        """One event."""
        return SignedWebhook(target, {"content-type": "application/json"}, json.dumps(events[0]).encode())

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        return 200 <= status < 300  # noqa: PLR2004 - the range of success

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - none is
        """There is another attempt after any other answer."""
        return False


class QwilrSimulator(Simulator[Account, QwilrOptions]):
    """A Qwilr account.

    ``POST /_simulator/change``: ``{"do": "view", "page": …}``, ``accept`` (by ``email``; with ``"of": 2`` by one of
    two), ``rehearse`` (an acceptance of the preview), ``decline``, ``expire``, ``disable``, ``set_live`` and ``delete``
    (by a person, or by the clock, and told to nobody but for ``set_live``), and ``unsubscribe``, which deletes all
    webhook subscriptions and needs no page. ``name_links_otherwise`` and ``name_links_as_before`` change what pages
    call their address.
    """

    name: ClassVar[str] = "qwilr"
    title: ClassVar[str] = "Qwilr"

    def __init__(self, options: QwilrOptions, state: Account) -> None:
        super().__init__(options, state, Switches(), QwilrHooks())
        self._api = Api(state, self.now, self._tell)
        self._hook = f"{options.target}/{options.hook_secret}" if options.target else ""
        if self._hook and self._hook not in {one.url for one in state.subscriptions.values()}:
            for event in _SUBSCRIBED:
                made = Subscription(id=new_id(), event=event, url=self._hook)
                state.subscriptions[made.id] = made

    @classmethod
    def made_of(cls, options: dict[str, str], kept: bytes | None) -> Self:
        """A simulator with these options, and with what it held before."""
        read = QwilrOptions.model_validate(options)
        state = Account.model_validate_json(kept) if kept else Account(templates=[read.template])
        return cls(read, state)

    def routes(self) -> Sequence[BaseRoute]:
        """The API."""
        return self._api.routes()

    def refusal(self, request: Request) -> Response | None:
        """401 without the token."""
        given = request.headers.get("authorization")
        return None if given == f"Bearer {self.options.key}" else self.answer_to("expire_token")

    def answer_to(self, fault: str) -> Response:
        """With the statuses that Qwilr lists."""
        status, message = {
            "quota_spent": (429, "Too many requests"),
            "expire_token": (401, "Unauthorized"),
        }.get(fault, (500, "Internal server error"))
        return problem(status, message)

    def change(self, change: dict[str, JsonValue]) -> JsonValue:
        """What a buyer does with a page, or a person or Qwilr itself."""
        if change.get("do") == "unsubscribe":
            self.state.subscriptions.clear()
            return None
        if change.get("do") in {"name_links_otherwise", "name_links_as_before"}:
            self.state.link = "linkToThePage" if change["do"] == "name_links_otherwise" else "publicUrl"
            for page in self.state.pages.values():
                page.link = self.state.link
            return None
        self._api.look_at_the_clock()
        actions = {
            "view": self._view, "accept": self._accept, "rehearse": self._rehearse, "decline": self._decline,
            "expire": self._decline, "disable": self._disable, "set_live": self._set_live, "delete": self._delete,
        }  # fmt: skip
        return done(change, actions)

    def connection(self, address: str) -> ConnectionExample:
        """The block ``qwilr``."""
        block: JsonObject = {
            "key": "secret:key", "webhook_secrets": ["secret:hook"], "base_url": f"{address}/v1",
            "templates": {"offer 3": self.options.template}, **({"webhook_url": self._hook} if self._hook else {}),
        }  # fmt: skip
        secrets = {"key": self.options.key, "hook": self.options.hook_secret}
        return ConnectionExample(source=self.name, block=block, secrets=secrets)

    def _page(self, change: JsonObject, *, can: frozenset[str] = _OPEN) -> Page:
        page = self.state.pages[str(change["page"])]
        if page.status not in can:
            raise BadChange(f"it is {page.status}")
        return page

    def _view(self, change: JsonObject) -> Page:
        page = self._page(change, can=_OPEN | {"accepted"})
        page.views += 1
        if page.views == 1:
            self._tell(page, "pageFirstViewed")
        self._tell(page, "pageViewed")
        return page

    def _accept(self, change: JsonObject) -> Page:
        page = self._page(change)
        email = str(change.get("email", "ana@buyer.example"))
        page.accepters.append(Accepter(email=email, accepted_at=self.now()))
        last = len(page.accepters) >= int(str(change.get("of", 1)))
        page.status = "accepted" if last else "accepting"
        self._tell(page, "pageAccepted" if last else "pagePartiallyAccepted")
        return page

    def _rehearse(self, change: JsonObject) -> Page:
        page = self._page(change, can=_OPEN | {"draft"})
        self._tell(page, "pagePreviewAccepted")
        return page

    def _decline(self, change: JsonObject) -> Page:
        page = self._page(change)
        page.status = "declined"
        return page

    def _disable(self, change: JsonObject) -> Page:
        page = self._page(change)
        page.status = "disabled"
        return page

    def _set_live(self, change: JsonObject) -> Page:
        page = self._page(change, can=frozenset({"draft", "disabled", "declined"}))
        self._api.set_live(page)
        return page

    def _delete(self, change: JsonObject) -> Page:
        return self.state.pages.pop(self._page(change).id)

    def _tell(self, page: Page, event: str) -> None:
        metadata: JsonObject = {**page.metadata}
        for one in self.state.subscriptions.values():
            if one.event == event:
                body: JsonObject = {"event": event, "page": {"id": page.id, "metadata": metadata}}
                key = hashlib.sha256(f"{one.id}{event}{page.id}{self.now().isoformat()}".encode()).hexdigest()
                self.webhooks.add(one.url, {**body, "idempotencyKey": key})
