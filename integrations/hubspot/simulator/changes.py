"""Changes of what the account holds, whoever makes them: each is written, and told by webhook and journal."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import JsonValue

from integrations.hubspot.simulator import property_values
from integrations.hubspot.simulator.portal import OBJECT_TYPES, CrmObject, JournalEntry, Portal, Version, iso, singular

if TYPE_CHECKING:
    from integrations.hubspot.simulator.simulator import HubSpotSwitches

_LEGACY_NAMES = {"deals": "deal", "contacts": "contact", "companies": "company"}
"""Kinds whose events may have names of their own (``deal.creation``); the others' are ``object.creation``."""


@dataclass(frozen=True)
class Author:
    """Who makes a change, in the words of events."""

    source: str
    """``CRM_UI``, ``INTEGRATION``, ``IMPORT`` …"""
    id: str


@dataclass
class Changes:
    """Writes into the account, and tells of it."""

    portal: Portal
    app_id: int
    switches: HubSpotSwitches
    now: Callable[[], datetime]
    tell: Callable[..., None]
    """Sends events by webhook."""
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - the same ids each time

    def create(self, kind: str, properties: JsonValue, author: Author) -> CrmObject:
        """A new object.

        Raises:
            HubSpotError: it cannot be written.
        """
        if kind == "deals" and isinstance(properties, dict):
            properties = {"pipeline": self.portal.pipelines[0].id, **properties}
        if kind == "tasks" and isinstance(properties, dict):
            properties = {"hs_task_status": "NOT_STARTED", **properties}
        values = property_values.checked(self.portal, kind, properties, None)
        now, id_ = self.now(), self.portal.take_id()
        fixed = {"hs_object_id": id_, "hs_object_source": author.source, "hs_object_source_id": author.id}
        fixed |= {"createdate": iso(now), "hs_lastmodifieddate": iso(now)}
        kept = {name: value for name, value in values.items() if value}
        made = CrmObject(id=id_, properties={**fixed, **kept}, created_at=now, updated_at=now)
        made.history += _versions(kept, author, now)
        self.portal.objects[kind][id_] = made
        self._tell(kind, made, author, "creation", {}, [("creation", {"changeFlag": "CREATED"}), *_values(kept)])
        self._write_journal(kind, id_, "CREATE", dict(kept))
        return made

    def update(self, kind: str, there: CrmObject, properties: JsonValue, author: Author) -> CrmObject:
        """Change properties of an object. What they are already is no change, and is not told.

        Raises:
            HubSpotError: they cannot be written.
        """
        values = property_values.checked(self.portal, kind, properties, there)
        changed = {name: value for name, value in values.items() if there.properties.get(name, "") != value}
        if not changed:
            return there
        there.updated_at = self.now()
        there.history += _versions(changed, author, there.updated_at)
        there.properties |= {**changed, "hs_lastmodifieddate": iso(there.updated_at)}
        there.properties = {name: value for name, value in there.properties.items() if value != ""}
        self._tell(kind, there, author, "propertyChange", {}, _values(changed))
        self._write_journal(kind, there.id, "UPDATE", changed)
        return there

    def archive(self, kind: str, there: CrmObject, author: Author) -> None:
        """Put an object into the bin."""
        there.archived, there.updated_at = True, self.now()
        self._tell(kind, there, author, "deletion", {}, [("deletion", {"changeFlag": "DELETED"})])
        self._write_journal(kind, there.id, "DELETE", {})

    def restore(self, kind: str, there: CrmObject, author: Author) -> None:
        """Take an object out of the bin."""
        there.archived, there.updated_at = False, self.now()
        self._tell(kind, there, author, "restore", {}, [("restore", {"changeFlag": "RESTORED"})])
        self._write_journal(kind, there.id, "RESTORE", {})

    def merge(self, kind: str, kept: CrmObject, gone: CrmObject, author: Author) -> None:
        """Merge an object into another, which keeps its values and gets those that it lacks."""
        gone.archived, gone.merged_into = True, kept.id
        for other_kind, other_id in [(k, i) for a, b, k, i in self.portal.associations if (a, b) == (kind, gone.id)]:
            self.portal.associate((kind, kept.id), (other_kind, other_id))
        about: dict[str, JsonValue] = {
            "primaryObjectId": int(kept.id), "mergedObjectIds": [int(gone.id)], "newObjectId": int(kept.id),
            "numberOfPropertiesMoved": 0,
        }  # fmt: skip
        self._tell(kind, kept, author, "merge", about, [("merge", {})])
        self._write_journal(kind, kept.id, "MERGE", {})

    def associate(self, first: tuple[str, str], second: tuple[str, str], author: Author) -> None:
        """Associate two objects, and tell of it from both sides."""
        if not self.portal.associate(first, second):
            return
        for (kind, id_), (to_kind, to_id) in ((first, second), (second, first)):
            about: dict[str, JsonValue] = {
                "associationType": f"{singular(kind)}_to_{singular(to_kind)}".upper(), "associationRemoved": False,
                "fromObjectId": int(id_), "toObjectId": int(to_id), "isPrimaryAssociation": False,
            }  # fmt: skip
            self._tell(kind, self.portal.objects[kind][id_], author, "associationChange", about,
                       [("associationChange", {})])  # fmt: skip

    def _tell(
        self, kind: str, there: CrmObject, author: Author, change: str, about: Mapping[str, JsonValue],
        events: list[tuple[str, dict[str, JsonValue]]],
    ) -> None:  # fmt: skip
        if change == "associationChange" and kind not in _LEGACY_NAMES:
            return
        told: list[JsonValue] = []
        for name, more in events:
            generic = kind not in _LEGACY_NAMES or self.switches.generic_events
            told.append({
                "eventId": self._event_id(),
                "subscriptionId": 6_500_000 + sum(map(ord, f"{kind}{name}{more.get('propertyName', '')}")),
                "portalId": self.portal.portal_id,
                "appId": self.app_id,
                "occurredAt": int(self.now().timestamp() * 1000),
                "subscriptionType": f"{'object' if generic else _LEGACY_NAMES[kind]}.{name}",
                "attemptNumber": 0,
                "objectId": int(there.id),
                "changeSource": author.source,
                "sourceId": author.id,
                **({"objectTypeId": OBJECT_TYPES[kind]} if generic else {}),
                **about,
                **more,
            })  # fmt: skip
        self.tell(*told)

    def _event_id(self) -> int:
        if self.switches.take("same_event_id"):
            return self.portal.next_event
        self.portal.next_event += self._random.randrange(1, 1000)
        return self.portal.next_event

    def _write_journal(self, kind: str, id_: str, action: str, changed: Mapping[str, str]) -> None:
        event: JsonValue = {
            "type": "crmObject", "portalId": self.portal.portal_id, "occurredAt": iso(self.now()), "action": action,
            "objectTypeId": OBJECT_TYPES[kind], "objectId": int(id_), "propertyChanges": {**changed},
        }  # fmt: skip
        offset = f"00000000-0000-4000-8000-{len(self.portal.journal) + 1:012d}"
        self.portal.journal.append(JournalEntry(offset=offset, published_at=self.now(), events=[event]))


def _versions(changed: Mapping[str, str], author: Author, at: datetime) -> list[Version]:
    return [
        Version(name=name, value=value, at=at, source=author.source, source_id=author.id)
        for name, value in changed.items()
    ]


def _values(changed: Mapping[str, str]) -> list[tuple[str, dict[str, JsonValue]]]:
    return [("propertyChange", {"propertyName": name, "propertyValue": value}) for name, value in changed.items()]
