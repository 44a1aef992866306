"""What a CRM tells of the deal's record there: moved, changed, merged, deleted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dealwright.deal import Account, Contact, Known, Money, Person
from dealwright.facts.base import Fact, Fields
from dealwright.values.recorded import Day, Name, Reference, Text

__all__ = [
    "CrmDealDeleted",
    "CrmDealMerged",
    "CrmPropertiesChanged",
    "CrmStageMoved",
    "CrmTaskCompleted",
]


class CrmStageMoved(Fact):
    """Somebody moved the deal in the CRM; what follows is what the playbook says under ``crm``."""

    name = "crm_stage_moved"
    variant_field = "stage"
    stage: Name


class CrmPropertiesChanged(Fact):
    """Properties of the deal changed in the CRM; those not given stay as they were, ``null`` clears one."""

    name = "crm_properties_changed"
    teaches = ("amount", "title", "close_on", "owners", "contacts", "account", "fields")
    amount: Money | None = None
    title: Name | None = None
    close_on: Day | None = None
    owner: Person | None = None
    """Whom the record belongs to: they hold the role that has the deal now."""
    owners: Annotated[dict[Name, Person | None], Field(max_length=50)] = {}
    """Who holds which role, where the CRM knows several."""
    contacts: Annotated[tuple[Contact, ...], Field(max_length=50)] = ()
    account: Account | None = None
    """The company; another ``id`` than before says that it is another one."""
    fields: Fields = {}
    """Values of fields that the playbook declares."""
    properties: Annotated[dict[Name, Text], Field(max_length=100)] = {}

    def learn(self) -> Known | None:
        return self.learn_for(None)

    def learn_for(self, role: str | None) -> Known:
        """What it says about a deal that this role has; without one, what it says whoever has it."""
        owners = dict(self.owners)
        if role is not None and "owner" in self.model_fields_set:
            owners[role] = self.owner
        nobody = tuple(f"owners.{each}" for each, person in owners.items() if person is None)
        return Known(
            amount=self.amount, title=self.title, close_on=self.close_on, contacts=self.contacts or None,
            owners={each: person for each, person in owners.items() if person is not None} or None,
            account=self.account, fields=self.fields or None,
            cleared=(*(self.no_longer("amount", "title", "close_on", "account") or ()), *nobody) or None,
        )  # fmt: skip


class CrmDealDeleted(Fact):
    """The deal's record in the CRM was deleted. Restored there, this is retracted (``fact_retracted``)."""

    name = "crm_deal_deleted"
    always_decided = True


class CrmDealMerged(Fact):
    """The deal's record in the CRM is one with another deal's now, since somebody merged them."""

    name = "crm_deal_merged"
    always_decided = True
    merged: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """The records that were merged into this one, as links name them: ``deal:55``. Their links move here."""
    deal: Name | None = None
    """The other deal here that still runs; left out where there is none. Webhooks find it by the links."""


class CrmTaskCompleted(Fact):
    """Somebody completed one of the deal's tasks in the CRM: it is done, as by the command ``complete_task``.

    A task that is not open any more stays as it is.
    """

    name = "crm_task_completed"
    always_decided = True
    task: Reference
    """The task's id here."""
    result: Text | None = None
    """What came of it, in the words of whoever did it."""
    outcome: Name | None = None
    """Which of the task's outcomes it was. Without one the task is done, and the deal asks somebody to look."""
