"""``/v1/subscriptions``: who gets events delivered, and what became of each delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from dealwright.values.recorded import Bounded, Given
from gateway.dependencies import TheStore
from gateway.events.cloud_events import PREFIX, CloudEvent, EventKind, cloud_event, source_of
from gateway.events.targets import LONGEST_URL, Targets, UnsafeTarget
from gateway.identities.authentication import require
from gateway.json_body import ReadsJson
from gateway.problems import ApiError, problems
from gateway.routes.events import DealOfEvents
from store import event_deliveries, event_feed, subscriptions
from store.api_keys import Scope
from store.database import Store
from store.event_deliveries import DeliveryCounts, DeliveryState
from store.subscriptions import Subscriber

router = APIRouter(
    prefix="/v1/subscriptions",
    tags=["Events"],
    redirect_slashes=False,
    route_class=ReadsJson,
    dependencies=[require(Scope.ADMIN)],
)
_PROBLEMS = problems(401, 403, 404, 422, 429, 503)
_WITH_BODY = problems(400, 401, 403, 404, 413, 422, 429, 503)

T = TypeVar("T", bound=Subscriber)
SubscriptionId = Annotated[
    str, Path(description="The subscription's id.", pattern="^sub_[0-9a-f]{24}$", examples=["sub_" + "0" * 24])
]


class NewSubscription(Bounded):
    """A receiver of events, and which it gets."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL, examples=["https://crm.example.com/hooks/deals"])]
    types: Annotated[list[EventKind], Field(max_length=100, description="Only events of these types.")] = []
    deals: Annotated[list[DealOfEvents], Field(max_length=100, description="Only events of these deals.")] = []
    after: int | None = Field(
        default=None, ge=0, lt=2**63, description="Events after this place; without it those from now on."
    )


class ShownSubscription(BaseModel):
    """A subscription, without its secret."""

    id: str
    url: str
    types: list[str] = Field(description="Empty for all.")
    deals: list[str] = Field(description="Empty for all.")
    created_at: AwareDatetime
    former_secret_until: AwareDatetime | None = Field(
        default=None, description="Until when the secret before the present one signs as well."
    )
    disabled_at: AwareDatetime | None = Field(default=None, description="Since when nothing is sent.")
    disabled_why: str | None = None
    waiting: int = Field(description="Deliveries that are to be sent, or sent again.")
    dead: int = Field(description="Deliveries that were sent often enough, and never taken.")


class Subscribed(BaseModel):
    """A subscription with its secret, which is shown only now."""

    subscription: ShownSubscription
    secret: str = Field(description="Signs what is sent (Standard Webhooks).", examples=["whsec_…"])


class SubscriptionList(BaseModel):
    """All subscriptions, the oldest first."""

    subscriptions: list[ShownSubscription]


class Rotation(Given):
    """How long the present secret signs besides the new one."""

    overlap_hours: int = Field(default=24, ge=0, le=720)


class ShownDelivery(BaseModel):
    """An event on its way to a subscriber."""

    event: CloudEvent
    state: DeliveryState
    attempts: int
    next_attempt_at: AwareDatetime | None = Field(description="The earliest time of the next one, while it waits.")
    last_status: int | None
    last_error: str | None
    delivered_at: AwareDatetime | None


class DeliveryList(BaseModel):
    """Deliveries, the newest first."""

    deliveries: list[ShownDelivery]


class Resend(Given):
    """Which dead deliveries are sent again."""

    sequences: list[Annotated[str, Field(pattern="^[0-9]{1,20}$")]] = Field(
        default=[], max_length=200, description="The `sequence` of their events; without any, all of them."
    )


class Resent(BaseModel):
    """What is sent again."""

    waiting_again: int


@router.post("", status_code=201, summary="Subscribe to events", responses=problems(400, 401, 403, 413, 422, 429, 503))
async def subscribe(wanted: NewSubscription, store: TheStore, request: Request) -> Subscribed:
    """Have events sent to a URL, as they happen. The answer shows the secret, this once."""
    targets: Targets = request.app.state.deliverer.targets
    check_target(targets, wanted.url)
    made = await subscriptions.add(
        store, wanted.url, datetime.now(UTC), kinds=tuple(wanted.types), deals=tuple(wanted.deals), after=wanted.after
    )
    return Subscribed(subscription=shown(made, DeliveryCounts()), secret=made.secret.get_secret_value())


@router.get("", summary="List subscriptions", responses=problems(401, 403, 422, 429, 503))
async def list_subscriptions(store: TheStore) -> SubscriptionList:
    """Who gets events, how many wait for them, and how many were never taken."""
    return SubscriptionList(subscriptions=await shown_subscriptions(store))


@router.get("/{subscription_id}", summary="Read a subscription", responses=_PROBLEMS)
async def read_subscription(subscription_id: SubscriptionId, store: TheStore) -> ShownSubscription:
    """One subscription, with how many deliveries wait and how many are dead."""
    return await _shown(store, _there(await subscriptions.find(store, subscription_id)))


