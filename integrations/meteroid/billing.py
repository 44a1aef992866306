"""Meteroid bills customers: a subscription for each contract term, and the account's customer by its alias.

A subscription that may have been made is looked for among those of its customer, by what its invoices say
(``invoice_memo``: the deal and the term). It is made again only if it is surely not there.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

from pydantic import JsonValue

from dealwright.effects import CancelSubscription, ChangeSubscription, StartSubscription
from dealwright.subscription import TermBilled
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.meteroid.client import ENDED, MeteroidClient, Subscription
from integrations.meteroid.settings import SOURCE, MeteroidConnection, MeteroidPlan
from store import links, mirror
from store.database import Store

_ENDS = "ends"
_CADENCES = {"month": "MONTHLY", "year": "ANNUAL"}


def meteroid_billing(connected: Connected) -> MeteroidBilling:
    """What bills customers in a connected Meteroid."""
    return MeteroidBilling(connected.block(MeteroidConnection), connected.store)


class MeteroidBilling:
    """One Meteroid tenant."""

    def __init__(self, connection: MeteroidConnection, store: Store) -> None:
        self._plans, self._store = connection.plans, store
        self._client = MeteroidClient(connection, store)

    async def start(self, deal_id: str, effect: StartSubscription) -> Delivery:
        """A new subscription, for the account's customer.

        Raises:
            NotHandedOver: the plan is not in the connections file.
            Refused: something comes once, and the plan names no product for it.
        """
        memo = memo_of(deal_id, effect.contract)
        content = _content(effect, self._plan(effect.terms.plan), memo)
        return Delivery(
            send=partial(self._make, effect, content),
            find=partial(self._find, effect.payer.key, memo),
            idempotency=Idempotency.SEARCHABLE,
            arrived=partial(self._link, deal_id),
        )

    async def change(self, deal_id: str, effect: ChangeSubscription) -> Delivery:  # noqa: ARG002 - it is linked
        """Other days to pay, and an end no later than the subscription's own: more its API does not change.

        Raises:
            NotHandedOver: Meteroid does not answer, or the plan is not in the connections file.
            Refused: it has ended, or its price is another, or it is to end later: a person does that.
        """
        there, plan = await self._client.subscription(effect.subscription), self._plan(effect.terms.plan)
        if there is None or there.status in ENDED:
            raise Refused(f"{effect.subscription} cannot be changed: it has ended")
        until = effect.terms.ends_on + timedelta(days=1)
        what = "its price" if not _costs(there, plan, effect.terms) else "its end to a later day"
        if what == "its price" or there.end_date is None or there.end_date < until:
            raise Refused(f"Meteroid changes {what} by hand alone: {there.id} is to be {effect.terms.words()}")
        return Delivery(
            send=partial(self._change, there, effect), idempotency=Idempotency.VENDOR,
            arrived=partial(self._keep_end, there.id, until),
        )  # fmt: skip

    async def cancel(self, deal_id: str, effect: CancelSubscription) -> Delivery:  # noqa: ARG002 - it is linked
        """A subscription's end; of one that has ended already, nothing."""
        return Delivery(
            send=partial(self._end, effect), idempotency=Idempotency.VENDOR,
            arrived=partial(self._keep_end, effect.subscription, _until(effect)),
        )  # fmt: skip

    async def _make(self, effect: StartSubscription, content: dict[str, JsonValue]) -> str:
        payer = effect.payer
        about: dict[str, JsonValue] = {
            "name": payer.name, "billing_email": payer.email, "invoicing_emails": [payer.email],
            "currency": effect.terms.recurring.currency, "custom_taxes": [],
        }  # fmt: skip
        await self._client.make_customer(payer.key, about)
        return (await self._client.start(content)).id

    async def _find(self, alias: str, memo: str) -> Lookup:
        customer = await self._client.customer(alias)
        found = [] if customer is None else await self._client.subscriptions(customer)
        ours = next((one.id for one in found if one.invoice_memo == memo and one.status not in ENDED), None)
        return Absent() if ours is None else Found(ours)

    async def _link(self, deal_id: str, subscription: str | None) -> None:
        """Have what is told of the subscription find the deal, and of its customer: invoices name only that."""
        await links.link(self._store, SOURCE, f"subscription:{subscription}", deal_id)
        there = await self._client.subscription(subscription or "")
        if there is not None and there.customer_id:
            await links.link(self._store, SOURCE, f"customer:{there.customer_id}", deal_id)

    async def _change(self, there: Subscription, effect: ChangeSubscription) -> str:
        terms = effect.terms
        if there.net_terms != terms.payment_days:
            await self._client.set_payment_days(there.id, terms.payment_days)
        until = terms.ends_on + timedelta(days=1)
        if not await self._ends_before(there, until):
            body: dict[str, JsonValue] = {
                "effective_date": until.isoformat(),
                "reason": "its contract term was amended",
            }
            await self._client.cancel(there.id, body)
        return there.id

    async def _ends_before(self, there: Subscription, day: date) -> bool:
        """Whether a subscription is to end with the day before: by its own end, or by what we wrote last."""
        kept = (await mirror.known(self._store, SOURCE, f"subscription:{there.id}")).get(_ENDS)
        return day.isoformat() == (kept.value if kept is not None else str(there.end_date))

    async def _keep_end(self, subscription: str, until: date, _: str | None) -> None:
        """Keep when it is to end: Meteroid does not show a cancellation that is to come."""
        values: dict[str, JsonValue] = {_ENDS: until.isoformat()}
        await mirror.note(self._store, SOURCE, f"subscription:{subscription}", values, datetime.now(UTC))

    async def _end(self, effect: CancelSubscription) -> str:
        there = await self._client.subscription(effect.subscription)
        if there is None or there.status in ENDED:
            return effect.subscription
        until = _until(effect)
        if not await self._ends_before(there, until):
            await self._client.cancel(
                effect.subscription, {"effective_date": until.isoformat(), "reason": effect.reason}
            )
        return effect.subscription

    def _plan(self, name: str) -> MeteroidPlan:
        plan = self._plans.get(name)
        if plan is None:
            raise NotHandedOver(f"there is no plan {name!r} for Meteroid: add it to the connections file, under plans:")
        return plan


