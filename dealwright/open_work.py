"""What people are asked and have not answered yet, and what they agreed to, as a deal remembers it."""

from __future__ import annotations

from datetime import date

from dealwright.terms import Chain, Chains, Terms, everybody_in, seats_of
from dealwright.values.recorded import AwareDatetime, Recorded


class ReplyToRead(Recorded):
    """A reply of which nobody has said more than that it came."""

    message_id: str
    """What mail calls it: told again with it, the better word counts."""
    contact: str
    at: AwareDatetime
    """When it was written."""


class Task(Recorded):
    """A task that is open."""

    id: str
    name: str
    title: str
    role: str
    due_at: AwareDatetime
    escalate: str | None = None
    required: bool = False
    run: str | None = None
    step: int | None = None
    gates_next: bool = False
    gates_until: AwareDatetime | None = None
    """When its play goes on though it is not done."""
    settles: str | None = None
    missed: int = 0
    """How many of its deadlines went by."""
    visit: int = 0
    asked_at: AwareDatetime | None = None
    dated: bool = False
    asks: tuple[str, ...] = ()
    detail: str | None = None
    given_to: str | None = None
    """Whose list it is on: an address or else a name, empty for nobody's."""
    given: int = 0
    on_list_at: AwareDatetime | None = None
    """When it is put on somebody's list, should it still be open; None once it is."""
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


class Approval(Recorded):
    """An approval that is being asked for."""

    id: str
    name: str
    terms: dict[str, str]
    currencies: dict[str, str] = {}
    chain: tuple[str, ...]
    answered: int = 0
    answer_by: AwareDatetime
    run: str | None = None
    step: int | None = None
    missed: int = 0
    asked_at: AwareDatetime | None = None
    given_to: str | None = None
    given: int = 0
    chains: Chains = ()
    """All chains of the question, where ``chain`` does not say it."""
    part: int = 0
    instead_of: str | None = None
    """The approval in whose turn this role may answer."""
    yes: tuple[str, ...] = ()
    """Who said yes to these terms so far: each of them says so once."""

    @property
    def waits_for(self) -> str:
        """The role whose answer is next; of several of which one is enough, the first."""
        return self.chain[min(self.answered, len(self.chain) - 1)]

    @property
    def seats(self) -> Chain:
        """The roles that are asked, one seat after the other, of each of which one is enough."""
        return seats_of(self.chain, self.chains, self.part)

    @property
    def everybody(self) -> tuple[str, ...]:
        """All roles that the question is asked of, each once."""
        return everybody_in(self.chains or (self.seats,))

    @property
    def asked(self) -> Terms:
        """The exact terms that it is about."""
        return Terms(values=self.terms, currencies=self.currencies)


class Limited(Recorded):
    """Terms that were granted for a time."""

    terms: Terms
    until: AwareDatetime


class Agreed(Recorded):
    """What was said so far to an approval's terms, in this contract term."""

    granted: tuple[Terms, ...] = ()
    refused: Terms | None = None
    """Set while the last answer was a no."""
    offered: bool = False
    """Whether terms that nobody granted were put to the buyer since."""
    limited: tuple[Limited, ...] = ()
    """Of what was granted, what was granted for a time."""
    expired: bool = False
    """Whether a grant has expired since the last answer."""


class Handoff(Recorded):
    """A handoff that is not accepted yet."""

    id: str
    name: str
    from_role: str
    to_role: str
    missing: tuple[str, ...] = ()
    accept_by: AwareDatetime | None = None
    offers: int = 0
    run: str | None = None
    step: int | None = None
    missed: int = 0
    visit: int = 0
    """The visit of a stage in which it was begun first."""
    late: int = 0
    """How many deadlines went by since it was last begun, offered or declined: after some it falls back."""
    asked_at: AwareDatetime | None = None
    given_to: str | None = None


class Suggestion(Recorded):
    """A next step that a tool suggested, and that nobody has accepted or dismissed yet."""

    id: str
    text: str
    words: str
    """The text as it is compared: two that have the same words are one suggestion."""
    role: str
    """Who is asked: whoever has the deal."""
    answer_by: AwareDatetime
    happened_at: AwareDatetime
    """When the conversation took place that it comes from."""
    by: str | None = None
    source: str | None = None
    conversation: str | None = None
    due: date | None = None
    digest: str | None = None
    """The question in which it stands with others, since too many were open to ask for each alone."""
    asked_at: AwareDatetime | None = None
    given_to: str | None = None


class Fallen(Recorded):
    """A handoff that nobody accepted. Its receiver may still do so."""

    id: str
    name: str
    from_role: str
    to_role: str
    held_by: str
    """The role that has the deal instead."""
