"""What people do in Gong, for ``POST /_simulator/change``.

``{"do": "record", "title": "…", "emails": ["…"], "ours": ["…"], "system": "HubSpot", "deals": ["9001"],
"steps": ["…"], "minutes": 30, "minutes_ago": 31}``; with ``call`` (its id): ``work_out`` (``steps``: action items that
come later), ``rename`` (``title``), ``delete``; and ``try_rule``, which sends a test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.gong.simulator.account import Account, Call, JsonObject, Party
from integrations.kit.simulator.people import done

Tell = Callable[[JsonObject], None]


class People:
    """Those who call, and an admin. ``tell`` gets the body of a webhook."""

    def __init__(self, account: Account, now: Callable[[], datetime], tell: Tell) -> None:
        self._account, self._now, self._tell = account, now, tell

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the call.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {
            "record": self._record, "work_out": self._work_out, "rename": self._rename, "delete": self._delete,
            "try_rule": self._try_rule,
        })  # fmt: skip

    def _record(self, change: JsonObject) -> Call:
        minutes = int(str(change.get("minutes", 30)))
        number = len(self._account.calls) + 1
        started = self._now() - timedelta(minutes=float(str(change.get("minutes_ago", minutes + 1))))
        theirs = [Party(name=one.partition("@")[0].title(), email=one) for one in _texts(change, "emails")]
        ours = [Party(name=one.partition("@")[0].title(), email=one, internal=True) for one in _texts(change, "ours")]
        made = Call(
            id=str(change.get("id", 4570250816631531000 + number)), title=str(change.get("title", "Discovery")),
            started=started, duration=minutes * 60, private=change.get("private") is True,
            system=str(change["system"]) if "system" in change else None, object_ids=_texts(change, "deals"),
            object_type=str(change.get("object_type", "Opportunity")), parties=[*theirs, *ours],
            steps=_texts(change, "steps"),
        )  # fmt: skip
        self._account.calls[made.id] = made
        self._tell({"callData": made.shown(), "isTest": False, "isPrivate": made.private})
        return made

    def _work_out(self, change: JsonObject) -> Call:
        call = self._account.calls[str(change["call"])]
        call.steps = [*call.steps, *_texts(change, "steps")]
        return call

    def _rename(self, change: JsonObject) -> Call:
        call = self._account.calls[str(change["call"])]
        call.title = str(change["title"])
        return call

    def _delete(self, change: JsonObject) -> Call:
        return self._account.calls.pop(str(change["call"]))

    def _try_rule(self, change: JsonObject) -> Call:
        call = Call(id=str(change.get("id", "1")), title="Discuss Use Cases", started=self._now(), duration=147)
        self._tell({"callData": call.shown(), "isTest": True, "isPrivate": False})
        return call


def _texts(change: JsonObject, name: str) -> list[str]:
    given = change.get(name)
    return [str(one) for one in given] if isinstance(given, list) else []
