"""What buyers, reps and lawyers would say of each message of the shipped playbook, in whatever order things happen."""

from __future__ import annotations

import pytest

import playbooks
from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_bundle
from tests.dealwright.story import ANA, Story

RULES = load_bundle(playbooks.shipped()["b2b-saas"])
SMALL = load_bundle(playbooks.shipped()["five-steps"])
TERM = {"starts_on": "2026-03-02", "ends_on": "2027-03-01"}
PIECES = dict.fromkeys(("use_case", "success_criteria", "stakeholders", "timeline", "technical_requirements"), "known")


def lead(source: str = "outbound", rules: Playbook = RULES, contacts: object = (ANA,)) -> Story:
    """A lead that somebody found worth writing to, on Monday at ten."""
    story = Story(rules, source=source, contacts=contacts)
    story.tell("lead_qualified", level="mql")
    return story


def opportunity() -> Story:
    """An interested lead, taken over by an account executive."""
    story = lead()
    story.tell("reply_received", sentiment="interested", contact="ana")
    story.order("accept_handoff", by="account_executive", handoff="sdr-to-ae")
    return story


def with_demo(starts_at: str = "2026-03-12T15:00:00Z") -> Story:
    story = opportunity()
    story.tell("demo_booked", starts_at=starts_at, demo="d1")
    return story


def with_proposal(**more: object) -> Story:
    story = opportunity()
    story.until("2026-03-03 15:23").tell("proposal_sent", proposal_id="P1", **more)
    return story


def customer(**term: str) -> Story:
    """A customer with a contract of a year, taken over by customer success."""
    story = with_proposal()
    story.tell("notes_learned", notes=PIECES)
    story.tell("contract_signed", **{**TERM, **term})
    story.order("accept_handoff", by="csm", handoff="ae-to-csm")
    return story


def mails(story: Story, *but: str) -> list[str]:
    """The messages that went out, by their templates, without some."""
    return [name for line in story.sent if (name := line.rpartition(" ")[2]) not in {"cold-1", *but}]


# --- research and outreach ----------------------------------------------------------------------------------------


def test_facts_about_an_account_do_not_end_its_research() -> None:
    story = Story(RULES, source="outbound")

    story.tell("account_researched", account={"id": "acme", "name": "Acme"}, score=40)

    assert (story.stage, story.sent) == ("research", [])


@pytest.mark.parametrize("level", ["mql", "sql"])
def test_a_qualified_lead_ends_research(level: str) -> None:
    story = Story(RULES, source="outbound")

    story.tell("lead_qualified", level=level)

    assert story.stage == "outreach"


def test_research_that_somebody_says_is_done_leads_to_outreach() -> None:
    story = Story(RULES, source="outbound")

    story.order("complete_task", task="research_account")

    assert (story.stage, story.sent) == ("outreach", ["Mon 10:00 cold-1"])


@pytest.mark.parametrize("source", ["Inbound", "Outbound", "web"])
def test_a_source_that_nobody_declared_gets_no_cadence_at_all(source: str) -> None:
    story = Story(RULES, source=source)

    assert (story.outcome, story.effects) == ("refused", [])


@pytest.mark.parametrize("source", ["inbound", "referral", "partner"])
def test_whoever_asked_is_called_and_written_to_today(source: str) -> None:
    story = lead(source)

    assert story.tasks == {"call_lead": "Mon 02 Mar 12:00"}
    assert story.wait(hours=2).sent == ["Mon 11:00 warm-hello"]


def test_a_customer_is_never_told_that_they_do_not_know_us() -> None:
    story = lead("expansion")

    assert (story.sent, list(story.tasks)) == ([], ["get_in_touch"])


