"""What can be done outside, typed, each with an id of its own.

An effect is decided once and handed over once. It carries all that its activity needs, so that what is sent is what
was decided, whatever the rules say a minute later. ``at`` and every limit are in the deal's own time.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Discriminator, Tag

from dealwright.candidates import Candidate
from dealwright.deal import Account, Contact, Deal, Money, Person
from dealwright.effect_base import EffectBase, UnknownEffect
from dealwright.terms import Terms
from dealwright.values.recorded import AwareDatetime, Recorded

CrmPart: TypeAlias = Literal["stage", "outcome", "amount", "title", "close_on", "owner", "account", "contacts"]
"""A part of the deal's record in a CRM that is written, and told, by itself."""


class Cap(Recorded):
    """At most ``most`` touches within any ``per``, counted for one contact, account, rep or mailbox over all deals."""

    scope: Literal["contact", "account", "rep", "mailbox"] | str
    key: str
    per: timedelta
    most: int
    counts: bool = True
    """Whether the touch itself counts; else it only waits for what others have made count."""


class SendEmail(EffectBase):
    """Send one message to one contact."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["send_email"] = "send_email"
    template: str
    bundle: str
    """The content hash of the playbook bundle that holds the template."""
    to: Contact
    sender: Person | None = None
    sender_role: str | None = None
    deal: Deal
    marketing: bool = True
    caps: tuple[Cap, ...] = ()
    reply_to_effect: str | None = None
    """The effect of the message to the same address that this one continues, for threading."""
    reply_to_message_id: str | None = None
    """The Message-ID of what the contact wrote in that conversation since; this message answers it."""


class CreateTask(EffectBase):
    """Ask a person to do something by a time."""

    ends_with_its_play: ClassVar[bool] = True
    tells_people: ClassVar[bool] = True
    kind: Literal["create_task"] = "create_task"
    task: str
    role: str
    owner: Person | None = None
    title: str
    due_at: AwareDatetime
    detail: str | None = None
    channel: str | None = None
    """How whoever does it reaches a contact: ``call``, ``social``, ``sms``, ``post``."""


class CloseTask(EffectBase):
    """Take a task off somebody's list: done elsewhere, or no longer wanted."""

    tells_people: ClassVar[bool] = True
    kind: Literal["close_task"] = "close_task"
    task: str
    how: Literal["done", "cancelled"] | str
    reason: str


class Notify(EffectBase):
    """Tell a role something, in the team's chat."""

    tells_people: ClassVar[bool] = True
    kind: Literal["notify"] = "notify"
    role: str
    owner: Person | None = None
    text: str


class PostWebhook(EffectBase):
    """Tell an endpoint of the team's own systems something about the deal."""

    kind: Literal["post_webhook"] = "post_webhook"
    endpoint: str
    deal: Deal
    stage: str
    play: str
    contact: str | None = None
    text: str | None = None


class HandOver(EffectBase):
    """Hand a deal to the next owner, with what they need to know, and ask for acceptance."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["hand_over"] = "hand_over"
    handoff: str
    from_role: str
    to_role: str
    to: Person | None = None
    accept_by: AwareDatetime
    pieces: dict[str, str]
    deal: Deal


class RequestApproval(EffectBase):
    """Ask the next in the chain for a yes or no to exact terms."""

    ends_with_its_play: ClassVar[bool] = True
    kind: Literal["request_approval"] = "request_approval"
    approval: str
    role: str
    owner: Person | None = None
    terms: dict[str, str]
    currencies: dict[str, str] = {}
    answer_by: AwareDatetime
    others: tuple[str, ...] = ()
    """The other roles who may answer too: one answer is enough."""

    @property
    def shown(self) -> dict[str, str]:
        """The terms as the approver reads them, money with its currency."""
        return Terms(values=self.terms, currencies=self.currencies).shown()


class UpdateCrm(EffectBase):
    """Bring the deal's record in the CRM up to date.

    It says how the whole record is to be; ``parts`` says what of it changed, so that nothing else is overwritten
    there. Of two that meet, the one with the later ``at`` holds.
    """

    keeps_records: ClassVar[bool] = True
    kind: Literal["update_crm"] = "update_crm"
    parts: tuple[CrmPart | str, ...] | None = None
    """What is to be written; None means everything that is given."""
    stage: str
    outcome: str | None = None
    reason: str | None = None
    """Why the deal ended; it belongs to the outcome."""
    amount: Money | None = None
    title: str | None = None
    close_on: date | None = None
    """The day on which the deal is expected to close."""
    owner_role: str | None = None
    """The role that has the deal now."""
    owners: dict[str, Person] = {}
    """Who holds each role, as far as that is known."""
    account: Account | None = None
    """Given when it is one of the parts; likewise the contacts."""
    contacts: tuple[Contact, ...] | None = None
    note: str | None = None

    @property
    def owner(self) -> Person | None:
        """Who has the deal now; None where nobody is known."""
        return self.owners.get(self.owner_role or "")

    def writes(self, part: CrmPart) -> bool:
        """Whether a part of the record is to be written. Written and None, it is to be emptied."""
        return part in self.parts if self.parts is not None else getattr(self, part) is not None


class LogActivity(EffectBase):
    """Log in the CRM what was done with the buyer: a message, a call, a meeting, a note."""

    keeps_records: ClassVar[bool] = True
    kind: Literal["log_activity"] = "log_activity"
    what: Literal["email", "call", "meeting", "note"] | str
    happened_at: AwareDatetime
    direction: Literal["in", "out"] | str | None = None
    """Whether the buyer wrote or called, or we did; None where neither is known, or it was both."""
    subject: str | None = None
    text: str | None = None
    contact: Contact | None = None
    """With whom on the buying side, where that is known."""
    owner: Person | None = None
    """Who it was on the selling side, else who has the deal."""
    result: str | None = None
    """How far a call got: ``connected``, ``voicemail``, ``no_answer``."""
    channel: str | None = None
    """How a reply came, if not by e-mail: ``sms``, ``chat``."""
    reference: str | None = None
    """What it is called where it happened: a Message-ID, a calendar's id."""
    source: str | None = None
    """The system that told of it: one that is the CRM itself has it already."""


