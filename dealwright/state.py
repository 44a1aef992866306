"""What ``decide`` needs to know next time: the state of a deal, which only ``fold`` changes."""

from __future__ import annotations

from pydantic import ConfigDict

from dealwright import entries as e
from dealwright.deal import Contract, Deal, EndReason, Meeting, OwnValue, Proposal
from dealwright.effects import Effect
from dealwright.open_work import Agreed, Approval, Fallen, Handoff, Task
from dealwright.values.addresses import normal
from dealwright.values.recorded import AwareDatetime, Quick, Recorded


class Run(Recorded):
    """One run of a play: which steps are still to come, and when."""

    key: str
    play: str
    visit: int
    occurrence: int
    since: int
    """The number of the entry that started it: facts after it count for ``until``."""
    trigger_at: AwareDatetime
    since_at: AwareDatetime | None = None
    """What happens from then on counts for it: when its trigger happened, or its date became known."""
    trigger: str | None = None
    """The fact or event that started it."""
    about: str | None = None
    """The meeting, demo, proposal or term that it is about: ``demo/<id>``."""
    whole_deal: bool = False
    dated_by: AwareDatetime | None = None
    planned: dict[int, e.PlannedStep]
    reached: int = 0
    """How many of its messages and tasks were done."""
    gate: str | None = None
    """The task that must be done before the next step is planned."""
    behind: tuple[str, ...] = ()
    """The names of the steps that were done or left out."""
    edition: int = 0
    """How often the playbook's changes numbered its steps anew."""


class Pending(Recorded):
    """An effect that was started and has no final outcome yet."""

    effect: str
    does: str
    label: str
    run: str | None = None
    step: int | None = None
    marketing: bool = False
    template: str | None = None
    contact: str | None = None
    address: str | None = None
    """Where a message goes, in the normal form."""
    again_at: AwareDatetime | None = None
    """When to start it again, after a block of attempts that handed nothing over."""
    again: Effect | None = None
    """What to start again then."""
    held_for: str | None = None
    """The contact whose return it waits for."""
    uncertain: bool = False
    started_at: AwareDatetime
    first_started_at: AwareDatetime | None = None
    """When it was started for the first time, where it was started again since."""

    def called_off(self, at: AwareDatetime, why: str) -> e.EffectSettled:
        """What is written down when it is no longer wanted, and nobody outside has seen it."""
        return e.EffectSettled(
            at=at, effect=self.effect, does=self.does, status="withdrawn", reason=why, label=self.label
        )


class ActivePause(Recorded):
    """Since when, and until when, all plays stand still."""

    since: AwareDatetime
    until: AwareDatetime | None = None
    review_at: AwareDatetime
    reviews: int = 0


class Happened(Recorded):
    """When something last happened: in the deal's story, and outside."""

    number: int
    at: AwareDatetime


class Silence(Recorded):
    """An address that gets no more marketing, and after a hard bounce no mail at all."""

    since: AwareDatetime
    bounced: bool = False


class Stranger(Recorded):
    """Somebody whom a fact named, and whom the deal does not know."""

    contact: str | None = None
    addresses: tuple[str, ...] = ()
    opted_out_at: AwareDatetime | None = None

    def is_one_of(self, contact: str, address: str | None) -> bool:
        """Whether a contact of this id, and this address in its normal form, is meant."""
        return contact == self.contact or address in self.addresses


class Absence(Recorded):
    """Until when a contact is away, and when they said so."""

    until: AwareDatetime
    told_at: AwareDatetime


class Written(Recorded):
    """When messages went to an address, and for whom."""

    contact: str
    first: AwareDatetime
    last: AwareDatetime
    touches: tuple[str, ...] = ()
    """The last of these messages, by their effect ids."""
    sent: str | None = None
    """The last message that is known to have gone out: a reply carries it on."""
    message_id: str | None = None
    """The Message-ID of what they wrote to us since then, if they did."""
    wrote_at: AwareDatetime | None = None


class CrmValue(Recorded):
    """What a part of the deal's record in the CRM holds, as far as the deal knows."""

    value: str | None = None
    """As it is compared; empty where nothing is there, None where it is not sure what is."""
    at: AwareDatetime
    """When it was decided to write it, or when it happened there."""
    effect: str | None = None
    """What wrote it; None where the CRM told it."""
    settled_at: AwareDatetime | None = None
    """When it was known to be written."""
    unsure: bool = False
    """It was perhaps not written: the next time, it is written again."""