@pytest.mark.parametrize(
    ("fact", "more"),
    [
        ("reply_received", {"sentiment": "interested", "contact": "ana"}),
        ("reply_received", {"sentiment": "not_interested", "contact": "ana"}),
        ("reply_received", {"sentiment": "other", "contact": "ana"}),
        ("call_logged", {"result": "connected"}),
        ("meeting_booked", {"starts_at": "2026-03-05T15:00:00Z"}),
        ("opted_out", {"contact": "ana"}),
        ("email_bounced", {"kind": "hard", "contact": "ana"}),
    ],
)
@pytest.mark.parametrize("source", ["outbound", "inbound"])
def test_no_cadence_goes_on_once_somebody_was_reached_or_cannot_be(
    source: str, fact: str, more: dict[str, str]
) -> None:
    story = lead(source).wait(hours=3)
    before = len(story.sent)

    story.tell(fact, **more)

    assert set(mails(story.wait(days=60))[before:]) <= {"meeting-reminder"}
    assert story.outcome != "unresponsive"


def test_five_touches_without_an_answer_close_the_deal() -> None:
    story = lead().wait(days=40)

    assert story.sent == ["Mon 10:00 cold-1", "Mon 10:00 cold-2", "Fri 10:00 last-note"]
    assert story.outcome == "unresponsive"


@pytest.mark.parametrize("rules", [RULES, SMALL], ids=["b2b-saas", "five-steps"])
@pytest.mark.parametrize("source", ["outbound", "inbound"])
def test_nobody_is_said_goodbye_to_or_closed_for_silence_whom_we_never_reached(rules: Playbook, source: str) -> None:
    story = lead(source, rules, contacts=[{"id": "ana", "name": "Ana", "timezone": "UTC"}]).wait(days=60)

    assert (story.sent, story.outcome) == ([], None)
    assert story.state.attention != {}
    assert story.state.tasks != {}


def test_a_lead_without_anybody_to_write_to_is_not_closed() -> None:
    story = lead(contacts=[]).wait(days=60)

    assert (story.outcome, story.state.tasks != {}) == (None, True)


def test_whoever_is_away_hears_the_rest_of_the_cadence_when_they_are_back() -> None:
    story = lead()
    story.tell("reply_received", sentiment="out_of_office", contact="ana", returns_on="2026-03-23")

    assert story.until("2026-03-20 17:00").sent == ["Mon 10:00 cold-1"]
    assert mails(story.wait(days=7)) == ["cold-2"]


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sentiment", ["not_interested", "other"])
def test_somebody_reads_every_answer(sentiment: str) -> None:
    story = lead()

    story.tell("reply_received", sentiment=sentiment, contact="ana")

    assert list(story.tasks) == ["read_and_decide"]


def test_an_answer_that_was_read_leads_to_nurture() -> None:
    story = lead()
    story.tell("reply_received", sentiment="not_interested", contact="ana")

    story.order("complete_task", task="read_and_decide")

    assert story.stage == "nurture"


def test_an_answer_that_named_somebody_else_leads_to_the_cadence_for_them() -> None:
    story = lead()
    story.tell("reply_received", sentiment="other", contact="ana")
    ben = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}
    story.tell("contacts_learned", contacts=[ben])
    story.order("amend", known={"contacts": [ben, ANA]}, why="Ana sent us to Ben")

    assert story.order("start_play", play="cold-cadence", why="Ana sent us to Ben").accepted
    story.order("complete_task", task="read_and_decide")

    assert story.stage == "outreach"
    assert [mail.to.name for mail in story.all(SendEmail)] == ["Ana", "Ben"]


def test_an_answer_that_was_a_no_for_good_is_a_loss() -> None:
    story = lead()
    story.tell("reply_received", sentiment="not_interested", contact="ana")

    story.order("close", outcome="lost", why="Never again, they say")

    assert (story.outcome, story.tasks) == ("lost", {})


def test_a_refusal_is_read_in_later_stages_too() -> None:
    story = with_proposal()

    story.tell("reply_received", sentiment="not_interested", contact="ana")

    assert "read_and_decide" in story.tasks
    story.order("complete_task", task="read_and_decide")
    assert story.stage == "proposal"


# --- nurture --------------------------------------------------------------------------------------------------------


def nurtured() -> Story:
    story = lead()
    story.tell("reply_received", sentiment="not_interested", contact="ana")
    story.order("complete_task", task="read_and_decide")
    return story


