"""Each law of the core broken on purpose, clause by clause: the examiner of the random lives must notice."""

from __future__ import annotations

import pytest

from simulation.scenarios import Scenario
from tests.dealwright.planted_faults import (
    approvals,
    billing,
    channels,
    consent,
    crm_record,
    documents,
    enrolments,
    knowledge,
    messages,
    next_steps,
    roles_and_causes,
    tasks,
    texts,
)
from tests.dealwright.planting import Plant, expect_notice

FAULTS: list[tuple[Plant, str, Scenario | None]] = [
    (messages.what_was_called_off_is_spoken_of, "NoMessageAboutWhatIsOff", "odd"),
    (messages.what_is_late_is_sent_all_the_same, "NoMessageAfterItsDate", None),
    (messages.a_message_may_leave_after_its_date, "NoMessageAfterItsDate", "odd"),
    (messages.what_waited_leaves_as_it_was, "MessagesAreMadeOfWhatIsKnown", "odd"),
    (messages.nobody_asks_whether_it_is_still_so, "NothingIsSaidThatIsNoLongerSo", "disqualified"),
    (knowledge.what_comes_in_last_counts, "FactsCountByWhenTheyHappened", None),
    (knowledge.the_status_told_last_counts, "StatusesFollowTime", None),
    (knowledge.a_fact_is_about_whatever_the_deal_is_about, "StatusesFollowTime", None),
    (knowledge.what_is_taken_back_still_counts, "WhatIsTakenBackCountsNoMore", "wild"),
    (consent.opting_out_is_forgotten, "NoMarketingAfterAnOptOut", "odd"),
    (consent.a_new_address_starts_anew_for_who_opted_out, "NoMarketingAfterAnOptOut", "odd"),
    (consent.addresses_are_compared_as_they_are_written, "NoMarketingAfterAnOptOut", "odd"),
    (consent.bounced_addresses_get_mail, "NoMailAfterAHardBounce", "renewed"),
    (consent.a_bounced_message_leads_to_no_address, "NoMailAfterAHardBounce", "odd"),
    (consent.strangers_are_passed_over, "StrangersAskForAttention", None),
    (consent.absence_is_forgotten, "WhoIsAwayIsWaitedFor", "odd"),
    (consent.everybody_waits_for_who_is_away, "NobodyElseWaits", "odd"),
    (consent.the_wrong_person_stays, "TheWrongPersonGetsNothing", None),
    (consent.a_run_writes_to_whom_all_messages_go, "ARunWritesToItsContact", "odd"),
    (channels.wishes_are_forgotten, "NobodyIsReachedAgainstTheirWish", "odd"),
    (channels.leave_is_taken_for_given, "NobodyIsReachedAgainstTheirWish", "odd"),
    (channels.channels_have_no_hours, "ChannelsKeepTheirHours", "odd"),
    (channels.channels_have_no_limit, "ChannelsKeepTheirLimits", "odd"),
    (channels.nobody_is_left_alone, "WhoDidNotAnswerIsLeftAlone", "odd"),
    (channels.marketing_knows_no_cool_off, "MarketingKeepsToTheCoolOff", "odd"),
    (enrolments.who_must_not_be_written_to_stays_enrolled, "NobodyStaysEnrolledUnwanted", "tools"),
    (enrolments.a_cadence_outlives_its_play, "NobodyStaysEnrolledUnwanted", "tools"),
    (enrolments.who_was_called_off_too_late_stays_enrolled, "NobodyStaysEnrolledUnwanted", "tools"),
    (enrolments.our_marketing_knows_no_cadences, "OurMarketingWaitsForCadences", "tools"),
    (enrolments.everybody_waits_for_a_cadence, "NobodyElseWaitsForACadence", "tools"),
    (enrolments.the_end_of_a_cadence_lets_nothing_go, "NobodyElseWaitsForACadence", "tools"),
    (enrolments.the_end_of_a_cadence_is_told_again, "ACadenceEndsOnce", "tools"),
    (enrolments.a_play_waits_for_ever_for_its_cadence, "ACadenceEndsOnce", "tools"),
    (texts.stop_is_forgotten, "NobodyIsTextedAgainstTheirWish", "tools"),
    (texts.silence_is_taken_for_agreement, "NobodyIsTextedAgainstTheirWish", "tools"),
    (texts.dead_numbers_get_texts, "NobodyIsTextedAgainstTheirWish", "tools"),
    (texts.texts_on_their_way_go_out, "NobodyIsTextedAgainstTheirWish", "tools"),
    (texts.texts_come_at_any_hour, "TextsKeepTheirHours", "tools"),
    (texts.texts_have_no_limit, "TextsKeepTheirLimits", "tools"),
    (approvals.anybody_may_say_yes, "GrantsNeedEveryYes", "odd"),
    (approvals.one_chain_is_enough, "GrantsNeedEveryYes", "odd"),
    (approvals.what_is_not_known_is_taken_as_nothing, "WhoMayGrantIsAsked", "odd"),
    (approvals.what_is_above_all_levels_needs_nobody, "WhoMayGrantIsAsked", None),
    (approvals.money_is_money_in_any_currency, "WhoMayGrantIsAsked", "odd"),
    (approvals.a_grant_is_good_for_anything, "WhoMayGrantIsAsked", "odd"),
    (approvals.steps_wait_for_no_approval, "NothingLeavesUngranted", "odd"),
    (approvals.terms_may_change_while_they_are_asked_for, "OpenTermsAreTheDeals", None),
    (approvals.the_buyer_may_be_offered_anything, "WhatNobodyGrantedIsTold", None),
    (documents.documents_need_no_yes, "DocumentsAreForGrantedTerms", "tools"),
    (documents.a_document_says_what_was_so_at_first, "DocumentsAreForGrantedTerms", "tools"),
    (documents.a_version_goes_out_beside_the_last, "OneVersionIsOut", "tools"),
    (documents.what_could_not_be_taken_back_is_taken_for_gone, "OneVersionIsOut", "tools"),
    (documents.what_the_buyer_agreed_to_is_taken_back, "WhatIsAgreedToStays", "tools"),
    (documents.a_proposal_is_sent_after_the_signature, "WhatIsAgreedToStays", "tools"),
    (documents.documents_outlive_their_deal, "NoDocumentOutlivesItsDeal", "tools"),
    (tasks.silence_is_never_asked_about, "SilenceWasBroken", "unreached"),
    (tasks.nobody_hears_that_there_is_nobody_to_write_to, "NobodyToWriteToIsTold", None),
    (tasks.what_is_filled_in_is_lost, "WhatATaskFoundOutIsKnown", "odd"),
    (tasks.an_outcome_is_not_written_down, "WhatATaskFoundOutIsKnown", "odd"),
    (tasks.any_outcome_will_do, "TheOutcomeDecidesWhatIsNext", "odd"),
    (next_steps.nobody_is_asked_what_comes_next, "SomebodyHasTheNextStep", None),
    (next_steps.deadlines_are_told_every_day, "EscalationsBackOff", None),
    (next_steps.stalls_are_told_as_often_as_at_first, "EscalationsBackOff", None),
    (next_steps.a_stage_swallows_renewals, "NoStageSwallowsARenewal", None),
    (next_steps.a_suggestion_is_taken_for_agreed, "ASuggestionIsATaskOnceAccepted", None),
    (next_steps.what_was_accepted_is_forgotten, "ASuggestionIsATaskOnceAccepted", None),
    (next_steps.suggestions_outlive_their_deal, "NoSuggestionOutlivesItsDeal", None),
    (roles_and_causes.work_stays_with_who_had_it, "WorkIsWithWhoHoldsTheRole", "wild"),
    (roles_and_causes.a_low_value_acts_each_time_it_is_told, "LowHealthActsOnce", None),
    (roles_and_causes.an_end_told_again_is_another_one, "TheSameEndActsOnce", None),
    (next_steps.what_was_suggested_is_asked_again, "TheSameSuggestionIsAskedOnce", None),
    (next_steps.suggestions_are_passed_over, "TheSameSuggestionIsAskedOnce", None),
    (crm_record.only_the_stage_is_shown, "TheRecordAgrees", None),
    (crm_record.a_stage_set_in_the_crm_stays_there, "TheRecordAgrees", "odd"),
    (crm_record.what_the_crm_told_is_no_news_of_it, "NothingIsWrittenBack", None),
    (billing.a_term_is_billed_again_while_nobody_knows, "EachTermIsBilledOnce", "tools"),
    (billing.a_term_is_billed_past_its_end, "NothingUnsignedIsBilled", "tools"),
    (billing.a_subscription_is_never_changed, "TheBooksAgree", "tools"),
    (billing.subscriptions_outlive_their_deal, "TheBooksAgree", "tools"),
    (billing.what_the_tool_refused_is_believed, "NothingIsWrittenThatIsThere", "tools"),
]
"""Each fault with the check that must notice it, and the scenario that brings it to light soonest, if one does."""


@pytest.mark.parametrize(("plant", "check", "scenario"), FAULTS, ids=[plant.__name__ for plant, *_ in FAULTS])
def test_a_law_that_is_broken_is_noticed(
    plant: Plant, check: str, scenario: Scenario | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    expect_notice(plant, check, among=(scenario,) if scenario else ())
