"""What ``decide`` needs to know next time: the state of a deal, which only ``fold`` changes."""

from __future__ import annotations

from pydantic import ConfigDict
from typing_extensions import override

from dealwright import entries as e
from dealwright.deal import COMPLETED, Contract, Deal, EndReason, Meeting, OwnValue, Proposal
from dealwright.identity import play_of
from dealwright.open_work import Agreed, Approval, Fallen, Handoff, ReplyToRead, Suggestion, Task
from dealwright.state.billing import Billing
from dealwright.state.documents import Document
from dealwright.state.enrolments import Enrolment
from dealwright.state.known import Conversation, Counted, CrmValue, Happened
from dealwright.state.people import Absence, ChannelWish, Silence, Stranger, Written
from dealwright.state.runs import ActivePause, Pending, Run
from dealwright.state.standings import Standing
from dealwright.values.addresses import normal
from dealwright.values.recorded import AwareDatetime, Quick


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
    counted: dict[str, tuple[Counted, ...]] = {}
    """The last times of each fact (with its variant, where it has one: ``reply_received:interested``), in order."""
    happened_with: dict[str, dict[str, Happened]] = {}
    """By contact, the last time of each fact about them, and of what plays that run for them did. The empty text stands
    for nobody: what happened then is about no single contact."""
    begun_for: dict[str, AwareDatetime] = {}
    """For each play and contact (``<play> <contact>``), for the cause of when it was started last."""
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
    enrolments: dict[str, Enrolment] = {}
    """Contacts in cadences of other tools, by the effect that enrolled them."""
    tasks: dict[str, Task] = {}
    approvals: dict[str, Approval] = {}
    agreed: dict[str, Agreed] = {}
    """By the name of the approval."""
    asked_for: dict[str, int] = {}
    """How often each approval was asked for."""
    documents: dict[str, Document] = {}
    """Proposals and contracts that were made for the buyer, by the effect that sends each."""
    document_versions: dict[str, int] = {}
    """How many versions of each document there are."""
    handoffs: dict[str, Handoff] = {}
    handoffs_accepted: dict[str, int] = {}
    fallen: dict[str, Fallen] = {}
    """Handoffs that fell back, by name."""
    suggestions: dict[str, Suggestion] = {}
    """Next steps that tools suggested and that nobody has answered."""
    suggestions_settled: dict[str, AwareDatetime] = {}
    """Those that were, by their words, each with when: the last ones."""
    conversations: dict[str, Conversation] = {}
    """The last conversations that were recorded, by their ids."""
    pause: ActivePause | None = None
    silenced: dict[str, Silence] = {}
    """Addresses, in their normal form, that opted out or bounced."""
    opted_out: dict[str, AwareDatetime] = {}
    """Contacts who opted out, by id: they stay silent at an address that becomes known later."""
    strangers: dict[str, Stranger] = {}
    """People whom facts named and whom the deal does not know, by the point of attention that they raised; calls and
    conversations raise none."""
    written: dict[str, Written] = {}
    """Addresses, in their normal form, that the deal has written to."""
    former_addresses: dict[str, tuple[str, ...]] = {}
    """Addresses that contacts had before, or had when they left the deal, by the contact's id."""
    away: dict[str, Absence] = {}
    """Contacts who are, or were, away, by id."""
    spoken_with: dict[str, AwareDatetime] = {}
    """When a call with a contact was answered last, or when they called us last, by id."""
    heard_from: dict[str, AwareDatetime] = {}
    """When each contact last wrote themselves, by id."""
    touches_sent: int = 0
    channel_wishes: dict[str, ChannelWish] = {}
    """What contacts said of channels: ``call <contact>``."""
    channel_touches: dict[str, tuple[AwareDatetime, ...]] = {}
    """When contacts were reached by people, the last times: ``call <contact>``."""
    first_touch_at: AwareDatetime | None = None
    """When somebody or something here reached a contact first: a message that went out, a call that was made."""
    first_human_touch_at: AwareDatetime | None = None
    """When a person did."""
    marketing_at: dict[str, AwareDatetime] = {}
    """For the last plays that sent any, each with the address, when their last marketing message was started."""
    replies: tuple[str, ...] = ()
    """The last replies, by what mail calls them."""
    unjudged: tuple[str, ...] = ()
    """Of these, the ones of which nobody has said more than that they came."""
    to_read: dict[str, ReplyToRead] = {}
    """Those of them whose contact is known, by what mail calls them."""
    taught: dict[str, AwareDatetime] = {}
    """For each path of what is known, when the latest thing that was said of it happened."""
    meetings: dict[str, Meeting] = {}
    demos: dict[str, Meeting] = {}
    proposals: dict[str, Proposal] = {}
    terms: dict[str, Contract] = {}
    """Contract terms by their number; the others by their id, or the empty text where nobody named them."""
    computed: dict[str, OwnValue] = {}
    """Fields that the playbook works out from what is known, as they were last."""
    scores: dict[str, Standing] = {}
    """The playbook's scores, as they were last."""
    levels: dict[str, AwareDatetime] = {}
    """The levels of the playbook that the deal is at, each with when it was reached."""
    focus: dict[str, str] = {}
    """For each kind of thing, the key of the one that the deal is about now: that one stands in ``deal``."""
    dates_known: dict[str, Happened] = {}
    """For each date that plays are reckoned from, when it became known, or was last moved."""
    retracted: dict[str, AwareDatetime] = {}
    """For each fact that was taken back, when: those that happened before count no more."""

    arms: dict[str, str] = {}
    """For each experiment that the deal was exposed to, its arm."""

    assigned: dict[str, bool] = {}
    """The roles that pools gave, each with whether the deal counts among the open ones of whoever has it."""
    in_crm: dict[str, CrmValue] = {}
    """The deal's record in the CRM, by part."""
    put_back: int = 0
    """How often, in this visit of the stage, the deal was put back in the CRM."""

    billing: Billing | None = None
    """How the deal is billed; None where nothing of it is billed from here."""

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
    goes_on_since: AwareDatetime | None = None
    """When the stage began, at first, that the deal goes on in since it was opened again; None once it has left it."""

    @override
    def __setattr__(self, name: str, value: object) -> None:
        """As pydantic's own for a model that is neither frozen nor checked, in a fifth of the time."""
        self.__dict__[name] = value
        self.__pydantic_fields_set__.add(name)

    @property
    def finished(self) -> bool:
        """Whether the deal's life is over."""
        return self.closed_at is not None

    @property
    def is_completed(self) -> bool:
        """Whether its life is over, and what was agreed goes on elsewhere."""
        return self.finished and self.outcome == COMPLETED

    def runs_for(self, pending: Pending) -> str | None:
        """The contact whom the play runs for that started a message; None for a play that runs for nobody alone."""
        play = play_of(pending.run) if pending.run else ""
        return pending.contact if f"{play} {pending.contact}" in self.begun_for else None

    def written_to(self, address: str | None) -> Written | None:
        """What went to an address, and came from it; None when nothing did."""
        return self.written.get(normal(address)) if address else None

    def copy_to_work_on(self) -> DealState:
        """A copy whose fold does not touch this one."""
        fields = vars(self)
        return self.model_copy(update={name: table.copy() if (table := fields[name]) else {} for name in _TABLES})


_TABLES = tuple(name for name, field in DealState.model_fields.items() if isinstance(field.default, dict))
"""The fields that the fold changes in place."""
