"""What people are asked: tasks, approvals, handoffs."""

from __future__ import annotations

from typing import Literal

from dealwright.deal import Known
from dealwright.entries.base import EntryBase
from dealwright.identity import about_whom
from dealwright.open_work import ReplyToRead
from dealwright.terms import Chain, Chains, Terms, everybody_in, seats_of
from dealwright.values.recorded import AwareDatetime
from dealwright.values.times import in_full


class TaskOpened(EntryBase):
    """A person is asked to do something by a time."""

    kind: Literal["task_opened"] = "task_opened"
    task: str
    title: str
    name: str
    """The step's task, as the playbook calls it."""
    role: str
    due_at: AwareDatetime
    escalate: str | None = None
    required: bool = False
    run: str | None = None
    step: int | None = None
    gates_next: bool = False
    """The play goes on only when this task is done."""
    gates_until: AwareDatetime | None = None
    """When the play goes on though it is not."""
    settles: str | None = None
    """The uncertain effect or the handoff that this task is about."""
    dated: bool = False
    """Its deadline is reckoned from a date of the deal: a pause does not move it."""
    asks: tuple[str, ...] = ()
    """What whoever does it should note down."""
    detail: str | None = None
    """What the engine has to say about a task of its own; what a play says stands in the playbook."""
    given_to: str | None = None
    """Who held the role then, by address or else name; empty when nobody did."""
    given: int = 0
    """How often it went to another person since it was asked for."""
    missed: int = 0
    """How many of its deadlines went by before."""

    on_list_at: AwareDatetime | None = None
    """When it is put on somebody's list, should it still be open; None for at once."""
    contact: str | None = None
    """The contact whom it is about."""
    outcomes: tuple[str, ...] = ()
    """The ways in which it may end, of which whoever does it says one."""
    fills: dict[str, str] = {}
    """What whoever does it may fill in, each by its name and the path at which the deal knows it then."""
    channel: str | None = None
    """How whoever does it reaches a contact: ``call``, ``social``, ``sms``, ``post``; None where it reaches none."""
    reaches: str | None = None
    """The contact whom it reaches, by id."""
    reply: ReplyToRead | None = None
    """The reply that whoever does it is asked to read."""

    def sentence(self) -> str:
        return f"Task for {self.role}: {about_whom(self.title, self.contact)}, due {in_full(self.due_at)} UTC"


class TaskClosed(EntryBase):
    """A task is done or no longer wanted."""

    kind: Literal["task_closed"] = "task_closed"
    task: str
    title: str
    how: Literal["done", "cancelled"] | str
    by: str | None = None
    result: str | None = None
    outcome: str | None = None
    """In which of its ways it ended; None where it has none, or nobody said it."""
    channel: str | None = None
    """How the contact was reached, if it was done; None for work that reaches none."""
    reaches: str | None = None
    """The contact who was reached, by id."""
    touch_by: Literal["person", "machine"] | str | None = None
    """Of a touch, who made it."""
    learned: Known | None = None
    taught: tuple[str, ...] = ()
    contact: str | None = None
    """The contact whom it was about."""

    def sentence(self) -> str:
        return (
            f"Task {self.how}: {about_whom(self.title, self.contact)}"
            + (f", {self.outcome.replace('_', ' ')}" if self.outcome else "")
            + (f" by {self.by}" if self.by else "")
            + (f" - {self.result}" if self.result else "")
        )


class DeadlineMissed(EntryBase):
    """A deadline went by; the next one is set."""

    kind: Literal["deadline_missed"] = "deadline_missed"
    what: Literal["task", "approval", "handoff"] | str
    id: str
    label: str
    role: str
    escalated_to: str | None = None
    next_deadline: AwareDatetime

    def sentence(self) -> str:
        return f"Deadline missed: {self.label} ({self.role})" + (
            f", escalated to {self.escalated_to}" if self.escalated_to else ""
        )


class ApprovalRequested(EntryBase):
    """A chain of people is asked for a yes or no to exact terms; other chains may be asked beside it."""

    kind: Literal["approval_requested"] = "approval_requested"
    approval: str
    name: str
    terms: dict[str, str]
    currencies: dict[str, str] = {}
    """Of the terms that are money."""
    chain: tuple[str, ...]
    answer_by: AwareDatetime
    given_to: str | None = None
    """Who held the first role then, by address or else name; empty when nobody did."""
    run: str | None = None
    step: int | None = None
    chains: Chains = ()
    """All chains that are asked side by side, where ``chain`` does not say it: seats, each of roles of which one is
    enough."""
    part: int = 0
    """Which of the chains this is."""
    instead_of: str | None = None
    """The approval whose turn it is: this role may answer in the place of the one that is asked there."""

    @property
    def seats(self) -> Chain:
        """The roles that are asked, one seat after the other, of each of which one is enough."""
        return seats_of(self.chain, self.chains, self.part)

    @property
    def everybody(self) -> tuple[str, ...]:
        """All roles that are asked by this question, each once."""
        return everybody_in(self.chains or (self.seats,))

    def sentence(self) -> str:
        terms = Terms(values=self.terms, currencies=self.currencies).words()
        if self.instead_of is not None:
            return f"Approval {self.name} asked for ({terms}): {self.chain[0]} may answer too"
        asked = " → ".join(" or ".join(seat) for seat in self.seats)
        return f"Approval {self.name} asked for ({terms}): {asked or 'nobody need be asked'}"


