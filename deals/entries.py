"""The vocabulary of the journal: one class each for what can happen in a deal's story.

Entries are the only way a deal's state changes (see ``state.fold``), the rows of the journal, and what a
simulation prints. They are recorded: a new kind ships one release before ``decide`` emits it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Tag

from deals.deal import Deal, Known, Person
from deals.effects import Effect
from deals.recorded import AwareDatetime, Recorded

ENTRY_KINDS: dict[str, type[EntryBase]] = {}


class EntryBase(Recorded):
    """What every entry has. ``number`` counts from 1 per deal and is given when the entry is folded."""

    at: AwareDatetime
    number: int | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if (kind := cls.model_fields.get("kind")) and isinstance(kind.default, str):
            ENTRY_KINDS[kind.default] = cls

    def sentence(self) -> str:
        """The entry as a line that a person reads."""
        raise NotImplementedError(type(self).__name__)


class DealOpened(EntryBase):
    """The deal was let in; what was known then, and the playbook it follows."""

    kind: Literal["deal_opened"] = "deal_opened"
    deal: Deal
    playbook: str
    bundle: str
    """Content hash of the bundle that the deal follows."""

    def sentence(self) -> str:
        return f"Deal opened ({self.deal.source or 'no source'}), follows {self.playbook}"


class DealRefused(EntryBase):
    """The deal was not let in; its run ends with the error."""

    kind: Literal["deal_refused"] = "deal_refused"
    error: str

    def sentence(self) -> str:
        return f"Deal refused: {self.error}"


class PlaybookAdopted(EntryBase):
    """The deal follows other rules from here on."""

    kind: Literal["playbook_adopted"] = "playbook_adopted"
    playbook: str
    bundle: str

    def sentence(self) -> str:
        return f"Now follows {self.playbook} ({self.bundle[:12]})"


class FactTaken(EntryBase):
    """A fact was taken in, with what it taught."""

    kind: Literal["fact_taken"] = "fact_taken"
    fact: str
    id: str | None = None
    variant: str | None = None
    happened_at: AwareDatetime
    late: bool = False
    """It happened before the deal was opened."""
    by: str | None = None
    source: str | None = None
    note: str | None = None
    contact: str | None = None
    reason: str | None = None
    learned: Known | None = None

    def sentence(self) -> str:
        words = self.fact.replace("_", " ") + (f": {self.variant}" if self.variant else "")
        tail = f" - {self.note or self.reason}" if self.note or self.reason else ""
        unsure = " (no id)" if self.id is None else ""
        return f"{words[0].upper()}{words[1:]}{' (late)' if self.late else ''}{unsure}{tail}"


class FactRefused(EntryBase):
    """Something reached the deal that is no valid fact. Kept, shown, and otherwise without effect."""

    kind: Literal["fact_refused"] = "fact_refused"
    fact: str
    id: str | None = None
    error: str
    excerpt: str = ""

    def sentence(self) -> str:
        return f"Fact {self.fact!r} refused: {self.error}"


class StageEntered(EntryBase):
    """A stage began."""

    kind: Literal["stage_entered"] = "stage_entered"
    stage: str
    visit: int
    why: str
    owner_role: str
    leaves_when: str
    """What it takes to leave, in words."""
    stalls_at: AwareDatetime
    marks: str | None = None
    """The outcome that entering this stage means, if any: ``won``."""

    def sentence(self) -> str:
        return f"Stage {self.stage} ({self.why})"


class StageLeft(EntryBase):
    """A stage ended."""

    kind: Literal["stage_left"] = "stage_left"
    stage: str
    why: str
    missing: tuple[str, ...] = ()
    """What the stage's gate asked for and was not there."""
    skipped_required: tuple[str, ...] = ()
    """Required actions that were not done: counted, not blocked."""

    def sentence(self) -> str:
        lacking = [*self.missing, *self.skipped_required]
        return f"Left {self.stage}: {self.why}" + (f"; without {', '.join(lacking)}" if lacking else "")


class StageHeld(EntryBase):
    """The stage would be left, but its hard gate misses something."""

    kind: Literal["stage_held"] = "stage_held"
    missing: tuple[str, ...]

    def sentence(self) -> str:
        return f"Held by the gate: missing {', '.join(self.missing)}"