def test_nobody_is_written_to_in_nurture_and_somebody_looks_again() -> None:
    story = nurtured().wait(days=100)

    assert (story.stage, mails(story), list(story.tasks)) == ("nurture", [], ["look_again"])


@pytest.mark.parametrize(
    ("fact", "more", "stage"),
    [
        ("buying_signal_seen", {"signal": "pricing page"}, "outreach"),
        ("lead_qualified", {"level": "sql"}, "outreach"),
        ("reply_received", {"sentiment": "interested", "contact": "ana"}, "discovery"),
        ("meeting_booked", {"starts_at": "2026-06-05T15:00:00Z"}, "discovery"),
        ("demo_booked", {"starts_at": "2026-06-05T15:00:00Z"}, "presentation"),
    ],
)
def test_any_sign_of_interest_leads_out_of_nurture(fact: str, more: dict[str, str], stage: str) -> None:
    story = nurtured().wait(days=30)

    story.tell(fact, **more)

    assert story.stage == stage


def test_whoever_comes_back_from_nurture_gets_a_person_and_no_second_cadence() -> None:
    story = nurtured().wait(days=30)

    story.tell("buying_signal_seen", signal="pricing page")

    assert (list(story.tasks), mails(story.wait(days=10))) == (["get_in_touch"], [])
    assert story.wait(days=30).stage == "nurture"


def test_an_mql_that_came_before_nurture_does_not_lead_out_of_it() -> None:
    story = lead()
    story.order("move_to_stage", stage="nurture", why="Not this year")

    assert story.wait(days=30).stage == "nurture"


# --- meetings -------------------------------------------------------------------------------------------------------


def test_an_interested_reply_has_a_next_step_before_and_after_it_is_handed_over() -> None:
    story = lead()

    story.tell("reply_received", sentiment="interested", contact="ana")

    assert list(story.tasks) == ["book_the_meeting"]
    story.order("accept_handoff", by="account_executive", handoff="sdr-to-ae")
    assert list(story.wait(days=20).tasks) == ["book_the_meeting"]


def test_a_booked_meeting_needs_no_booking() -> None:
    story = lead()

    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")

    assert (story.stage, story.tasks) == ("discovery", {})


@pytest.mark.parametrize("fact", ["meeting_missed", "meeting_cancelled"])
def test_a_meeting_that_was_not_held_is_booked_again_and_nobody_is_reminded_of_it(fact: str) -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")
    story.wait(days=1)

    story.tell(fact, meeting="m1")

    assert list(story.tasks) == ["book_the_meeting"]
    assert mails(story.wait(days=14)) == []


def test_a_meeting_is_reminded_of_once_on_the_day_before() -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")

    assert story.wait(days=14).sent[1:] == ["Mon 15:00 meeting-reminder"]


def test_a_meeting_that_nobody_reported_on_is_asked_about() -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")
    story.order("accept_handoff", by="account_executive", handoff="sdr-to-ae")

    assert list(story.until("2026-03-11 12:00").tasks) == ["report_meeting"]
    story.tell("meeting_held", meeting="m1", at="2026-03-10T15:00:00Z")
    assert "report_meeting" not in story.tasks


@pytest.mark.parametrize("facts", [["discovery_held"], ["meeting_held"], ["discovery_held", "meeting_held"]])
def test_a_discovery_without_a_next_step_is_flagged_once(facts: list[str]) -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-02T12:00:00Z", meeting="m1")
    story.until("2026-03-02 13:00")
    for fact in facts:
        story.tell(fact, meeting="m1")

    assert story.wait(days=3).tasks["agree_next_step"]
    opened = [entry for entry in story.noted(e.TaskOpened) if entry.name in {"note_what_we_learned", "agree_next_step"}]
    assert len(opened) == 2


def test_a_discovery_with_a_next_step_is_not_flagged() -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-02T12:00:00Z", meeting="m1")
    story.until("2026-03-02 13:00").tell("discovery_held", meeting="m1")
    story.wait(hours=1).tell("next_step_agreed")

    assert "agree_next_step" not in story.wait(days=5).tasks