class TermsOffered(EntryBase):
    """Terms that nobody granted were put to the buyer."""

    kind: Literal["terms_offered"] = "terms_offered"
    name: str
    """The approval that they need."""
    terms: dict[str, str]
    currencies: dict[str, str] = {}

    def sentence(self) -> str:
        terms = Terms(values=self.terms, currencies=self.currencies).words()
        return f"The buyer was offered what nobody granted, {self.name}: {terms}"


class ApprovalExpired(EntryBase):
    """What was granted for a time holds no longer."""

    kind: Literal["approval_expired"] = "approval_expired"
    name: str
    terms: dict[str, str]
    currencies: dict[str, str] = {}

    def sentence(self) -> str:
        terms = Terms(values=self.terms, currencies=self.currencies).words()
        return f"What was granted has expired, {self.name}: {terms}"


class ApprovalAnswered(EntryBase):
    """One of the chain answered, or new terms replaced the question."""

    kind: Literal["approval_answered"] = "approval_answered"
    approval: str
    name: str
    answer: str
    by: str
    note: str | None = None
    settled: Literal["granted", "agreed", "refused", "superseded"] | str | None = None
    """``agreed``: this chain said yes, and others are still asked."""
    answer_by: AwareDatetime | None = None
    """The next one's deadline, when the chain goes on."""
    given_to: str | None = None
    """Who held the next one's role then."""
    person: str | None = None
    """Who said yes, in the form in which open work remembers people; a role that nobody holds by its name."""
    valid_until: AwareDatetime | None = None
    """Until when a grant holds; None for as long as the contract term."""

    def sentence(self) -> str:
        if self.settled == "superseded":  # other terms, or nothing, took the question's place: nobody said so
            return f"Approval {self.name}: {self.answer}"
        return f"Approval {self.name}: {self.answer} by {self.by}" + (f", {self.settled}" if self.settled else "")


class HandoffBegun(EntryBase):
    """A handoff began; it is offered once no piece is missing."""

    kind: Literal["handoff_begun"] = "handoff_begun"
    handoff: str
    name: str
    from_role: str
    to_role: str
    missing: tuple[str, ...] = ()
    run: str | None = None
    step: int | None = None

    def sentence(self) -> str:
        return f"Handoff {self.name}" + (f" waits for {', '.join(self.missing)}" if self.missing else " is complete")


class HandoffOffered(EntryBase):
    """The package went to the receiver, who has until ``accept_by``."""

    kind: Literal["handoff_offered"] = "handoff_offered"
    handoff: str
    name: str
    to_role: str
    accept_by: AwareDatetime
    given_to: str | None = None
    """Who held the role then, by address or else name; empty when nobody did."""

    def sentence(self) -> str:
        return f"Handed over to {self.to_role} ({self.name}), to be accepted by {in_full(self.accept_by)} UTC"


class HandoffAnswered(EntryBase):
    """The receiver answered, nobody did for so long that it fell back, or the handoff was dropped."""

    kind: Literal["handoff_answered"] = "handoff_answered"
    handoff: str
    name: str
    to_role: str
    """Who should have the deal; where it fell back, who has it now."""
    answer: Literal["accepted", "declined", "dropped", "fell_back"] | str
    by: str
    why: str | None = None
    too_late: bool = False
    """The deal has gone on to somebody else meanwhile, and stays theirs."""

    def sentence(self) -> str:
        if self.answer == "fell_back":
            return f"Handoff {self.name} fell back to {self.to_role}" + (f": {self.why}" if self.why else "")
        return f"Handoff {self.name} {self.answer} by {self.by}" + (f": {self.why}" if self.why else "")


class WorkGiven(EntryBase):
    """Somebody else holds a role now, and takes what was open for it."""

    kind: Literal["work_given"] = "work_given"
    what: Literal["task", "approval", "handoff", "suggestion"] | str
    id: str
    label: str
    role: str
    person: str | None = None
    given_to: str = ""
    answer_by: AwareDatetime | None = None
    """For an approval: the new one's deadline."""

    def sentence(self) -> str:
        if self.person is None:
            return f"Nobody is {self.role} now: {self.label} waits for whoever takes the role"
        return f"{self.person} is {self.role} now, and takes over: {self.label}"