class PlannedStep(Recorded):
    """A step of a running play and when it comes."""

    index: int
    due_at: AwareDatetime
    label: str
    dated: bool = False
    """Reckoned from a date of the deal: it moves with that date, and a pause does not move it."""
    late: bool = False
    """Its time was already past when it was planned."""


class PlayStarted(EntryBase):
    """A play was triggered; its steps are planned."""

    kind: Literal["play_started"] = "play_started"
    run: str
    play: str
    visit: int
    occurrence: int
    because: str
    trigger_at: AwareDatetime
    whole_deal: bool = False
    """The play belongs to the playbook, not to a stage, and outlives stages."""
    dated_by: AwareDatetime | None = None
    """The anchor's time, when a date started the play."""
    planned: tuple[PlannedStep, ...]

    def sentence(self) -> str:
        return f"Play {self.play} started ({self.because})"


class StepPlanned(EntryBase):
    """A step got its time, or another one."""

    kind: Literal["step_planned"] = "step_planned"
    run: str
    planned: PlannedStep
    why: str | None = None

    def sentence(self) -> str:
        return f"Planned {self.planned.label} for {self.planned.due_at:%a %d %b %Y %H:%M} UTC" + (
            f" ({self.why})" if self.why else ""
        )


class StepDone(EntryBase):
    """A step whose action is not one effect is behind the deal."""

    kind: Literal["step_done"] = "step_done"
    run: str
    index: int
    label: str

    def sentence(self) -> str:
        return f"Done: {self.label}"


class StepSkipped(EntryBase):
    """A step will not be done."""

    kind: Literal["step_skipped"] = "step_skipped"
    run: str
    index: int
    label: str
    why: str

    def sentence(self) -> str:
        return f"Skipped {self.label}: {self.why}"


class PlayEnded(EntryBase):
    """A run of a play is over: finished, stopped, or redated because its anchor moved."""

    kind: Literal["play_ended"] = "play_ended"
    run: str
    play: str
    how: Literal["finished", "stopped"] | str
    why: str

    def sentence(self) -> str:
        return f"Play {self.play} {self.how}: {self.why}"


class PlayExpected(EntryBase):
    """A play that a date starts has its time; without one it is no longer expected."""

    kind: Literal["play_expected"] = "play_expected"
    play: str
    begins_at: AwareDatetime | None = None

    def sentence(self) -> str:
        if self.begins_at is None:
            return f"{self.play} is no longer expected"
        return f"{self.play} will begin on {self.begins_at:%a %d %b %Y %H:%M} UTC"


class AnchorMoved(EntryBase):
    """The date that a play is reckoned from is another one now."""

    kind: Literal["anchor_moved"] = "anchor_moved"
    play: str
    visit: int
    run: str | None = None
    anchor: AwareDatetime | None = None
    """The new date; None when the play waits for its time again."""

    def sentence(self) -> str:
        return f"The date of {self.play} moved" + (f" to {self.anchor:%a %d %b %Y}" if self.anchor else "")


class EffectStarted(EntryBase):
    """An effect was given to its activity."""

    kind: Literal["effect_started"] = "effect_started"
    effect: str
    does: str
    """The effect's kind."""
    label: str
    run: str | None = None
    step: int | None = None
    again: bool = False
    """The same id is started once more, after a block of attempts that handed nothing over."""
    marketing: bool = False
    template: str | None = None

    def sentence(self) -> str:
        return f"{'Again: ' if self.again else ''}{self.label}"


class EffectSettled(EntryBase):
    """What became of an effect (see :class:`deals.effects.Outcome`)."""

    kind: Literal["effect_settled"] = "effect_settled"
    effect: str
    does: str
    status: str
    reason: str | None = None
    reference: str | None = None
    label: str = ""
    again_at: AwareDatetime | None = None
    again: Effect | None = None
    """What to start again then."""

    def sentence(self) -> str:
        return f"{self.label or self.does}: {self.status.replace('_', ' ')}" + (
            f" ({self.reason})" if self.reason else ""
        )


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
    settles: str | None = None
    """The uncertain effect or the handoff that this task is about."""

    def sentence(self) -> str:
        return f"Task for {self.role}: {self.title}, due {self.due_at:%a %d %b %Y %H:%M} UTC"