def test_a_discovery_that_comes_unannounced_is_followed_up_as_well() -> None:
    story = lead()

    story.tell("discovery_held")

    assert story.stage == "discovery"
    assert "note_what_we_learned" in story.tasks
    assert "book_the_meeting" not in story.tasks


# --- demos ----------------------------------------------------------------------------------------------------------


def test_a_demo_is_reminded_of_once_on_the_day_before() -> None:
    assert mails(with_demo().wait(days=9, hours=8)) == ["demo-reminder"]


@pytest.mark.parametrize("fact", ["demo_held", "demo_missed", "demo_cancelled"])
def test_nobody_is_reminded_of_a_demo_that_is_over_or_off(fact: str) -> None:
    story = with_demo().wait(days=2)

    story.tell(fact, demo="d1")

    assert "demo-reminder" not in mails(story.wait(days=30))


def test_a_demo_that_was_moved_is_reminded_of_for_its_new_day_only() -> None:
    story = with_demo().wait(days=2)

    story.tell("demo_booked", starts_at="2026-03-19T15:00:00Z", demo="d1")

    assert story.until("2026-03-17 17:00").sent == ["Mon 10:00 cold-1"]
    assert story.until("2026-03-19 14:00").sent[1:] == ["Wed 15:00 demo-reminder"]


def test_a_demo_in_a_later_stage_is_reminded_of_too() -> None:
    story = with_proposal()
    story.tell("proposal_opened", proposal_id="P1")

    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z", demo="d2")

    assert (story.stage, mails(story.until("2026-03-12 14:00"))) == ("proposal", ["demo-reminder"])


def test_a_missed_demo_that_was_held_ten_minutes_later_is_not_regretted() -> None:
    story = with_demo().until("2026-03-12 15:10")
    story.tell("demo_missed", demo="d1")

    story.wait(minutes=10).tell("demo_held", demo="d1")

    assert "demo-missed" not in mails(story.wait(days=10))


@pytest.mark.parametrize("fact", ["demo_missed", "demo_cancelled"])
def test_a_demo_that_did_not_take_place_has_no_recap(fact: str) -> None:
    story = with_demo().until("2026-03-12 16:00")

    story.tell(fact, demo="d1")

    assert mails(story.wait(days=10), "demo-reminder") == ["demo-missed"]
    assert "send_proposal" not in story.tasks


def test_a_demo_taken_for_held_that_was_missed_has_no_recap() -> None:
    story = with_demo().until("2026-03-12 15:05")
    story.tell("demo_held", demo="d1")

    story.wait(minutes=20).tell("fact_retracted", retracts="demo_held")
    story.tell("demo_missed", demo="d1")

    assert "demo-recap" not in mails(story.wait(days=10))


@pytest.mark.parametrize("fact", ["demo_booked", "demo_held", "proposal_sent", "contract_signed"])
def test_nobody_is_asked_for_another_time_once_there_is_one(fact: str) -> None:
    story = with_demo().until("2026-03-12 16:00")
    story.tell("demo_missed", demo="d1")
    more = {"demo_booked": {"starts_at": "2026-03-20T15:00:00Z", "demo": "d2"}, "contract_signed": TERM}

    story.wait(minutes=30).tell(fact, **more.get(fact, {}))

    assert "demo-missed" not in mails(story.wait(days=5))


def test_a_demo_that_nobody_reported_on_is_asked_about() -> None:
    assert "report_demo" in with_demo().until("2026-03-13 12:00").tasks


def test_a_discovery_that_ends_in_an_agreed_demo_has_it_booked() -> None:
    story = opportunity()
    story.tell("discovery_held")
    answers = {"budget": "20k", "authority": "CFO", "need": "Reports"}
    story.tell("qualification_learned", answers=answers)

    story.tell("next_step_agreed")

    assert story.stage == "presentation"
    assert "book_the_demo" in story.tasks
    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z")
    assert "book_the_demo" not in story.tasks