class ChooseOwner(EffectBase):
    """Choose who of a pool gets a role in the deal. The outcome's ``reference`` says who, by ``Person.key``."""

    ends_with_its_play: ClassVar[bool] = True
    leads_on: ClassVar[bool] = True
    kind: Literal["choose_owner"] = "choose_owner"
    playbook: str
    pool: str
    role: str
    by: Literal["round_robin", "load"] | str = "round_robin"
    candidates: tuple[Candidate, ...]
    """All members of the pool, in its order."""
    keeps: Person | None = None
    """Who has the role already, and keeps it: the deal only counts as theirs."""
    replaces: Person | None = None
    """Who has the role, and is not to be chosen again if there is somebody else."""
    account: str | None = None
    """The account by its domain, or else by its id."""
    account_first: bool = False
    """Whether whoever has, or had, another deal of the account goes before all others."""
    since: AwareDatetime | None = None
    """When it was decided to start it for the first time."""
    waits: bool = True
    """Whether the choice is put off while nobody can be chosen."""


def _tag(value: object) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if kind in EFFECT_KINDS else "unknown"


EFFECT_KINDS: dict[str, type[EffectBase]] = {
    "send_email": SendEmail,
    "create_task": CreateTask,
    "close_task": CloseTask,
    "notify": Notify,
    "hand_over": HandOver,
    "request_approval": RequestApproval,
    "update_crm": UpdateCrm,
    "log_activity": LogActivity,
    "choose_owner": ChooseOwner,
    "post_webhook": PostWebhook,
}
"""Every kind of effect; the kind is also the name of the activity that does it."""

Effect = Annotated[
    Annotated[SendEmail, Tag("send_email")]
    | Annotated[CreateTask, Tag("create_task")]
    | Annotated[CloseTask, Tag("close_task")]
    | Annotated[Notify, Tag("notify")]
    | Annotated[HandOver, Tag("hand_over")]
    | Annotated[RequestApproval, Tag("request_approval")]
    | Annotated[UpdateCrm, Tag("update_crm")]
    | Annotated[LogActivity, Tag("log_activity")]
    | Annotated[ChooseOwner, Tag("choose_owner")]
    | Annotated[PostWebhook, Tag("post_webhook")]
    | Annotated[UnknownEffect, Tag("unknown")],
    Discriminator(_tag),
]


class Conversation(Recorded):
    """A conversation by mail, as far as a message has brought it: what the next one in it has to carry on."""

    subject: str
    references: tuple[str, ...]
    """The Message-IDs of its messages, that message's own last."""


class Outcome(Recorded):
    """What became of an effect.

    ``done``: handed over, or found to have been. ``skipped``: the last checks forbade it (suppressed,
    too late). ``deferred``: a cap is full, or the addressee away, until ``until``. ``not_done``: this
    block of attempts ended without handing over; nothing is lost, the same id may be started again.
    ``failed``: the other side refused for good. ``uncertain``: it may or may not have been handed over.
    ``withdrawn``: it was no longer wanted, and had not been handed over yet.
    """

    effect: str
    kind: str
    status: Literal["done", "skipped", "deferred", "not_done", "failed", "uncertain", "withdrawn"] | str
    reason: str | None = None
    until: AwareDatetime | None = None
    away_since: AwareDatetime | None = None
    """Of a message that is put off until its addressee is back: when another deal was told that they are away."""
    at: AwareDatetime | None = None
    """When it was handed over, in the deal's time."""
    reference: str | None = None
    """What the other side calls it: a Message-ID, a task's id in the CRM."""
    conversation: Conversation | None = None
    """For a message: the conversation that it stands in."""
    journaled: bool = False
    """Whether the entries that travelled with the effect are in the journal."""
