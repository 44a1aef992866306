"""The tools that take part, one entry each; and those that cannot."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from demo.all_tools.part import Part
from demo.all_tools.parts.apollo import APOLLO
from demo.all_tools.parts.cal_com import CAL_COM
from demo.all_tools.parts.calendly import CALENDLY
from demo.all_tools.parts.chorus import CHORUS
from demo.all_tools.parts.clari import CLARI
from demo.all_tools.parts.clari_copilot import CLARI_COPILOT
from demo.all_tools.parts.docusign import DOCUSIGN
from demo.all_tools.parts.endpoints import ENDPOINTS
from demo.all_tools.parts.events import EVENTS
from demo.all_tools.parts.gong import GONG
from demo.all_tools.parts.google_calendar import GOOGLE_CALENDAR
from demo.all_tools.parts.hubspot import HUBSPOT
from demo.all_tools.parts.imap import IMAP
from demo.all_tools.parts.mail import MAIL
from demo.all_tools.parts.mailgun import MAILGUN, MAILGUN_ROUTES
from demo.all_tools.parts.meteroid import METEROID
from demo.all_tools.parts.outreach import OUTREACH
from demo.all_tools.parts.pandadoc import PANDADOC
from demo.all_tools.parts.phones import PHONES
from demo.all_tools.parts.pipedrive import PIPEDRIVE
from demo.all_tools.parts.postmark import POSTMARK
from demo.all_tools.parts.qwilr import QWILR
from demo.all_tools.parts.salesforce import SALESFORCE
from demo.all_tools.parts.salesloft import SALESLOFT
from demo.all_tools.parts.sendgrid import SENDGRID, SENDGRID_PARSE
from demo.all_tools.parts.slack import SLACK
from demo.all_tools.parts.standard_webhooks import STANDARD_WEBHOOKS
from demo.all_tools.parts.stripe import STRIPE
from demo.all_tools.parts.twilio import TWILIO
from demo.all_tools.parts.usage import USAGE
from integrations.registry import TOOLS

PARTS: tuple[Part, ...] = (
    *(HUBSPOT, MAIL, CAL_COM, TWILIO, GONG, CLARI_COPILOT, PANDADOC, SLACK, STRIPE, USAGE),
    *(STANDARD_WEBHOOKS, SALESLOFT, APOLLO, OUTREACH, PHONES, GOOGLE_CALENDAR, CALENDLY, CLARI, CHORUS),
    *(POSTMARK, QWILR, DOCUSIGN),
    *(SALESFORCE, SENDGRID, SENDGRID_PARSE, METEROID, ENDPOINTS, EVENTS),
    *(PIPEDRIVE, MAILGUN, MAILGUN_ROUTES, IMAP),
)
"""Those that take part, by deal. Within a phase they act in this order."""
CANNOT: Mapping[str, str] = MappingProxyType(
    {"ses": "its messages are proven with a certificate that is got from Amazon alone"}
)
"""The tools that cannot take part on one machine, each with why."""


def not_there() -> dict[str, str]:
    """The tools of the registry that take no part, each with why, or an empty text where there is no reason."""
    absent = sorted(TOOLS.keys() - {part.tool for part in PARTS})
    return {name: CANNOT.get(name, "") for name in absent}