# --- proposals ------------------------------------------------------------------------------------------------------


def test_a_proposal_that_is_not_opened_is_asked_about_on_the_next_working_morning() -> None:
    assert with_proposal().wait(days=5).sent[1:] == ["Wed 09:00 proposal-nudge"]


@pytest.mark.parametrize(
    ("fact", "more"),
    [
        ("proposal_opened", {"proposal_id": "P1"}),
        ("proposal_accepted", {"proposal_id": "P1"}),
        ("proposal_declined", {"proposal_id": "P1"}),
        ("reply_received", {"sentiment": "other", "contact": "ana"}),
        ("reply_received", {"sentiment": "interested", "contact": "ana"}),
        ("call_logged", {"result": "connected"}),
        ("discount_requested", {"percent": 5}),
        ("contract_signed", TERM),
        ("deal_lost", {}),
    ],
)
def test_nobody_is_asked_whether_a_proposal_came_that_they_talk_about(fact: str, more: dict[str, object]) -> None:
    story = with_proposal().wait(minutes=30)

    story.tell(fact, **more)

    assert "proposal-nudge" not in mails(story.wait(days=10))


def test_a_proposal_that_another_one_replaced_is_not_asked_about() -> None:
    story = with_proposal().until("2026-03-03 18:00")

    story.tell("proposal_sent", proposal_id="P2")

    assert story.wait(days=5).sent[1:] == ["Thu 09:00 proposal-nudge"]


def test_any_large_discount_is_asked_of_the_manager_and_then_of_finance() -> None:
    story = with_proposal()

    story.tell("discount_requested", percent=60)

    (approval,) = story.state.approvals.values()
    assert approval.chain == ("sales_manager", "finance")


# --- customers ------------------------------------------------------------------------------------------------------


def test_a_customer_is_welcomed_once_and_asked_about_the_next_term_once() -> None:
    assert mails(customer().until("2027-02-20 10:00")) == ["welcome", "renewal-talk"]


def test_a_customer_whom_nobody_takes_over_is_onboarded_and_asked_to_renew_all_the_same() -> None:
    story = with_proposal()
    story.tell("contract_signed", **TERM)

    story.until("2027-02-20 10:00")

    assert story.stage == "customer"
    assert mails(story) == ["welcome", "renewal-talk"]
    assert "prepare_renewal" in story.tasks


def test_a_renewal_does_not_hang_on_any_stage() -> None:
    story = customer()
    story.order("move_to_stage", stage="proposal", why="They want to buy more")

    story.until("2027-02-20 10:00")

    assert "renewal-talk" in mails(story)
    assert story.until("2027-03-03 10:00").outcome == "churned"


@pytest.mark.parametrize("when", ["2026-06-01 10:00", "2026-12-10 10:00"])
def test_nobody_who_left_is_asked_to_renew_or_welcomed(when: str) -> None:
    story = customer().until(when)

    story.tell("contract_cancelled")

    assert mails(story.until("2027-02-28 10:00")) == ["welcome"]
    assert story.until("2027-03-05 10:00").outcome == "churned"


def test_a_cancellation_that_is_taken_back_lets_the_term_lapse_or_renew_as_any_other() -> None:
    story = customer().until("2026-06-01 10:00")
    story.tell("contract_cancelled")
    story.wait(days=3).tell("fact_retracted", retracts="contract_cancelled")

    assert "renewal-talk" in mails(story.until("2027-02-20 10:00"))
    assert story.until("2027-03-05 10:00").outcome == "churned"


def test_a_cancellation_of_the_first_term_does_not_keep_the_second_one_from_ending() -> None:
    story = customer().until("2026-12-01 10:00")
    story.tell("contract_cancelled")
    story.wait(days=5).tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert story.until("2027-03-10 10:00").outcome == "won"
    assert mails(story.until("2028-02-20 10:00")).count("renewal-talk") == 1
    assert story.until("2028-03-05 10:00").outcome == "churned"


