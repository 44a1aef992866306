"""The Nexus service of deals: what workflows in other namespaces may ask of them, without a client of their own.

``DealsService`` is what a caller names; whatever hosts deals handles it. Inputs and answers are plain JSON, so that any
data converter and any of Temporal's SDKs can write them. Callers give every fact and command an id: an operation is
started again after a lost answer, and then counts once. Fields are ``Any``: the SDK's own converter knows no JSON type.
Annotations are not postponed here: a caller's sandbox could not look their names up when it reads an answer.
"""

from dataclasses import dataclass, field
from typing import Any

import nexusrpc

from dealwright.identity import DEFAULT_PLAYBOOK

SERVICE = "dealwright.Deals"


@dataclass(frozen=True)
class DealToOpen:
    """A deal to open, with the fields of :class:`dealwright.Deal`."""

    deal: dict[str, Any]
    playbook: str = DEFAULT_PLAYBOOK


@dataclass(frozen=True)
class DealOpened:
    """A deal that runs. ``let_in``: it has decided to begin; False while that is not known yet."""

    deal_id: str
    opened_now: bool
    let_in: bool


@dataclass(frozen=True)
class FactToTell:
    """A fact by its name (``demo_held``). Told again under its ``id``, it counts once."""

    deal_id: str
    fact: str
    id: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FactTold:
    """A fact on its way to its deal."""

    deal_id: str
    id: str


@dataclass(frozen=True)
class CommandToGive:
    """A command by its name (``pause``). Given again under its ``id``, it is carried out once and answered alike."""

    deal_id: str
    command: str
    id: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CommandAnswered:
    """A command's verdict. Not ``decided``: it is recorded, so give it again under its id to hear more."""

    accepted: bool
    decided: bool
    text: str
    """What was done, or why not and what to do instead."""


@dataclass(frozen=True)
class DealToRead:
    """Which deal to read."""

    deal_id: str


@dataclass(frozen=True)
class DealRead:
    """Where a deal stands: the fields of :class:`dealwright.Snapshot` that have a value."""

    snapshot: dict[str, Any]


@nexusrpc.service(name=SERVICE)
class DealsService:
    """Deals, for workflows in other namespaces."""

    open_deal: nexusrpc.Operation[DealToOpen, DealOpened]
    tell_fact: nexusrpc.Operation[FactToTell, FactTold]
    give_command: nexusrpc.Operation[CommandToGive, CommandAnswered]
    read_deal: nexusrpc.Operation[DealToRead, DealRead]
