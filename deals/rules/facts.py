"""Taking in what happened: facts as they were sent, and what became of effects."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import ValidationError

from deals import consent
from deals import entries as e
from deals.admission import BadDeal, check_fact
from deals.deal import Known
from deals.decision import EXCERPT, Received
from deals.durations import Span
from deals.effects import Effect, Outcome, SendEmail
from deals.facts import FACTS, Fact, ReplyReceived, TouchConfirmed
from deals.remedies import REMEDIES
from deals.rules import absence
from deals.rules.approvals import put_to_buyer
from deals.rules.desk import BETWEEN_MESSAGES, Desk
from deals.rules.plays import is_wanted
from deals.rules.stages import leave
from deals.rules.tasks import ask, cancel_task
from deals.rules.words import mind_notes, undeclared_variant
from deals.state import Pending

_SOON = Span.parse("1bd")
_TO_PEOPLE = {"create_task", "close_task", "notify"}
"""Effects by which people are told; when one goes wrong, telling them so by more of them could go on for ever."""
_LONGEST_POINT = 200
"""Characters in the name of a point of attention."""
_AGAIN_AFTER = timedelta(minutes=15)
"""How long after a block of attempts that handed nothing over the next block begins (deal's time)."""


def take_fact(desk: Desk, received: Received) -> None:
    """Take in a fact, or refuse it so that somebody sees it."""
    try:
        fact = read_fact(received)
        learned = _learned(desk, fact, received.at)
    except (ValidationError, BadDeal, _Unreadable) as error:
        refuse(desk, received, words_of(error))
        return
    happened_at = fact.at or received.at
    given = vars(fact)
    note = _short(fact.note or given.get("text"))
    opened = desk.state.opened_at or desk.now
    taken = e.FactTaken(
        at=desk.now, fact=fact.name, id=fact.id, variant=fact.variant, happened_at=happened_at,
        late=happened_at < opened, by=fact.by, source=fact.source, note=note, contact=given.get("contact"),
        address=given.get("address"), touch=given.get("touch"), message_id=given.get("message_id"),
        reason=given.get("reason"), learned=learned,
    )  # fmt: skip
    taken = consent.resolved(desk.state, taken)
    desk.note(taken)
    desk.learned(learned)
    mind_notes(desk, learned)
    desk.settle_attention(f"fact:{fact.name[:60]}", "a valid one came")
    _follow_up(desk, fact, taken)
    desk.happen(fact.name, fact.variant, happened_at, spares=taken.spares)


def _learned(desk: Desk, fact: Fact, received_at: datetime) -> Known | None:
    check_fact(fact)
    if problem := undeclared_variant(desk.playbook, fact):
        raise _Unreadable(problem)
    dated = fact if fact.at else fact.model_copy(update={"at": received_at})
    learned = dated.learn(desk.deal)
    if problem := desk.too_much(learned):
        raise _Unreadable(problem)
    return learned


def refuse(desk: Desk, received: Received, error: str) -> None:
    """Keep what is no valid fact, with why."""
    desk.note(received.refused(desk.now, error))


def note_contradiction(desk: Desk, received: Received) -> None:
    """Keep that a fact came again under its id, with other content: somebody should see to it."""
    excerpt = received.payload[:EXCERPT]
    desk.note(e.FactContradicted(at=desk.now, fact=received.name[:EXCERPT], id=received.id or "", excerpt=excerpt))


class _Unreadable(ValueError):
    """What came is not even a payload of the fact's shape."""


def read_fact(received: Received) -> Fact:
    """The fact that was sent.

    Raises:
        ValueError: the name is unknown, or the payload is none of that fact's.
    """
    if received.broken:
        raise _Unreadable(received.broken)
    if received.name not in FACTS:
        raise _Unreadable(f"{received.name!r} is no fact that a deal can be told; see docs/playbook.md for all of them")
    return FACTS[received.name].model_validate_json(received.payload)


def words_of(error: ValueError) -> str:
    """A validation error as one sentence, without the values (they may be personal)."""
    if isinstance(error, ValidationError):
        mistakes = error.errors(include_input=False)[:5]
        return "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'payload'}: {REMEDIES.get(one['type'], one['msg'])}"
            for one in mistakes
        )
    return str(error)


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


def _follow_up(desk: Desk, fact: Fact, taken: e.FactTaken) -> None:
    if fact.name in desk.playbook.renews_on:
        desk.note(e.TermBegan(at=desk.now, term=desk.state.term + 1))
        desk.next_term = True
    if isinstance(fact, ReplyReceived):
        absence.hear_of_it(desk, fact, taken)
    put_to_buyer(desk, fact)
    if isinstance(fact, TouchConfirmed):
        settle_uncertain(desk, fact.effect, "done", "its result arrived late")
    if taken.silences:
        desk.dates_changed = True  # messages may go to somebody else now, whose clock is another one
        _keep_silence(desk)
    if taken.unresolved is not None:
        _ask_whom_it_means(desk, taken)


def _keep_silence(desk: Desk) -> None:
    """Call off mail to addresses that may not get it: what was decided at this moment, and what is on its way."""
    for pending in list(desk.state.pending.values()):
        if (reason := consent.forbidden_now(desk.state, pending)) is not None:
            desk.call_off(pending.effect, reason)


def _ask_whom_it_means(desk: Desk, taken: e.FactTaken) -> None:
    """Have somebody look at a fact about a person whom the deal does not know."""
    what = taken.fact.replace("_", " ").capitalize()
    text = f"{what}: this deal knows nobody as {taken.unresolved}. Find out who it is"
    if taken.silences:
        text += "; the address gets no marketing from any deal" if taken.addresses else "; nobody was silenced by it"
    desk.ask_attention(f"{taken.fact}:{taken.unresolved}"[:_LONGEST_POINT], text)


