"""How a deal is billed, by what was decided, what became of it, and what the billing tool told."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.facts import SubscriptionChanged
from dealwright.fold.applying import Apply
from dealwright.state import AsBilled, BilledTerm, Billing, DealState
from dealwright.subscription import ToldSubscription

_STATUSES = {"done": "done", "uncertain": "uncertain", "failed": "refused"}


def _began(state: DealState, entry: e.BillingBegan) -> None:
    terms = state.billing.terms if state.billing is not None else {}
    state.billing = Billing(plan=entry.plan, since=entry.since, terms=terms)


def _decided(state: DealState, entry: e.SubscriptionDecided) -> None:
    if state.billing is None:
        return
    before = state.billing.terms.get(entry.term)
    changes = {
        "terms": entry.terms, "effect": entry.effect, "cancelled": entry.how == "cancel",
        "status": "done" if entry.effect is None else "on_the_way", "refused": None,
        "before": None if before is None or entry.effect is None else _as_it_is(before),
    }  # fmt: skip
    if entry.how != "cancel":
        changes["told"] = None
    if before is None or entry.how == "start":
        after = BilledTerm(terms=entry.terms, payer=entry.payer, effect=entry.effect)
    else:
        after = before.model_copy(update=changes)
    _keep(state, entry.term, after)


def settled(state: DealState, entry: e.EffectSettled) -> None:
    """What was done about a subscription has come back."""
    for key, term in _terms(state):
        if term.effect != entry.effect:
            continue
        status = _STATUSES.get(entry.status, "withdrawn")
        known = entry.reference if status == "done" and entry.reference else term.subscription
        changes = {"status": status, "subscription": known, **_what_is_believed(term, status)}
        _keep(state, key, term.model_copy(update=changes))


def _what_is_believed(term: BilledTerm, status: str) -> dict[str, object]:
    """What the tool did not take changes nothing: it bills as it did before."""
    if status == "done":
        return {"before": None}
    if status == "uncertain" or term.before is None:
        return {}
    before = term.before
    refused = _as_it_is(term) if status == "refused" else None
    return {
        "terms": before.terms, "cancelled": before.cancelled, "told": before.told, "before": None, "refused": refused,
    }  # fmt: skip


def _as_it_is(term: BilledTerm) -> AsBilled:
    return AsBilled(terms=term.terms, cancelled=term.cancelled, told=term.told)


def told(state: DealState, entry: e.FactTaken) -> None:
    """The billing tool told what somebody changed there."""
    if entry.fact != SubscriptionChanged.name or entry.told_subscription is None or entry.no_news is not None:
        return
    said = entry.told_subscription
    for key, term in _terms(state):
        if term.subscription is None or said.subscription not in {None, term.subscription}:
            continue
        changes: dict[str, object] = {"told": _kept(term.told, said), "ended_there": entry.variant == "ended"}
        if (before := term.before) is not None:
            changes["before"] = before.model_copy(update={"told": _kept(before.told, said)})
        _keep(state, key, term.model_copy(update=changes))


def _kept(before: ToldSubscription | None, said: ToldSubscription) -> ToldSubscription:
    return said.model_copy(update={"amount": said.amount or (before.amount if before else None)})


def _terms(state: DealState) -> list[tuple[str, BilledTerm]]:
    return [] if state.billing is None else list(state.billing.terms.items())


def _keep(state: DealState, key: str, term: BilledTerm) -> None:
    if state.billing is not None:
        state.billing = state.billing.model_copy(update={"terms": {**state.billing.terms, key: term}})


APPLY: dict[str, Apply] = {"billing_began": _began, "subscription_decided": _decided}
