"""``/unsubscribe/{token}``: the link in a message ends marketing to its address, from any deal (also RFC 8058).

Following the link shows a page with one button; only a POST unsubscribes, since scanners of mail follow links.
Whoever follows it with a browser is answered with a page in any case, also when something is wrong.
"""

from __future__ import annotations

import http
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from dealwright.facts import OptedOut
from dealwright.values.addresses import complaint_about_address
from gateway.dependencies import TheStore
from gateway.problems import ApiError, problems
from gateway.security_headers import page_policy
from store import intake, suppression, unsubscribe
from store.database import Store
from store.errors import StoreAway
from store.intake import Event
from store.ledger import LedgerRow

log = logging.getLogger(__name__)


class _AnswersWithAPage(APIRoute):
    """Shows a browser what is wrong as a page; others get the problem, as everywhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handling(request: Request) -> Response:
            try:
                return await handle(request)
            except (ApiError, RequestValidationError, StoreAway) as error:
                if "text/html" not in request.headers.get("accept", ""):
                    raise
                if isinstance(error, StoreAway):
                    log.warning("%s", error)
                    return _page("Not now", _LATER, http.HTTPStatus.SERVICE_UNAVAILABLE)
                return _page("This link does not work", _BROKEN, http.HTTPStatus.NOT_FOUND)

        return handling


router = APIRouter(
    tags=["Unsubscribe"], default_response_class=HTMLResponse, redirect_slashes=False, route_class=_AnswersWithAPage
)
SOURCE = "unsubscribe"
"""The intake's name for what comes in here; such events name their deal by its id."""

Token = Annotated[str, Path(description="From the link in a message.", max_length=2000)]
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{title}</title><style>body{{font:18px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:32rem;padding:0 1rem;
overflow-wrap:anywhere}}button{{font:inherit;padding:.5rem 1rem}}</style><h1>{title}</h1>{body}</html>"""
_BROKEN = (
    "<p>Nothing was changed. A part of the link may be missing: copy all of it from the message.</p>"
    "<p>You may also answer the message, and ask us to write no more.</p>"
)
_LATER = "<p>Nothing was changed, since we cannot save it at the moment. Please try again in a few minutes.</p>"


@router.get("/unsubscribe/{token}", summary="Ask before unsubscribing", responses=problems(404, 422, 503))
async def ask(token: Token, store: TheStore) -> HTMLResponse:
    """Show the page with the button."""
    message = await _message_of(store, token)
    address = escape(message.recipient or "this address")
    button = (
        f"<p>No more marketing messages to <b><bdi>{address}</bdi></b>?</p>"
        "<form method=post><button>Unsubscribe</button></form>"
    )
    return _page("Unsubscribe", button)


@router.post("/unsubscribe/{token}", summary="Unsubscribe", responses=problems(404, 422, 503))
async def confirm(token: Token, store: TheStore, request: Request) -> HTMLResponse:
    """Suppress the address at once, and let the deal know. Doing it again changes nothing."""
    message = await _message_of(store, token)
    now = datetime.now(UTC)
    if message.recipient:
        await suppression.suppress(store, message.recipient, "unsubscribed", message.at, message.deal_id)
    fact = {"id": f"{SOURCE}:{message.effect_id}", "source": SOURCE}
    if message.contact:
        fact["contact"] = message.contact
    if message.recipient and complaint_about_address(message.recipient) is None:
        fact["address"] = message.recipient
    event = Event(
        source=SOURCE, event_id=message.effect_id, deal_ref=message.deal_id, fact=OptedOut.name, payload=dict(fact),
        received_at=now,
    )  # fmt: skip
    if await intake.add(store, [event]):
        request.app.state.dispatcher.wake()
    done = "<p>You will get no more marketing messages from us.</p>"
    return _page("Unsubscribed", done)


def _page(title: str, body: str, status: http.HTTPStatus = http.HTTPStatus.OK) -> HTMLResponse:
    html = _PAGE.format(title=title, body=body)
    return HTMLResponse(html, status, {"Content-Security-Policy": page_policy(html, form=True)})


async def _message_of(store: Store, token: str) -> LedgerRow:
    message = await unsubscribe.message_of(store, token)
    if message is None:
        raise ApiError(
            404, "no-such-message", "No such message", "The link is broken: copy all of it from the message."
        )
    return message
