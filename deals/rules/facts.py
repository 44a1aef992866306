"""Taking in what happened: facts as they were sent, or refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import ValidationError

from deals import consent
from deals import entries as e
from deals.addresses import normal
from deals.admission import BadDeal, check_fact
from deals.deal import Deal, Meeting
from deals.decision import EXCERPT, Received
from deals.facts import FACTS, AboutThing, ContractSigned, Fact, FactRetracted, ReplyReceived, Thing, TouchConfirmed
from deals.learning import Lesson, lesson
from deals.playbook.paths import DATED_PATHS
from deals.remedies import REMEDIES
from deals.retracting import retracted
from deals.rules import absence
from deals.rules.afterlife import go_on_after_all, tell_the_last_owner
from deals.rules.approvals import put_to_buyer
from deals.rules.dates import take_back
from deals.rules.desk import Desk, Event
from deals.rules.outcomes import settle_uncertain
from deals.rules.stages import leave
from deals.rules.words import mind_notes, undeclared_variant
from deals.things import TABLES, in_focus

_CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far ahead of ours the clock of whoever tells a fact may be."""
_OF_TERMS = tuple(path for path in DATED_PATHS if path.startswith("contract."))
"""The dates of the contract's term."""


def take_fact(desk: Desk, received: Received) -> None:
    """Take in a fact, or refuse it so that somebody sees it."""
    try:
        fact = read_fact(received)
        happened_at = _happened_at(desk, fact, received)
        told = _told(desk, fact, happened_at)
        dates = dates_moved(desk, told) if not _is_signed_again(desk, fact, told) else _OF_TERMS
    except (ValidationError, BadDeal, _Unreadable) as error:
        refuse(desk, received, words_of(error))
        return
    given = vars(fact)
    note = _short(fact.note or given.get("text"))
    opened = desk.state.opened_at or desk.now
    before = desk.state.entries
    taken = e.FactTaken(
        at=desk.now, fact=fact.name, id=fact.id, variant=fact.variant, happened_at=happened_at,
        late=happened_at < opened, by=fact.by, source=fact.source, note=note, contact=given.get("contact"),
        address=given.get("address"), touch=given.get("touch"), message_id=given.get("message_id"),
        reason=given.get("reason"), learned=told.learned, taught=told.taught, things=told.things, about=told.about,
        focus=told.focus, dates=dates, no_news=told.no_news, beside=told.beside,
        retracts=fact.retracts if isinstance(fact, FactRetracted) and told.no_news is None else None,
    )  # fmt: skip
    taken = consent.resolved(desk.state, taken)
    if taken.no_news is None and consent.is_known_already(desk.state, taken):
        taken = taken.model_copy(update={"no_news": "known already"})
    heard_as = _told_as(desk, fact, told.about)
    desk.note(taken)
    desk.learned(told.learned)
    mind_notes(desk, told.learned)
    desk.settle_attention(f"fact:{fact.name[:60]}", "a valid one came")
    if taken.no_news is None:
        desk.cause = (happened_at, before)
        _follow_up(desk, fact, taken)
    if taken.no_news is None or taken.beside:
        turn = fact.turn if isinstance(fact, AboutThing) else None
        event = Event(
            fact.name, happened_at, desk.state.entries, about=told.about, turn=turn, spares=bool(taken.spares),
            beside=taken.beside, heard_as=heard_as,
        )  # fmt: skip
        desk.hear(event, fact.variant)


def _told_as(desk: Desk, fact: Fact, about: str | None) -> tuple[str, ...]:
    """The facts that told the same of the same thing under other names."""
    if not isinstance(fact, AboutThing) or fact.status is None or about is None:
        return ()
    begun = desk.state.taught.get(f"{TABLES[fact.thing]}.{about.partition('/')[2]}.begun")
    return tuple(
        name
        for name, other in FACTS.items()
        if issubclass(other, AboutThing)
        and (other.thing, other.status) == (fact.thing, fact.status)
        and name != fact.name
        and (it := desk.state.happened_to.get(f"{name} {about}")) is not None
        and (begun is None or it.at >= begun)
    )


def _happened_at(desk: Desk, fact: Fact, received: Received) -> datetime:
    """When it happened, if that can be: what is told from the future is taken as of now, and somebody told."""
    if fact.at is None or fact.at <= received.at + _CLOCKS_DIFFER_BY:
        return fact.at or received.at
    text = f"{fact.name.replace('_', ' ')} is dated {fact.at.isoformat()}, which is ahead: taken as of now"
    desk.ask_attention(f"clock:{fact.name[:60]}", text)
    return received.at


def _told(desk: Desk, fact: Fact, happened_at: datetime) -> Lesson:
    check_fact(fact)
    if problem := undeclared_variant(desk.playbook, fact):
        raise _Unreadable(problem)
    if isinstance(fact, FactRetracted):
        return _retraction(desk, fact, happened_at)
    told = lesson(desk.state, desk.deal, fact.model_copy(update={"at": happened_at}), happened_at, desk.now)
    if problem := desk.too_much(told.learned):
        raise _Unreadable(problem)
    return told


