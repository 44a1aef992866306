"""What happened, made of a deal's entries, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from typing_extensions import Unpack

from dealwright import entries as e
from dealwright.effects import SENT, CreateTask, Effect, EnrolContact, Notify, PostWebhook, SendEmail, SendSms
from dealwright.identity import play_of
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.triggers import wider_keys
from simulation.timeline.happening import Happening, Kind
from simulation.timeline.parts import Parts, RunOf, StepOf

_Tell: TypeAlias = "Callable[[Teller, Any], Happening | None]"
_TROUBLE = {"failed": ("effect_failed",), "uncertain": ("touch_uncertain",)}
"""The events that come of effects, by their status."""


class Teller:
    """Tells what happened to one deal. It hears every entry, in order."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        """The playbook that the deal follows now; whoever tells of another one being adopted puts that here."""
        self._effects: Mapping[str, Effect] = {}
        self._unlisted: dict[str, e.TaskOpened] = {}
        self._tasks: dict[str, e.TaskOpened] = {}
        self._templates: dict[str, str] = {}
        self._runs: dict[str, RunOf] = {}
        self._last_done: e.StepDone | None = None
        self._asked: dict[str, tuple[str, ...]] = {}
        """Who was asked for each approval last."""
        self._granted: dict[str, tuple[str, ...]] = {}
        """Who granted each approval last, for as long as that holds."""

    def tell(self, entry: e.Entry, effects: Mapping[str, Effect]) -> Happening | None:
        """What an entry says happened; None when it only keeps the books.

        ``effects`` are those that left with the entry's decision, by id. What was started and called off in one
        decision is not among them, and did not happen.
        """
        tell = _BY_ENTRY.get(type(entry))
        self._effects = effects
        return tell(self, entry) if tell is not None else None

    # --- what the deal was told -------------------------------------------------------------------------------

    def _opened(self, entry: e.DealOpened) -> Happening:
        return _of(entry, "opened", entry.playbook, text=entry.deal.source or "")

    def _fact(self, entry: e.FactTaken) -> Happening:
        keys = _keys(entry.fact, entry.variant) if entry.no_news is None else ()
        told = "; ".join(filter(None, (entry.variant, entry.reason, entry.note, entry.no_news)))
        return _of(entry, "fact", entry.fact, keys, to=entry.contact, text=told, about=entry.about)

    def _refused(self, entry: e.FactRefused) -> Happening:
        return _of(entry, "refused", entry.fact, text=entry.error)

    def _command(self, entry: e.CommandTaken) -> Happening:
        verdict = f"{entry.by}: {'' if entry.accepted else 'not taken: '}{entry.text}"
        return _of(entry, "command" if entry.accepted else "refused", entry.command, text=verdict)

    # --- plays ------------------------------------------------------------------------------------------------

    def _play(self, entry: e.PlayStarted) -> Happening:
        run: RunOf = {"play": entry.play, "about": entry.about, "contact": entry.contact}
        self._runs[entry.run] = run
        return _of(entry, "play", entry.play, text=entry.because, **run)

    def _stopped(self, entry: e.PlayEnded) -> Happening | None:
        if entry.how == "finished":
            return None
        return _of(entry, "stopped", entry.play, text=entry.why, **self._runs.get(entry.run, {"play": entry.play}))

    def _skipped(self, entry: e.StepSkipped) -> Happening:
        play = self.playbook.play(play_of(entry.run))
        step = play.actions[entry.index] if play is not None and entry.index < len(play.actions) else None
        keys = _keys("step_skipped", step.subject if step is not None else None)
        return _of(entry, "skipped", entry.label, keys, text=entry.why, **self._by(entry.run, entry.index))

    def _started(self, entry: e.EffectStarted) -> Happening | None:
        by = self._by(entry.run, entry.step)
        match effect := self._effects.get(entry.effect):
            case SendEmail() | SendSms():
                self._templates[effect.id] = effect.template
                return _of(
                    entry, "sms" if isinstance(effect, SendSms) else "email", effect.template, to=effect.to.id,
                    text=effect.to.name, again=entry.again, marketing=effect.marketing, **by,
                )  # fmt: skip
            case Notify():
                return _of(entry, "notify", effect.role, to=effect.role, text=effect.text, **by)
            case PostWebhook():
                return _of(entry, "webhook", effect.endpoint, to=effect.contact, text=effect.text or "", **by)
            case EnrolContact():
                return _of(entry, "enrol", effect.cadence, to=effect.to.id, **by)
            case CreateTask() if (opened := self._unlisted.pop(effect.task, None)) is not None:
                return _asked(entry, opened, by)
        return None

    def _settled(self, entry: e.EffectSettled) -> Happening | None:
        keys: tuple[str, ...] = _TROUBLE.get(entry.status, ())
        name = self._templates.get(entry.effect) or entry.does
        if (sent := SENT.get(entry.does)) is not None and entry.status == "done":
            keys = _keys(sent, name)
        if not keys and entry.status in {"done", "withdrawn"}:
            return None
        why = f"{entry.status.replace('_', ' ')}{f': {entry.reason}' if entry.reason else ''}"
        return _of(entry, "settled", name, keys, text=why)

    def _task(self, entry: e.TaskOpened) -> Happening | None:
        self._tasks[entry.task] = entry
        if entry.on_list_at is not None:
            self._unlisted[entry.task] = entry  # told once somebody sees it
            return None
        return _asked(entry, entry, self._by(entry.run, entry.step))

    def _task_closed(self, entry: e.TaskClosed) -> Happening | None:
        opened = self._tasks.pop(entry.task, None)
        if opened is None or self._unlisted.pop(entry.task, None) is not None:
            return None
        keys = _keys("task_done", opened.name, entry.outcome) if entry.how == "done" else ()
        by = f"by {entry.by}" if entry.by else None
        words = ", ".join(filter(None, (entry.how, entry.outcome, by, entry.result)))
        return _of(
            entry, "task_closed", opened.name, keys, to=opened.role, text=words, **self._by(opened.run, opened.step)
        )

    def _approval(self, entry: e.ApprovalRequested) -> Happening | None:
        if entry.part or entry.instead_of is not None:
            return None  # the first chain tells of all
        who = entry.chain[0] if entry.chain else None
        chains = entry.chains or (entry.seats,)
        words = "; beside it ".join(", then ".join(" or ".join(seat) for seat in chain) for chain in chains)
        if asks := entry.everybody:
            self._asked[entry.name] = asks
        elif granted := self._granted.get(entry.name, ()):  # nobody is asked again about what is no worse
            asks, words = granted, f"granted already: {', '.join(granted)}"
        return _of(
            entry, "approval", entry.name, to=who, asks=asks, text=words or "nobody need be asked",
            **self._by(entry.run, entry.step),
        )  # fmt: skip

    def _approval_answered(self, entry: e.ApprovalAnswered) -> Happening:
        keys = _keys(f"approval_{entry.settled}", entry.name) if entry.settled in {"granted", "refused"} else ()
        if entry.settled == "granted" and entry.name in self._asked:
            self._granted[entry.name] = self._asked[entry.name]
        replaced = entry.settled == "superseded"  # nobody answered: other terms, or nothing, took the question's place
        answered = (entry.answer,) if replaced else (f"{entry.answer} by {entry.by}", entry.settled)
        words = ", ".join(dict.fromkeys(filter(None, (*answered, entry.note))))
        return _of(entry, "approval_answered", entry.name, keys, text=words)

    def _approval_expired(self, entry: e.ApprovalExpired) -> Happening:
        self._granted.pop(entry.name, None)
        return _of(entry, "approval_answered", entry.name, _keys("approval_expired", entry.name), text="expired")

    def _handoff(self, entry: e.HandoffBegun) -> Happening:
        lacks = f"waits for {', '.join(entry.missing)}" if entry.missing else ""
        return _of(entry, "handoff", entry.name, to=entry.to_role, text=lacks, **self._by(entry.run, entry.step))

    def _handoff_offered(self, entry: e.HandoffOffered) -> Happening:
        return _of(entry, "handoff_offered", entry.name, to=entry.to_role, due_at=entry.accept_by)

    def _handoff_answered(self, entry: e.HandoffAnswered) -> Happening:
        known = entry.answer in {"accepted", "declined", "fell_back"} and not entry.too_late
        keys = _keys(f"handoff_{entry.answer}", entry.name) if known else ()
        words = f"{entry.answer.replace('_', ' ')} by {entry.by}{f': {entry.why}' if entry.why else ''}"
        return _of(entry, "handoff_answered", entry.name, keys, to=entry.to_role, text=words)

    def _overdue(self, entry: e.DeadlineMissed) -> Happening:
        told = f"{entry.escalated_to} is told" if entry.escalated_to else ""
        task = self._tasks.get(entry.id)
        name = task.name if task is not None else entry.label
        return _of(entry, "overdue", name, (f"{entry.what}_overdue",), to=entry.role, text=told)

    def _owner(self, entry: e.OwnerChanged) -> Happening:
        person = entry.person.name if entry.person else "the owner"
        return _of(entry, "owner", entry.role, to=entry.role, text=f"{person} ({entry.why})")

    def _chosen(self, entry: e.OwnerChosen) -> Happening:
        text = f"{entry.person.name}, of {entry.pool}" + (f" ({entry.why})" if entry.why else "")
        return _of(entry, "owner", entry.role, to=entry.role, text=text)

    # --- the way ----------------------------------------------------------------------------------------------

    def _stage(self, entry: e.StageEntered) -> Happening:
        by, keys = self._by_step("enter"), _keys("entered", entry.stage)
        return _of(entry, "stage", entry.stage, keys, to=entry.owner_role, text=entry.why, **by)

    def _left(self, entry: e.StageLeft) -> Happening:
        lacking = [*entry.missing, *entry.skipped_required]
        words = entry.why + (f"; without {', '.join(lacking)}" if lacking else "")
        return _of(entry, "left", entry.stage, _keys("left", entry.stage), text=words)

    def _held(self, entry: e.StageHeld) -> Happening:
        return _of(entry, "held", "gate", text=f"missing {', '.join(entry.missing)}")

    def _stalled(self, entry: e.Stalled) -> Happening:
        return _of(entry, "stalled", entry.stage, _keys("stalled", entry.stage), to=entry.role)

    def _score(self, entry: e.ScoreWorkedOut) -> Happening:
        return _of(entry, "score", entry.score, text=entry.sentence())

    def _level(self, entry: e.LevelChanged) -> Happening:
        event = "level_reached" if entry.reached else "level_lost"
        return _of(entry, "level", entry.level, _keys(event, entry.level), text=entry.sentence())

    def _attention(self, entry: e.AttentionAsked) -> Happening:
        return _of(entry, "attention", entry.point, text=entry.text)

    def _paused(self, entry: e.Paused | e.Resumed) -> Happening:
        return _of(entry, "paused", entry.kind, text=f"by {entry.by}")

    def _term(self, entry: e.TermBegan) -> Happening:
        return _of(entry, "term", str(entry.term))

    def _closed(self, entry: e.DealClosed) -> Happening:
        return _of(entry, "closed", entry.outcome, text=entry.reason, **self._by_step("close"))

    def _reopened(self, entry: e.DealReopened) -> Happening:
        return _of(entry, "reopened", entry.was, text=f"by {entry.by}: {entry.why}")

    def _done(self, entry: e.StepDone) -> None:
        self._last_done = entry

    def _by_step(self, action: str) -> StepOf:
        """The step that was done last, if it is one with that action: what follows at once is its doing."""
        done, self._last_done = self._last_done, None
        play = self.playbook.play(play_of(done.run)) if done is not None else None
        if done is None or play is None or done.index >= len(play.actions):
            return {}
        return self._by(done.run, done.index) if play.actions[done.index].action == action else {}

    def _by(self, run: str | None, step: int | None) -> StepOf:
        return {"step": step, **self._runs.get(run, {"play": play_of(run)})} if run is not None else {}


_BY_ENTRY: dict[type[e.EntryBase], _Tell] = {
    e.DealOpened: Teller._opened,
    e.FactTaken: Teller._fact,
    e.FactRefused: Teller._refused,
    e.CommandTaken: Teller._command,
    e.PlayStarted: Teller._play,
    e.PlayEnded: Teller._stopped,
    e.StepSkipped: Teller._skipped,
    e.StepDone: Teller._done,
    e.EffectStarted: Teller._started,
    e.EffectSettled: Teller._settled,
    e.SubscriptionDecided: lambda _, entry: _of(entry, "subscription", entry.how, text=entry.terms.words()),
    e.DocumentDrawnUp: lambda _, e: _of(e, "document", e.document, to=e.contact, text=e.terms.words()),
    e.TaskOpened: Teller._task,
    e.TaskClosed: Teller._task_closed,
    e.ApprovalRequested: Teller._approval,
    e.ApprovalAnswered: Teller._approval_answered,
    e.ApprovalExpired: Teller._approval_expired,
    e.HandoffBegun: Teller._handoff,
    e.HandoffOffered: Teller._handoff_offered,
    e.HandoffAnswered: Teller._handoff_answered,
    e.DeadlineMissed: Teller._overdue,
    e.OwnerChanged: Teller._owner,
    e.OwnerChosen: Teller._chosen,
    e.StageEntered: Teller._stage,
    e.StageLeft: Teller._left,
    e.StageHeld: Teller._held,
    e.Stalled: Teller._stalled,
    e.ScoreWorkedOut: Teller._score,
    e.LevelChanged: Teller._level,
    e.AttentionAsked: Teller._attention,
    **dict.fromkeys((e.Paused, e.Resumed), Teller._paused),
    e.TermBegan: Teller._term,
    e.DealClosed: Teller._closed,
    e.DealReopened: Teller._reopened,
}


def _keys(name: str, variant: str | None, outcome: str | None = None) -> tuple[str, ...]:
    return wider_keys(":".join(filter(None, (name, variant, outcome))))


def _asked(entry: e.EntryBase, opened: e.TaskOpened, by: StepOf) -> Happening:
    return _of(entry, "task", opened.name, to=opened.role, text=opened.title, due_at=opened.due_at, **by)


def _of(entry: e.EntryBase, kind: Kind, name: str, keys: tuple[str, ...] = (), **more: Unpack[Parts]) -> Happening:
    return Happening(entry.at, entry.number or 0, kind, name, keys, **more)
