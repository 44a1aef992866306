"""Ports: one Protocol for each kind of outside system that activities call.

A port of calls that hand effects over gives a :class:`~integrations.kit.delivery.Delivery` for each: how to make the
call, and what keeps it from being made twice. Making a delivery ready changes nothing outside. It may look things up
there, and raises ``NotHandedOver`` or ``Refused`` (``integrations.kit.errors``) when the effect cannot be made ready.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from dealwright.deal import Person
from dealwright.effects import (
    CancelSubscription,
    ChangeSubscription,
    CloseTask,
    CreateTask,
    EnrolContact,
    HandOver,
    LogActivity,
    Notify,
    PostWebhook,
    RequestApproval,
    SendDocument,
    SendSms,
    StartSubscription,
    StopEnrolment,
    UpdateCrm,
    WithdrawDocument,
)
from integrations.kit.delivery import Delivery
from integrations.kit.findings import Finding
from integrations.kit.personal_message import PersonalMessage
from integrations.kit.polling import Polled
from integrations.mail.messages import MailMessage


class Mailer(Protocol):
    """Mail. It has no idempotency: a message that may have gone out is never sent again."""

    async def send(self, message: MailMessage, *, sender: str, recipient: str) -> None:
        """Hand a message to the mail server; it is handed over when this returns."""


class TextMessages(Protocol):
    """Text messages to phones."""

    async def send(self, deal_id: str, effect: SendSms, text: str) -> Delivery:
        """A message to the contact's number. It raises ``Refused`` where none can go there."""


class Chat(Protocol):
    """Where a team reads notices."""

    async def tell(self, deal_id: str, effect: Notify) -> Delivery:
        """A notice, naming its deal and whom it is for."""


class Endpoints(Protocol):
    """The team's own systems, which are told about deals."""

    def post(self, deal_id: str, effect: PostWebhook) -> Delivery:
        """A request to one of them. It raises ``NotHandedOver`` where there is none of that name."""


class Billing(Protocol):
    """What bills customers: each contract term is a subscription of its own there.

    Money, days and who pays are taken as they are given. What a tool cannot bill exactly so, it refuses.
    """

    async def start(self, deal_id: str, effect: StartSubscription) -> Delivery:
        """A subscription, with its customer; its reference is what ``change`` and ``cancel`` get."""

    async def change(self, deal_id: str, effect: ChangeSubscription) -> Delivery:
        """A subscription as its terms say now, to their end, also where it was cancelled before."""

    async def cancel(self, deal_id: str, effect: CancelSubscription) -> Delivery:
        """A subscription that ends. One that has ended already is no error."""


class Documents(Protocol):
    """A tool that makes proposals and contracts from approved templates, and brings them to the buyer."""

    async def send(self, deal_id: str, effect: SendDocument) -> Delivery:
        """A document for exact terms, made and sent. The reference is the tool's id of it.

        It raises ``NotHandedOver`` where nobody has approved its template, and ``Refused`` where the tool cannot do
        what the playbook asks.
        """

    async def withdraw(self, deal_id: str, effect: WithdrawDocument) -> Delivery:
        """A document that nobody can accept any more. One that is over is left as it is.

        It raises ``Refused`` for one that the buyer has accepted: then a person hears of it.
        """


class PersonalMessages(Protocol):
    """Where one person reads what is meant for them alone."""

    async def tell(self, person: Person, message: PersonalMessage) -> Delivery:
        """A message to a person, whose address is known. It raises ``Refused`` where they cannot be reached so."""


class TaskLists(Protocol):
    """Where people find what they have to do. Each delivery's reference is what the tool names the task.

    Where it is not the CRM, the reference begins with the tool's name and a colon.
    """

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task on its owner's list."""

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:
        """A task off its owner's list, at a deal's time; one that is closed already, or not there, stays as it is."""


class Crm(TaskLists, Protocol):
    """Where people see deals and what they have to do. Each delivery's reference is what the CRM names the thing."""

    async def update_deal(self, deal_id: str, effect: UpdateCrm) -> Delivery:
        """The deal's record as it stands now. A deal that the CRM does not have is opened there first."""

    async def log_activity(self, deal_id: str, effect: LogActivity) -> Delivery:
        """What was done with the buyer, in the deal's record. A CRM that told of it itself has it already."""

    async def keep_package(self, deal_id: str, effect: HandOver) -> Delivery:
        """A handoff package, where its receiver finds it."""

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> Delivery:
        """An approval request, where whom it asks finds it."""


class Engagement(Protocol):
    """A tool that runs cadences: whom a deal enrols there, it writes to by itself."""

    async def enrol(self, deal_id: str, effect: EnrolContact) -> Delivery:
        """A contact in a cadence. Its reference is what the tool calls the enrolment.

        Whoever is in that cadence already, enrolled by somebody else, is refused: nobody is taken over.
        """

    async def stop(self, effect: StopEnrolment, reference: str | None) -> Delivery:
        """A contact out of a cadence; one that is out of it stays as it is.

        ``reference`` is what the tool calls the enrolment; None where nobody knows whether it has it. Then it is looked
        for.
        """


class PollingSource(Protocol):
    """A tool that can be read for what has changed, beside its webhooks. It raises what a call to it raises."""

    async def poll(self, cursor: str | None) -> Polled:
        """What has changed since a cursor, at most one page; without a cursor, from about now on.

        Each poll reads again some time before its cursor: a tool shows late what it took at about the same moment.
        """

    async def health(self) -> list[Finding]:
        """How the credentials, their scopes and the subscriptions are. It changes nothing."""

    async def repair(self) -> list[Finding]:
        """Switch on again, or set up anew, the subscriptions that should be there; what was done."""


class Listener(Protocol):
    """A tool that tells of changes over a connection that we keep open, beside its webhooks."""

    async def run(self, kept: Callable[[], None]) -> None:
        """Take in what comes until cancelled, and connect again whenever that ends. ``kept``: new events are there."""
