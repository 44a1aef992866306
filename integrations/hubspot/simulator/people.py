"""What people do in HubSpot's user interface, for ``POST /_simulator/change``.

``{"do": "create", "type": "deals", "properties": {…}, "to": {"contacts": "5100…"}}``,
``{"do": "update", "type": "deals", "id": "…", "properties": {…}}``, ``delete``, ``restore``,
``merge`` (``id`` stays, ``gone`` goes), ``associate`` (``type``, ``id``, ``to``),
``add_owner`` (``email``), ``add_pipeline`` (``id``, ``stages``), ``add_property`` (``type``, ``name``, ``options``).
"""

from __future__ import annotations

from pydantic import JsonValue

from integrations.hubspot.simulator.changes import Author, Changes
from integrations.hubspot.simulator.errors import HubSpotError
from integrations.hubspot.simulator.portal import Owner, Pipeline, Property, Stage
from integrations.hubspot.simulator.requests import after_write
from integrations.kit.simulator.simulator import BadChange

_PERSON = Author("CRM_UI", "userId:70000001")


class People:
    """Users of the account."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._portal = changes, changes.portal

    def do(self, change: dict[str, JsonValue]) -> JsonValue:
        """Make a change; returns the object, or what was added.

        Raises:
            BadChange: nobody can do that.
        """
        source = change.get("source")
        author = Author(str(source), str(change.get("source_id", ""))) if source else _PERSON
        actions = {
            "create": self._create, "update": self._update, "delete": self._delete, "restore": self._restore,
            "merge": self._merge, "associate": self._associate, "add_owner": self._add_owner,
            "add_pipeline": self._add_pipeline, "add_property": self._add_property,
        }  # fmt: skip
        action = actions.get(str(change.get("do")))
        if action is None:
            raise BadChange(f"do is one of {', '.join(actions)}")
        try:
            return action(change, author)
        except HubSpotError as error:
            raise BadChange(error.message) from error
        except KeyError as error:
            raise BadChange(f"{error.args[0]} is missing, or unknown") from error

    def _create(self, change: dict[str, JsonValue], author: Author) -> JsonValue:
        kind = self._portal.kind(str(change["type"]))
        made = self._changes.create(kind, change["properties"], author)
        self._link(kind, made.id, change.get("to"), author)
        return after_write(self._portal, kind, made)

    def _update(self, change: dict[str, JsonValue], author: Author) -> JsonValue:
        kind = self._portal.kind(str(change["type"]))
        there = self._portal.find(kind, str(change["id"]))
        return after_write(self._portal, kind, self._changes.update(kind, there, change["properties"], author))

    def _delete(self, change: dict[str, JsonValue], author: Author) -> JsonValue:
        kind = self._portal.kind(str(change["type"]))
        self._changes.archive(kind, self._portal.find(kind, str(change["id"])), author)
        return None

    def _restore(self, change: dict[str, JsonValue], author: Author) -> JsonValue:
        kind = self._portal.kind(str(change["type"]))
        self._changes.restore(kind, self._portal.find(kind, str(change["id"]), archived=True), author)
        return None

    def _merge(self, change: dict[str, JsonValue], author: Author) -> JsonValue:
        kind = self._portal.kind(str(change["type"]))
        kept, gone = self._portal.find(kind, str(change["id"])), self._portal.find(kind, str(change["gone"]))
        self._changes.merge(kind, kept, gone, author)
        return after_write(self._portal, kind, kept)

    def _associate(self, change: dict[str, JsonValue], author: Author) -> JsonValue:
        self._link(self._portal.kind(str(change["type"])), str(change["id"]), change["to"], author)
        return None

    def _link(self, kind: str, id_: str, to: JsonValue, author: Author) -> None:
        for other, other_id in to.items() if isinstance(to, dict) else ():
            self._portal.find(self._portal.kind(other), str(other_id))
            self._changes.associate((kind, id_), (self._portal.kind(other), str(other_id)), author)

    def _add_owner(self, change: dict[str, JsonValue], _: Author) -> JsonValue:
        number = len(self._portal.owners) + 1
        made = Owner(
            id=str(810_000_000 + number), email=str(change["email"]), user_id=70_000_000 + number,
            first_name=str(change.get("first_name", "New")), last_name=str(change.get("last_name", "Owner")),
        )  # fmt: skip
        self._portal.owners.append(made)
        return made.model_dump(mode="json")

    def _add_property(self, change: dict[str, JsonValue], _: Author) -> JsonValue:
        options = change.get("options")
        made = Property(
            name=str(change["name"]), type=str(change.get("of", "enumeration" if options else "string")),
            options=[str(one) for one in options] if isinstance(options, list) else [],
        )  # fmt: skip
        self._portal.properties[self._portal.kind(str(change["type"]))][made.name] = made
        return made.model_dump(mode="json")

    def _add_pipeline(self, change: dict[str, JsonValue], _: Author) -> JsonValue:
        stages = change["stages"]
        made = Pipeline(
            id=str(change["id"]),
            label=str(change.get("label", change["id"])),
            stages=[Stage.model_validate(one) for one in stages] if isinstance(stages, list) else [],
        )
        self._portal.pipelines.append(made)
        return made.model_dump(mode="json")
