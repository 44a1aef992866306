"""Taking in what happened: facts as they were sent, or refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from dealwright import consent
from dealwright import entries as e
from dealwright.deal import Known
from dealwright.decision import EXCERPT, Received
from dealwright.diagnostics.diagnostic import BadInput, BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted
from dealwright.facts import (
    FACTS,
    AboutPerson,
    AboutThing,
    CallLogged,
    ConversationRecorded,
    CrmPropertiesChanged,
    Explained,
    Fact,
    FactRetracted,
    NextStepSuggested,
    ReplyReceived,
    SubscriptionChanged,
)
from dealwright.facts.things import TABLES
from dealwright.learning.lessons import Lesson, lesson
from dealwright.learning.retracting import retracted
from dealwright.rules import (
    absence,
    conversations,
    documents,
    enrolments,
    pauses,
    reasons,
    replies,
    suggestions,
)
from dealwright.rules.crm import activity_log, record, stage_edits
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.rules.declared_words import mind_notes, undeclared_variant
from dealwright.rules.following_up import follow_up
from dealwright.rules.own_fields import refused_fields
from dealwright.rules.told_dates import OF_TERMS, dates_moved, is_signed_again
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import check_fact, check_known
from dealwright.validation.reading import read_json

_CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far ahead of ours the clock of whoever tells a fact may be."""


def take_fact(context: DecisionContext, received: Received, *, told_with: str | None = None) -> None:
    """Take in a fact, or refuse it so that somebody sees it; ``told_with`` is the fact that told of it as well."""
    try:
        fact = enrolments.about_its_contact(context, read_fact(received))
        happened_at = _happened_at(context, fact, received)
        edit = stage_edits.judge(context, fact, happened_at)
        told = _told(context, fact, happened_at, edit)
        dates = dates_moved(context, told) if not is_signed_again(context, fact, told) else OF_TERMS
    except BadInput as error:
        refuse(context, received, str(error))
        return
    before = context.state.entries
    taken = _as_written_down(context, fact, happened_at, told).model_copy(
        update={"dates": dates, "put_back": edit is not None and edit.put_back is not None, "told_with": told_with}
    )
    heard_as = _told_as(context, fact, told.about)
    context.note(taken)
    context.learned(taken.learned)
    context.crm.look_again |= bool(taken.in_crm)
    mind_notes(context, taken.learned)
    absence.take_back(context, taken)
    context.settle_attention(f"fact:{fact.name[:60]}", "a valid one came")
    if edit is not None:
        stage_edits.act_on(context, edit, fact.by)
        if edit.in_crm:
            pauses.go_on_as_set_in_crm(context, edit.stage, happened_at)
    if taken.no_news is None:
        context.cause = (happened_at, before)
        follow_up(context, fact, taken)
        activity_log.log_fact(context, fact, taken, heard_as)
    if taken.no_news is None or taken.beside:
        turn = fact.turn if isinstance(fact, AboutThing) else None
        event = Event(
            fact.name, happened_at, context.state.entries, about=told.about, turn=turn, spares=bool(taken.spares),
            beside=taken.beside, heard_as=heard_as,
            concerns=taken.concerns if isinstance(fact, AboutPerson) else None,
        )  # fmt: skip
        context.hear(event, fact.variant)
        replies.hear_otherwise(context, event, taken)
    if (also := replies.told_with(fact, taken, context.now)) is not None:
        cause = context.cause
        take_fact(context, also, told_with=fact.name)
        context.cause = cause


def _as_written_down(context: DecisionContext, fact: Fact, happened_at: datetime, told: Lesson) -> e.FactTaken:
    given = vars(fact)
    by_mail = not isinstance(fact, ReplyReceived) or fact.channel == "email"
    taken = e.FactTaken(
        at=context.now, fact=fact.name, id=fact.id, variant=fact.variant, happened_at=happened_at,
        late=happened_at < (context.state.opened_at or context.now), by=fact.by, source=fact.source,
        note=_short(fact.note or given.get("text")), contact=given.get("contact"), address=given.get("address"),
        touch=given.get("touch"), message_id=given.get("message_id") if by_mail else None, reason=given.get("reason"),
        learned=told.learned, taught=told.taught, things=told.things, about=told.about, focus=told.focus,
        no_news=told.no_news, beside=told.beside, in_crm=told.in_crm, document=documents.named_by(fact),
        reason_code=given.get("reason_code"), competitor=given.get("competitor"),
        back_on=given.get("back_on") if isinstance(fact, Explained) else None,
        retracts=fact.retracts if isinstance(fact, FactRetracted) and told.no_news is None else None,
        takes_back_older=fact.retracts if isinstance(fact, FactRetracted) and told.takes_back_older else None,
        by_the_buyer=given.get("direction") == "in",
        returns_on=given.get("returns_on"),
        told_subscription=fact.told() if isinstance(fact, SubscriptionChanged) else None,
    )  # fmt: skip
    if (wrong := reasons.wrong_code(context.playbook, fact)) is not None:
        text = f"{taken.reason or ''} ({given['reason_code']})".strip()
        taken = taken.model_copy(update={"reason": text, "reason_code": None})  # it is asked for, since it is none
        context.ask_attention(f"reason:{fact.name}", str(wrong))
    if isinstance(fact, CallLogged):
        taken = taken.model_copy(update=consent.called(context.state, fact.contact, fact.address))
    taken = consent.resolved(context.state, taken)
    if (attended := given.get("attended")) is not None:
        taken = taken.model_copy(update=consent.took_part(context.state, attended))
    if isinstance(fact, ConversationRecorded):
        return conversations.as_written_down(context, fact, taken)
    if isinstance(fact, NextStepSuggested) and taken.no_news is None:
        return taken.model_copy(update={"no_news": suggestions.no_news(context, fact, happened_at)})
    if taken.no_news is None and (consent.is_known_already(context.state, taken) or enrolments.is_over(context, fact)):
        is_reply = isinstance(fact, ReplyReceived)  # what it says was learned then, of whom it was about then
        learns_nothing: dict[str, object] = {"learned": None, "taught": ()} if is_reply else {}
        return taken.model_copy(update={"no_news": "known already", **learns_nothing})
    return replies.with_people(context, fact, taken)


