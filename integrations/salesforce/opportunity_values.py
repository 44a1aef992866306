"""What an opportunity is to hold, from what a deal wants shown there."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import JsonValue

from dealwright.deal import Money
from dealwright.effects import UpdateCrm
from integrations.salesforce.settings import SalesforceConnection

Values = dict[str, JsonValue]

_LOST = frozenset({"lost", "unresponsive", "disqualified"})
_AFTER_WON = frozenset({"churned", "completed"})
"""How a deal ends that was won before: its opportunity stays won."""
LONGEST_NAME, _LONGEST_REASON = 120, 255


def stage_name(connection: SalesforceConnection, effect: UpdateCrm) -> str | None:
    """The stage in Salesforce's word; None where the installation has none for it, or where it stays as it is."""
    if effect.outcome in _LOST:
        return connection.stage_for("closed_lost")
    if effect.outcome == "won":
        return connection.stage_for("closed_won")
    return None if effect.outcome in _AFTER_WON else connection.stage_for(effect.stage)


def opportunity_values(connection: SalesforceConnection, effect: UpdateCrm) -> Values:
    """The fields that an effect writes, but for the owner, who is looked up.

    Salesforce wants a name and a closing date of every opportunity: they are changed, and never emptied.
    """
    values: Values = {}
    if (effect.writes("stage") or effect.writes("outcome")) and (stage := stage_name(connection, effect)):
        values["StageName"] = stage
    if connection.loss_reason_field and effect.outcome in _LOST and effect.reason:
        values[connection.loss_reason_field] = effect.reason[:_LONGEST_REASON]
    if effect.writes("title") and effect.title:
        values["Name"] = effect.title[:LONGEST_NAME]
    if effect.writes("close_on") and effect.close_on:
        values["CloseDate"] = effect.close_on.isoformat()
    if effect.writes("amount"):
        values |= _amount(connection, effect.amount)
    return values


def needed_to_open(connection: SalesforceConnection, deal_id: str, at: datetime) -> Values:
    """What Salesforce wants of a new opportunity, as long as nothing better is known."""
    closes = (at + timedelta(days=connection.close_in_days)).date()
    values: Values = {
        "Name": deal_id[:LONGEST_NAME],
        "StageName": connection.new_stage,
        "CloseDate": closes.isoformat(),
    }
    return {**values, "RecordTypeId": connection.record_type} if connection.record_type else values


def cannot_hold(connection: SalesforceConnection, amount: Money | None) -> bool:
    """Whether the org keeps another currency than this amount's, and only that."""
    if amount is None or connection.multi_currency:
        return False
    return amount.currency != connection.settings.get("currency", amount.currency)


def _amount(connection: SalesforceConnection, amount: Money | None) -> Values:
    if amount is None:
        return {"Amount": None}
    if cannot_hold(connection, amount):
        return {}
    values: Values = {"Amount": as_number(amount.amount)}
    return {**values, "CurrencyIsoCode": amount.currency} if connection.multi_currency else values


def as_field(name: str, text: str | None) -> JsonValue:
    """A value as Salesforce takes it, from how it is mirrored."""
    return as_number(Decimal(text)) if name == "amount" and text is not None else text


def as_number(amount: Decimal) -> int | float:
    """An amount as JSON has it. A currency field holds 18 digits."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
