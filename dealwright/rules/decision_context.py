"""What a decision is made in: the state being worked on, and what has been decided so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic_core import to_json

from dealwright import entries as e
from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import ELAPSED, Span
from dealwright.deal import Contact, Deal, Known, Person
from dealwright.decision import Verdict
from dealwright.diagnostics.diagnostic import Diagnostic
from dealwright.effects import Effect, EnrolContact, Message, Notify
from dealwright.facts import Turn
from dealwright.fold import fold
from dealwright.fold.applying import after_all_told
from dealwright.identity import effect_id, play_of
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import DATED_PATHS, known_path
from dealwright.playbook.language.stages import Stage
from dealwright.rules.clocks import calendar_of, clock_for, time_of
from dealwright.rules.crm.in_hand import InHand
from dealwright.state import DealState, Run
from dealwright.values.addresses import normal

LARGEST_DEAL = 256 * 1024
"""Bytes of JSON that a deal may hold of what is known: it travels in histories, again with every message."""
LARGEST_DECISION = 512 * 1024
"""Bytes of JSON after which a decision takes in and starts no more; the rest is decided next. A payload has 2 MiB."""
_FEW_EFFECTS = 2
"""So few are never too much: each may carry the deal."""
BETWEEN_MESSAGES = Span.parse("1bd")
"""How long a marketing message is put off when another one of its play goes out at this moment."""
_BUSINESS_TIME = {"bd", "bh", "bm"}
_MOVE_DATES = frozenset(known_path(path).part for path in DATED_PATHS) | {"owners", "contacts", "fields"}


Offers = Mapping[str, tuple[str, Playbook]]
"""Playbooks that a deal may adopt, by what was asked for: the bundle's hash and the playbook."""


class Event(NamedTuple):
    """A fact or event that plays may hear."""

    key: str
    at: datetime
    """When it happened."""
    number: int
    """The entry that tells of it."""
    about: str | None = None
    """The meeting, demo, proposal or term that it is about: ``demo/<id>``."""
    turn: Turn | None = None
    spares: bool = False
    """It is about somebody else than whom messages go to: it starts plays, and stops none."""
    beside: bool = False
    """It ends something that the deal is not about: it stops what is about that, and nothing else follows."""
    concerns: tuple[str, ...] | None = None
    """The contacts whom it is about; None when it is about no single one."""
    heard_as: tuple[str, ...] = ()
    """Facts that told the same under other names before: plays that listen to those have begun by it."""