class TaskClosed(EntryBase):
    """A task is done or no longer wanted."""

    kind: Literal["task_closed"] = "task_closed"
    task: str
    title: str
    how: Literal["done", "cancelled"] | str
    by: str | None = None
    result: str | None = None
    learned: Known | None = None

    def sentence(self) -> str:
        return (
            f"Task {self.how}: {self.title}"
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
    """A chain of people is asked for a yes or no to exact terms."""

    kind: Literal["approval_requested"] = "approval_requested"
    approval: str
    name: str
    terms: dict[str, str]
    chain: tuple[str, ...]
    answer_by: AwareDatetime
    run: str | None = None
    step: int | None = None

    def sentence(self) -> str:
        terms = ", ".join(f"{key} {value}" for key, value in self.terms.items())
        return f"Approval {self.name} asked for ({terms}): {' → '.join(self.chain) or 'nobody need be asked'}"


class ApprovalAnswered(EntryBase):
    """One of the chain answered, or new terms replaced the question."""

    kind: Literal["approval_answered"] = "approval_answered"
    approval: str
    name: str
    answer: str
    by: str
    note: str | None = None
    settled: Literal["granted", "refused", "superseded"] | str | None = None
    answer_by: AwareDatetime | None = None
    """The next one's deadline, when the chain goes on."""

    def sentence(self) -> str:
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

    def sentence(self) -> str:
        return f"Handed over to {self.to_role} ({self.name}), to be accepted by {self.accept_by:%a %d %b %Y %H:%M} UTC"


class HandoffAnswered(EntryBase):
    """The receiver answered, or the handoff was dropped."""

    kind: Literal["handoff_answered"] = "handoff_answered"
    handoff: str
    name: str
    to_role: str
    answer: Literal["accepted", "declined", "dropped"] | str
    by: str
    why: str | None = None

    def sentence(self) -> str:
        return f"Handoff {self.name} {self.answer} by {self.by}" + (f": {self.why}" if self.why else "")


class OwnerChanged(EntryBase):
    """Somebody else holds a role."""

    kind: Literal["owner_changed"] = "owner_changed"
    role: str
    person: Person | None = None
    by: str
    why: str

    def sentence(self) -> str:
        return f"{self.role} is now {self.person.name if self.person else 'the owner'} ({self.why})"


class CommandTaken(EntryBase):
    """A command with its verdict; for an override, with the reason."""

    kind: Literal["command_taken"] = "command_taken"
    command: str
    id: str
    by: str
    accepted: bool
    text: str
    why: str | None = None
    learned: Known | None = None

    def sentence(self) -> str:
        return f"{self.by}: {self.command.replace('_', ' ')} - {self.text}" + (
            f" (because {self.why})" if self.why else ""
        )


class Paused(EntryBase):
    """All plays stand still."""

    kind: Literal["paused"] = "paused"
    by: str
    until: AwareDatetime | None = None
    review_at: AwareDatetime

    def sentence(self) -> str:
        return f"Paused by {self.by}" + (f" until {self.until:%a %d %b %Y}" if self.until else "")


class Resumed(EntryBase):
    """The plays go on."""

    kind: Literal["resumed"] = "resumed"
    by: str
    delay: timedelta
    """By how much everything that was waiting moves."""

    def sentence(self) -> str:
        return f"Resumed by {self.by}"


class PauseReviewed(EntryBase):
    """A pause without an end was brought to the owner's mind."""

    kind: Literal["pause_reviewed"] = "pause_reviewed"
    role: str
    review_at: AwareDatetime

    def sentence(self) -> str:
        return f"{self.role} is reminded of the pause"


class TouchesHeld(EntryBase):
    """No message goes out before a time."""

    kind: Literal["touches_held"] = "touches_held"
    until: AwareDatetime
    why: str

    def sentence(self) -> str:
        return f"No touches before {self.until:%a %d %b %Y}: {self.why}"


class Stalled(EntryBase):
    """Nothing moved the deal for longer than its stage allows."""

    kind: Literal["stalled"] = "stalled"
    stage: str
    role: str
    next_at: AwareDatetime

    def sentence(self) -> str:
        return f"Stalled in {self.stage}; {self.role} is told"


class AttentionAsked(EntryBase):
    """Somebody should look at the deal."""

    kind: Literal["attention_asked"] = "attention_asked"
    point: str
    text: str

    def sentence(self) -> str:
        return f"Needs attention: {self.text}"


class AttentionSettled(EntryBase):
    """A point that needed attention no longer does."""

    kind: Literal["attention_settled"] = "attention_settled"
    point: str
    why: str

    def sentence(self) -> str:
        return f"No longer needs attention: {self.point} ({self.why})"


class TermBegan(EntryBase):
    """A contract term began; the first is 1."""

    kind: Literal["term_began"] = "term_began"
    term: int

    def sentence(self) -> str:
        return f"Contract term {self.term} begins"


class DealClosed(EntryBase):
    """The deal's life is over."""

    kind: Literal["deal_closed"] = "deal_closed"
    outcome: str
    reason: str

    def sentence(self) -> str:
        return f"Closed: {self.outcome} - {self.reason}"


class UnknownEntry(EntryBase):
    """An entry of a later release: it changes nothing here and is kept as it is."""

    model_config = ConfigDict(frozen=True, extra="allow")
    kind: str

    def sentence(self) -> str:
        return self.kind.replace("_", " ")


def _tag(value: object) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if kind in ENTRY_KINDS else "unknown"


Entry = Annotated[
    Annotated[DealOpened, Tag("deal_opened")]
    | Annotated[DealRefused, Tag("deal_refused")]
    | Annotated[PlaybookAdopted, Tag("playbook_adopted")]
    | Annotated[FactTaken, Tag("fact_taken")]
    | Annotated[FactRefused, Tag("fact_refused")]
    | Annotated[StageEntered, Tag("stage_entered")]
    | Annotated[StageLeft, Tag("stage_left")]
    | Annotated[StageHeld, Tag("stage_held")]
    | Annotated[PlayStarted, Tag("play_started")]
    | Annotated[StepPlanned, Tag("step_planned")]
    | Annotated[StepDone, Tag("step_done")]
    | Annotated[StepSkipped, Tag("step_skipped")]
    | Annotated[PlayEnded, Tag("play_ended")]
    | Annotated[PlayExpected, Tag("play_expected")]
    | Annotated[AnchorMoved, Tag("anchor_moved")]
    | Annotated[EffectStarted, Tag("effect_started")]
    | Annotated[EffectSettled, Tag("effect_settled")]
    | Annotated[TaskOpened, Tag("task_opened")]
    | Annotated[TaskClosed, Tag("task_closed")]
    | Annotated[DeadlineMissed, Tag("deadline_missed")]
    | Annotated[ApprovalRequested, Tag("approval_requested")]
    | Annotated[ApprovalAnswered, Tag("approval_answered")]
    | Annotated[HandoffBegun, Tag("handoff_begun")]
    | Annotated[HandoffOffered, Tag("handoff_offered")]
    | Annotated[HandoffAnswered, Tag("handoff_answered")]
    | Annotated[OwnerChanged, Tag("owner_changed")]
    | Annotated[CommandTaken, Tag("command_taken")]
    | Annotated[Paused, Tag("paused")]
    | Annotated[Resumed, Tag("resumed")]
    | Annotated[PauseReviewed, Tag("pause_reviewed")]
    | Annotated[TouchesHeld, Tag("touches_held")]
    | Annotated[Stalled, Tag("stalled")]
    | Annotated[AttentionAsked, Tag("attention_asked")]
    | Annotated[AttentionSettled, Tag("attention_settled")]
    | Annotated[TermBegan, Tag("term_began")]
    | Annotated[DealClosed, Tag("deal_closed")]
    | Annotated[UnknownEntry, Tag("unknown")],
    Discriminator(_tag),
]
"""Any entry; one of an unknown kind is read as :class:`UnknownEntry`."""