def test_an_early_renewal_is_not_followed_by_a_talk_about_the_old_term() -> None:
    story = customer().until("2026-10-01 10:00")

    story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert mails(story.until("2027-10-01 10:00")) == ["welcome"]
    assert story.outcome == "won"


def test_a_contract_of_three_years_has_its_reviews_and_no_false_alarm() -> None:
    story = customer(ends_on="2029-03-01")

    story.until("2028-11-01 10:00")

    done = [entry.name for entry in story.noted(e.TaskOpened)]
    assert {"review_second_year", "review_third_year"} <= set(done)
    assert not [line for line in story.told if "has been in customer" in line]


def test_a_contract_of_one_year_has_no_review_of_a_second_one() -> None:
    story = customer().until("2027-01-15 10:00")
    story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")

    assert "review_second_year" not in {entry.name for entry in story.until("2028-01-01 10:00").noted(e.TaskOpened)}


def test_nothing_leaves_after_the_deal_is_over() -> None:
    story = with_demo()

    story.tell("deal_lost", reason="Bought elsewhere")

    assert mails(story.wait(days=60)) == []


def test_a_demo_after_the_proposal_asks_for_no_other_proposal() -> None:
    story = with_proposal()
    story.tell("proposal_opened", proposal_id="P1")
    story.wait(days=1).tell("demo_held")

    assert "demo-recap" in mails(story.wait(days=1))
    assert "confirm_stakeholders" in story.tasks
    assert "send_proposal" not in story.tasks


def test_a_demo_for_a_customer_asks_for_no_proposal() -> None:
    story = customer()
    story.tell("demo_held")

    assert "demo-recap" not in mails(story.wait(days=3))
    assert "send_proposal" not in story.tasks


def test_a_deal_that_knows_of_another_contract_is_not_closed_when_that_one_ends() -> None:
    story = Story(RULES, source="expansion", contract={"starts_on": "2025-06-01", "ends_on": "2026-05-31"})
    story.tell("lead_qualified", level="sql")

    story.until("2026-06-10 10:00")

    assert (story.outcome, mails(story)) == (None, [])


def test_a_customer_who_is_imported_with_a_contract_is_asked_to_renew() -> None:
    story = Story(RULES, source="inbound", contract=TERM)
    story.order("move_to_stage", stage="customer", why="A customer already")

    assert "renewal-talk" in mails(story.until("2027-02-20 10:00"))
    assert story.until("2027-03-05 10:00").outcome == "churned"


@pytest.mark.parametrize("fact", ["demo_booked", "proposal_sent", "contract_signed"])
def test_nobody_is_asked_how_a_meeting_went_once_the_deal_has_gone_on(fact: str) -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")
    more = {"demo_booked": {"starts_at": "2026-03-20T15:00:00Z", "demo": "d1"}, "contract_signed": TERM}

    story.tell(fact, **more.get(fact, {}))

    assert "report_meeting" not in {entry.name for entry in story.until("2026-03-18 10:00").noted(e.TaskOpened)}


@pytest.mark.parametrize(
    ("fact", "more"),
    [
        ("reply_received", {"sentiment": "out_of_office", "contact": "ana", "returns_on": "2026-03-04"}),
        ("email_bounced", {"kind": "soft", "contact": "ana"}),
    ],
)
@pytest.mark.parametrize("rules", [RULES, SMALL], ids=["b2b-saas", "five-steps"])
def test_a_full_mailbox_or_an_absence_ends_no_cadence(rules: Playbook, fact: str, more: dict[str, str]) -> None:
    story = lead(rules=rules)

    story.tell(fact, **more)

    assert len(story.wait(days=10).sent) > 1


def test_nobody_who_left_is_asked_to_renew_though_their_last_day_is_moved() -> None:
    story = customer()
    story.wait(days=30).tell("contract_cancelled")

    story.wait(days=10).tell("contract_amended", ends_on="2027-03-31")
    story.until("2027-04-10 10:00")

    assert "renewal-talk" not in mails(story)
    assert story.outcome == "churned"
