"""Outbound messages are read as Salesforce sends them, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml import ElementTree

from integrations.salesforce.outbound_message import (
    ACKNOWLEDGED,
    NoOutboundMessage,
    Notification,
    read_outbound_message,
)

SAMPLE = (Path(__file__).parent / "samples" / "outbound_message.xml").read_bytes()
ENVELOPE = SAMPLE.partition(b"?>")[2]
NOTIFICATION = SAMPLE[SAMPLE.index(b"<Notification>") : SAMPLE.index(b"</notifications>")]


def test_a_message_says_whose_it_is_and_which_records_changed() -> None:
    message = read_outbound_message(SAMPLE)
    assert message.organization == "00D5f0000000001AAA"
    (notification,) = message.notifications
    assert (notification.id, notification.sobject) == ("04l5f000000000CAAQ", "Opportunity")
    assert notification.fields["StageName"] == "Closed Won"
    assert notification.fields["Name"] == "R & D"


def test_what_is_empty_is_no_field() -> None:
    (notification,) = read_outbound_message(SAMPLE).notifications
    assert "Amount" not in notification.fields
    assert "NextStep" not in notification.fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html/>",
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>" + ENVELOPE.replace(b"R &amp; D", b"&b;"),
        b"<!DOCTYPE x SYSTEM 'http://127.0.0.1/x.dtd'>" + ENVELOPE,
        b"<?xml version='1.0' encoding='klingon'?><a/>",
        SAMPLE.replace(b"00D5f0000000001AAA", b""),
        SAMPLE.replace(b"04l5f000000000CAAQ", b" "),
        SAMPLE.replace(b'xsi:type="sf:Opportunity"', b""),
        SAMPLE.replace(NOTIFICATION, b""),
        SAMPLE.replace(NOTIFICATION, NOTIFICATION * 101),
        SAMPLE.replace(b"2005/09/outbound", b"2005/09/inbound"),
    ],
)
def test_nothing_else_is_read(body: bytes) -> None:
    with pytest.raises(NoOutboundMessage):
        read_outbound_message(body)


def test_a_hundred_notifications_are_read() -> None:
    message = read_outbound_message(SAMPLE.replace(NOTIFICATION, NOTIFICATION * 100))
    assert len(message.notifications) == 100
    assert all(isinstance(one, Notification) for one in message.notifications)


def test_what_is_wrong_is_said_without_quoting_it() -> None:
    with pytest.raises(NoOutboundMessage) as raised:
        read_outbound_message(b"<secret>hunter2")
    assert "hunter2" not in str(raised.value)


def test_the_acknowledgement_is_what_salesforce_waits_for() -> None:
    body = ElementTree.fromstring(ACKNOWLEDGED)
    ack = "{http://soap.sforce.com/2005/09/outbound}"
    assert body.findtext(f".//{ack}notificationsResponse/{ack}Ack") == "true"
