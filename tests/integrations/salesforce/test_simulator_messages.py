"""Outbound messages of the simulated org: what they carry, and until when they are sent again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from defusedxml import ElementTree

from tests.integrations.salesforce.org_client import OrgClient

ACK = b"<soapenv:Envelope><notificationsResponse><Ack>true</Ack></notificationsResponse></soapenv:Envelope>"
NS = {"out": "http://soap.sforce.com/2005/09/outbound", "sf": "urn:sobject.enterprise.soap.sforce.com"}


def message(org: OrgClient, *notifications: Any) -> Any:
    sent = org.simulator.webhooks.rules.request("http://127.0.0.1:1/", notifications, 0, datetime.now(UTC))
    return ElementTree.fromstring(sent.body)


def notifications(org: OrgClient) -> list[Any]:
    return [event for batch in org.simulator.webhooks._waiting for event in batch.events]


def changed(org: OrgClient, **values: Any) -> str:
    made = {"Name": "R & D <x>", "StageName": "Qualification", "CloseDate": "2026-12-31", **values}
    done = org.simulator.change({"do": "create", "sobject": "Opportunity", "values": made})
    assert isinstance(done, dict)
    return str(done["id"])


async def test_a_message_has_the_record_as_it_is_when_it_is_sent(org: OrgClient) -> None:
    id_ = changed(org)
    (notification,) = notifications(org)
    org.simulator.change({"do": "update", "sobject": "Opportunity", "id": id_, "values": {"Amount": 10.5}})
    (shown,) = message(org, notification).iterfind(".//out:Notification", NS)
    sobject = shown.find("out:sObject", NS)
    assert shown.findtext("out:Id", namespaces=NS).startswith("04l")
    assert sobject.findtext("sf:Id", namespaces=NS) == id_
    assert sobject.findtext("sf:Name", namespaces=NS) == "R & D <x>"
    assert sobject.findtext("sf:Amount", namespaces=NS) == "10.5"
    assert sobject.find("sf:Dealwright_Deal__c", NS) is None


async def test_our_own_writes_are_told_too(org: OrgClient) -> None:
    await org.call("POST", "sobjects/Task", {"Subject": "Call", "Dealwright_Effect__c": "acme/1"})
    assert [one["sobject"] for one in notifications(org)] == ["Task"]


async def test_only_an_acknowledgement_ends_a_message(org: OrgClient) -> None:
    rules = org.simulator.webhooks.rules
    assert rules.is_taken(200, ACK)
    assert not rules.is_taken(200, b"")
    assert not rules.is_taken(200, ACK.replace(b"true", b"false"))
    assert not rules.is_taken(202, ACK)
    assert not rules.is_final(500)
    org.simulator.switches.unacknowledged = 1
    assert not rules.is_taken(200, ACK)
    assert rules.is_taken(200, ACK)


async def test_a_deletion_sends_no_message(org: OrgClient) -> None:
    id_ = changed(org)
    org.simulator.change({"do": "delete", "sobject": "Opportunity", "id": id_})
    assert len(notifications(org)) == 1
