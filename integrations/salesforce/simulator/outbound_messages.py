"""Outbound messages: SOAP calls that a flow sends when a record was created or changed.

Up to 100 notifications in one, all of one object. Each carries the record as it is when the message is sent, not as
it was when the flow ran. A message is sent again until it is answered with ``<Ack>true</Ack>``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook
from integrations.salesforce.simulator.ids import record_id
from integrations.salesforce.simulator.org import ORGANIZATION_ID, Change, OrgState
from integrations.salesforce.simulator.switches import SalesforceSwitches

SELECTED = {
    "Opportunity": (
        "Amount", "CloseDate", "CreatedById", "Dealwright_Deal__c", "ForecastCategoryName", "Id", "IsClosed", "IsWon",
        "LastModifiedById",
        "Name", "OwnerId", "StageName", "SystemModstamp",
    ),
    "Task": (
        "CallDisposition", "Dealwright_Effect__c", "Id", "IsClosed", "LastModifiedById", "Status", "SystemModstamp",
        "WhatId",
    ),
}  # fmt: skip
"""The fields that the flows' outbound messages are set up to carry, as Salesforce orders them."""
_ACK = re.compile(rb"<(?:\w+:)?Ack>\s*true\s*</(?:\w+:)?Ack>")
_MOST_ATTEMPTS = 30
"""Attempts within 24 hours, 15 seconds apart at first and two hours at last."""

_ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{organization}</OrganizationId>
   <ActionId>{action}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/68.0/{short}</EnterpriseUrl>
   <PartnerUrl>https://example.my.salesforce.com/services/Soap/u/68.0/{short}</PartnerUrl>
{notifications}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>
"""
_NOTIFICATION = """   <Notification>
    <Id>{id}</Id>
    <sObject xsi:type="sf:{sobject}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
{fields}
    </sObject>
   </Notification>"""


def notification_of(change: Change) -> JsonValue | None:
    """The notification that follows from a change; None where no flow is set up for it."""
    if change.sobject not in SELECTED or change.kind == "DELETE":
        return None
    return {"id": record_id("04l", change.number), "sobject": change.sobject, "record": change.record}


@dataclass
class OutboundMessages:
    """How an org sends outbound messages."""

    state: OrgState
    switches: SalesforceSwitches
    largest_batch: int = 100
    most_attempts: int = _MOST_ATTEMPTS
    pauses: tuple[float, ...] = ()

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:  # noqa: ARG002 - nothing is signed
        """The SOAP call for these notifications, with their records as they are now."""
        shown = "\n".join(self._notification(event) for event in events if isinstance(event, dict))
        body = _ENVELOPE.format(
            organization=ORGANIZATION_ID, short=ORGANIZATION_ID[:15], action=record_id("04k", 1), notifications=shown
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        return SignedWebhook(target, headers, body.encode())

    def is_taken(self, status: int, body: bytes) -> bool:
        """Only an acknowledgement counts."""
        acknowledged = status == 200 and _ACK.search(body) is not None  # noqa: PLR2004 - OK
        return acknowledged and not self.switches.take("unacknowledged")

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - whatever it was
        """It is tried again after every other answer."""
        return False

    def _notification(self, event: dict[str, JsonValue]) -> str:
        name = str(event["sobject"])
        record = self.state.tables[name][str(event["record"])]
        given = {field: value for field in SELECTED[name] if (value := record.get(field)) is not None}
        fields = "\n".join(f"     <sf:{field}>{escape(_text(value))}</sf:{field}>" for field, value in given.items())
        return _NOTIFICATION.format(id=event["id"], sobject=name, fields=fields)


def _text(value: JsonValue) -> str:
    """A value as XML Schema writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("+0000", "Z")
