"""Keeps a key that may approve from saying that whoever it speaks for is the one who approves."""

from __future__ import annotations

from dealwright.deal import Deal
from dealwright.facts import CrmPropertiesChanged, Fact
from dealwright.rules.approvers import guarded
from gateway.declared_words import playbook_of
from gateway.identities.callers import Caller
from gateway.problems import ApiError
from store import bundles
from store.api_keys import Scope
from store.database import Store


async def check_opening(caller: Caller, store: Store, deal: Deal, playbook: str) -> None:
    """Check whom a deal that is opened names for the roles that approve.

    Raises:
        ApiError: 403, the caller itself would approve.
        UnknownPlaybook: nobody published a playbook of this name.
        StoreAway: the database does not answer.
    """
    if not _approves(caller) or not deal.owners:
        return
    rules = await playbook_of(store, await bundles.resolve(store, playbook))
    for role, why in guarded(rules).items() if rules else ():
        if (person := deal.owners.get(role)) and caller.may_be(person):
            raise _refusal(caller, f"{why}, and the deal would have {person.name} in that role.")


def check_fact(caller: Caller, fact: Fact) -> None:
    """Check whom a fact names for the roles of a deal.

    Raises:
        ApiError: 403, the caller itself might approve.
    """
    if not isinstance(fact, CrmPropertiesChanged) or not _approves(caller):
        return
    for person in (fact.owner, *fact.owners.values()):
        if person is not None and caller.may_be(person):
            raise _refusal(caller, f"The fact gives a role to {person.name}.")


def _approves(caller: Caller) -> bool:
    return caller.may(Scope.APPROVE) and not caller.may(Scope.ADMIN)


def _refusal(caller: Caller, text: str) -> ApiError:
    text += f" The key {caller.name!r} may approve in that name: say who holds roles with a key without approve."
    return ApiError(403, "own-approver", "Nobody makes themselves an approver", text)
