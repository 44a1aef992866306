"""Rules that a company has set up in its org: a validation rule, a duplicate rule, and rows that others hold."""

from __future__ import annotations

from integrations.salesforce.simulator.org import Org
from integrations.salesforce.simulator.schema import ApiError, SObject
from integrations.salesforce.simulator.switches import SalesforceSwitches
from integrations.salesforce.simulator.validation import Values


def set_up(org: Org, switches: SalesforceSwitches) -> None:
    """Have the org check what is switched on."""

    def locked(sobject: SObject, record: Values, id_: str | None) -> None:  # noqa: ARG001 - as every check
        if switches.take("locked_rows"):
            raise ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records")

    def duplicates(sobject: SObject, record: Values, id_: str | None) -> None:
        if switches.duplicate_rule and sobject.name == "Contact" and record.get("Email"):
            others = [one for one in org.live("Contact") if one["Id"] != id_ and one.get("Email") == record["Email"]]
            if others:
                raise ApiError(400, "DUPLICATES_DETECTED", "Use one of these records?")

    def reasons(sobject: SObject, record: Values, id_: str | None) -> None:  # noqa: ARG001 - as every check
        lost = sobject.name == "Opportunity" and record.get("StageName") == "Closed Lost"
        if switches.loss_reason_required and lost and not record.get("LossReason__c"):
            message = "Say why the opportunity was lost."
            raise ApiError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", message, ["LossReason__c"])

    org.checks += [locked, duplicates, reasons]
