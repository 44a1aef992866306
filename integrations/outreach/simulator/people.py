"""What people do in Outreach and prospects by mail, for ``POST /_simulator/change``.

``{"do": "add_prospect", "email": "…", "opted_out": false}`` and ``{"do": "enrol", "email": "…", "sequence": 42}``; with
``state`` (the sequence state's id): ``advance``, ``reply`` (``ends``: false where the sequence goes on), ``bounce``,
``opt_out``, ``fail``, ``finish``, ``delete``; with ``task``: ``complete`` (``disposition``: the name of its call's,
``says``: what they add to its note) and ``drop``; ``disable_webhooks``, and ``let_in`` (a user lets the app in anew;
returns the refresh token).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from pydantic import JsonValue

from integrations.kit.simulator.people import Shown, done
from integrations.kit.simulator.simulator import BadChange
from integrations.outreach.simulator.api import enrolled
from integrations.outreach.simulator.organization import (
    OVER,
    STEPS,
    Mailing,
    Organization,
    Prospect,
    SequenceState,
)
from integrations.outreach.simulator.requests import Problem
from integrations.outreach.simulator.shown import JsonObject
from integrations.outreach.simulator.tasks import Call
from integrations.outreach.simulator.tasks_api import TasksApi

TellState = Callable[[SequenceState, str], None]
TellMailing = Callable[[Mailing, str], None]


class People:
    """Those who sell, and prospects."""

    def __init__(
        self,
        all_: Organization,
        now: Callable[[], datetime],
        tell: TellState,
        tell_mailing: TellMailing,
        tasks: TasksApi,
    ) -> None:
        self._all, self._now, self._tell, self._tell_mailing, self._tasks = all_, now, tell, tell_mailing, tasks

    def do(self, change: JsonObject) -> JsonValue:
        """Make a change; returns what it changed.

        Raises:
            BadChange: nobody can do that.
        """
        if change.get("do") == "disable_webhooks":
            for one in self._all.webhooks.values():
                one.active, one.disabled_reason = False, "unrecoverable network failures"
            return None
        if change.get("do") == "let_in":
            tokens = self._all.tokens
            tokens.access.clear()
            tokens.refresh = secrets.token_urlsafe(32)
            return tokens.refresh
        return done(change, {
            "add_prospect": self._add_prospect, "enrol": self._enrol, "advance": self._advance, "reply": self._reply,
            "bounce": self._bounce, "opt_out": self._opt_out, "fail": self._fail, "finish": self._finish,
            "delete": self._delete, "touch": self._touch,
            "complete": self._complete, "drop": self._drop,
        })  # fmt: skip

    def _add_prospect(self, change: JsonObject) -> Shown:
        now = self._now()
        made = Prospect(
            id=self._all.new_id(), emails=[str(change["email"])], opted_out=change.get("opted_out") is True,
            created=now, updated=now,
        )  # fmt: skip
        self._all.prospects[made.id] = made
        return made

    def _enrol(self, change: JsonObject) -> Shown:
        prospect = next(iter(self._all.with_email(str(change["email"]))), None)
        if prospect is None:
            raise BadChange("there is no such prospect")
        try:
            made = enrolled(self._all, prospect.id, int(str(change.get("sequence", 42))), 4, self._now())
        except Problem as problem:
            raise BadChange(str(problem)) from None
        made.by_hand = True
        self._tell(made, "created")
        return made

    def _advance(self, change: JsonObject) -> Shown:
        state = self._under_way(change)
        if state.step == STEPS:
            return self._to(state, "finished", "finished")
        state.step, state.updated = state.step + 1, self._now()
        self._tell(state, "advanced")
        return state

    def _reply(self, change: JsonObject) -> Shown:
        state, now = self._state(change), self._now()
        mailing = Mailing(
            id=self._all.new_id(), state=state.id, prospect=state.prospect, sequence=state.sequence,
            subject=str(change.get("subject", "Re: hello")), replied=now, created=now, updated=now,
        )  # fmt: skip
        self._all.mailings[mailing.id] = mailing
        state.replies, state.replied, state.updated = state.replies + 1, now, now
        self._tell_mailing(mailing, "replied")
        if state.state not in OVER and change.get("ends") is not False:
            self._to(state, "finished", "finished")
        return state

    def _bounce(self, change: JsonObject) -> Shown:
        state = self._under_way(change)
        state.bounces += 1
        return self._to(state, "bounced", "updated")

    def _opt_out(self, change: JsonObject) -> Shown:
        state = self._under_way(change)
        state.opt_outs += 1
        self._all.prospects[state.prospect].opted_out = True
        return self._to(state, "opted_out", "updated")

    def _fail(self, change: JsonObject) -> Shown:
        return self._to(self._under_way(change), "failed", "updated")

    def _finish(self, change: JsonObject) -> Shown:
        return self._to(self._under_way(change), "finished", "finished")

    def _touch(self, change: JsonObject) -> Shown:
        """What changes the record and no enrolment: a mailing of it is opened."""
        state = self._state(change)
        state.updated = self._now()
        self._tell(state, "updated")
        return state

    def _delete(self, change: JsonObject) -> Shown:
        state = self._state(change)
        del self._all.states[state.id]
        self._tell(state, "destroyed")
        return state

    def _complete(self, change: JsonObject) -> Shown:
        task = self._all.tasks[int(str(change["task"]))]
        if (name := change.get("disposition")) is not None:
            (kind,) = [one.id for one in self._all.dispositions.values() if one.name == name]
            call = Call(id=self._all.new_id(), task=task.id, disposition=kind)
            self._all.calls_made[call.id], task.call = call, call.id
        if (says := change.get("says")) is not None:
            task.note = f"{task.note}\n{says}"
        self._tasks.complete(task)
        return task

    def _drop(self, change: JsonObject) -> Shown:
        return self._tasks.delete(self._all.tasks[int(str(change["task"]))])

    def _to(self, state: SequenceState, becomes: str, event: str) -> SequenceState:
        state.state, state.changed, state.updated = becomes, self._now(), self._now()
        self._tell(state, event)
        return state

    def _state(self, change: JsonObject) -> SequenceState:
        return self._all.states[int(str(change["state"]))]

    def _under_way(self, change: JsonObject) -> SequenceState:
        state = self._state(change)
        if state.state in OVER:
            raise BadChange(f"it is {state.state}")
        return state
