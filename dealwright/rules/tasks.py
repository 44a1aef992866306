"""Human tasks: opened, done, and taken off somebody's list when they are no longer wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from dealwright import entries as e
from dealwright.consent import contact_of
from dealwright.deal import Contact, Known
from dealwright.effects import Cap, CloseTask, CreateTask
from dealwright.identity import about_whom
from dealwright.learning.lessons import news
from dealwright.playbook.language.steps.work import WorkStep
from dealwright.rules import reaching
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Task

_GIVEN = re.compile(r"\.given[0-9]+/(?=[0-9]+$)")
"""What tells the ids of a task apart that went from one person to another."""


def open_task(
    context: DecisionContext, opened: e.TaskOpened, detail: str | None = None, caps: tuple[Cap, ...] = (),
    *, again: bool = False,
) -> None:  # fmt: skip
    """Ask a person to do something. The task's id is the id of the effect that creates it.

    ``caps`` are what it counts against where it reaches a contact; what is asked for again counts already. ``again``
    says that it was held back before it was on anybody's list.
    """
    opened = opened.model_copy(update={"given_to": context.given_to(opened.role)})
    if opened.on_list_at is None:
        context.start(_on_list(context, opened, detail).model_copy(update={"caps": caps}), again=again)
    context.note(opened)


def put_on_list(context: DecisionContext, task: Task) -> None:
    """Put a task that waited on its owner's list."""
    context.start(_on_list(context, task, task.detail))


def _on_list(context: DecisionContext, task: e.TaskOpened | Task, detail: str | None) -> CreateTask:
    id_ = task.id if isinstance(task, Task) else task.task
    summary = f"Ask {task.role}: {about_whom(task.title, task.contact)}"[:180]
    return CreateTask(
        id=id_, at=context.now, summary=summary, run=task.run, step=task.step, task=id_,
        role=task.role, owner=context.holder(task.role), title=task.title, due_at=task.due_at, detail=detail,
        channel=task.channel, reaches=contact_of(context.state, task.reaches),
        allowed_at=reaching.allowed_at(context, task.channel, task.reaches),
    )  # fmt: skip


def detail_of(step: WorkStep, contact: Contact | None = None) -> str | None:
    """What whoever does a step's task should know and note, and about which contact it is."""
    return _detail(step.text, step, contact)


def _detail(text: str | None, asked: WorkStep | Task, contact: Contact | None) -> str | None:
    wanted = (("Note down", asked.asks), ("Fill in", asked.fills), ("Say how it ended", asked.outcomes))
    told = (f"{what}: {', '.join(each.replace('_', ' ') for each in names)}." for what, names in wanted if names)
    return " ".join(filter(None, (_about(contact), text, *told))) or None


def _about(contact: Contact | None) -> str | None:
    """Whom a task is about, and how to reach them."""
    if contact is None:
        return None
    known = (contact.role and contact.role.replace("_", " "), contact.phone, contact.email)
    more = ", ".join(each for each in known if each)
    return f"About {contact.name}" + (f" ({more})." if more else ".")


def ask_anew(context: DecisionContext, task: Task, due_at: datetime) -> None:
    """Put a task on somebody's list with another deadline, in place of the old one."""
    asked = {"due_at": due_at, "dated": True}
    _replace(context, task, _marked(task.id, f"moved{context.state.entries}"), "its date moved", asked)


def give_task(context: DecisionContext, task: Task) -> None:
    """Put a task on the list of whoever holds its role now, and take it off the list that it was on."""
    person = context.holder(task.role)
    why = f"{person.name if person else 'nobody'} is {task.role} now"
    as_it_was = {"given": task.given + 1, "missed": task.missed, "on_list_at": task.on_list_at}
    _replace(context, task, _marked(_GIVEN.sub("/", task.id), f"given{task.given + 1}"), why, as_it_was)


def pass_on(context: DecisionContext, task: Task, role: str, due_at: datetime) -> None:
    """Put a task that nobody did in time on another role's list, with a deadline of its own."""
    why = f"{task.role} did not do it in time, and {role} has it now"
    _replace(context, task, _marked(task.id, "passed"), why, {"role": role, "due_at": due_at, "dated": False})