class DealState(Quick):
    """All that a deal remembers. Changed only by :func:`dealwright.fold.fold`."""

    model_config = ConfigDict(extra="ignore")

    entries: int = 0
    """How many entries the deal's story has."""
    deal: Deal | None = None
    playbook: str | None = None
    bundle: str | None = None
    came_from: str | None = None
    """The bundle that it followed before, by its hash."""
    adopts: e.AdoptionPlanned | None = None
    """What it will follow from its next stage on."""
    set_aside: dict[str, Run] = {}
    """The runs that adopting this playbook stopped, should the deal go back."""
    opened_at: AwareDatetime | None = None

    stage: str | None = None
    visit: int = 0
    stage_entered_at: AwareDatetime | None = None
    stage_since: int = 0
    visit_since: tuple[AwareDatetime, int] | None = None
    """When the visit of the stage began: what happened before it, or was told by that entry, does not count for it."""
    owner_role: str | None = None
    leaves_when: str = ""
    stalls_at: AwareDatetime | None = None
    stalls: int = 0
    """How often this visit was found to take long."""
    held_by: tuple[str, ...] = ()
    left: dict[str, AwareDatetime] = {}
    """For each stage that was left, when."""
    done: dict[str, int] = {}
    """Tasks done, by the name the playbook gives them, with the visit in which they were."""
    skipped_required: int = 0
    term: int = 1

    happened: dict[str, Happened] = {}
    """The last time of each fact (``reply_received``, ``reply_received:interested``) and event."""
    happened_to: dict[str, Happened] = {}
    """The same for each fact about a meeting, demo, proposal or term: ``demo_cancelled demo/<id>``."""
    concerned: dict[str, Happened] = {}
    """Of facts about a person, the last time of each that was about whom messages go to."""
    runs: dict[str, Run] = {}
    occurrences: dict[str, int] = {}
    dated: dict[str, AwareDatetime] = {}
    """For each dated play, the anchor for which it was started last."""
    dated_done: dict[str, dict[AwareDatetime, tuple[int, ...]]] = {}
    """For each dated play, by its anchors, the steps that are done for them: they are not done for one again."""
    crossed: dict[str, bool] = {}
    """What started a play and still is so (``<play>/<what about>``), and whether the play is one of the whole deal."""
    expected: dict[str, AwareDatetime] = {}
    """When plays begin that a date will start."""
    pending: dict[str, Pending] = {}
    tasks: dict[str, Task] = {}
    approvals: dict[str, Approval] = {}
    agreed: dict[str, Agreed] = {}
    """By the name of the approval."""
    asked_for: dict[str, int] = {}
    """How often each approval was asked for."""
    handoffs: dict[str, Handoff] = {}
    handoffs_accepted: dict[str, int] = {}
    fallen: dict[str, Fallen] = {}
    """Handoffs that fell back, by name."""
    pause: ActivePause | None = None
    silenced: dict[str, Silence] = {}
    """Addresses, in their normal form, that opted out or bounced."""
    opted_out: dict[str, AwareDatetime] = {}
    """Contacts who opted out, by id: they stay silent at an address that becomes known later."""
    strangers: dict[str, Stranger] = {}
    """People whom facts named and whom the deal does not know, by the point of attention that they raised."""
    written: dict[str, Written] = {}
    """Addresses, in their normal form, that the deal has written to."""
    former_addresses: dict[str, tuple[str, ...]] = {}
    """Addresses that contacts had before, or had when they left the deal, by the contact's id."""
    away: dict[str, Absence] = {}
    """Contacts who are, or were, away, by id."""
    heard_from: dict[str, AwareDatetime] = {}
    """When each contact last wrote themselves, by id."""
    touches_sent: int = 0
    marketing_at: dict[str, AwareDatetime] = {}
    """For the last plays that sent any, each with the address, when their last marketing message was started."""
    replies: tuple[str, ...] = ()
    """The last replies, by what mail calls them."""
    taught: dict[str, AwareDatetime] = {}
    """For each path of what is known, when the latest thing that was said of it happened."""
    meetings: dict[str, Meeting] = {}
    demos: dict[str, Meeting] = {}
    proposals: dict[str, Proposal] = {}
    terms: dict[str, Contract] = {}
    """Contract terms by their number; the others by their id, or the empty text where nobody named them."""
    computed: dict[str, OwnValue] = {}
    """Fields that the playbook works out from what is known, as they were last."""
    focus: dict[str, str] = {}
    """For each kind of thing, the key of the one that the deal is about now: that one stands in ``deal``."""
    dates_known: dict[str, Happened] = {}
    """For each date that plays are reckoned from, when it became known, or was last moved."""
    retracted: dict[str, AwareDatetime] = {}
    """For each fact that was taken back, when: those that happened before count no more."""

    in_crm: dict[str, CrmValue] = {}
    """The deal's record in the CRM, by part."""
    put_back: int = 0
    """How often, in this visit of the stage, the deal was put back in the CRM."""

    attention: dict[str, str] = {}
    outcome: str | None = None
    reason: str | None = None
    """Why the deal ended, or was not let in."""
    ended_for: EndReason | None = None
    """Why, in the words that the playbook lists for it."""
    told_reason: tuple[str, EndReason] | None = None
    """The last fact that gave such a reason, and what it said."""
    closed_at: AwareDatetime | None = None
    told_after_end: int = 0
    """How many facts came after an end."""
    reopened_at: AwareDatetime | None = None
    """What happened before then does not end the deal again."""

    @property
    def finished(self) -> bool:
        """Whether the deal's life is over."""
        return self.closed_at is not None

    def written_to(self, address: str | None) -> Written | None:
        """What went to an address, and came from it; None when nothing did."""
        return self.written.get(normal(address)) if address else None

    def copy_to_work_on(self) -> DealState:
        """A copy whose fold does not touch this one."""
        fields = vars(self)
        return self.model_copy(update={name: fields[name].copy() for name in _TABLES})


_TABLES = tuple(name for name, field in DealState.model_fields.items() if isinstance(field.default, dict))
"""The fields that the fold changes in place."""

__all__ = [
    "Absence",
    "ActivePause",
    "Agreed",
    "Approval",
    "CrmValue",
    "DealState",
    "Fallen",
    "Handoff",
    "Happened",
    "Pending",
    "Run",
    "Silence",
    "Stranger",
    "Task",
    "Written",
]
