"""Each law of the core broken on purpose, clause by clause: the examiner of the random lives must notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from dealwright import consent, text_consent
from dealwright import decide as core
from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import Span
from dealwright.commands import AnswerSuggestion
from dealwright.deal import Contact, Contract, Known
from dealwright.effects import SendEmail
from dealwright.entries import FactTaken
from dealwright.facts import AboutThing, Fact, things
from dealwright.fold import billing as folded_billing
from dealwright.fold import documents as folded_documents
from dealwright.fold import facts as applied_facts
from dealwright.learning import lessons
from dealwright.playbook.language import approval_levels, approval_rules
from dealwright.playbook.language.approval_chains import chain_of
from dealwright.playbook.language.approval_levels import ApprovalLevel
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.documents import DocumentRule
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.paths import Path
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.email import EmailStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.playbook.language.steps.step import Step
from dealwright.rules import (
    channels,
    completing,
    cool_off,
    dates,
    deadlines,
    documents,
    enrolments,
    following_up,
    moved_dates,
    next_step,
    plays,
    stages,
    steps,
    strangers,
    suggestions,
    task_answers,
    tasks,
    wanted,
)
from dealwright.rules.actions import close, email, sending_again, sms
from dealwright.rules.actions.due_step import DueStep
from dealwright.rules.actions.message import Way
from dealwright.rules.approvals import answers, asking, holding, questions
from dealwright.rules.billing import keep_up as billing
from dealwright.rules.billing import signed_terms
from dealwright.rules.crm import record, stage_edits
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.state import Approval, DealState, Enrolment, Task
from dealwright.subscription import BillingPlan, TermBilled
from dealwright.terms import Chain, Chains, Terms
from dealwright.values.addresses import bare
from simulation.scenarios import Scenario
from tests.dealwright.planting import Plant, expect_notice, forget
from tests.dealwright.test_planted_faults import ALWAYS_OPEN


def never(*_: object, **__: object) -> bool:
    return False


def nothing(*_: object, **__: object) -> None:
    return None


# --- 1: what leaves is true now -----------------------------------------------------------------------------


def what_was_called_off_is_spoken_of(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dates, "is_off", never)
    patch.setattr(moved_dates, "is_off", never)
    patch.setattr(wanted, "is_off", never)


def what_is_late_is_sent_all_the_same(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wanted, "_too_late", nothing)


def a_message_may_leave_after_its_date(patch: pytest.MonkeyPatch) -> None:
    def until_the_day_closes(context: DecisionContext, _: Play, __: Step, calendar: Calendar) -> datetime:
        return calendar.closes(context.now)

    patch.setattr(email, "last_moment", until_the_day_closes)


def what_waited_leaves_as_it_was(patch: pytest.MonkeyPatch) -> None:
    write, written = email._letter, dict[str, SendEmail]()

    def write_once(context: DecisionContext, due: DueStep[EmailStep], contact: Contact) -> SendEmail:
        letter = write(context, due, contact)
        return written.setdefault(letter.id, letter).model_copy(update={"at": context.now})

    mail = replace(email.MAIL, message=write_once)
    patch.setattr(email, "MAIL", mail)
    ways: dict[type[MessageStep], Way[Any]] = {**sending_again._WAYS, EmailStep: mail}
    patch.setattr(sending_again, "_WAYS", ways)


def nobody_asks_whether_it_is_still_so(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wanted, "_no_longer_so", nothing)
    patch.setattr(plays, "hear", _hear_without_stopping)


def _hear_without_stopping(context: DecisionContext, event: Event) -> None:
    for play in context.playbook.listening(context.state.stage, event.key):
        plays.begin(context, play, plays.Cause.of(event, event.key, context))


# --- 2: facts count by when they happened -------------------------------------------------------------------


def what_comes_in_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lessons._judge, "__call__", lambda *_: True)


def the_status_told_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(things, "_status_stays", nothing)
    patch.setattr(things, "_is_level", lambda *_: True)


def a_fact_is_about_whatever_the_deal_is_about(patch: pytest.MonkeyPatch) -> None:
    meant = things.meant

    def of_now(fact: AboutThing, table: Mapping[str, things.Record], focus: str | None, at: datetime) -> str:
        begins = fact.turn == "begins" or fact.thing == "contract"
        return meant(fact, table, focus, at) if focus is None or begins else focus

    patch.setattr(lessons, "meant", of_now)


def what_is_taken_back_still_counts(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "retracted", dict)


# --- 3: consent, bounces, absence ---------------------------------------------------------------------------


def opting_out_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "silenced", dict)
    forget(patch, "opted_out", dict)


def a_new_address_starts_anew_for_who_opted_out(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "opted_out", dict)


def addresses_are_compared_as_they_are_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent, "normal", bare)


def bounced_addresses_get_mail(patch: pytest.MonkeyPatch) -> None:
    forbidden = consent.forbidden

    def forbidden_to_who_opted_out(state: DealState, contact: Contact, *, marketing: bool) -> str | None:
        why = forbidden(state, contact, marketing=marketing)
        return None if why and "bounced" in why else why

    patch.setattr(consent, "forbidden", forbidden_to_who_opted_out)


def a_bounced_message_leads_to_no_address(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent, "_of_touch", nothing)


def strangers_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(strangers, "ask_whom_it_means", nothing)


def absence_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "away", dict)


def everybody_waits_for_who_is_away(patch: pytest.MonkeyPatch) -> None:
    def anybody_away(state: DealState, _: Contact, now: datetime) -> datetime | None:
        return max((one.until for one in state.away.values() if one.until > now), default=None)

    patch.setattr(consent, "away_until", anybody_away)


def the_wrong_person_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(applied_facts, "take_place", nothing)


def a_run_writes_to_whom_all_messages_go(patch: pytest.MonkeyPatch) -> None:
    addressee = consent.addressee

    def first_of_the_deal(state: DealState, *, marketing: bool, **_: object) -> Contact | str:
        return addressee(state, marketing=marketing)

    patch.setattr(consent, "addressee", first_of_the_deal)


def wishes_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    reason_against = channels._reason_against

    def whatever_they_said(context: DecisionContext, contact: Contact, channel: str) -> str | None:
        why = reason_against(context, contact, channel)
        return None if why is not None and "refused" in why else why

    patch.setattr(channels, "_reason_against", whatever_they_said)


def leave_is_taken_for_given(patch: pytest.MonkeyPatch) -> None:
    reason_against = channels._reason_against

    def unless_they_refused(context: DecisionContext, contact: Contact, channel: str) -> str | None:
        why = reason_against(context, contact, channel)
        return None if why is not None and "not allowed" in why else why

    patch.setattr(channels, "_reason_against", unless_they_refused)


def channels_have_no_hours(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "_in_hours", lambda _, __, ___, at: at)


def channels_have_no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "free_at", nothing)


def nobody_is_left_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cool_off, "after_end", nothing)


def marketing_knows_no_cool_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cool_off, "caps_for", lambda *_: ())


def who_must_not_be_written_to_stays_enrolled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "_reason_against", nothing)


def a_cadence_outlives_its_play(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plays, "enrolments", SimpleNamespace(stop=nothing))


def who_was_called_off_too_late_stays_enrolled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "let_nobody_stay", nothing)


def our_marketing_knows_no_cadences(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "under_way", nothing)


def everybody_waits_for_a_cadence(patch: pytest.MonkeyPatch) -> None:
    def anybodys(context: DecisionContext, _: Contact, besides: str = "") -> Enrolment | None:
        alone = (one for one in context.state.enrolments.values() if not one.beside and one.id != besides)
        return next(alone, None)

    patch.setattr(enrolments, "under_way", anybodys)


def the_end_of_a_cadence_lets_nothing_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "_is_let_go", never)


def the_end_of_a_cadence_is_told_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "is_over", never)


def a_play_waits_for_ever_for_its_cadence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "_go_on", nothing)


def stop_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(text_consent, "numbers_told_of", lambda _: ())


def silence_is_taken_for_agreement(patch: pytest.MonkeyPatch) -> None:
    _pass_over(patch, "not allowed")


def dead_numbers_get_texts(patch: pytest.MonkeyPatch) -> None:
    _pass_over(patch, "cannot be delivered")


def _pass_over(patch: pytest.MonkeyPatch, reason: str) -> None:
    """Let text messages go whatever that reason against them."""
    forbidden = text_consent.forbidden

    def forbidden_otherwise(state: DealState, contact: Contact) -> str | None:
        why = forbidden(state, contact)
        return None if why is not None and reason in why else why

    patch.setattr(text_consent, "forbidden", forbidden_otherwise)


def texts_on_their_way_go_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent, "forbidden_now", nothing)


def texts_come_at_any_hour(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sms, "_hours", lambda *_: ALWAYS_OPEN)


def texts_have_no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(channels, "free_at", nothing)


# --- 4: approvals -------------------------------------------------------------------------------------------


def anybody_may_say_yes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "_refusal", nothing)
    patch.setattr(answers, "speaks_for", lambda *_: True)


def what_is_not_known_is_taken_as_nothing(patch: pytest.MonkeyPatch) -> None:
    chains_for = ApprovalRule.chains_for

    def as_if_known(rule: ApprovalRule, values: Mapping[str, object]) -> Chains | None:
        return chains_for(rule, {name: Decimal(0) if value is None else value for name, value in values.items()})

    patch.setattr(ApprovalRule, "chains_for", as_if_known)


def what_is_above_all_levels_needs_nobody(patch: pytest.MonkeyPatch) -> None:
    by_levels = approval_levels.chain_by_levels

    def up_to_the_last(levels: Sequence[ApprovalLevel], of: Path, currency: str | None, value: object) -> Chain | None:
        chain = by_levels(levels, of, currency, value)
        return () if chain == chain_of(levels[-1].by) else chain

    patch.setattr(approval_rules, "chain_by_levels", up_to_the_last)


def money_is_money_in_any_currency(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(approval_levels, "_is_in", lambda *_: True)


def a_grant_is_good_for_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Terms, "covers", lambda *_: True)


def terms_may_change_while_they_are_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(questions, "review", never)


def the_buyer_may_be_offered_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(following_up, "put_to_buyer", nothing)


def one_chain_is_enough(patch: pytest.MonkeyPatch) -> None:
    def settle(context: DecisionContext, approval: Approval, settled: str, said: asking.Said) -> None:
        asking.settle(context, approval, "granted" if settled == "agreed" else settled, said)

    patch.setattr(answers, "settle", settle)


def steps_wait_for_no_approval(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holding, "_is_granted", lambda *_: True)


def documents_need_no_yes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holding, "_is_granted", lambda *_: True)


def a_document_says_what_was_so_at_first(patch: pytest.MonkeyPatch) -> None:
    terms_of, first = documents._terms_of, dict[tuple[str, str], Terms]()

    def of_the_first_time(context: DecisionContext, rule: DocumentRule) -> Terms:
        return first.setdefault((context.deal.id, rule.template), terms_of(context, rule))

    patch.setattr(documents, "_terms_of", of_the_first_time)


def a_version_goes_out_beside_the_last(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "out_now", nothing)


def what_the_buyer_agreed_to_is_taken_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(folded_documents, "told", lambda state, entry: folded_documents.heard(state, entry.id))


def documents_outlive_their_deal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "recall_at_the_end", nothing)


def a_proposal_is_sent_after_the_signature(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(documents, "mind", nothing)


# --- 5: skipped is not done ---------------------------------------------------------------------------------


def silence_is_never_asked_about(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(close, "_silence_was_broken", lambda *_: True)


def nobody_hears_that_there_is_nobody_to_write_to(patch: pytest.MonkeyPatch) -> None:
    ask = DecisionContext.ask_attention

    def ask_less(self: DecisionContext, point: str, text: str) -> None:
        if point != email.NO_ADDRESS:
            ask(self, point, text)

    patch.setattr(DecisionContext, "ask_attention", ask_less)


def what_is_filled_in_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(task_answers, "_with_filled", lambda noted, *_: noted)


def an_outcome_is_not_written_down(patch: pytest.MonkeyPatch) -> None:
    finish = tasks.finish_task

    def finish_somehow(
        context: DecisionContext, task: Task, by: str, result: str | None, _: str | None, said: Known | None
    ) -> None:
        finish(context, task, by, result, None, said)

    patch.setattr(completing, "finish_task", finish_somehow)


def any_outcome_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wanted, "holds_in", lambda *_: True)


# --- 6: a next step at every moment -------------------------------------------------------------------------


def nobody_is_asked_what_comes_next(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(next_step, "ask_for_one", never)


def deadlines_are_told_every_day(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deadlines, "_NEXT_DEADLINES", (Span.parse("1bd"),))


def stalls_are_told_as_often_as_at_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stages, "_longer", lambda span, _: span)


def a_stage_swallows_renewals(patch: pytest.MonkeyPatch) -> None:
    dated_plays = Playbook.dated_plays

    def none_of_customers(playbook: Playbook, stage: str) -> tuple[Play, ...]:
        return dated_plays(playbook, stage) if stage != "customer" else ()

    patch.setattr(Playbook, "dated_plays", none_of_customers)


def a_suggestion_is_taken_for_agreed(patch: pytest.MonkeyPatch) -> None:
    mind = suggestions.mind

    def agree(context: DecisionContext, fact: Fact, taken: FactTaken) -> None:
        mind(context, fact, taken)
        for one in list(context.state.suggestions):
            suggestions.answer(context, AnswerSuggestion(by="nobody", suggestion=one, answer="accept"))

    patch.setattr(suggestions, "mind", agree)


def what_was_accepted_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "open_task", nothing)


def suggestions_outlive_their_deal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "drop_all", nothing)


# --- 7 and 8: work follows its role, and causes act once ----------------------------------------------------


def work_stays_with_who_had_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core, "follow_roles", never)


def a_low_value_acts_each_time_it_is_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plays, "crossing_of", nothing)


def an_end_told_again_is_another_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(things, "_status_stays", nothing)


def what_was_suggested_is_asked_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "no_news", nothing)


def suggestions_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "mind", nothing)


# --- 9: the record in the CRM -------------------------------------------------------------------------------


def only_the_stage_is_shown(patch: pytest.MonkeyPatch) -> None:
    agrees = record._agrees
    patch.setattr(record, "_agrees", lambda part, *rest: part != "stage" or agrees(part, *rest))


def a_stage_set_in_the_crm_stays_there(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stage_edits, "after", lambda _, known, __: known.value if known else None)


def what_the_crm_told_is_no_news_of_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(record, "told", lambda *_: {})


def a_term_is_billed_again_while_nobody_knows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(billing, "_UNKNOWN", frozenset({"on_the_way"}))


def a_term_is_billed_past_its_end(patch: pytest.MonkeyPatch) -> None:
    as_signed = signed_terms.as_signed

    def and_a_month_more(contract: Contract, plan: BillingPlan) -> TermBilled:
        terms = as_signed(contract, plan)
        return terms.model_copy(update={"ends_on": terms.ends_on + timedelta(days=30)})

    patch.setattr(billing, "as_signed", and_a_month_more)


def a_subscription_is_never_changed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(billing, "_agree", nothing)


def subscriptions_outlive_their_deal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(billing, "_end", nothing)


def what_the_tool_refused_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(folded_billing, "_what_is_believed", lambda *_: {})


FAULTS: list[tuple[Plant, str, Scenario | None]] = [
    (what_was_called_off_is_spoken_of, "NoMessageAboutWhatIsOff", "odd"),
    (what_is_late_is_sent_all_the_same, "NoMessageAfterItsDate", None),
    (a_message_may_leave_after_its_date, "NoMessageAfterItsDate", "odd"),
    (what_waited_leaves_as_it_was, "MessagesAreMadeOfWhatIsKnown", "odd"),
    (nobody_asks_whether_it_is_still_so, "NothingIsSaidThatIsNoLongerSo", "disqualified"),
    (what_comes_in_last_counts, "FactsCountByWhenTheyHappened", None),
    (the_status_told_last_counts, "StatusesFollowTime", None),
    (a_fact_is_about_whatever_the_deal_is_about, "StatusesFollowTime", None),
    (what_is_taken_back_still_counts, "WhatIsTakenBackCountsNoMore", "wild"),
    (opting_out_is_forgotten, "NoMarketingAfterAnOptOut", "odd"),
    (a_new_address_starts_anew_for_who_opted_out, "NoMarketingAfterAnOptOut", "odd"),
    (addresses_are_compared_as_they_are_written, "NoMarketingAfterAnOptOut", "odd"),
    (bounced_addresses_get_mail, "NoMailAfterAHardBounce", "renewed"),
    (a_bounced_message_leads_to_no_address, "NoMailAfterAHardBounce", "odd"),
    (strangers_are_passed_over, "StrangersAskForAttention", None),
    (absence_is_forgotten, "WhoIsAwayIsWaitedFor", "odd"),
    (everybody_waits_for_who_is_away, "NobodyElseWaits", "odd"),
    (the_wrong_person_stays, "TheWrongPersonGetsNothing", None),
    (a_run_writes_to_whom_all_messages_go, "ARunWritesToItsContact", "odd"),
    (wishes_are_forgotten, "NobodyIsReachedAgainstTheirWish", "odd"),
    (leave_is_taken_for_given, "NobodyIsReachedAgainstTheirWish", "odd"),
    (channels_have_no_hours, "ChannelsKeepTheirHours", "odd"),
    (channels_have_no_limit, "ChannelsKeepTheirLimits", "odd"),
    (nobody_is_left_alone, "WhoDidNotAnswerIsLeftAlone", "odd"),
    (marketing_knows_no_cool_off, "MarketingKeepsToTheCoolOff", "odd"),
    (who_must_not_be_written_to_stays_enrolled, "NobodyStaysEnrolledUnwanted", "tools"),
    (a_cadence_outlives_its_play, "NobodyStaysEnrolledUnwanted", "tools"),
    (who_was_called_off_too_late_stays_enrolled, "NobodyStaysEnrolledUnwanted", "tools"),
    (our_marketing_knows_no_cadences, "OurMarketingWaitsForCadences", "tools"),
    (everybody_waits_for_a_cadence, "NobodyElseWaitsForACadence", "tools"),
    (the_end_of_a_cadence_lets_nothing_go, "NobodyElseWaitsForACadence", "tools"),
    (the_end_of_a_cadence_is_told_again, "ACadenceEndsOnce", "tools"),
    (a_play_waits_for_ever_for_its_cadence, "ACadenceEndsOnce", "tools"),
    (stop_is_forgotten, "NobodyIsTextedAgainstTheirWish", "tools"),
    (silence_is_taken_for_agreement, "NobodyIsTextedAgainstTheirWish", "tools"),
    (dead_numbers_get_texts, "NobodyIsTextedAgainstTheirWish", "tools"),
    (texts_on_their_way_go_out, "NobodyIsTextedAgainstTheirWish", "tools"),
    (texts_come_at_any_hour, "TextsKeepTheirHours", "tools"),
    (texts_have_no_limit, "TextsKeepTheirLimits", "tools"),
    (anybody_may_say_yes, "GrantsNeedEveryYes", "odd"),
    (one_chain_is_enough, "GrantsNeedEveryYes", "odd"),
    (what_is_not_known_is_taken_as_nothing, "WhoMayGrantIsAsked", "odd"),
    (what_is_above_all_levels_needs_nobody, "WhoMayGrantIsAsked", None),
    (money_is_money_in_any_currency, "WhoMayGrantIsAsked", "odd"),
    (a_grant_is_good_for_anything, "WhoMayGrantIsAsked", "odd"),
    (steps_wait_for_no_approval, "NothingLeavesUngranted", "odd"),
    (terms_may_change_while_they_are_asked_for, "OpenTermsAreTheDeals", None),
    (the_buyer_may_be_offered_anything, "WhatNobodyGrantedIsTold", None),
    (documents_need_no_yes, "DocumentsAreForGrantedTerms", "tools"),
    (a_document_says_what_was_so_at_first, "DocumentsAreForGrantedTerms", "tools"),
    (a_version_goes_out_beside_the_last, "OneVersionIsOut", "tools"),
    (what_the_buyer_agreed_to_is_taken_back, "WhatIsAgreedToStays", "tools"),
    (a_proposal_is_sent_after_the_signature, "WhatIsAgreedToStays", "tools"),
    (documents_outlive_their_deal, "NoDocumentOutlivesItsDeal", "tools"),
    (silence_is_never_asked_about, "SilenceWasBroken", "unreached"),
    (nobody_hears_that_there_is_nobody_to_write_to, "NobodyToWriteToIsTold", None),
    (what_is_filled_in_is_lost, "WhatATaskFoundOutIsKnown", "odd"),
    (an_outcome_is_not_written_down, "WhatATaskFoundOutIsKnown", "odd"),
    (any_outcome_will_do, "TheOutcomeDecidesWhatIsNext", "odd"),
    (nobody_is_asked_what_comes_next, "SomebodyHasTheNextStep", None),
    (deadlines_are_told_every_day, "EscalationsBackOff", None),
    (stalls_are_told_as_often_as_at_first, "EscalationsBackOff", None),
    (a_stage_swallows_renewals, "NoStageSwallowsARenewal", None),
    (a_suggestion_is_taken_for_agreed, "ASuggestionIsATaskOnceAccepted", None),
    (what_was_accepted_is_forgotten, "ASuggestionIsATaskOnceAccepted", None),
    (suggestions_outlive_their_deal, "NoSuggestionOutlivesItsDeal", None),
    (work_stays_with_who_had_it, "WorkIsWithWhoHoldsTheRole", "wild"),
    (a_low_value_acts_each_time_it_is_told, "LowHealthActsOnce", None),
    (an_end_told_again_is_another_one, "TheSameEndActsOnce", None),
    (what_was_suggested_is_asked_again, "TheSameSuggestionIsAskedOnce", None),
    (suggestions_are_passed_over, "TheSameSuggestionIsAskedOnce", None),
    (only_the_stage_is_shown, "TheRecordAgrees", None),
    (a_stage_set_in_the_crm_stays_there, "TheRecordAgrees", "odd"),
    (what_the_crm_told_is_no_news_of_it, "NothingIsWrittenBack", None),
    (a_term_is_billed_again_while_nobody_knows, "EachTermIsBilledOnce", "tools"),
    (a_term_is_billed_past_its_end, "NothingUnsignedIsBilled", "tools"),
    (a_subscription_is_never_changed, "TheBooksAgree", "tools"),
    (subscriptions_outlive_their_deal, "TheBooksAgree", "tools"),
    (what_the_tool_refused_is_believed, "NothingIsWrittenThatIsThere", "tools"),
]
"""Each fault with the check that must notice it, and the scenario that brings it to light soonest, if one does."""


@pytest.mark.parametrize(("plant", "check", "scenario"), FAULTS, ids=[plant.__name__ for plant, *_ in FAULTS])
def test_a_law_that_is_broken_is_noticed(
    plant: Plant, check: str, scenario: Scenario | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    expect_notice(plant, check, among=(scenario,) if scenario else ())