def renew(desk: Desk) -> None:
    """Begin the next term: the stage the deal is in is entered anew."""
    leave(desk, desk.stage, f"contract term {desk.state.term} begins")


def settle_uncertain(desk: Desk, effect: str, status: str, reason: str) -> bool:
    """Say what became of an uncertain effect. False when it is not uncertain."""
    pending = desk.state.pending.get(effect)
    if pending is None or not pending.uncertain:
        return False
    desk.note(
        e.EffectSettled(
            at=desk.now, effect=effect, does=pending.does, status=status, reason=reason, label=pending.label
        )
    )
    for task in [task for task in desk.state.tasks.values() if task.settles == effect]:
        cancel_task(desk, task, reason)
    desk.settle_attention(f"effect:{effect}", reason)
    return True


def take_outcome(desk: Desk, outcome: Outcome, effect: Effect | None) -> None:
    """Take in what became of an effect."""
    pending = desk.state.pending.get(outcome.effect)
    if pending is None:
        return
    if outcome.status in {"not_done", "deferred"} and not is_wanted(desk, pending, effect):
        _settle_unwanted(desk, pending)
        return
    again_at = _again_at(desk, outcome, effect)
    desk.note(
        e.EffectSettled(
            at=desk.now, effect=outcome.effect, does=outcome.kind, status=outcome.status, reason=outcome.reason,
            reference=outcome.reference, label=pending.label, again_at=again_at, again=effect if again_at else None,
        )
    )  # fmt: skip
    point, owner = f"effect:{outcome.effect}", desk.state.owner_role or desk.stage.owner
    match outcome.status:
        case "not_done":
            desk.ask_attention(point, f"{pending.label}: nothing handed over yet ({outcome.reason})")
        case "failed":
            desk.ask_attention(point, f"{pending.label} was refused: {outcome.reason}")
            _ask_about(desk, outcome, owner, f"Refused for good: {pending.label}", "mend_refused")
            _let_plays_hear(desk, outcome, "effect_failed")
        case "uncertain":
            desk.ask_attention(point, f"{pending.label}: it is not known whether it went out")
            _ask_about(desk, outcome, owner, f"Find out whether this went out: {pending.label}", "settle_uncertain")
            _let_plays_hear(desk, outcome, "touch_uncertain")
        case "done":
            desk.settle_attention(point, "handed over")
            if outcome.kind == "send_email":
                desk.happen("email_sent", pending.template)
        case _:
            desk.settle_attention(point, outcome.status)


def _settle_unwanted(desk: Desk, pending: Pending) -> None:
    """What was not handed over, and is not wanted any more, is not tried again."""
    desk.note(pending.called_off(desk.now, "nothing was handed over, and it is no longer wanted"))
    desk.settle_attention(f"effect:{pending.effect}", "no longer wanted")


def _let_plays_hear(desk: Desk, outcome: Outcome, event: str) -> None:
    if outcome.kind not in _TO_PEOPLE:
        desk.happen(event)


def _ask_about(desk: Desk, outcome: Outcome, role: str, title: str, name: str) -> None:
    """Ask a person, unless people could not be told: then only the deal's own list tells of it."""
    if outcome.kind in _TO_PEOPLE:
        return
    head, _, occurrence = outcome.effect.rpartition("/")
    due = desk.by_then(role, _SOON)
    ask(
        desk, f"{head}.{outcome.status}/{occurrence}", title[:200], role, due,
        name=name, settles=outcome.effect if outcome.status == "uncertain" else None, detail=outcome.reason,
    )  # fmt: skip


def _again_at(desk: Desk, outcome: Outcome, effect: Effect | None) -> datetime | None:
    if effect is None or outcome.status not in {"not_done", "deferred"}:
        return None
    wanted = outcome.until if outcome.status == "deferred" and outcome.until else desk.now + _AGAIN_AFTER
    earliest = max(wanted, desk.now)
    if not isinstance(effect, SendEmail):
        return earliest
    contact = consent.expected_addressee(desk.state, marketing=effect.marketing)
    return desk.calendar_for(contact).next_open(earliest)


def start_again(desk: Desk) -> bool:
    """Start the effects whose time for another block of attempts has come. True when there were any."""
    if not desk.state.pending:
        return False
    due = [p for p in desk.state.pending.values() if p.again_at is not None and p.again_at <= desk.now]
    for pending in due:
        if (
            pending.again is None
            or not is_wanted(desk, pending, pending.again)
            or consent.forbidden_now(desk.state, pending)
        ):
            _settle_unwanted(desk, pending)
        elif isinstance(pending.again, SendEmail):
            _send_again(desk, pending, pending.again)
        else:
            desk.start(pending.again.model_copy(update={"at": desk.now}), again=True)
    return bool(due)


def _send_again(desk: Desk, pending: Pending, email: SendEmail) -> None:
    """Send a message in the contact's hours, or put it off: to them, or after another one that goes out now."""
    calendar, opens = desk.calendar_for(email.to), absence.may_go_at(desk, email.to)
    away = absence.whose_return(desk, email.to)
    why = f"{away} is away" if away else "outside the contact's hours"
    if opens <= desk.now and email.marketing and desk.sends_now(email.run, besides=email.id):
        opens, why = calendar.add(desk.now, BETWEEN_MESSAGES), "another message goes out now"
    if opens <= desk.now:
        desk.start(email.model_copy(update={"at": desk.now, "not_after": calendar.closes(desk.now)}), again=True)
        return
    desk.note(
        e.EffectSettled(
            at=desk.now, effect=pending.effect, does=pending.does, status="deferred", label=pending.label,
            reason=why, again_at=opens, again=email, held_for=away,
        )
    )  # fmt: skip
