"""The tools that take part, one entry each; and those that do not and could."""

from __future__ import annotations

from demo.all_tools.part import Part
from demo.all_tools.parts.apollo import APOLLO
from demo.all_tools.parts.cal_com import CAL_COM
from demo.all_tools.parts.calendly import CALENDLY
from demo.all_tools.parts.chorus import CHORUS
from demo.all_tools.parts.clari import CLARI
from demo.all_tools.parts.clari_copilot import CLARI_COPILOT
from demo.all_tools.parts.docusign import DOCUSIGN
from demo.all_tools.parts.gong import GONG
from demo.all_tools.parts.google_calendar import GOOGLE_CALENDAR
from demo.all_tools.parts.hubspot import HUBSPOT
from demo.all_tools.parts.mail import MAIL
from demo.all_tools.parts.meteroid import METEROID
from demo.all_tools.parts.outreach import OUTREACH
from demo.all_tools.parts.pandadoc import PANDADOC
from demo.all_tools.parts.pipedrive import PIPEDRIVE
from demo.all_tools.parts.qwilr import QWILR
from demo.all_tools.parts.salesforce import SALESFORCE
from demo.all_tools.parts.salesloft import SALESLOFT
from demo.all_tools.parts.slack import SLACK
from demo.all_tools.parts.stripe import STRIPE
from demo.all_tools.parts.twilio import TWILIO
from demo.all_tools.parts.usage import USAGE
from integrations.registry import TOOLS

PARTS: tuple[Part, ...] = (
    *(HUBSPOT, MAIL, CAL_COM, TWILIO, GONG, CLARI_COPILOT, PANDADOC, SLACK, STRIPE, USAGE),
    *(SALESLOFT, APOLLO, OUTREACH, GOOGLE_CALENDAR, CALENDLY, CLARI, CHORUS, QWILR, DOCUSIGN),
    *(SALESFORCE, METEROID),
    *(PIPEDRIVE,),
)
"""Those that take part, one row for each deal. Within a phase they act in this order."""


def not_there() -> dict[str, str]:
    """The tools that have a simulator and take no part, each with why."""
    simulated = {name for name, tool in TOOLS.items() if tool.simulated} - {part.tool for part in PARTS}
    return dict.fromkeys(sorted(simulated), "it has no part in a life yet")
