"""``/v1/deals``: open a deal, read one, list them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, BeforeValidator, Field

from dealwright.client.listing import DealStatus, FoundDeal
from dealwright.deal import Deal
from dealwright.identity import DEFAULT_PLAYBOOK
from dealwright.validation.opening import admit
from dealwright.values.recorded import AwareDatetime, Bounded, Given, Name
from dealwright.views.snapshot import AgendaItem, Snapshot
from gateway import deal_service
from gateway.audit_trail.change import TheChange
from gateway.dependencies import DealId, Deals, OneLine, TheStore
from gateway.identities import own_approvers
from gateway.identities.authentication import limit_rate, require
from gateway.identities.callers import Caller
from gateway.json_body import ReadsJson
from gateway.problems import ApiError, problems
from store import deal_summaries
from store.api_keys import Scope
from store.deal_summaries import DealSummary

_READ = [require(Scope.READ)]
router = APIRouter(prefix="/v1/deals", tags=["Deals"], redirect_slashes=False, route_class=ReadsJson)

Shown = Annotated[str, Field(max_length=200), OneLine]
_MARK_BYTES = 8
EXAMPLE = {
    "deal": {
        "id": "acme-2026",
        "title": "50 seats for Acme",
        "source": "inbound",
        "account": {"id": "acme", "name": "Acme Inc.", "domain": "acme.example", "country": "DE"},
        "contacts": [
            {
                "id": "ana",
                "name": "Ana Núñez",
                "email": "ana@acme.example",
                "timezone": "Europe/Berlin",
                "country": "DE",
            }
        ],
        "owners": {"sdr": {"name": "Sam Fox", "email": "sam@us.example", "timezone": "Europe/Berlin"}},
        "amount": {"amount": "48000.00", "currency": "EUR"},
    },
    "playbook": DEFAULT_PLAYBOOK,
}


class OpenDeal(Bounded):
    """A deal to open, and the playbook that it follows."""

    deal: Annotated[Deal, BeforeValidator(admit)]
    playbook: Name = DEFAULT_PLAYBOOK


class Opened(BaseModel):
    """A deal that runs."""

    deal_id: str = Field(examples=["acme-2026"])
    run_id: str | None = Field(default=None, description="Of the workflow's run, for the Temporal UI.")
    opened_now: bool = Field(description="False when it ran already, opened with the same content.")


class WhichDeals(Given):
    """Which deals to list."""

    stage: Shown | None = Field(default=None, description="Only those in this stage.")
    owner_role: Shown | None = Field(default=None, description="Only those that this role owns (`DealOwner`).")
    needs_attention: bool | None = Field(default=None, description="Only those that somebody should look at.")
    status: DealStatus = Field(default="open", description="Open, finished, or any deals.")
    limit: int = Field(default=50, ge=1, le=200, description="Deals on a page.")
    page: str | None = Field(default=None, max_length=4000, description="`next_page` of the page before.")


class ListedDeal(FoundDeal):
    """A deal in a list: what search attributes show, and who has it and what comes next, as its journal says."""

    owner: str | None = Field(
        default=None, description="The name of whoever holds the role that has the deal.", examples=["Sam Fox"]
    )
    next_action: str | None = Field(
        default=None, description="What comes next, unless news change it.", examples=["Task is due: Call Ana"]
    )
    next_at: AwareDatetime | None = Field(default=None, description="When that is.", examples=["2026-11-25T09:30:00Z"])


class DealList(BaseModel):
    """A page of deals."""

    deals: tuple[ListedDeal, ...]
    next_page: str | None = Field(default=None, description="Ask for the next page with this; null at the end.")


@router.post(
    "",
    status_code=201,
    summary="Open a deal",
    responses={
        200: {"model": Opened, "description": "It ran already, with the same content."},
        **problems(400, 401, 403, 409, 413, 422, 429, 503),
    },
    dependencies=[Depends(limit_rate)],
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXAMPLE}}}},
)
async def open_deal(
    wanted: OpenDeal,
    deals: Deals,
    store: TheStore,
    response: Response,
    change: TheChange,
    caller: Annotated[Caller, require(Scope.OPEN)],
) -> Opened:
    """Open a deal. Doing it again with the same content changes nothing and answers 200.

    With other content under the same id it is a conflict, and so is an id whose deal is finished.
    """
    change.deal_id = wanted.deal.id
    await own_approvers.check_opening(caller, store, wanted.deal, wanted.playbook)
    opened = await deal_service.open_deal(deals, store, wanted.deal, wanted.playbook)
    response.status_code = 201 if opened.opened_now else 200
    response.headers["Location"] = f"/v1/deals/{opened.deal_id}"
    return Opened.model_validate(opened, from_attributes=True)


@router.get("", summary="List deals", responses=problems(401, 403, 422, 429, 503), dependencies=_READ)
async def list_deals(deals: Deals, store: TheStore, wanted: Annotated[WhichDeals, Query()]) -> DealList:
    """Deals by what Temporal's search attributes say of them, the newest first. May lag by some seconds.

    Who has each and what comes next is taken from its journal, which may lag by some seconds more.
    """
    chosen = wanted.model_dump(exclude={"status", "page"})
    found = await deals.find(wanted.status, page=_token_in(wanted), **chosen)
    known = await deal_summaries.summaries_of(store, [deal.deal_id for deal in found.deals])
    listed = tuple(_listed(deal, known.get(deal.deal_id)) for deal in found.deals)
    return DealList(deals=listed, next_page=_page_with(found.next_page, wanted) if found.next_page else None)


@router.get("/{deal_id}", summary="Read a deal", responses=problems(401, 403, 404, 422, 429, 503), dependencies=_READ)
async def read_deal(deal_id: DealId, deals: Deals) -> Snapshot:
    """Where the deal stands, what comes next, and what people are asked for."""
    return await deals.snapshot(deal_id)


@router.get(
    "/{deal_id}/agenda",
    summary="Read a deal's agenda",
    responses=problems(401, 403, 404, 422, 429, 503),
    dependencies=_READ,
)
async def read_agenda(deal_id: DealId, deals: Deals) -> tuple[AgendaItem, ...]:
    """What happens next, when, and why, unless news change it."""
    return await deals.agenda(deal_id)


def _listed(deal: FoundDeal, known: DealSummary | None) -> ListedDeal:
    if known is None:
        return ListedDeal(**deal.model_dump())
    return ListedDeal(
        **deal.model_dump(), owner=known.owner, next_action=known.next_action, next_at=known.next_at
    )  # fmt: skip


def _page_with(token: bytes, wanted: WhichDeals) -> str:
    return base64.urlsafe_b64encode(_mark(token, wanted) + token).decode()


def _token_in(wanted: WhichDeals) -> bytes | None:
    if wanted.page is None:
        return None
    try:
        raw = base64.b64decode(wanted.page.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    mark, token = raw[:_MARK_BYTES], raw[_MARK_BYTES:]
    if not token or mark != _mark(token, wanted):
        raise ApiError(422, "no-such-page", "No such page", "page is not a next_page of this list.")
    return token


def _mark(token: bytes, wanted: WhichDeals) -> bytes:
    """What tells a page of this list from nonsense and from another list's: Temporal would try it over and over."""
    return hashlib.sha256(wanted.model_dump_json(exclude={"page"}).encode() + token).digest()[:_MARK_BYTES]
