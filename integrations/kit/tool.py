"""What a tool offers: one entry each in ``integrations.registry``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from integrations.kit.commands import CommandSource
from integrations.kit.connection import Connection
from integrations.kit.inbound import Fetcher, InboundHandler
from integrations.kit.ports import (
    Billing,
    Chat,
    Crm,
    Documents,
    Engagement,
    Listener,
    PersonalMessages,
    PollingSource,
    TaskLists,
    TextMessages,
)
from store.database import Store

_Block = TypeVar("_Block", bound=Connection)


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A tool's block in the connections file, and what an adapter for it may use."""

    tool: str
    connection: Connection
    store: Store
    marks_of_bookings: tuple[str, ...] = ()
    """What other connected tools leave in the calendar events of the bookings that they tell of."""

    def block(self, model: type[_Block]) -> _Block:
        """The connection in the tool's own model.

        Raises:
            TypeError: it was read as another one, so the registry names another model.
        """
        if not isinstance(self.connection, model):
            message = f"{self.tool} was read as {type(self.connection).__name__}, not as {model.__name__}"
            raise TypeError(message)
        return self.connection


MakeCrm: TypeAlias = Callable[[Connected], Crm]
MakeBilling: TypeAlias = Callable[[Connected], Billing]
MakeEngagement: TypeAlias = Callable[[Connected], Engagement]
MakeChat: TypeAlias = Callable[[Connected], Chat]
MakeTaskLists: TypeAlias = Callable[[Connected], TaskLists]
MakeDocuments: TypeAlias = Callable[[Connected], Documents]
MakePersonalMessages: TypeAlias = Callable[[Connected], PersonalMessages]
MakeTextMessages: TypeAlias = Callable[[Connected], TextMessages]
MakeHandler: TypeAlias = Callable[[Connected | None], InboundHandler]
MakeFetcher: TypeAlias = Callable[[Connected], Fetcher]
MakeCommandSource: TypeAlias = Callable[[Connected], CommandSource]
MakePolling: TypeAlias = Callable[[Connected], PollingSource]


MakeListener: TypeAlias = Callable[[Connected], Listener | None]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool. What makes an adapter is called with the connection in the tool's own model."""

    name: str
    """Its folder, and its key in the connections file."""
    title: str
    source: str | None = None
    """The name of its mapping file's source, where it sends webhooks."""
    connection: type[Connection] = Connection
    crm: MakeCrm | None = None
    """What makes its CRM, if it has one for ``crm:`` of the connections file."""
    chat: MakeChat | None = None
    billing: MakeBilling | None = None
    """What makes it bill customers, if it can, for ``billing:`` of the connections file."""
    engagement: MakeEngagement | None = None
    """What makes its cadences, which playbooks enrol contacts in by the tool's name."""
    touches: MakeTaskLists | None = None
    """What makes the lists of tasks by which people reach contacts, if it has such for ``touches:`` of the file."""
    documents: MakeDocuments | None = None
    """What makes and sends proposals and contracts in it."""
    personal_messages: MakePersonalMessages | None = None
    """What tells people of their work in it, for those who chose it as their channel."""
    text_messages: MakeTextMessages | None = None
    """What sends text messages through it."""
    handler: MakeHandler | None = None
    """What reads its webhooks before, or in place of, its mapping file. Without a connection it is made with None."""
    fetcher: MakeFetcher | None = None
    """What looks up what its webhooks only hint at."""
    commands: MakeCommandSource | None = None
    """What reads the commands that people give in it, and tells them the verdicts."""
    marks_of_bookings: tuple[str, ...] = ()
    """What stands in the descriptions of the calendar events that it makes of its bookings, one of these at least, in
    small letters. With it connected, calendars do not tell of those once more."""
    simulated: bool = False
    """Whether it has a simulator (``python -m integrations.<name>.simulator``)."""
    polling: MakePolling | None = None
    """What makes it readable for what its webhooks should have brought."""
    listener: MakeListener | None = None
    """What makes a connection over which it tells of changes; None where an installation wants none."""