def _replace(context: DecisionContext, task: Task, id_: str, why: str, changes: Mapping[str, object]) -> None:
    """Take a task off the list that it is on, and ask for it under another id, with what is different now."""
    step = step_of(context, task)
    text = (step.text if step else None) or task.detail
    cancel_task(context, task, why)
    again = e.TaskOpened(
        at=context.now, task=id_, title=task.title, name=task.name, role=task.role,
        due_at=task.due_at, escalate=task.escalate, required=task.required, run=task.run, step=task.step,
        gates_next=task.gates_next, gates_until=task.gates_until, settles=task.settles, dated=task.dated,
        asks=task.asks, detail=task.detail, contact=task.contact, outcomes=task.outcomes, fills=task.fills,
        channel=task.channel, reaches=task.reaches, reply=task.reply,
    )  # fmt: skip
    open_task(context, again.model_copy(update=changes), _detail(text, task, contact_of(context.state, task.contact)))


def _marked(id_: str, mark: str) -> str:
    head, _, occurrence = id_.rpartition("/")
    return f"{head}.{mark}/{occurrence}"


def step_of(context: DecisionContext, task: Task) -> WorkStep | None:
    """The step that asked for a task, as the playbook has it now; None for one that the engine asks for."""
    run = context.state.runs.get(task.run or "")
    play = context.playbook.play(run.play) if run else None
    if play is None or task.step is None or task.step >= len(play.actions):
        return None
    step = play.actions[task.step]
    return step if isinstance(step, WorkStep) and step.subject == task.name else None


def ask(
    context: DecisionContext,
    task: str,
    title: str,
    role: str,
    due_at: datetime,
    *,
    asks: tuple[str, ...] = (),
    **about: str | None,
) -> None:
    """Open a task that the engine itself asks for: missing pieces, an uncertain touch, a refusal."""
    if task in context.state.tasks:
        return
    opened = e.TaskOpened(
        at=context.now, task=task, title=title, name=about.get("name") or "look_into_it", role=role, due_at=due_at,
        escalate=context.boss_of(role), settles=about.get("settles"), asks=asks, detail=about.get("detail"),
    )  # fmt: skip
    open_task(context, opened, about.get("detail"))


def finish_task(
    context: DecisionContext, task: Task, by: str, result: str | None, outcome: str | None, said: Known | None
) -> None:
    """A task was done, with this outcome; ``said`` is what whoever did it found out."""
    learned, paths = news(context.state, context.deal, said, context.now)
    closed = e.TaskClosed(
        at=context.now, task=task.id, title=task.title, how="done", by=by, result=result, outcome=outcome,
        learned=learned, taught=paths, channel=task.channel, reaches=task.reaches,
        touch_by=None if task.channel is None else "person", contact=task.contact,
    )  # fmt: skip
    context.note(closed)
    context.learned(learned)
    context.happen("task_done", task.name, outcome, contact=task.contact)
    if task.on_list_at is None:
        came_of_it = " - ".join(filter(None, (outcome, result)))
        _take_off_list(context, task, "done", came_of_it or f"done by {by}")


def cancel_task(context: DecisionContext, task: Task, why: str) -> None:
    """A task is no longer wanted."""
    unseen = context.call_off(task.id, why)
    context.note(
        e.TaskClosed(at=context.now, task=task.id, title=task.title, how="cancelled", result=why, contact=task.contact)
    )
    if not unseen and task.on_list_at is None:
        _take_off_list(context, task, "cancelled", why)


def withhold_task(context: DecisionContext, task: Task, why: str) -> None:
    """A task was put on nobody's list: the store held it back."""
    context.note(
        e.TaskClosed(at=context.now, task=task.id, title=task.title, how="cancelled", result=why, contact=task.contact)
    )


def _take_off_list(context: DecisionContext, task: Task, how: str, reason: str) -> None:
    summary = f"Take off {task.role}'s list: {about_whom(task.title, task.contact)}"[:180]
    head, _, occurrence = task.id.rpartition("/")
    context.start(
        CloseTask(
            id=f"{head}.closed/{occurrence}", at=context.now, summary=summary, task=task.id, how=how, reason=reason
        )
    )
