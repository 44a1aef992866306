"""The playbook: a team's way of selling, put together from its parts, and asked by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from dealwright.calendar.durations import Span
from dealwright.deal import Person
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.calendars import Calendars
from dealwright.playbook.language.channel_rules import Channels
from dealwright.playbook.language.committee import Committee, committee_paths_as_written
from dealwright.playbook.language.conditions import Compares, Equals
from dealwright.playbook.language.crm_rules import CrmRules
from dealwright.playbook.language.declared_words import Words
from dealwright.playbook.language.documents import Documents
from dealwright.playbook.language.endings import End
from dealwright.playbook.language.experiments import Experiments, arm_paths
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.handoff_rules import HandoffRule
from dealwright.playbook.language.levels import words_as_written
from dealwright.playbook.language.own_fields import OwnFields, paths_of
from dealwright.playbook.language.paths import Path, known_path
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.pools import Pool
from dealwright.playbook.language.reasons import Reason, Reasons
from dealwright.playbook.language.scores import Levels, Scores
from dealwright.playbook.language.stages import Stage
from dealwright.playbook.language.steps.step import Step
from dealwright.playbook.language.subscriptions import asked_of_scores, conditions_in, heard_in, that_change
from dealwright.playbook.language.team import CalendarRule, Limits, Role
from dealwright.playbook.language.triggers import Triggers
from dealwright.state import Run
from dealwright.values.recorded import Given, Text


class Playbook(Given):
    """A team's way of selling, from first research to renewal."""

    playbook: Word
    """The playbook's name."""
    summary: Text | None = None
    """What it is for."""
    roles: Annotated[dict[Word, Role], Field(min_length=1)]
    """Who takes part, by the role's name."""
    sources: Words = None
    """Where deals may come from, each with its meaning; without it, any text may stand there."""
    signals: Words = None
    """The buying signals that may be seen, each with its meaning; without it, any."""
    notes: Words = None
    """The names under which something may be noted, each with its meaning; without it, any."""
    reasons: Reasons = {}
    """Why deals end: for each outcome the reasons that there are, each with what must be known besides."""
    pools: dict[Word, Pool] = {}
    """The people among whom deals are shared out, by the pool's name."""
    committee: Committee = {}
    """The roles on the buying side, each with how many are wanted; without it, contacts may have any role."""
    fields: OwnFields = {}
    """The fields that deals have beside those that every deal has, each with what may stand there."""
    experiments: Experiments = {}
    """What is tried in several ways, each in a part of the deals."""
    scores: Scores = {}
    """Numbers made of points for what is so and what happened."""
    levels: Levels = {}
    """Names for how good a deal is, each with its condition; conditions ask for them by name."""
    calendar: CalendarRule = CalendarRule()
    """When the team works."""
    limits: Limits = Limits()
    """What holds over all deals."""
    channels: Channels = {}
    """When and how often people reach contacts by each channel, and whether these must agree."""
    crm: CrmRules | None = None
    """How the deal and its record in the CRM keep together; without it, stages set there are only noted."""
    journal_lag: Span = Span.parse("7d")
    """How long entries of a deal's story may wait to be written to the journal."""
    absence: Span = Span.parse("3bd")
    """How long somebody counts as away whose automatic reply names no day of return."""
    tool_outage: Span = Span.parse("4h")
    """How long a tool may be away before a deal that waits for it needs attention; mail is none of them."""
    renews_on: Triggers = ()
    """The facts that begin the next contract term, in the stage the deal is in."""
    ends: tuple[End, ...] = ()
    """Facts that close the deal."""
    handoffs: tuple[HandoffRule, ...] = ()
    """How deals pass from one owner to the next."""
    approvals: tuple[ApprovalRule, ...] = ()
    """Questions that need a yes from a chain of people."""
    documents: Documents = {}
    """The proposals and contracts that go out to the buyer, each made from an approved template."""
    plays: tuple[Play, ...] = ()
    """Plays of the whole deal: they listen in every stage and outlive it."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    """The way of a deal, in order; it begins in the first."""

    def declared(self, kind: str) -> dict[str, str] | None:
        """The words of a kind that may be used; None when any may."""
        return {"sources": self.sources, "signals": self.signals, "notes": self.notes}.get(kind)

    @model_validator(mode="after")
    def _fields_are_sound(self) -> Self:
        paths_of(self.fields)
        return self

    def path(self, text: str) -> Path:
        """The path of that name, also of what is declared here.

        Raises:
            BadValue: there is no such path.
        """
        return known_path(text, self.declared_paths)

    @cached_property
    def declared_paths(self) -> Mapping[str, Path]:
        """What is declared here and conditions may ask for: fields, experiments, scores and levels, the committee."""
        experiments, committee = arm_paths(self.experiments), committee_paths_as_written(self.committee)
        return {**self.own_paths, **experiments, **words_as_written(self.scores, self.levels), **committee}

    @cached_property
    def own_paths(self) -> dict[str, Path]:
        """The paths of the fields that are declared here."""
        return paths_of(self.fields)

    @cached_property
    def asked_of_scores(self) -> dict[str, tuple[Compares | Equals, ...]]:
        """What conditions ask of each score."""
        rules = (rule.if_ for approval in self.approvals for rule in approval.rules if rule.if_ is not None)
        return asked_of_scores((*conditions_in(self.stages, self.plays), *self.levels.values(), *rules))

    def reasons_for(self, outcome: str) -> dict[str, Reason] | None:
        """The reasons for an outcome; None when any may be given."""
        return next((reasons for ending, reasons in self.reasons.items() if ending == outcome), None)

    def stage(self, name: str) -> Stage | None:
        """The stage of that name."""
        return self._stages.get(name)

    def play(self, name: str) -> Play | None:
        """The play of that name, whichever stage it belongs to."""
        return self._plays.get(name)

    def step_of(self, run: Run, index: int | None) -> Step | None:
        """The step of a run of that index; None when the playbook has none such."""
        play = self.play(run.play)
        return play.actions[index] if play and index is not None and index < len(play.actions) else None

    def handoff(self, name: str) -> HandoffRule | None:
        """The handoff of that name."""
        return next((rule for rule in self.handoffs if rule.name == name), None)

    def approval(self, name: str) -> ApprovalRule | None:
        """The approval of that name."""
        return next((rule for rule in self.approvals if rule.name == name), None)

    def stand_in(self, approval: str, role: str) -> str | None:
        """Who may answer an approval too in the place of a role: as the approval says, else as the role does."""
        rule, member = self.approval(approval), self.roles.get(role)
        return (rule.stand_in.get(role) if rule else None) or (member.stand_in if member else None)

    def position(self, stage: str) -> int:
        """Where a stage stands on the way, from 0."""
        return self._positions[stage]

    def after(self, stage: Stage) -> str | None:
        """The stage that follows another one; None after the last."""
        if stage.to:
            return stage.to
        following = self.position(stage.name) + 1
        return self.stages[following].name if following < len(self.stages) else None

    def jumps(self, stage: str) -> tuple[tuple[Stage, str], ...]:
        """The later stages that a fact may bring a deal to from a stage, each with that fact, the furthest first."""
        return self._jumps[stage]

    def usual_holder(self, role: str) -> Person | None:
        """Who holds a role in deals that do not say; None when the playbook names nobody."""
        return self._usual_holders.get(role)

    @cached_property
    def calendars(self) -> Calendars:
        """When everybody works: whatever reckons with somebody's hours asks here."""
        return Calendars(self.calendar, self.roles)

    def ended_by(self, key: str) -> str | None:
        """The outcome with which a fact or event ends a deal; None when it ends none."""
        return self.endings[key].outcome if key in self.endings else None

    def stopped_by(self, key: str) -> frozenset[str]:
        """The names of the plays that a fact or event stops."""
        return self._stopped.get(key, frozenset())

    def listening(self, stage: str | None, key: str) -> tuple[Play, ...]:
        """The plays that a fact or event starts while a deal is in a stage, in the file's order."""
        return self._listeners.get((stage, key), ()) if stage else ()

    def dated_plays(self, stage: str) -> tuple[Play, ...]:
        """The plays that a date starts while a deal is in a stage."""
        return self._dated[stage]

    def is_whole_deal(self, play: str) -> bool:
        """Whether a play belongs to the deal and not to a stage."""
        return play in self._whole_deal

    def heard(self, stage: str) -> frozenset[str]:
        """The names of all facts and events that anything waits for while a deal is in a stage."""
        return self._heard[stage]

    def speaks_of(self, key: str) -> bool:
        """Whether anything in the playbook waits or asks for a fact or event of this key."""
        return key in self._keys

    def everything(self) -> Iterator[tuple[Stage | None, Play]]:
        """Every play with its stage (None for those of the whole deal), in the file's order."""
        for play in self.plays:
            yield None, play
        for stage in self.stages:
            for play in stage.plays:
                yield stage, play

    @cached_property
    def _stages(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {stage.name: position for position, stage in enumerate(self.stages)}

    @cached_property
    def _jumps(self) -> dict[str, tuple[tuple[Stage, str], ...]]:
        ahead: list[tuple[Stage, str]] = []
        found = {}
        for stage in reversed(self.stages):
            found[stage.name] = tuple(ahead)
            ahead += [(stage, key) for key in stage.enter_when]
        return found

    @cached_property
    def _plays(self) -> dict[str, Play]:
        return {play.name: play for _, play in self.everything()}

    @cached_property
    def _usual_holders(self) -> dict[str, Person]:
        return {
            name: Person(name=role.name, email=role.email, timezone=role.fixed_timezone, country=role.fixed_country)
            for name, role in self.roles.items()
            if role.name is not None
        }

    @cached_property
    def endings(self) -> dict[str, End]:
        """How each fact or event that ends a deal ends it."""
        return {key: end for end in reversed(self.ends) for key in end.when}

    @cached_property
    def _stopped(self) -> dict[str, frozenset[str]]:
        keys = {key for play in self._plays.values() for key in play.until}
        return {key: frozenset(play.name for play in self._plays.values() if key in play.until) for key in keys}

    @cached_property
    def _whole_deal(self) -> frozenset[str]:
        return frozenset(play.name for play in self.plays)

    @cached_property
    def _listeners(self) -> dict[tuple[str | None, str], tuple[Play, ...]]:
        found: dict[tuple[str | None, str], tuple[Play, ...]] = {}
        for stage in self.stages:
            for play in (*self.plays, *stage.plays):
                for key in play.hears:
                    found[stage.name, key] = (*found.get((stage.name, key), ()), play)
        return found

    @cached_property
    def _dated(self) -> dict[str, tuple[Play, ...]]:
        return {stage.name: tuple(play for play in (*self.plays, *stage.plays) if play.dated) for stage in self.stages}

    @cached_property
    def _heard(self) -> dict[str, frozenset[str]]:
        keys = self._keys_heard
        return {stage: frozenset(key.partition(":")[0] for key in heard) for stage, heard in keys.items()}

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset().union(*self._keys_heard.values())

    @cached_property
    def _keys_heard(self) -> dict[str, frozenset[str]]:
        in_crm = self.crm.heard() if self.crm is not None else ()
        rules = [rule for score in self.scores.values() for rule in score.points]
        asked = [*(rule.if_ for rule in rules if rule.if_ is not None), *self.levels.values()]
        scored = (*(key for rule in rules for key in rule.for_), *(key for one in asked for key in that_change(one)))
        always = (*scored, *self.renews_on, *(key for end in self.ends for key in end.when), *in_crm)
        ahead = tuple(key for stage in self.stages for key in stage.enter_when)
        return {stage.name: heard_in(stage, self.plays, (*always, *ahead)) for stage in self.stages}
