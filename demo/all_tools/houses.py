"""The installations of the demo: one has one CRM and one biller, so there are as many as there are CRMs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from demo.all_tools.around import Around
from demo.all_tools.part import Part, Which
from demo.all_tools.parts import mail
from demo.all_tools.tools import PARTS
from integrations.registry import TOOLS
from local.simulators import Said


@dataclass(frozen=True)
class House:
    """An installation, and the deals that live in it."""

    name: str
    """Of its namespace."""
    deals: Mapping[Which, str]
    """Its deals, each with the playbook that it follows."""
    billing: str | None = None
    mail_inbound: str | None = None
    webhook_sources: Path | None = None
    """Where mapping files of its own are."""
    tells_this_machine: bool = False
    """Whether events may be sent to services on this machine."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What its deals go through."""
        return tuple(part for part in PARTS if part.deal in self.deals)

    @property
    def simulated(self) -> dict[str, Mapping[str, str]]:
        """Its tools' simulators, with their options."""
        tools = [part for part in self.parts if part.tool in TOOLS and TOOLS[part.tool].simulated]
        return {part.tool: part.options for part in tools}

    def said(self, around: Around | None = None) -> Said:
        """What it says besides. Without what runs around it, it is not connected to that."""
        return Said(
            mail_inbound=self.mail_inbound,
            billing=self.billing,
            blocks={part.tool: part.block for part in self.parts},
            others=[part.connected(around) for part in self.parts if part.connected and around],
            webhook_secrets={part.tool: part.secret for part in self.parts if part.secret},
            webhook_sources=self.webhook_sources,
            event_networks=[ip_network("127.0.0.0/8")] if self.tells_this_machine else [],
        )

    @property
    def read(self) -> tuple[str, ...]:
        """Its tools that are read beside their webhooks as well."""
        known = [part.tool for part in self.parts if part.tool in TOOLS]
        return tuple(name for name in known if TOOLS[name].polling is not None)

    @property
    def read_before(self) -> tuple[str, ...]:
        """Those of them that are read before its deals begin."""
        return tuple(part.tool for part in self.parts if part.tool in self.read and part.read_before)


FIRST = House(
    "deals",
    {"first": "all-tools", "second": "other-tools"},
    billing="stripe",
    mail_inbound=f"deals@{mail.DOMAIN}",
    webhook_sources=Path(__file__).parent / "sources",
)
OTHERS = (
    House("deals-in-salesforce", {"third": "in-salesforce"}, billing="meteroid", tells_this_machine=True),
    House("deals-in-pipedrive", {"fourth": "in-pipedrive"}),
)
"""Those that run beside the first one, on the same Temporal server and with the same mail server."""
