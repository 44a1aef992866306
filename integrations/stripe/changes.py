"""Stripe's events put into one form: each change that matters to a deal is one, under the name of what changed.

An update says how its object was before, in ``previous_attributes``, and may be several changes at once.
"""

from __future__ import annotations

from pydantic import JsonValue, ValidationError

from integrations.kit.mapping.bodies import Unreadable
from integrations.stripe.objects import Cost, CreditNote, Invoice, JsonObject, Refund, Subscription, as_before, money
from integrations.stripe.writing import KEY_PREFIX

_BEGUN = frozenset({"active", "trialing"})


def changes_of(event: JsonObject) -> list[JsonObject]:
    """The changes that an event tells of: one, which may be ``nothing``, or several.

    Raises:
        Unreadable: it is no event of Stripe's.
    """
    around: JsonObject = {"id": event.get("id"), "created": event.get("created"), "type": event.get("type")}
    content = event.get("data")
    if not isinstance(content, dict):
        return [{**around, "change": "thin", "object": "event:thin"}]
    now, previous = content.get("object"), content.get("previous_attributes")
    if not isinstance(now, dict):
        raise Unreadable("the event has no object")
    if _is_own(event):
        return [{**around, "change": "own", "object": f"{now.get('object')}:{now.get('id')}"}]
    try:
        said = _said(str(event.get("type")), now, previous if isinstance(previous, dict) else {})
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Unreadable(f"its {where} is not what Stripe writes there") from None
    return [{**around, **one} for one in said]


def _is_own(event: JsonObject) -> bool:
    """Whether we did that ourselves: a subscription was changed by a call with a key of ours."""
    request, kind = event.get("request"), str(event.get("type"))
    key = request.get("idempotency_key") if isinstance(request, dict) else None
    return kind.startswith("customer.subscription.") and str(key or "").startswith(KEY_PREFIX)


def _said(kind: str, now: JsonObject, previous: JsonObject) -> list[JsonObject]:
    match kind.split("."):
        case ["invoice", "paid"]:
            return [_paid(Invoice.model_validate(now))]
        case ["invoice", "payment_failed"]:
            return [_failed(Invoice.model_validate(now))]
        case ["credit_note", "created"]:
            return [_credited(CreditNote.model_validate(now))]
        case ["refund", "created"]:
            return [_refunded(Refund.model_validate(now))]
        case ["customer", "subscription", "updated"]:
            return _updated(now, previous)
        case ["customer", "subscription", "created"]:
            made = Subscription.model_validate(now)
            return [_of(made, "started" if made.status in _BEGUN else "incomplete")]
        case ["customer", "subscription", "deleted"]:
            return [_of(Subscription.model_validate(now), "ended")]
        case ["customer", "subscription", "paused" | "resumed" as change]:
            return [_of(Subscription.model_validate(now), change)]
        case _:
            return [{"change": "unknown", "object": f"{now.get('object')}:{now.get('id')}"}]


def _paid(invoice: Invoice) -> JsonObject:
    change = "paid" if invoice.amount_paid else "paid_nothing"
    told: JsonObject = {"change": change, "amount": money(invoice.amount_paid, invoice.currency)}
    return {**_about(invoice), **told, "term": invoice.renews.days if invoice.renews else None}


def _failed(invoice: Invoice) -> JsonObject:
    told: JsonObject = {"change": "failed", "attempt": invoice.attempt_count}
    return {**_about(invoice), **told, "amount": money(invoice.amount_due, invoice.currency)}


def _credited(note: CreditNote) -> JsonObject:
    told: JsonObject = {"change": "credited", "credit_note": note.number or note.id, "reason": note.memo or note.reason}
    amount = money(note.total, note.currency)
    return {"object": f"customer:{note.customer}", "invoice": note.invoice, "amount": amount, **told}


def _refunded(refund: Refund) -> JsonObject:
    told: JsonObject = {"change": "refunded", "refund": refund.id, "reason": refund.reason}
    deal, amount = refund.metadata.deal, money(refund.amount, refund.currency)
    return {"object": f"charge:{refund.charge}", "deal": deal, "amount": amount, **told}


def _about(invoice: Invoice) -> JsonObject:
    subscription = invoice.of_subscription
    return {
        "object": f"subscription:{subscription}" if subscription else f"customer:{invoice.customer}",
        "invoice": invoice.id, "deal": invoice.deal, "email": invoice.customer_email,
    }  # fmt: skip


def _updated(now: JsonObject, previous: JsonObject) -> list[JsonObject]:
    after, before = Subscription.model_validate(now), Subscription.model_validate(as_before(now, previous))
    changes = [change for change in _differences(before, after) if change]
    return [_of(after, change) for change in changes or ["nothing"]]


def _differences(before: Subscription, after: Subscription) -> list[str | None]:
    if before.status == "incomplete":
        return ["started" if after.status in _BEGUN else None]
    return [
        _of_two(before.will_end, after.will_end, "ending", "staying"),
        _of_two(before.pause_collection is not None, after.pause_collection is not None, "paused", "resumed"),
        _of_costs(before, after),
    ]


def _of_two(before: bool, after: bool, begun: str, over: str) -> str | None:
    return None if before == after else begun if after else over


def _of_costs(before: Subscription, after: Subscription) -> str | None:
    if before.prices == after.prices:
        return None
    cost, earlier = after.cost, before.cost
    if cost is None or earlier is None or (cost.currency, cost.period) != (earlier.currency, earlier.period):
        return "other"
    if cost.amount == earlier.amount:
        return "other"
    return "upgraded" if cost.amount > earlier.amount else "downgraded"


def _of(subscription: Subscription, change: str) -> JsonObject:
    details, cost = subscription.cancellation_details, subscription.cost
    reason = (details.comment or details.feedback or details.reason) if details else None
    amount: JsonValue = None if cost is None else _shown(cost)
    return {
        "change": change, "object": f"subscription:{subscription.id}", "subscription": subscription.id,
        "deal": subscription.metadata.deal, "amount": amount, "reason": reason, "ends_on": subscription.ends_on,
        "billed_term": subscription.metadata.term,
        "term": subscription.period.days if subscription.period else None,
    }  # fmt: skip


def _shown(cost: Cost) -> JsonObject:
    return {"amount": str(cost.amount), "currency": cost.currency}
