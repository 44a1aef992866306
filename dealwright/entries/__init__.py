"""The vocabulary of the journal: one class each for what can happen in a deal's story.

Entries are the only way a deal's state changes (see ``dealwright.fold``), the rows of the journal, and what a
simulation prints. They are recorded: a new kind ships one release before ``decide`` emits it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from dealwright.entries.base import ENTRY_KINDS, EntryBase, UnknownEntry
from dealwright.entries.billing import BillingBegan, SubscriptionDecided
from dealwright.entries.commands import (
    COOLED_ACCOUNT,
    COOLED_CONTACT,
    AttentionAsked,
    AttentionSettled,
    CommandTaken,
    CoolOffBegan,
    OwnerChanged,
    Paused,
    PauseReviewed,
    Resumed,
)
from dealwright.entries.documents import DocumentDrawnUp, DocumentRecalled
from dealwright.entries.effects import EffectSettled, EffectStarted
from dealwright.entries.enrolments import ContactEnrolled, EnrolmentKept, EnrolmentOver, EnrolmentWaitEnded
from dealwright.entries.facts import (
    ContactRefused,
    FactContradicted,
    FactRefused,
    FactTaken,
    FieldsWorkedOut,
    FocusMoved,
    PersonRecognised,
    TouchesHeld,
)
from dealwright.entries.life import (
    AdoptionDropped,
    AdoptionPlanned,
    DealClosed,
    DealOpened,
    DealRefused,
    DealReopened,
    EndExplained,
    EndHeld,
    PlaybookAdopted,
    TermBegan,
)
from dealwright.entries.plays import (
    AnchorMoved,
    ConditionCleared,
    ExperimentExposed,
    PlannedStep,
    PlayCarriedOver,
    PlayDelayed,
    PlayEnded,
    PlayExpected,
    PlaySetAside,
    PlayStarted,
    PlayTakenUp,
    StepDone,
    StepPlanned,
    StepSkipped,
    WaitEnded,
)
from dealwright.entries.routing import OwnerChosen, OwnerCounted
from dealwright.entries.scores import LevelChanged, ScorePoint, ScoreWorkedOut
from dealwright.entries.stages import StageEntered, StageHeld, StageLeft, Stalled
from dealwright.entries.suggestions import SuggestionAnswered, SuggestionMade
from dealwright.entries.work import (
    ApprovalAnswered,
    ApprovalExpired,
    ApprovalRequested,
    DeadlineMissed,
    HandoffAnswered,
    HandoffBegun,
    HandoffOffered,
    TaskClosed,
    TaskOpened,
    TermsOffered,
    WorkGiven,
)


def _tag(value: object) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if kind in ENTRY_KINDS else "unknown"


Entry = Annotated[
    Annotated[DealOpened, Tag("deal_opened")]
    | Annotated[DealRefused, Tag("deal_refused")]
    | Annotated[PlaybookAdopted, Tag("playbook_adopted")]
    | Annotated[AdoptionPlanned, Tag("adoption_planned")]
    | Annotated[AdoptionDropped, Tag("adoption_dropped")]
    | Annotated[FactTaken, Tag("fact_taken")]
    | Annotated[FactRefused, Tag("fact_refused")]
    | Annotated[FactContradicted, Tag("fact_contradicted")]
    | Annotated[FieldsWorkedOut, Tag("fields_worked_out")]
    | Annotated[ScoreWorkedOut, Tag("score_worked_out")]
    | Annotated[LevelChanged, Tag("level_changed")]
    | Annotated[FocusMoved, Tag("focus_moved")]
    | Annotated[PersonRecognised, Tag("person_recognised")]
    | Annotated[StageEntered, Tag("stage_entered")]
    | Annotated[StageLeft, Tag("stage_left")]
    | Annotated[StageHeld, Tag("stage_held")]
    | Annotated[ExperimentExposed, Tag("experiment_exposed")]
    | Annotated[PlayStarted, Tag("play_started")]
    | Annotated[StepPlanned, Tag("step_planned")]
    | Annotated[StepDone, Tag("step_done")]
    | Annotated[StepSkipped, Tag("step_skipped")]
    | Annotated[PlayEnded, Tag("play_ended")]
    | Annotated[PlayCarriedOver, Tag("play_carried_over")]
    | Annotated[PlayDelayed, Tag("play_delayed")]
    | Annotated[PlaySetAside, Tag("play_set_aside")]
    | Annotated[PlayTakenUp, Tag("play_taken_up")]
    | Annotated[ConditionCleared, Tag("condition_cleared")]
    | Annotated[WaitEnded, Tag("wait_ended")]
    | Annotated[PlayExpected, Tag("play_expected")]
    | Annotated[AnchorMoved, Tag("anchor_moved")]
    | Annotated[EffectStarted, Tag("effect_started")]
    | Annotated[EffectSettled, Tag("effect_settled")]
    | Annotated[BillingBegan, Tag("billing_began")]
    | Annotated[SubscriptionDecided, Tag("subscription_decided")]
    | Annotated[ContactEnrolled, Tag("contact_enrolled")]
    | Annotated[EnrolmentWaitEnded, Tag("enrolment_wait_ended")]
    | Annotated[EnrolmentKept, Tag("enrolment_kept")]
    | Annotated[EnrolmentOver, Tag("enrolment_over")]
    | Annotated[DocumentDrawnUp, Tag("document_drawn_up")]
    | Annotated[DocumentRecalled, Tag("document_recalled")]
    | Annotated[TaskOpened, Tag("task_opened")]
    | Annotated[TaskClosed, Tag("task_closed")]
    | Annotated[DeadlineMissed, Tag("deadline_missed")]
    | Annotated[ApprovalRequested, Tag("approval_requested")]
    | Annotated[ApprovalAnswered, Tag("approval_answered")]
    | Annotated[TermsOffered, Tag("terms_offered")]
    | Annotated[ApprovalExpired, Tag("approval_expired")]
    | Annotated[HandoffBegun, Tag("handoff_begun")]
    | Annotated[HandoffOffered, Tag("handoff_offered")]
    | Annotated[HandoffAnswered, Tag("handoff_answered")]
    | Annotated[WorkGiven, Tag("work_given")]
    | Annotated[SuggestionMade, Tag("suggestion_made")]
    | Annotated[SuggestionAnswered, Tag("suggestion_answered")]
    | Annotated[OwnerChanged, Tag("owner_changed")]
    | Annotated[OwnerChosen, Tag("owner_chosen")]
    | Annotated[OwnerCounted, Tag("owner_counted")]
    | Annotated[CommandTaken, Tag("command_taken")]
    | Annotated[CoolOffBegan, Tag("cool_off_began")]
    | Annotated[Paused, Tag("paused")]
    | Annotated[Resumed, Tag("resumed")]
    | Annotated[PauseReviewed, Tag("pause_reviewed")]
    | Annotated[TouchesHeld, Tag("touches_held")]
    | Annotated[ContactRefused, Tag("contact_refused")]
    | Annotated[Stalled, Tag("stalled")]
    | Annotated[AttentionAsked, Tag("attention_asked")]
    | Annotated[AttentionSettled, Tag("attention_settled")]
    | Annotated[TermBegan, Tag("term_began")]
    | Annotated[DealClosed, Tag("deal_closed")]
    | Annotated[DealReopened, Tag("deal_reopened")]
    | Annotated[EndExplained, Tag("end_explained")]
    | Annotated[EndHeld, Tag("end_held")]
    | Annotated[UnknownEntry, Tag("unknown")],
    Discriminator(_tag),
]
"""Any entry; one of an unknown kind is read as :class:`UnknownEntry`."""

__all__ = [
    "COOLED_ACCOUNT",
    "COOLED_CONTACT",
    "ENTRY_KINDS",
    "AdoptionDropped",
    "AdoptionPlanned",
    "AnchorMoved",
    "ApprovalAnswered",
    "ApprovalExpired",
    "ApprovalRequested",
    "AttentionAsked",
    "AttentionSettled",
    "BillingBegan",
    "CommandTaken",
    "ConditionCleared",
    "ContactEnrolled",
    "ContactRefused",
    "CoolOffBegan",
    "DeadlineMissed",
    "DealClosed",
    "DealOpened",
    "DealRefused",
    "DealReopened",
    "DocumentDrawnUp",
    "DocumentRecalled",
    "EffectSettled",
    "EffectStarted",
    "EndExplained",
    "EndHeld",
    "EnrolmentKept",
    "EnrolmentOver",
    "EnrolmentWaitEnded",
    "Entry",
    "EntryBase",
    "ExperimentExposed",
    "FactContradicted",
    "FactRefused",
    "FactTaken",
    "FieldsWorkedOut",
    "FocusMoved",
    "HandoffAnswered",
    "HandoffBegun",
    "HandoffOffered",
    "LevelChanged",
    "OwnerChanged",
    "OwnerChosen",
    "OwnerCounted",
    "PauseReviewed",
    "Paused",
    "PersonRecognised",
    "PlannedStep",
    "PlayCarriedOver",
    "PlayDelayed",
    "PlayEnded",
    "PlayExpected",
    "PlaySetAside",
    "PlayStarted",
    "PlayTakenUp",
    "PlaybookAdopted",
    "Resumed",
    "ScorePoint",
    "ScoreWorkedOut",
    "StageEntered",
    "StageHeld",
    "StageLeft",
    "Stalled",
    "StepDone",
    "StepPlanned",
    "StepSkipped",
    "SubscriptionDecided",
    "SuggestionAnswered",
    "SuggestionMade",
    "TaskClosed",
    "TaskOpened",
    "TermBegan",
    "TermsOffered",
    "TouchesHeld",
    "UnknownEntry",
    "WaitEnded",
    "WorkGiven",
]
