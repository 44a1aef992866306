"""``/unsubscribe/{token}``: the link in a message ends marketing to its address, from any deal (also RFC 8058).

Following the link shows a page with one button; only a POST unsubscribes, since scanners of mail follow links.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from dealwright.facts import OptedOut
from dealwright.values.addresses import complaint_about_address
from gateway.dependencies import TheStore
from gateway.problems import ApiError, problems
from gateway.security_headers import page_policy
from store import intake, suppression, unsubscribe
from store.database import Store
from store.intake import Event
from store.ledger import LedgerRow

router = APIRouter(tags=["Unsubscribe"], default_response_class=HTMLResponse, redirect_slashes=False)
SOURCE = "unsubscribe"
"""The intake's name for what comes in here; such events name their deal by its id."""

Token = Annotated[str, Path(description="From the link in a message.", max_length=2000)]
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:18px/1.5 system-ui;margin:4rem auto;max-width:32rem;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1rem}}</style><h1>{title}</h1>{body}</html>"""


@router.get("/unsubscribe/{token}", summary="Ask before unsubscribing", responses=problems(404, 422, 503))
async def ask(token: Token, store: TheStore) -> HTMLResponse:
    """Show the page with the button."""
    message = await _message_of(store, token)
    address = escape(message.recipient or "this address")
    button = (
        f"<p>No more marketing messages to <b>{address}</b>?</p><form method=post><button>Unsubscribe</button></form>"
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


def _page(title: str, body: str) -> HTMLResponse:
    html = _PAGE.format(title=title, body=body)
    return HTMLResponse(html, headers={"Content-Security-Policy": page_policy(html, form=True)})


async def _message_of(store: Store, token: str) -> LedgerRow:
    message = await unsubscribe.message_of(store, token)
    if message is None:
        raise ApiError(
            404, "no-such-message", "No such message", "The link is broken: copy all of it from the message."
        )
    return message
