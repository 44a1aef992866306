"""The installations of the demo: one has one CRM and one biller, so there are as many as there are CRMs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from demo.all_tools.part import Part, Which
from demo.all_tools.parts import mail
from demo.all_tools.tools import PARTS
from integrations.registry import TOOLS
from local.simulators import MailIn, Said


@dataclass(frozen=True)
class House:
    """An installation, and the deals that live in it."""

    name: str
    """Of its namespace."""
    deals: Mapping[Which, str]
    """Its deals, each with the playbook that it follows."""
    billing: str | None = None
    mail_in: MailIn | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What its deals go through."""
        return tuple(part for part in PARTS if part.deal in self.deals)

    @property
    def simulated(self) -> dict[str, Mapping[str, str]]:
        """Its tools' simulators, with their options."""
        tools = [part for part in self.parts if part.tool in TOOLS and TOOLS[part.tool].simulated]
        return {part.tool: part.options for part in tools}

    @property
    def said(self) -> Said:
        """What its connections file says besides."""
        return Said(self.mail_in, billing=self.billing, blocks={part.tool: part.block for part in self.parts})

    @property
    def read(self) -> tuple[str, ...]:
        """Its tools that are read beside their webhooks as well."""
        return tuple(name for name in self.simulated if TOOLS[name].polling is not None)

    @property
    def read_before(self) -> tuple[str, ...]:
        """Those of them that are read before its deals begin."""
        return tuple(part.tool for part in self.parts if part.tool in self.read and part.read_before)


FIRST = House(
    "deals", {"first": "all-tools", "second": "other-tools"}, billing="stripe",
    mail_in=MailIn(f"deals@{mail.DOMAIN}", mail.LOGIN),
)  # fmt: skip
OTHERS = (
    House("deals-in-salesforce", {"third": "in-salesforce"}, billing="meteroid"),
    House("deals-in-pipedrive", {"fourth": "in-pipedrive"}),
)
"""Those that run beside the first one, on the same Temporal server and with the same mail server."""
