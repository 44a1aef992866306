"""What people do in Clari Copilot, for ``POST /_simulator/change``.

``{"do": "record", "emails": ["…"], "ours": ["…"], "system": "salesforce", "deal": "006…", "steps": ["…"],
"minutes": 30, "minutes_ago": 31}``, perhaps with ``status``, ``disposition``, ``private``, ``invited`` (who was invited
and did not join); with ``call`` (its id): ``work_out`` (``steps``, ``status``), ``delete``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.clari_copilot.simulator.workspace import Call, JsonObject, Workspace
from integrations.kit.simulator.people import done


class People:
    """Those who call."""

    def __init__(self, workspace: Workspace, now: Callable[[], datetime]) -> None:
        self._workspace, self._now = workspace, now

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns the call.

        Raises:
            BadChange: nobody can do that.
        """
        return done(change, {"record": self._record, "work_out": self._work_out, "delete": self._delete})

    def _record(self, change: JsonObject) -> Call:
        minutes = int(str(change.get("minutes", 30)))
        ago = timedelta(minutes=float(str(change.get("minutes_ago", minutes + 1))))
        joined = _texts(change, "emails")
        made = Call(
            id=f"call-{self._workspace.take_number():06d}", title=str(change.get("title", "Discovery")),
            time=self._now() - ago, duration=minutes * 60, private=change.get("private") is True,
            status=str(change.get("status", "POST_PROCESSING_DONE")),
            disposition=str(change.get("disposition", "CALL_CONNECTED_WITH_PROSPECT")),
            system=str(change.get("system", "salesforce")), deal=str(change["deal"]) if "deal" in change else None,
            ours=_texts(change, "ours"), guests=[*joined, *_texts(change, "invited")], joined=joined,
            steps=_texts(change, "steps"), modified=self._now(),
        )  # fmt: skip
        self._workspace.calls[made.id] = made
        return made

    def _work_out(self, change: JsonObject) -> Call:
        call = self._workspace.calls[str(change["call"])]
        call.steps, call.modified = [*call.steps, *_texts(change, "steps")], self._now()
        call.status = str(change.get("status", "POST_PROCESSING_DONE"))
        return call

    def _delete(self, change: JsonObject) -> Call:
        return self._workspace.calls.pop(str(change["call"]))


def _texts(change: JsonObject, name: str) -> list[str]:
    given = change.get(name)
    return [str(one) for one in given] if isinstance(given, list) else []
