"""``subscription add``, ``list``, ``show``, ``rotate``, ``resend``, ``enable`` and ``remove``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from starter.commands.messages import AsJson
from starter.printing import counted, moment, out, print_rows, say, say_json

if TYPE_CHECKING:
    from gateway.routes.subscriptions import ShownDelivery, ShownSubscription
    from store.database import Store
    from store.subscriptions import Subscription

T = TypeVar("T")
app = typer.Typer(help="Say which services get events, and look at what was sent to them.", no_args_is_help=True)
SubscriptionId = Annotated[str, typer.Argument(help="The subscription's id, as `subscription list` has it.")]
_ONCE = "It signs what is sent (Standard Webhooks). This is told once."


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where events are sent to, over https.")],
    event: Annotated[
        list[str] | None, typer.Option("--type", help="Only events of this type; repeat it for several.")
    ] = None,
    deal: Annotated[list[str] | None, typer.Option(help="Only events of this deal; repeat it for several.")] = None,
    after: Annotated[int | None, typer.Option(help="Events after this place, instead of those from now on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have events sent to a URL. Prints the secret, this once."""
    from dealwright.validation.reading import read_fields
    from gateway.events.targets import Targets
    from gateway.routes.subscriptions import NewSubscription
    from runtime.settings import Settings
    from store import subscriptions

    given = {"url": url, "types": event or [], "deals": deal or [], "after": after}
    wanted = read_fields(NewSubscription, given)
    Targets(Settings().event_networks).read(wanted.url)

    async def adding(store: Store) -> Subscription:
        return await subscriptions.add(
            store,
            wanted.url,
            datetime.now(UTC),
            kinds=tuple(wanted.types),
            deals=tuple(wanted.deals),
            after=wanted.after,
        )  # fmt: skip

    _tell_secret(_run(adding), as_json=as_json)


@app.command("list")
def list_subscriptions(as_json: AsJson = False) -> None:
    """List who gets events, and how many of them wait or were never taken."""
    found = _run(_all)
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    rows = [
        (one.id, one.url, ", ".join(one.types) or "all", str(one.waiting), str(one.dead), one.disabled_why or "")
        for one in found
    ]
    columns = ("id", "url", "types", "waiting", "dead", "disabled")
    print_rows(counted(len(rows), "subscription"), columns, rows)


@app.command()
def show(
    subscription: SubscriptionId,
    state: Annotated[str | None, typer.Option(help="Only deliveries that are waiting, delivered or dead.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was sent to a service, what waits and why, and what was never taken."""
    from store.event_deliveries import DeliveryState

    if state is not None and state not in set(DeliveryState):
        raise typer.BadParameter("a delivery is waiting, delivered or dead", param_hint="--state")

    async def reading(store: Store) -> list[ShownDelivery] | None:
        from gateway.routes.subscriptions import deliveries_of

        chosen = DeliveryState(state) if state else None
        return await deliveries_of(store, subscription, state=chosen, limit=limit)

    found = _there(_run(reading))
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    rows = [
        (
            one.event.sequence.lstrip("0"), one.event.subject, one.event.data.sentence, one.state,
            str(one.attempts), moment(one.next_attempt_at) if one.next_attempt_at else "", one.last_error,
        )
        for one in found
    ]  # fmt: skip
    columns = ("sequence", "deal", "what", "state", "attempts", "next", "last error")
    print_rows(f"{counted(len(rows), 'event')} for {subscription}", columns, rows)


@app.command()
def rotate(
    subscription: SubscriptionId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=720, help="Hours for which the present secret signs besides the new one.")
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Replace a subscription's secret. Prints the new one, this once."""
    from store import subscriptions

    overlap = timedelta(hours=overlap_hours)
    changed = _run(lambda store: subscriptions.rotate(store, subscription, datetime.now(UTC), overlap))
    _tell_secret(_there(changed), as_json=as_json)


@app.command()
def resend(
    subscription: SubscriptionId,
    sequence: Annotated[
        list[int] | None, typer.Option(help="Only the event with this sequence; repeat it for several.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send events again that were sent often enough and never taken."""
    from store import event_deliveries

    again = _run(lambda store: event_deliveries.resend(store, subscription, datetime.now(UTC), sequence or ()))
    say(as_json, {"waiting_again": again}, f"{counted(again, 'event')} will be sent again.")


@app.command()
def enable(subscription: SubscriptionId, as_json: AsJson = False) -> None:
    """Send again to a service that answered 410, from where it was."""
    from store import subscriptions

    _there(_run(lambda store: subscriptions.enable(store, subscription)))
    say(as_json, {"id": subscription, "enabled": True}, f"{subscription} gets events again.")


@app.command()
def remove(subscription: SubscriptionId, as_json: AsJson = False) -> None:
    """Send nothing more, and forget what waits. Exit code 1: there is no such subscription."""
    from store import subscriptions

    removed = _run(lambda store: subscriptions.remove(store, subscription))
    _there(removed or None)
    say(as_json, {"id": subscription, "removed": True}, f"{subscription} gets no more events.")


async def _all(store: Store) -> list[ShownSubscription]:
    from gateway.routes.subscriptions import shown_subscriptions

    return await shown_subscriptions(store)


def _tell_secret(made: Subscription, *, as_json: bool) -> None:
    secret = made.secret.get_secret_value()
    say(as_json, {"id": made.id, "url": made.url, "secret": secret}, f"{made.id}  {made.url}\n{secret}\n{_ONCE}")


def _there(found: T | None) -> T:
    if found is None:
        out.print("There is no such subscription: `dealwright subscription list` has those there are.")
        raise typer.Exit(1)
    return found


def _run(work: Callable[[Store], Awaitable[T]]) -> T:
    async def running() -> T:
        async with _store() as store:
            return await work(store)

    return asyncio.run(running())


@asynccontextmanager
async def _store() -> AsyncIterator[Store]:
    from runtime.settings import Settings
    from store.database import Store

    store = Store.existing(Settings().database_url)
    try:
        await store.check_migrated()
        yield store
    finally:
        await store.close()