def _told_as(context: DecisionContext, fact: Fact, about: str | None) -> tuple[str, ...]:
    """The facts that told the same of the same thing under other names."""
    if not isinstance(fact, AboutThing) or fact.status is None or about is None:
        return ()
    begun = context.state.taught.get(f"{TABLES[fact.thing]}.{about.partition('/')[2]}.begun")
    return tuple(
        name
        for name in _others_that_tell(type(fact))
        if (it := context.state.happened_to.get(f"{name} {about}")) is not None and (begun is None or it.at >= begun)
    )


@cache
def _others_that_tell(kind: type[AboutThing]) -> tuple[str, ...]:
    """The other facts after which a thing's status is the same."""
    about_things = {name: fact for name, fact in FACTS.items() if issubclass(fact, AboutThing) and fact is not kind}
    return tuple(n for n, fact in about_things.items() if (fact.thing, fact.status) == (kind.thing, kind.status))


def _happened_at(context: DecisionContext, fact: Fact, received: Received) -> datetime:
    """When it happened, if that can be: what is told from the future is taken as of now, and somebody told."""
    if fact.at is None or fact.at <= received.at + _CLOCKS_DIFFER_BY:
        return fact.at or received.at
    text = f"{fact.name.replace('_', ' ')} is dated {fact.at.isoformat()}, which is ahead: taken as of now"
    context.ask_attention(f"clock:{fact.name[:60]}", text)
    return received.at


def _told(context: DecisionContext, fact: Fact, happened_at: datetime, edit: stage_edits.Edit | None) -> Lesson:
    said = check_fact(fact)
    if undeclared := undeclared_variant(context.playbook, fact):
        raise BadInput([undeclared])
    if wrong := refused_fields(context.playbook, said):
        raise BadDeal(wrong)
    if isinstance(fact, FactRetracted):
        return _retraction(context, fact, happened_at)
    if isinstance(fact, CrmPropertiesChanged):
        said = _of_this_deal(context, fact)
    if isinstance(fact, ReplyReceived):
        said = replies.learned_from(context, fact, happened_at)
    dated = fact.model_copy(update={"at": happened_at})
    told = lesson(context.state, context.deal, dated, said, happened_at, context.now)
    if too_much := context.too_much(told.learned):
        raise BadInput([too_much])
    if edit is not None:
        return told._replace(no_news=told.no_news or edit.no_news, in_crm=edit.in_crm)
    return told._replace(in_crm=record.told(context, fact, told, happened_at))


def _of_this_deal(context: DecisionContext, fact: CrmPropertiesChanged) -> Known:
    """What the CRM told: its owner holds the role that has the deal here."""
    if stranger := context.no_such_role(fact.owners):
        raise BadValue(stranger, "", ("owners",))
    said = fact.learn_for(context.state.owner_role or context.stage.owner)
    check_known(said)
    return said


def _retraction(context: DecisionContext, fact: FactRetracted, at: datetime) -> Lesson:
    if fact.retracts not in FACTS:
        remedy = did_you_mean(fact.retracts, FACTS, "see docs/playbook/triggers.md for all of them")
        raise BadValue(f"{quoted(fact.retracts)} is no fact that a deal can be told", remedy, ("retracts",))
    retracts = FACTS[fact.retracts]
    if issubclass(retracts, AboutPerson) and retracts.silences_for_all:
        problem, remedy = f"{fact.retracts} holds for all deals", "see docs/operations.md for how an address is freed"
        raise BadValue(problem, remedy, ("retracts",))
    return retracted(context.state, retracts, fact.about, at, context.now)


def refuse(context: DecisionContext, received: Received, error: str) -> None:
    """Keep what is no valid fact, with why."""
    context.note(received.refused(context.now, error))


def note_contradiction(context: DecisionContext, received: Received) -> None:
    """Keep that a fact came again under its id, with other content: somebody should see to it."""
    name, text = received.name[:EXCERPT], received.payload[:EXCERPT]
    context.note(e.FactContradicted(at=context.now, fact=name, id=received.id or "", excerpt=text))


def read_fact(received: Received) -> Fact:
    """The fact that was sent.

    Raises:
        BadInput: the name is unknown, or the payload is none of that fact's.
    """
    if received.broken:
        raise BadValue(received.broken)
    if received.name not in FACTS:
        remedy = did_you_mean(received.name, FACTS, "see docs/playbook/triggers.md for all of them")
        raise BadValue(f"{quoted(received.name)} is no fact that a deal can be told", remedy)
    return read_json(FACTS[received.name], received.payload)


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