@router.delete("/{subscription_id}", status_code=204, summary="Unsubscribe", responses=_PROBLEMS)
async def unsubscribe(subscription_id: SubscriptionId, store: TheStore) -> None:
    """Send nothing more, and forget what waits."""
    if not await subscriptions.remove(store, subscription_id):
        raise _unknown()


@router.post("/{subscription_id}/rotate", summary="Replace a subscription's secret", responses=_WITH_BODY)
async def rotate_secret(subscription_id: SubscriptionId, wanted: Rotation, store: TheStore) -> Subscribed:
    """Make a new secret. Until the present one ends, both sign what is sent: a receiver may check either."""
    overlap = timedelta(hours=wanted.overlap_hours)
    changed = _there(await subscriptions.rotate(store, subscription_id, datetime.now(UTC), overlap))
    return Subscribed(subscription=await _shown(store, changed), secret=changed.secret.get_secret_value())


@router.post("/{subscription_id}/enable", summary="Send to a receiver again", responses={**_PROBLEMS, **problems(410)})
async def enable(subscription_id: SubscriptionId, store: TheStore) -> ShownSubscription:
    """Send again to a receiver that answered 410, from where it was."""
    found = _there(await subscriptions.find(store, subscription_id))
    if found.read_up_to < (await event_feed.read(store, 0, limit=1)).deleted_up_to:
        text = "Events that it did not get are no longer kept. Make a new subscription, and read how the deals stand."
        raise ApiError(HTTPStatus.GONE, "no-such-place", "The feed has no such place", text)
    return await _shown(store, _there(await subscriptions.enable(store, subscription_id)))


@router.get("/{subscription_id}/deliveries", summary="List deliveries", responses=_PROBLEMS)
async def list_deliveries(
    subscription_id: SubscriptionId,
    store: TheStore,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at the most.")] = 100,
) -> DeliveryList:
    """What was sent, what waits and why, and what was never taken."""
    found = await deliveries_of(store, subscription_id, state=state, limit=limit)
    if found is None:
        raise _unknown()
    return DeliveryList(deliveries=found)


@router.post("/{subscription_id}/resend", summary="Send dead deliveries again", responses=_WITH_BODY)
async def resend(subscription_id: SubscriptionId, wanted: Resend, store: TheStore) -> Resent:
    """Let deliveries that are dead wait once more, with all attempts before them."""
    _there(await subscriptions.find(store, subscription_id))
    chosen = [int(sequence) for sequence in wanted.sequences]
    return Resent(waiting_again=await event_deliveries.resend(store, subscription_id, datetime.now(UTC), chosen))


def check_target(targets: Targets, url: str) -> None:
    """Make sure that events may be sent to a URL, as far as can be seen without asking for its name.

    Raises:
        ApiError: 422, with what is wrong with it.
    """
    try:
        targets.read(url)
    except UnsafeTarget as error:
        refused = HTTPStatus.UNPROCESSABLE_ENTITY
        raise ApiError(refused, "unsafe-target", "Events are not sent there", str(error)) from None


async def deliveries_of(
    store: Store, subscription_id: str, *, state: DeliveryState | None, limit: int
) -> list[ShownDelivery] | None:
    """A subscriber's deliveries as they are shown, the newest first; None where there is no such subscriber."""
    if await subscriptions.find(store, subscription_id) is None:
        return None
    source = await source_of(store)
    return [
        ShownDelivery(
            **one.model_dump(exclude={"position", "not_before"}),
            event=cloud_event(one.event, source),
            next_attempt_at=one.not_before if one.state is DeliveryState.WAITING else None,
        )
        for one in await event_deliveries.listed(store, subscription_id, state=state, limit=limit)
    ]


async def shown_subscriptions(store: Store) -> list[ShownSubscription]:
    """All subscriptions as they are shown."""
    counts = await event_deliveries.counts(store)
    return [shown(one, counts.get(one.id, DeliveryCounts())) for one in await subscriptions.all_of(store)]


def shown(subscription: Subscriber, counts: DeliveryCounts) -> ShownSubscription:
    """A subscription as it is shown."""
    return ShownSubscription(
        id=subscription.id,
        url=subscription.url,
        types=[PREFIX + kind for kind in subscription.kinds],
        deals=list(subscription.deals),
        created_at=subscription.created_at,
        former_secret_until=subscription.former_until,
        disabled_at=subscription.disabled_at,
        disabled_why=subscription.disabled_why,
        waiting=counts.waiting,
        dead=counts.dead,
    )


async def _shown(store: Store, subscription: Subscriber) -> ShownSubscription:
    return shown(subscription, (await event_deliveries.counts(store)).get(subscription.id, DeliveryCounts()))


def _there(found: T | None) -> T:
    if found is None:
        raise _unknown()
    return found


def _unknown() -> ApiError:
    return ApiError(404, "no-such-subscription", "No such subscription", "GET /v1/subscriptions lists those there are.")