class DecisionContext:
    """One decision in the making. ``note`` and ``start`` are the only ways to change anything."""

    def __init__(self, state: DealState, playbook: Playbook, now: datetime) -> None:
        self.state = state.copy_to_work_on()
        self.playbook = playbook
        self.now = now
        self.entries: list[e.Entry] = []
        self.effects: dict[str, Effect] = {}
        self.withdrawn: list[str] = []
        self.verdicts: dict[str, Verdict] = {}
        self.events: deque[Event] = deque()
        self.cause: tuple[datetime, int] | None = None
        """When the fact that is being taken in happened, and the number of the entry before it."""
        self.paused_since: datetime | None = None
        """Since when the deal was paused that goes on in this decision."""
        self.dates_changed = False
        self.look_ahead = False
        """Whether the times of plays that dates start must be worked out anew."""
        self.contacts_before: tuple[Contact, ...] | None = None
        """The deal's contacts before they changed; None while no play had to mind that."""
        self.next_term = False
        self.term_began = False
        """By the fact that is being taken in."""
        self.offers: Offers = {}
        self.worked_out_at = -1
        """The last entry by which fields and scores were worked out from what is known."""
        self.crm = InHand.of(self.state)
        self._bytes, self._weighed = 0, (0, 0)

    def bytes(self) -> int:
        """How large the decision is by now: what it says and what it starts."""
        entries, effects = self._weighed
        new = (*self.entries[entries:], *list(self.effects.values())[effects:])
        self._bytes += sum(len(to_json(one, exclude_none=True)) for one in new)
        self._weighed = (len(self.entries), len(self.effects))
        return self._bytes

    @property
    def is_full(self) -> bool:
        """Whether what is still due is left to the next decision, at once."""
        return len(self.effects) >= _FEW_EFFECTS and self.bytes() > LARGEST_DECISION

    @property
    def deal(self) -> Deal:
        """The deal, which is open by the time rules run."""
        if self.state.deal is None:
            raise AssertionError("no deal has been opened at this context")
        return self.state.deal

    @property
    def stage(self) -> Stage:
        """The stage the deal is in."""
        stage = self.playbook.stage(self.state.stage or "")
        if stage is None:
            raise AssertionError(f"{self.playbook.playbook} has no stage {self.state.stage!r}")
        return stage

    def note(self, entry: e.Entry) -> None:
        """Write an entry down; the state follows."""
        before = self.state.deal.contacts if self.state.deal else None
        self.entries.append(fold(self.state, entry))
        if self.contacts_before is None and self.state.deal is not None and self.state.deal.contacts is not before:
            self.contacts_before = before or ()

    def learned(self, patch: Known | None) -> None:
        """What was just written down may move dates, or the place whose clock they go by."""
        if patch is None:
            return
        cleared = (path.partition(".")[0] for path in patch.cleared or ())
        if not _MOVE_DATES.isdisjoint((*patch.changes(), *cleared)):
            self.dates_changed = True

    def happen(
        self, name: str, variant: str | None = None, outcome: str | None = None, *, contact: str | None = None
    ) -> None:
        """Let plays hear of an event that happens now; ``contact`` is whom it is about, if it is about one."""
        concerns = None if contact is None else (contact,)
        self.hear(Event(name, self.after_all_told, self.state.entries, concerns=concerns), variant, outcome)

    def hear(self, event: Event, *variants: str | None) -> None:
        """Let plays hear of a fact or event, and then of its variants: who listens to several begins by the first."""
        self.events.append(event)
        for variant in filter(None, variants):
            event = event._replace(key=f"{event.key}:{variant}", heard_as=(event.key, *event.heard_as))
            self.events.append(event)

    def start(self, effect: Effect, *, again: bool = False, in_crm: Mapping[str, str] | None = None) -> None:
        """Have an effect started when the decision is carried out; ``in_crm`` is what it writes into the record."""
        if again and (pending := self.state.pending.get(effect.id)) and pending.step != effect.step:
            effect = effect.model_copy(update={"step": pending.step})  # the playbook changed meanwhile
        if self.state.attention and f"effect:{effect.id}" in self.state.attention:
            effect = effect.model_copy(update={"needs_decision": True})  # that it is done takes the point off the list
        self.effects[effect.id] = effect
        message = effect if isinstance(effect, Message) else None
        to = message or (effect if isinstance(effect, EnrolContact) else None)
        self.note(
            e.EffectStarted(
                at=self.now, effect=effect.id, does=effect.kind, label=effect.summary, run=effect.run,
                step=effect.step, again=again, marketing=to is not None and (message is None or message.marketing),
                template=message.template if message else None,
                channel=message.channel if message else None, touch_by="machine" if message else None,
                stage=self.state.stage if message else None,
                play=play_of(message.run) if message and message.run else None,
                contact=to.to.id if to else None, address=to.address if to else None,
                in_crm=dict(in_crm or {}),
                arms=dict(self.state.arms) or None if effect.run else None,
            )
        )  # fmt: skip

    def call_off(self, effect: str, why: str) -> bool:
        """No longer want an effect. True when it was only decided now, or waits: then nobody outside has seen it."""
        pending = self.state.pending.get(effect)
        if pending is None or pending.uncertain:
            return False
        fresh = self.effects.pop(effect, None)
        if fresh is not None or pending.again_at is not None:
            self.note(pending.called_off(self.now, why))
            return True
        if effect not in self.withdrawn:
            self.withdrawn.append(effect)
        return False

    def sends_now(self, address: str, *, besides: str = "") -> bool:
        """Whether a marketing message goes out to an address at this moment."""
        return any(
            pending.marketing and pending.started_at == self.now and pending.again_at is None
            for pending in self.state.pending.values()
            if pending.effect != besides and pending.address == normal(address)
        )

    def id_for(self, run: str, step: str) -> str:
        """The id of an effect of this deal."""
        return effect_id(self.deal.id, run, step)

    def id_of_step(self, run: Run, index: int) -> str:
        """The id of what a step of a run does; steps that a changed playbook numbers anew get other ones."""
        return self.id_for(run.key, f"{index + 1}v{run.edition + 1}" if run.edition else str(index + 1))

    def no_such_role(self, roles: Iterable[str]) -> str | None:
        """What is to be said of roles that the playbook does not have; None when it has them all."""
        strangers = [role for role in roles if role not in self.playbook.roles]
        if not strangers:
            return None
        return f"There is no role {' or '.join(map(repr, strangers))}. Roles are: {', '.join(self.playbook.roles)}."

    def ask_attention(self, point: str, text: str) -> None:
        """Put a point on the list of what somebody should look at, once."""
        if point not in self.state.attention:
            self.note(e.AttentionAsked(at=self.now, point=point, text=text))

    def settle_attention(self, point: str, why: str) -> None:
        """Take a point off that list, if it is on it."""
        if point in self.state.attention:
            self.note(e.AttentionSettled(at=self.now, point=point, why=why))

    def tell(self, role: str, text: str, effect: str, *, run: str | None = None, step: int | None = None) -> None:
        """Send a role a notice."""
        self.start(
            Notify(
                id=effect, at=self.now, summary=f"Tell {role}: {text}"[:180], run=run, step=step, role=role,
                owner=self.holder(role), text=text,
            )
        )  # fmt: skip

    def too_much(self, patch: Known | None) -> Diagnostic | None:
        """Why the deal cannot learn that as well: it would hold more than a history should carry. None if it can."""
        if patch is None or len(to_json(self.deal.knowing(patch), exclude_none=True)) <= LARGEST_DEAL:
            return None
        problem = f"the deal would hold more than {LARGEST_DEAL // 1024} KiB"
        return Diagnostic((), problem, "keep long texts elsewhere, and link to them", code="too_large")

    def holder(self, role: str) -> Person | None:
        """Who holds a role in this deal: whom the deal says, else whom the playbook says."""
        if person := (self.deal.owners or {}).get(role):
            return person
        return self.playbook.usual_holder(role)

    def given_to(self, role: str) -> str:
        """Who holds a role, in the form in which open work remembers whom it was given to; empty for nobody."""
        person = self.holder(role)
        return "" if person is None else person.key

    def boss_of(self, role: str) -> str | None:
        """The role that another one reports to."""
        rule = self.playbook.roles.get(role)
        return rule.reports_to if rule else None

    def calendar_of(self, role: str) -> Calendar:
        """The business calendar of whoever holds a role."""
        return calendar_of(self.playbook, self.deal, role)

    @property
    def calendar_of_owner(self) -> Calendar:
        """The business calendar of whoever has the deal."""
        return self.calendar_of(self.state.owner_role or self.stage.owner)

    @property
    def clock(self) -> Clock:
        """What time it is for the deal, in its owner's calendar."""
        return clock_for(self.state, self.playbook, self.now)

    def calendar_for(self, contact: Contact | None) -> Calendar:
        """The business calendar of a contact; without a zone of their own, that of the deal's owner."""
        country = contact.country if contact else None
        if contact and contact.timezone:
            return self.playbook.calendars.of_contact(contact.timezone, country)
        return self.playbook.calendars.of_contact(self.calendar_of_owner.timezone, country)

    def time_of(self, dated: Dated) -> tuple[datetime, datetime] | None:
        """The anchor of a dated time and the time itself; None while the date is not known."""
        return time_of(dated, self.playbook, self.state, self.clock)

    @property
    def after_all_told(self) -> datetime:
        """The time from which things count that are done now: after all that was told before."""
        return after_all_told(self.state, self.now)

    def by_then(self, role: str, span: Span) -> datetime:
        """The end of a span that begins now, in a role's business calendar."""
        return self.calendar_of(role).add(self.now, span)

    def length(self, span: Span) -> timedelta:
        """How long a span is that begins now: a day has 24 hours, business time is the team's."""
        if span.unit in _BUSINESS_TIME:
            return self.playbook.calendars.team.add(self.now, span) - self.now
        return ELAPSED[span.unit] * span.amount
