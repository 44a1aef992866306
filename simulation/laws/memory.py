"""What the examiner remembers of a deal: only what its entries say, kept in a way of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dealwright import entries as e
from dealwright.deal import Contact, Contract, Deal, Known, Meeting, OwnValue, Person, Proposal
from dealwright.facts.things import Record, Things
from dealwright.playbook.language.model import Playbook
from dealwright.values.addresses import normal

Taught: TypeAlias = e.FactTaken | e.CommandTaken | e.TaskClosed


class Memory:
    """The deal as the journal has told it so far."""

    def __init__(self) -> None:
        self.deal = Deal(id="")
        self.over = self.paused = False
        self.started: dict[str, e.PlayStarted] = {}
        """Every run that ever began."""
        self.meetings: dict[str, Meeting] = {}
        self.demos: dict[str, Meeting] = {}
        self.proposals: dict[str, Proposal] = {}
        self.terms: dict[str, Contract] = {}
        self.whose: dict[str, set[str]] = defaultdict(set)
        """The contacts who have, or had, an address."""
        self.computed: dict[str, OwnValue] = {}
        """The fields that the playbook's tables work out."""
        self.went_to: dict[str, str] = {}
        """The address that each message went to."""

    def note(self, entry: e.Entry) -> None:
        """Remember an entry."""
        if (write := _NOTED.get(entry.kind)) is not None:
            write(self, entry)

    def contact(self, id_: str | None) -> Contact | None:
        """A contact as they are known now."""
        return next((one for one in self.deal.contacts or () if one.id == id_), None)

    def holder(self, role: str, playbook: Playbook) -> Person | None:
        """Who holds a role: whom the deal names, else whom the playbook does."""
        if person := (self.deal.owners or {}).get(role):
            return person
        rule = playbook.roles.get(role)
        if rule is None or rule.name is None:
            return None
        return Person(name=rule.name, email=rule.email, timezone=rule.fixed_timezone, country=rule.fixed_country)

    def things(self, part: str) -> Mapping[str, Record]:
        """What is known of each meeting, demo or proposal, by a key that stays when it is named later."""
        tables: dict[str, Mapping[str, Record]] = {
            "meeting": self.meetings, "demo": self.demos, "proposal": self.proposals
        }  # fmt: skip
        return tables[part]

    def seen_in_messages(self) -> Deal:
        """The deal as a message sees it: with what the playbook's tables make of what is known."""
        if not self.computed:
            return self.deal
        return self.deal.model_copy(update={"fields": {**(self.deal.fields or {}), **self.computed}})

    def _work_out(self, entry: e.FieldsWorkedOut) -> None:
        known = {**self.computed, **entry.fields}
        self.computed = {name: value for name, value in known.items() if value is not None}

    def _opened(self, entry: e.DealOpened) -> None:
        self.deal = entry.deal
        self._know_addresses()
        for name, table in (("meeting", self.meetings), ("demo", self.demos), ("proposal", self.proposals)):
            if (thing := getattr(entry.deal, name)) is not None:
                table[thing.id or ""] = thing
        if entry.deal.contract is not None:
            self.terms["1"] = entry.deal.contract

    def _learn(self, entry: Taught) -> None:
        self._know(entry.learned)
        if isinstance(entry, e.FactTaken) and entry.replaces is not None:
            self._replace(entry.replaces, entry.refers_to)
        things = None if isinstance(entry, e.TaskClosed) else entry.things
        if things is not None:
            self._keep(things)

    def _recognise(self, entry: e.PersonRecognised) -> None:
        for told in entry.told:
            if told.replaces is not None:
                self._replace(told.replaces, told.refers_to)

    def _replace(self, leaves: str, named: str | None) -> None:
        before = list(self.deal.contacts or ())
        place = next((number for number, one in enumerate(before) if one.id == leaves), len(before))
        after = [one for one in before if one.id != leaves]
        moved = next((one for one in after[place:] if one.id == named), None)
        if moved is not None:
            after = [*after[:place], moved, *(one for one in after[place:] if one is not moved)]
        self.deal = self.deal.model_copy(update={"contacts": tuple(after)})

    def _keep(self, things: Things) -> None:
        self.meetings |= things.meetings
        self.demos |= things.demos
        self.proposals |= things.proposals
        self.terms |= things.terms

    def _know(self, learned: Known | None) -> None:
        if learned is not None:
            self.deal = self.deal.knowing(learned)
            if learned.contacts is not None:
                self._know_addresses()

    def _know_addresses(self) -> None:
        for one in self.deal.contacts or ():
            if one.email:
                self.whose[normal(one.email)].add(one.id)

    def _hand(self, entry: e.OwnerChanged | e.OwnerChosen) -> None:
        if entry.person is not None:
            self._know(Known(owners={entry.role: entry.person}))

    def _turn(self, entry: e.FocusMoved) -> None:
        table = self.meetings if entry.thing == "meeting" else self.demos
        if entry.key in table:
            self.deal = self.deal.model_copy(update={entry.thing: table[entry.key]})

    def _began(self, entry: e.PlayStarted) -> None:
        self.started[entry.run] = entry

    def _start(self, entry: e.EffectStarted) -> None:
        if entry.address is not None:
            self.went_to[entry.effect] = entry.address
            self.whose[entry.address].add(entry.contact or "")

    def _close(self, _: e.DealClosed) -> None:
        self.over = True

    def _reopen(self, _: e.DealReopened) -> None:
        self.over = self.paused = False

    def _pause(self, _: e.Paused | e.EndHeld) -> None:
        self.paused = True

    def _resume(self, _: e.Resumed) -> None:
        self.paused = False


_NOTED: dict[str, Callable[[Memory, Any], None]] = {
    "deal_opened": Memory._opened, "fact_taken": Memory._learn, "command_taken": Memory._learn,
    "task_closed": Memory._learn, "owner_changed": Memory._hand, "owner_chosen": Memory._hand,
    "focus_moved": Memory._turn, "person_recognised": Memory._recognise,
    "play_started": Memory._began, "effect_started": Memory._start, "deal_closed": Memory._close,
    "deal_reopened": Memory._reopen, "fields_worked_out": Memory._work_out,
    "paused": Memory._pause, "end_held": Memory._pause, "resumed": Memory._resume,
}  # fmt: skip
