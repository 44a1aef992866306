"""Stripe bills customers: a subscription for each contract term, and one customer for each account.

A subscription is made once: Stripe knows the call by its idempotency key for a day at least, and after that it is
looked for among those of its customer, by the effect's id in its metadata, before the call is made again.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from pydantic import BaseModel, ConfigDict

from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.subscription import Payer
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.stripe.client import PAGE, StripeClient
from integrations.stripe.forms import cancel_form, change_form, start_form
from integrations.stripe.objects import Subscription
from integrations.stripe.settings import SOURCE, StripeConnection, StripePlan
from integrations.stripe.writing import key_of
from store import links
from store.database import Store

_SEARCH_SHOWS_AFTER = timedelta(minutes=1)
"""How long a new customer may stay unseen by Stripe's search: https://docs.stripe.com/search#data-freshness."""
_ENDED = frozenset({"canceled", "incomplete_expired"})


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Customer(_Model):
    id: str
    name: str | None = None


class _Customers(_Model):
    data: list[_Customer]


class _Subscriptions(_Model):
    data: list[Subscription]
    has_more: bool = False


def stripe_billing(connected: Connected) -> StripeBilling:
    """What bills customers in a connected Stripe account."""
    return StripeBilling(connected.block(StripeConnection), connected.store)


class StripeBilling:
    """One Stripe account."""

    def __init__(self, connection: StripeConnection, store: Store) -> None:
        self._plans, self._store = connection.plans, store
        self._client = StripeClient(connection, store)

    async def start(self, deal_id: str, effect: StartSubscription) -> Delivery:
        """A new subscription, for the account's customer.

        Raises:
            NotHandedOver: the plan is not in the connections file.
            Refused: the amount cannot be said in Stripe's units.
        """
        form = start_form(deal_id, effect, self._plan(effect.terms.plan))
        return Delivery(
            send=partial(self._make, form, effect),
            find=partial(self._find, effect),
            idempotency=Idempotency.SEARCHABLE,
            visible_after=_SEARCH_SHOWS_AFTER,
            arrived=partial(self._link, deal_id, effect.payer),
        )

    async def change(self, deal_id: str, effect: ChangeSubscription) -> Delivery:  # noqa: ARG002 - it is linked
        """A subscription as it is signed now.

        Raises:
            NotHandedOver: Stripe does not answer, or the plan is not in the connections file.
            Refused: it has ended, or is not there, or the amount cannot be said in Stripe's units.
        """
        plan, there = self._plan(effect.terms.plan), await self._read(effect.subscription)
        if there is None or there.status in _ENDED or len(there.items.items) != 1:
            what = "it has several prices" if there is not None and there.items.items[1:] else "it has ended"
            raise Refused(f"{effect.subscription} cannot be changed: {what}")
        form = change_form(effect.terms, plan, there.items.items[0].id)
        return Delivery(send=partial(self._write, effect.subscription, form, effect.id), idempotency=Idempotency.VENDOR)

    async def cancel(self, deal_id: str, effect: CancelSubscription) -> Delivery:  # noqa: ARG002 - it is linked
        """A subscription's end; of one that has ended already, nothing.

        Raises:
            NotHandedOver: Stripe does not answer.
        """
        return Delivery(send=partial(self._end, effect), idempotency=Idempotency.VENDOR)

    async def _make(self, form: dict[str, str], effect: StartSubscription) -> str:
        form = {**form, "customer": await self._customer(effect.payer)}
        answer = await self._client.post("start a subscription", "/v1/subscriptions", form, key_of(effect.id))
        return answer.read_as(Subscription).id

    async def _find(self, effect: StartSubscription) -> Lookup:
        if (customer := await self._known_customer(effect.payer)) is None:
            return Absent()
        query: dict[str, str | int] = {"customer": customer, "status": "all", "limit": PAGE}
        found = (await self._client.get("list subscriptions", "/v1/subscriptions", query)).read_as(_Subscriptions)
        ours = next((one.id for one in found.data if one.metadata.effect == effect.id), None)
        return Absent() if ours is None else Found(ours)

    async def _link(self, deal_id: str, payer: Payer, subscription: str | None) -> None:
        """Have what is told of the subscription, and of its customer, find the deal."""
        await links.link(self._store, SOURCE, f"subscription:{subscription}", deal_id)
        customer = await self._known_customer(payer)
        if customer is not None:
            await links.link(self._store, SOURCE, f"customer:{customer}", deal_id)

    async def _write(self, subscription: str, form: dict[str, str], effect: str) -> str:
        await self._client.post("change a subscription", f"/v1/subscriptions/{subscription}", form, key_of(effect))
        return subscription

    async def _end(self, effect: CancelSubscription) -> str:
        there = await self._read(effect.subscription)
        if there is None or there.status in _ENDED:
            return effect.subscription
        if effect.ends_on is not None:
            return await self._write(effect.subscription, cancel_form(effect.ends_on, effect), effect.id)
        await self._client.delete("end a subscription", f"/v1/subscriptions/{effect.subscription}")
        return effect.subscription

    async def _read(self, subscription: str) -> Subscription | None:
        answer = await self._client.get("read a subscription", f"/v1/subscriptions/{subscription}")
        return None if answer.empty else answer.read_as(Subscription)

    async def _customer(self, payer: Payer) -> str:
        """The account's customer, made if there is none. What people wrote there stays.

        Two deals of an account that make it at one moment make the same one, by its idempotency key: Stripe's search
        shows a new customer only after a while.
        """
        if (known := await self._known_customer(payer)) is not None:
            return known
        mark = {"metadata[dealwright_account]": payer.key}
        made = await self._client.post("make a customer", "/v1/customers", mark, key_of("customer", payer.key))
        customer = made.read_as(_Customer).id
        about = {"name": payer.name[:256], "email": payer.email}
        if payer.country is not None:
            about["address[country]"] = payer.country[:2]
        key = key_of("customer", payer.key, payer.name, payer.email)
        await self._client.post("name a customer", f"/v1/customers/{customer}", about, key)
        return customer

    async def _known_customer(self, payer: Payer) -> str | None:
        wanted = payer.key.replace("\\", "\\\\").replace("'", "\\'")
        query: dict[str, str | int] = {"query": f"metadata['dealwright_account']:'{wanted}'", "limit": 1}
        found = (await self._client.get("search customers", "/v1/customers/search", query)).read_as(_Customers).data
        return found[0].id if found else None

    def _plan(self, name: str) -> StripePlan:
        plan = self._plans.get(name)
        if plan is None:
            raise NotHandedOver(f"there is no plan {name!r} for Stripe: add it to the connections file, under plans:")
        return plan