def _until(effect: CancelSubscription) -> date:
    """The first day that is not billed."""
    ends_on = effect.ends_on or effect.at.date() - timedelta(days=1)
    return ends_on + timedelta(days=1)


def _costs(there: Subscription, plan: MeteroidPlan, terms: TermBilled) -> bool:
    """Whether a subscription bills the signed amount as often as it is signed. What cannot be told is another price."""
    rates = [one for one in there.components if one.fee.type == "RATE"]
    signed = [one for one in rates if one.price_component_id == plan.component] or rates
    if len(signed) != 1:
        return False
    said = (signed[0].fee.rate, signed[0].period, there.currency)
    return said == (terms.amount.amount, _CADENCES[str(terms.every)], terms.amount.currency)


def memo_of(deal_id: str, contract: str) -> str:
    """What the invoices of a term say of it, and what a subscription is found by."""
    return f"Reference: {deal_id}, term {contract or '1'}"


def _content(effect: StartSubscription, plan: MeteroidPlan, memo: str) -> dict[str, JsonValue]:
    terms = effect.terms
    signed: JsonValue = [{"component_id": plan.component, "name": terms.plan, "price_entry": _price(terms)}]
    components: dict[str, JsonValue] = {"overridden_components": signed}
    if terms.one_off is not None:
        components["extra_components"] = [_once(terms, plan)]
    return {
        "plan_id": plan.plan, "customer_id_or_alias": effect.payer.key, "activation_condition": "ON_START",
        "start_date": terms.starts_on.isoformat(), "end_date": (terms.ends_on + timedelta(days=1)).isoformat(),
        "net_terms": terms.payment_days, "invoice_memo": memo, "price_components": components,
    }  # fmt: skip


def _price(terms: TermBilled) -> JsonValue:
    pricing: JsonValue = {"type": "RATE", "rate": str(terms.amount.amount)}
    currency = terms.amount.currency
    return {"type": "NEW", "cadence": _CADENCES[str(terms.every)], "currency": currency, "pricing": pricing}


def _once(terms: TermBilled, plan: MeteroidPlan) -> JsonValue:
    if plan.one_off is None or terms.one_off is None:
        raise Refused(f"the plan {terms.plan!r} names no product (one_off) for what comes once")
    pricing: JsonValue = {"type": "ONE_TIME", "unit_price": str(terms.one_off.amount), "quantity": 1}
    price: JsonValue = {
        "type": "NEW", "cadence": _CADENCES[str(terms.every)], "currency": terms.one_off.currency, "pricing": pricing,
    }  # fmt: skip
    return {"name": "Once", "product_ref": {"type": "EXISTING", "id": plan.one_off}, "price_entry": price}
