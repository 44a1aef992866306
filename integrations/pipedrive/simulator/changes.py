"""Changes of what the company holds, whoever makes them: each is written, and told by webhook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from pydantic import JsonValue

from integrations.pipedrive.simulator import field_rules
from integrations.pipedrive.simulator.company import CUSTOMIZED, Company, FieldChange, JsonObject, Record, exact, shown
from integrations.pipedrive.simulator.errors import PipedriveError, bad_request
from integrations.pipedrive.simulator.webhook_rules import Subscriptions

_IDS = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_TOLD = frozenset({"deal", "person", "organization", "activity", "note"})

_OWNED = frozenset({"deal", "person", "organization", "activity"})


@dataclass(frozen=True)
class Author:
    """Who makes a change, in the words of webhooks."""

    source: str
    """``app`` or ``api``."""
    user_id: int


@dataclass
class Changes:
    """Writes into the company, and tells of it."""

    company: Company
    subscriptions: Subscriptions
    now: Callable[[], datetime]
    tell: Callable[[str, JsonValue], None]
    """Sends an event to an address."""
    _number: int = 0

    def create(self, kind: str, given: JsonObject, author: Author) -> Record:
        """A new record.

        Raises:
            PipedriveError: it cannot be written.
        """
        values, custom = field_rules.checked(self.company, kind, given, new=True)
        now, owner = self.now(), {"owner_id": author.user_id} if kind in _OWNED else {}
        whole = {**field_rules.DEFAULTS[kind], **owner, **values}
        made = Record(id=self.company.take_id(), values=whole, custom_fields=custom, add_time=now, update_time=now)
        self._derive(kind, made)
        self.company.records[kind][made.id] = made
        self._tell("create", kind, made, author, None)
        return made

    def update(self, kind: str, there: Record, given: JsonObject, author: Author) -> Record:
        """Change a record. What it holds already is no change, and is not told.

        Raises:
            PipedriveError: it cannot be written.
        """
        values, custom = field_rules.checked(self.company, kind, given, new=False)
        if kind == "deal" and "lost_reason" in values and values.get("status", there.values["status"]) != "lost":
            raise bad_request("lost_reason can be set for lost deals only")
        before: JsonObject = {name: there.values.get(name) for name, value in values.items()
                              if there.values.get(name) != value}  # fmt: skip
        custom_before: JsonObject = {code: there.custom_fields.get(code) for code, value in custom.items()
                                     if there.custom_fields.get(code) != value}  # fmt: skip
        if not before and not custom_before:
            return there
        if kind == "deal":
            at = f"{self.now():%Y-%m-%d %H:%M:%S}"
            there.changes += [
                FieldChange(
                    field_key=name, old_value=old, new_value=values[name], actor_user_id=author.user_id, time=at
                )
                for name, old in before.items()
            ]
        there.values.update(values)
        there.custom_fields.update(custom)
        self._derive(kind, there)
        previous: JsonObject = {**before, "update_time": exact(there.update_time)}
        there.update_time = self.now()
        self._tell(
            "change", kind, there, author, previous | ({"custom_fields": custom_before} if custom_before else {})
        )
        return there

    def delete(self, kind: str, there: Record, author: Author, merged_to: int | None = None) -> None:
        """Put a record into the bin."""
        there.is_deleted, there.update_time = True, self.now()
        if kind == "deal":
            there.values["status"] = "deleted"
        self._tell("delete", kind, there, author, shown(kind, there), merged_to)

    def merge(self, kept: Record, gone: Record, author: Author) -> None:
        """Merge a deal into another one."""
        self.delete("deal", gone, author, merged_to=kept.id)
        kept.update_time = self.now()
        self._tell("change", "deal", kept, author, {"update_time": exact(kept.update_time)})

    def _derive(self, kind: str, record: Record) -> None:
        if kind == "activity":  # person_id is who stands first among the participants, and is never written
            people = record.values.get("participants")
            first = people[0] if isinstance(people, list) and people else None
            record.values["person_id"] = first.get("person_id") if isinstance(first, dict) else None
        if kind == "deal" and record.values["status"] != "lost":
            record.values["lost_reason"] = None

    def _tell(
        self, action: str, kind: str, record: Record, author: Author, previous: JsonValue, merged_to: int | None = None
    ) -> None:
        if kind not in _TOLD:
            return
        self._number += 1
        now = self.now()
        for one in self.subscriptions.wanting(action, kind, now):
            meta: JsonObject = {
                "action": action, "entity": kind, "entity_id": str(record.id), "version": "2.0", "type": "general",
                "id": str(uuid5(_IDS, f"{self._number}")), "correlation_id": str(uuid5(_IDS, f"c{self._number}")),
                "company_id": str(self.company.company_id), "user_id": str(author.user_id), "webhook_id": str(one.id),
                "webhook_owner_id": str(one.user_id), "change_source": author.source, "is_bulk_edit": False,
                "timestamp": exact(now), "permitted_user_ids": [], "attempt": 1, "host": "acme.pipedrive.com",
            }  # fmt: skip
            if merged_to is not None:
                meta["merged_to_id"] = str(merged_to)
            held = None if action == "delete" else self._in_webhook(kind, record)
            self.tell(one.subscription_url, {"meta": meta, "data": held, "previous": previous})

    def _in_webhook(self, kind: str, record: Record) -> JsonObject:
        """A record as webhooks show it: each custom field with its type."""
        told = shown(kind, record)
        if kind in CUSTOMIZED:
            told["custom_fields"] = {
                code: {"type": "varchar", "value": value} for code, value in record.custom_fields.items()
            }
        return told

    def require(self, kind: str, id_: str) -> Record:
        """The living record of this id.

        Raises:
            PipedriveError: there is none.
        """
        there = self.company.records[kind].get(int(id_)) if id_.isdecimal() else None
        if there is None or there.is_deleted:
            raise PipedriveError(404, f"{kind.capitalize()} not found")
        return there
