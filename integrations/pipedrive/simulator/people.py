"""What people do in Pipedrive's user interface, for ``POST /_simulator/change``.

``{"do": "create", "kind": "deal", "values": {…}}``, ``{"do": "update", "kind": "deal", "id": 101, "values": {…}}``,
``delete``, ``date`` (``at``: as if it was last changed then), ``merge`` (``id`` stays, ``gone`` goes), ``add_field``
(``kind``, ``code``, ``name``: a text field), ``age_webhooks`` (``days``: as if nothing was taken for so long).
``source`` and ``user_id`` say who, otherwise it is Sam in the app.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.kit.simulator.simulator import BadChange
from integrations.pipedrive.simulator.changes import Author, Changes
from integrations.pipedrive.simulator.company import CustomField, JsonObject, shown
from integrations.pipedrive.simulator.errors import PipedriveError

_SAM = 14_000_002


class People:
    """Users of the company."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def do(self, change: dict[str, JsonValue]) -> JsonValue:
        """Make a change; returns the record.

        Raises:
            BadChange: nobody can do that.
        """
        author = Author(str(change.get("source", "app")), int(str(change.get("user_id", _SAM))))
        actions = {
            "create": self._create, "update": self._update, "delete": self._delete, "merge": self._merge,
            "date": self._date, "add_field": self._add_field, "age_webhooks": self._age,
        }  # fmt: skip
        if (action := actions.get(str(change.get("do")))) is None:
            raise BadChange(f"do is one of {', '.join(actions)}")
        try:
            return action(change, author)
        except PipedriveError as error:
            raise BadChange(error.message) from error
        except KeyError as error:
            raise BadChange(f"{error.args[0]} is missing, or unknown") from error

    def _create(self, change: JsonObject, author: Author) -> JsonValue:
        kind = str(change["kind"])
        return shown(kind, self._changes.create(kind, _values(change), author))

    def _update(self, change: JsonObject, author: Author) -> JsonValue:
        kind = str(change["kind"])
        there = self._changes.require(kind, str(change["id"]))
        return shown(kind, self._changes.update(kind, there, _values(change), author))

    def _delete(self, change: JsonObject, author: Author) -> JsonValue:
        kind = str(change["kind"])
        self._changes.delete(kind, self._changes.require(kind, str(change["id"])), author)
        return None

    def _merge(self, change: JsonObject, author: Author) -> JsonValue:
        kept, gone = (self._changes.require("deal", str(change[name])) for name in ("id", "gone"))
        self._changes.merge(kept, gone, author)
        return shown("deal", kept)

    def _date(self, change: JsonObject, _: Author) -> JsonValue:
        there = self._changes.require(str(change["kind"]), str(change["id"]))
        there.update_time = datetime.fromisoformat(str(change["at"]))
        return None

    def _add_field(self, change: JsonObject, _: Author) -> JsonValue:
        entity, code, name = (str(change[each]) for each in ("kind", "code", "name"))
        if code not in [one.field_code for one in self._changes.company.custom(entity)]:
            made = CustomField(entity=entity, field_code=code, field_name=name, field_type="varchar")
            self._changes.company.fields.append(made)
        return None

    def _age(self, change: JsonObject, _: Author) -> JsonValue:
        for one in self._changes.company.subscriptions:
            one.worked_at -= timedelta(days=int(str(change["days"])))
            one.failed_first_attempts = max(1, one.failed_first_attempts)
        return None


def _values(change: JsonObject) -> JsonObject:
    values = change["values"]
    if not isinstance(values, dict):
        raise BadChange("values is no object")
    return values
