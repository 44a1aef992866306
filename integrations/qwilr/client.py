"""Qwilr's API, as far as Dealwright uses it: pages, and subscriptions to what happens to them.

https://docs.qwilr.com/api-reference, v1; what was not verified of it, ``docs/integrations/qwilr.md`` lists. Each method
raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.kit.answers import Answer, Operation, Retry, Verdict, by_status
from integrations.kit.credentials import FixedToken
from integrations.kit.documents import EFFECT
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.qwilr.pages import OPEN, Page, PageList, Subscription, SubscriptionList
from integrations.qwilr.settings import SOURCE, QwilrConnection
from store.database import Store

EVENTS = (
    "pageFirstViewed", "pageViewed", "pagePartiallyAccepted", "pageAccepted", "pageSetLive", "pageRevivedLive",
)  # fmt: skip
"""What is subscribed to. ``pagePreviewAccepted`` is a rehearsal of our own people."""
PAGE = 50
_LIMIT = Limit(most=100, per=timedelta(minutes=1))
"""Qwilr publishes no limits, but answers 429: this one is ours."""
_SOON = timedelta(seconds=2)
_NOT_THERE = frozenset({404})
_ALL = {"expand": "metadata,acceptance"}
_CREATE = Operation(name="make a page", method="POST")
_CHANGE = Operation(name="publish or close a page", method="PUT")
_READ = Operation(name="read a page", empty=_NOT_THERE)
_LIST = Operation(name="list pages")
_SUBSCRIPTIONS = Operation(name="list webhook subscriptions")
_SUBSCRIBE = Operation(name="make a webhook subscription", method="POST")
_UNSUBSCRIBE = Operation(name="delete a webhook subscription", method="DELETE", empty=_NOT_THERE)


def classify(operation: Operation, answer: Answer) -> Verdict:
    """Qwilr answers 409 where a page is being changed, or accepted, at this moment."""
    if answer.status == 409 and operation is _CHANGE:  # noqa: PLR2004 - Conflict
        return Retry(answer.retry_after(datetime.now(UTC)) or _SOON)
    return by_status(operation, answer)


class QwilrClient:
    """One account. Close it at the end."""

    def __init__(self, connection: QwilrConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.key.get_secret_value()), _LIMIT, lambda _: None)
        self._http = ToolClient("Qwilr", connection.base_url, FixedToken(connection.key), budget, classify)

    async def create(self, body: Mapping[str, JsonValue]) -> Page:
        """Make a page."""
        return (await self._http.call(_CREATE, "/pages", Payload(json=dict(body)))).read_as(Page)

    async def find(self, key: str) -> Page | None:
        """The page that carries our key: it has it as a tag, and among its metadata."""
        query: dict[str, str | int] = {"tags": key, "expand": "metadata", "limit": 2}
        found = (await self._http.call(_LIST, "/pages", Payload(query=query))).read_as(PageList)
        for page in found.pages:
            if key in (page.tags or ()) or page.marks.get(EFFECT) == key:
                return page
        if found.listed:  # to take that for an absence would make the page once more
            raise NotHandedOver("Qwilr answered the search for a page's tag with other pages")
        return None

    async def read(self, page: str) -> Page | None:
        """A page by its id, with its metadata and its acceptance."""
        answer = await self._http.call(_READ, f"/pages/{page}", Payload(query=_ALL))
        return None if answer.empty else answer.read_as(Page)

    async def publish(self, page: str, *, published: bool) -> Page:
        """Let the buyer open a page, or nobody any more; the page as it is then."""
        await self._http.call(_CHANGE, f"/pages/{page}", Payload(json={"published": published}))
        try:
            changed = await self.read(page)
        except (NotHandedOver, Refused) as error:
            raise Unanswered(f"Qwilr took the change, and does not show the page now: {error.reason}") from error
        if changed is None:
            raise Unanswered("Qwilr took the change, and does not show the page now")
        return changed

    async def open_pages(self, tag: str, cursor: str | None) -> PageList:
        """A part of the pages with a tag that can be accepted."""
        query: dict[str, str | int] = {
            "status": ",".join(sorted(OPEN)), "tags": tag, "expand": "metadata", "limit": PAGE,
            **({"cursor": cursor} if cursor else {}),
        }  # fmt: skip
        return (await self._http.call(_LIST, "/pages", Payload(query=query))).read_as(PageList)

    async def subscriptions(self) -> list[Subscription]:
        """All webhook subscriptions of the account."""
        answer = await self._http.call(_SUBSCRIPTIONS, "/webhooks")
        if isinstance(listed := answer.json(), list):
            body = SubscriptionList.of(listed)
            if body is None:
                raise Unanswered("Qwilr lists its webhook subscriptions in a way that cannot be read")
            return [*body.subscriptions]
        return [*answer.read_as(SubscriptionList).subscriptions]

    async def subscribe(self, event: str, url: str) -> None:
        """Have an address told of one kind of event."""
        await self._http.call(_SUBSCRIBE, "/webhooks", Payload(json={"event": event, "targetUrl": url}))

    async def unsubscribe(self, subscription: str) -> None:
        """Have nobody told any more by a subscription."""
        await self._http.call(_UNSUBSCRIBE, f"/webhooks/{subscription}")

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
