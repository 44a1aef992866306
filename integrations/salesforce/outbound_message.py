"""Reads outbound messages: the SOAP calls by which Salesforce says that records were created or changed.

They carry no signature. Where they come from is proven by a secret in the path, and checked by the organization's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MOST_NOTIFICATIONS = 100
"""Salesforce sends no more in one message."""
MOST_FIELDS = 800
"""An object has no more custom fields than this."""
CONTENT_TYPE = "text/xml; charset=utf-8"
ACKNOWLEDGED = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)
"""What Salesforce waits for. Whatever else it is answered, it sends the message again, for 24 hours."""

_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class NoOutboundMessage(ValueError):
    """A body that is no outbound message; the message says why, and quotes nothing of it."""


@dataclass(frozen=True)
class Notification:
    """That one record was created or changed, with its fields as texts. What is empty there is not sent."""

    id: str
    """The notification's own; the same when it is sent again."""
    sobject: str
    fields: dict[str, str]


@dataclass(frozen=True)
class OutboundMessage:
    """One call by Salesforce."""

    organization: str
    notifications: tuple[Notification, ...]


def read_outbound_message(body: bytes) -> OutboundMessage:
    """Read a body.

    Raises:
        NoOutboundMessage: it is no such message, or has what none ever has: a DTD, an entity, more than 100 parts.
    """
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NoOutboundMessage(f"the body is no XML that is taken ({type(error).__name__})") from None
    found = root.find(f".//{_OUTBOUND}notifications")
    if found is None:
        raise NoOutboundMessage("the body has no notifications of an outbound message")
    parts = found.findall(f"{_OUTBOUND}Notification")
    if not parts or len(parts) > MOST_NOTIFICATIONS:
        raise NoOutboundMessage(f"there are {len(parts)} notifications in the message: 1 to {MOST_NOTIFICATIONS}")
    return OutboundMessage(_text(found, "OrganizationId"), tuple(_notification(part) for part in parts))


def _notification(part: Element) -> Notification:
    sobject = part.find(f"{_OUTBOUND}sObject")
    if sobject is None or len(sobject) > MOST_FIELDS:
        raise NoOutboundMessage("a notification has no record, or one with too many fields")
    name = sobject.get(_TYPE, "").rpartition(":")[2]
    if not name:
        raise NoOutboundMessage("a notification does not say which object its record is of")
    fields = {
        field.tag.rpartition("}")[2]: field.text
        for field in sobject
        if field.text is not None and field.get(_NIL) != "true" and not len(field)
    }
    return Notification(_text(part, "Id"), name, fields)


def _text(element: Element, name: str) -> str:
    text = element.findtext(f"{_OUTBOUND}{name}")
    if not text or not text.strip():
        raise NoOutboundMessage(f"{name} is missing")
    return text.strip()
