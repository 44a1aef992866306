"""Law 7: whoever takes a role takes its open work."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.deal import Person
from dealwright.effects import CreateTask, HandOver, RequestApproval
from dealwright.values.addresses import normal
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade


class WorkIsWithWhoHoldsTheRole(Check):
    """Open tasks, questions and handoffs stand on the list of whoever holds their role now."""

    listens_to = (
        "effect_started", "task_opened", "task_closed", "approval_requested", "approval_answered", "handoff_begun",
        "handoff_offered", "handoff_answered",
    )  # fmt: skip

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        """By task, approval and handoff, the kind of work it is."""
        self._on_list: dict[str, tuple[str, Person | None]] = {}
        """By the same ids, the role that was asked last, and who it was."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.EffectStarted():
                self._ask(replay, entry)
            case e.TaskOpened(on_list_at=None):
                self._open[entry.task] = "task"
            case e.ApprovalRequested(chain=(_, *_)):
                self._open[entry.approval] = "approval"
            case e.HandoffOffered():
                self._open[entry.handoff] = "handoff"
            case e.TaskClosed():
                self._open.pop(entry.task, None)
            case e.HandoffBegun() | e.HandoffAnswered():
                self._open.pop(entry.handoff, None)
            case e.ApprovalAnswered() if entry.settled:
                self._open.pop(entry.approval, None)
        yield from ()

    def _ask(self, replay: Replay, entry: e.EffectStarted) -> None:
        match replay.effects.get(entry.effect):
            case CreateTask() as asked:
                self._open[asked.task] = "task"  # also one that waited a while before it was put on a list
                self._on_list[asked.task] = (asked.role, asked.owner)
            case RequestApproval() as asked:
                self._on_list[asked.approval] = (asked.role, asked.owner)
            case HandOver() as handed:
                self._on_list[handed.handoff] = (handed.to_role, handed.to)

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        memory, playbook = replay.memory, replay.playbook
        if memory.paused or memory.over:
            return
        for id_, kind in self._open.items():
            role, person = self._on_list.get(id_, ("", None))
            if not role:
                yield f"{kind} {id_} stands on nobody's list"
                continue
            now = memory.holder(role, playbook)
            if _who(person) != _who(now) and (now is not None or role in playbook.roles):
                yield f"{kind} {id_} is with {_who(person)}, and {role} is {_who(now)}"


def _who(person: Person | None) -> str:
    if person is None:
        return "nobody"
    return normal(person.email) if person.email else person.name
