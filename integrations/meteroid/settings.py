"""What an installation says of its Meteroid: the block ``meteroid`` of the connections file."""

from __future__ import annotations

from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given, Name
from integrations.kit.connection import BaseUrl, Connection, Secret
from integrations.kit.usage import UsageRule

SOURCE = "meteroid"
"""Under which links and events of Meteroid are kept."""


class MeteroidPlan(Given):
    """A plan of a playbook, as Meteroid has it. Each contract has a price of its own."""

    plan: Name
    """The plan's id (``plan_…``)."""
    component: Name
    """The id of its one recurring price component (``price_…``), in the place of whose price the signed one stands."""
    one_off: Name | None = None
    """The id of the product (``prod_…``) of what comes once; without it, nothing that comes once can be billed."""


class MeteroidConnection(Connection):
    """One Meteroid tenant: in its cloud, or one that the team runs."""

    key: Secret
    """An API key."""
    base_url: BaseUrl = "https://api.meteroid.com"
    plans: dict[Word, MeteroidPlan] = {}
    """The plans of the playbooks, by name, and what they are here."""
    usage: UsageRule | None = None
    """Which billable metric says how a customer is doing; without it, usage is not read."""
