"""What a simulated Outreach organization holds, and how Outreach shows it (JSON:API)."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import AwareDatetime, BaseModel

from integrations.outreach.simulator.shown import JsonObject, moment, resource
from integrations.outreach.simulator.tasks import Call, Disposition, Task

OVER = frozenset({"finished", "bounced", "opted_out"})
STEPS = 4
"""Steps of each sequence."""


class Prospect(BaseModel):
    """Somebody whom sequences may write to."""

    id: int
    emails: list[str]
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    opted_out: bool = False
    owner: int | None = None
    created: AwareDatetime
    updated: AwareDatetime

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return resource(
            "prospect", self.id,
            {
                "emails": [*self.emails], "firstName": self.first_name, "lastName": self.last_name,
                "company": self.company, "optedOut": self.opted_out, "createdAt": moment(self.created),
                "updatedAt": moment(self.updated),
            },
            {"owner": ("user", self.owner)},
        )  # fmt: skip


class SequenceState(BaseModel):
    """A prospect in a sequence."""

    id: int
    prospect: int
    sequence: int
    mailbox: int
    step: int
    """Of 1 to ``STEPS``; its id is the sequence's number times ten and this."""
    state: str = "active"
    replies: int = 0
    bounces: int = 0
    opt_outs: int = 0
    replied: AwareDatetime | None = None
    by_hand: bool = False
    """Whether somebody else than an app enrolled them."""
    finishes: int = 0
    """How often somebody took them out."""
    created: AwareDatetime
    changed: AwareDatetime
    """When its state last did."""
    updated: AwareDatetime

    @property
    def step_id(self) -> int:
        """The id of the step that it is at."""
        return self.sequence * 10 + self.step

    def attributes(self) -> JsonObject:
        """All of them."""
        return {
            "state": self.state, "replyCount": self.replies, "bounceCount": self.bounces,
            "optOutCount": self.opt_outs, "repliedAt": moment(self.replied), "createdAt": moment(self.created),
            "stateChangedAt": moment(self.changed), "updatedAt": moment(self.updated),
            "activeAt": moment(self.created), "errorReason": None, "pauseReason": None,
        }  # fmt: skip

    def related(self) -> dict[str, tuple[str, int | None]]:
        """What it belongs to."""
        return {
            "prospect": ("prospect", self.prospect), "sequence": ("sequence", self.sequence),
            "mailbox": ("mailbox", self.mailbox),
            "sequenceStep": ("sequenceStep", None if self.state in OVER else self.step_id),
        }  # fmt: skip

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return resource("sequenceState", self.id, self.attributes(), self.related())


class Mailing(BaseModel):
    """A message of a sequence."""

    id: int
    state: int
    prospect: int
    sequence: int
    subject: str
    replied: AwareDatetime | None = None
    created: AwareDatetime
    updated: AwareDatetime

    def attributes(self) -> JsonObject:
        """All of them."""
        return {
            "state": "replied" if self.replied else "delivered", "subject": self.subject,
            "repliedAt": moment(self.replied), "mailingType": "sequence", "createdAt": moment(self.created),
            "updatedAt": moment(self.updated),
        }  # fmt: skip

    def related(self) -> dict[str, tuple[str, int | None]]:
        """What it belongs to."""
        return {
            "sequenceState": ("sequenceState", self.state), "prospect": ("prospect", self.prospect),
            "sequence": ("sequence", self.sequence),
        }  # fmt: skip

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return resource("mailing", self.id, self.attributes(), self.related())


class Webhook(BaseModel):
    """A subscription. Nobody is shown its secret."""

    id: int
    url: str
    resource: str
    action: str
    secret: str = ""
    payload_version: int = 1
    active: bool = True
    disabled_reason: str | None = None

    def wants(self, resource_: str, action: str) -> bool:
        """Whether it is told of such an event."""
        return self.active and self.resource in {"*", resource_} and self.action in {"*", action}

    def shown(self) -> JsonObject:
        """As the API shows it."""
        return resource(
            "webhook", self.id,
            {
                "url": self.url, "resource": self.resource, "action": self.action, "active": self.active,
                "payloadVersion": self.payload_version, "disabledReason": self.disabled_reason, "disabledSince": None,
            },
            {},
        )  # fmt: skip


class Tokens(BaseModel):
    """What lets apps in."""

    access: dict[str, AwareDatetime] = {}
    """Until when each is good."""
    refresh: str | None = None
    """The one that is good; None until the first was spent."""
    spent: list[str] = []
    minted: AwareDatetime | None = None


class Organization(BaseModel):
    """An organization."""

    prospects: dict[int, Prospect] = {}
    states: dict[int, SequenceState] = {}
    mailings: dict[int, Mailing] = {}
    tasks: dict[int, Task] = {}
    calls_made: dict[int, Call] = {}
    dispositions: dict[int, Disposition] = {1: Disposition(id=1, name="Left Voicemail")}
    webhooks: dict[int, Webhook] = {}
    sequences: list[int] = [42, 43]
    mailboxes: list[int] = [3, 4]
    users: list[int] = [1, 2]
    tokens: Tokens = Tokens()
    calls: int = 0
    """In this hour."""
    last_id: int = 1000

    def new_id(self) -> int:
        """The next id."""
        self.last_id += 1
        return self.last_id

    def with_email(self, address: str) -> Iterable[Prospect]:
        """The prospects with an address."""
        return (one for one in self.prospects.values() if address.lower() in {each.lower() for each in one.emails})