def _retraction(desk: Desk, fact: FactRetracted, at: datetime) -> Lesson:
    if fact.retracts not in FACTS:
        raise _Unreadable(f"retracts: {fact.retracts!r} is no fact that a deal can be told")
    if FACTS[fact.retracts].silences_for_all:
        raise _Unreadable(
            f"retracts: {fact.retracts} holds for all deals; docs/operations.md says how an address is freed"
        )
    return retracted(desk.state, FACTS[fact.retracts], fact.about, at, desk.now)


def dates_moved(desk: Desk, told: Lesson) -> tuple[str, ...]:
    """The dates that become known, or another day, by what is told; one that stands again counts too."""
    if told.learned is None:
        return ()
    old, new = desk.deal, desk.deal.knowing(told.learned)
    return tuple(path for path in DATED_PATHS if _is_moved(old, new, *path.split(".")))


def _is_signed_again(desk: Desk, fact: Fact, told: Lesson) -> bool:
    """Whether it tells once more, with more to it, of the term that the deal is in: its end is known from then on.

    Else the signature itself would look like what settles that end.
    """
    if not isinstance(fact, ContractSigned) or told.no_news is not None or desk.state.focus.get("contract") is None:
        return False
    return told.about == f"contract/{desk.state.focus['contract']}"


def _is_moved(old: Deal, new: Deal, part: str, field: str) -> bool:
    was, now = getattr(old, part), getattr(new, part)
    date = getattr(now, field, None)
    if date is None:
        return False
    stands_again = isinstance(now, Meeting) and isinstance(was, Meeting) and now.status == "booked" != was.status
    return stands_again or bool(getattr(was, field, None) != date)


def turn_to_the_next(desk: Desk) -> bool:
    """When a meeting is over, the deal is about the next one. True when it turned to one."""
    turned = False
    things: tuple[Thing, ...] = ("meeting", "demo")
    for thing in things:
        table, focus = getattr(desk.state, TABLES[thing]), desk.state.focus.get(thing)
        key = in_focus(thing, table, focus, desk.now)
        if key is not None and key != focus:
            known_at = desk.state.taught.get(f"{TABLES[thing]}.{key}.starts_at", desk.now)
            desk.note(e.FocusMoved(at=desk.now, thing=thing, key=key, known_at=known_at))
            turned = desk.dates_changed = True
    return turned


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
    if isinstance(fact, FactRetracted) and not (desk.state.finished and go_on_after_all(desk, fact)):
        take_back(desk, fact.retracts, taken.about)
        _mind_what_it_led_to(desk, fact.retracts, taken.about)
    if desk.state.finished and fact.is_for_a_person:
        tell_the_last_owner(desk, fact)
    if fact.name in desk.playbook.renews_on and not desk.state.finished:
        _begin_term(desk, taken.about)
    if isinstance(fact, ReplyReceived):
        absence.hear_of_it(desk, fact, taken)
    if not desk.state.finished:
        put_to_buyer(desk, fact)
    if isinstance(fact, TouchConfirmed):
        settle_uncertain(desk, fact.effect, "done", "its result arrived late")
    if taken.silences:
        desk.dates_changed = True  # messages may go to somebody else now, whose clock is another one
        _keep_silence(desk)
    if taken.unresolved is not None:
        _ask_whom_it_means(desk, taken)


def _mind_what_it_led_to(desk: Desk, fact: str, about: str | None) -> None:
    """When a signature was none, its term does not run; where it led the deal, somebody must say."""
    if not issubclass(FACTS[fact], ContractSigned) or desk.state.finished:
        return
    if fact in desk.playbook.renews_on and desk.state.term > 1 and about == f"contract/{desk.state.term}":
        desk.note(e.TermBegan(at=desk.now, term=desk.state.term - 1))
    what = fact.replace("_", " ").capitalize()
    text = f"{what} was taken back, and the deal is in {desk.state.stage}: move it where it belongs, or close it"
    desk.ask_attention(f"retracted:{fact}", text)


def _begin_term(desk: Desk, about: str | None) -> None:
    """Begin the term that was signed, or the next one; a term that began is only put right."""
    of_contract, _, number = (about or "").partition("contract/")
    term = int(number) if number.isdecimal() and not of_contract else desk.state.term + 1
    if term > desk.state.term:
        desk.note(e.TermBegan(at=desk.now, term=term))
        desk.next_term = desk.term_began = True


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
    desk.ask_attention(taken.point, text)


def recognise(desk: Desk) -> bool:
    """Let what was told of somebody unknown hold for them, once they are a contact. True when somebody is."""
    if not desk.state.strangers:
        return False
    known = [(one.id, normal(one.email) if one.email else None) for one in desk.deal.contacts or ()]
    found = [
        (point, stranger, contact, address)
        for point, stranger in desk.state.strangers.items()
        for contact, address in known
        if stranger.is_one_of(contact, address)
    ]
    for point, stranger, contact, address in found:
        silenced = (address,) if address and stranger.opted_out_at else ()
        desk.note(
            e.PersonRecognised(
                at=desk.now, point=point, contact=contact, opted_out_at=stranger.opted_out_at, addresses=silenced
            )
        )
        desk.settle_attention(point, f"they are known by now: {contact}")
    return bool(found)


def renew(desk: Desk) -> None:
    """Begin the next term: the stage the deal is in is entered anew."""
    leave(desk, desk.stage, f"contract term {desk.state.term} begins", led_on=True)
