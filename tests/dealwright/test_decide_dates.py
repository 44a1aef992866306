"""Plays and steps that are reckoned from a date: before it, after it, and when it moves."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.story import Story, of_stage

RENEWAL = of_stage("""
- name: renewal
  on: {before: contract.ends_on, by: 90d}
  until: [contract_renewed, contract_cancelled]
  do:
    - {task: prepare, due: {before: contract.ends_on, by: 60d}}
    - {at: {before: contract.ends_on, by: 75d}, email: talk, marketing: false}
    - {at: {before: contract.ends_on, by: 60d}, notify: boss, text: 60 days left}
- {name: lapsed, on: {after: contract.ends_on, by: 1d}, until: contract_renewed, do: [{close: churned}]}
""", before="renews_on: contract_renewed")  # fmt: skip
REMINDER = of_stage(
    "[{name: remind, on: {before: demo.starts_at, by: 1bd}, do: [{email: reminder, marketing: false}]}]"
)


def signed(ends_on: str, *, at: str = "2026-03-02 10:00") -> Story:
    story = Story(RENEWAL, at=at)
    story.tell("contract_signed", starts_on="2026-01-01", ends_on=ends_on)
    return story


def begun(story: Story, play: str = "renewal") -> list[str]:
    return [f"{entry.at:%d %b %Y}" for entry in story.noted(e.PlayStarted) if entry.play == play]


def test_a_play_begins_so_long_before_its_date() -> None:
    story = signed("2027-03-01")

    assert story.wakes == "Wed 01 Apr 10:00"  # the stage is looked at sooner
    assert begun(story.until("2026-12-31 10:00")) == ["01 Dec 2026"]


def test_the_story_says_beforehand_when_a_play_will_begin() -> None:
    said = [entry.sentence() for entry in signed("2027-03-01").noted(e.PlayExpected)]

    assert said[0] == "renewal will begin on Tue 01 Dec 2026 09:00 UTC"


def test_the_story_names_the_day_as_it_is_where_the_owner_is() -> None:
    story = signed("2027-03-01").until("2027-03-10 10:00")

    said = {entry.play: entry.because for entry in story.noted(e.PlayStarted)}
    assert (said["renewal"], said["lapsed"]) == ("01 Mar 2027 is near", "01 Mar 2027 is past")


def test_a_play_whose_condition_does_not_hold_on_its_day_is_said_not_to_start() -> None:
    lapsed = "{name: lapsed, on: {after: contract.ends_on, by: 1d}, if: {deal.term: 2}, do: [{close: churned}]}"
    story = Story(of_stage(f"[{lapsed}]"), at="2026-03-02 10:00")
    story.tell("contract_signed", starts_on="2026-01-01", ends_on="2026-03-10")

    said = [entry.sentence() for entry in story.until("2026-03-20 10:00").noted(e.AnchorMoved)]
    assert said == ["lapsed does not start for 10 Mar 2026: its condition does not hold, or it runs already"]


def test_steps_come_on_their_days_until_the_term_is_over() -> None:
    story = signed("2027-03-01").until("2027-03-10 10:00")

    assert story.sent == ["Wed 09:00 talk"]
    assert "boss: 60 days left" in story.told
    assert (story.outcome, f"{story.now:%Y}", begun(story, "lapsed")) == ("churned", "2027", ["02 Mar 2027"])


def test_a_term_shorter_than_the_renewals_window_begins_it_at_once() -> None:
    story = signed("2026-05-01")  # 60 days: inside 90 and 75, and just at 60

    assert begun(story) == ["02 Mar 2026"]
    assert story.tasks == {"prepare": "Fri 01 May 00:00"}  # its own time is past: the date itself
    assert story.sent == []
    assert [entry.why for entry in story.noted(e.StepSkipped)] == ["too late"]


def test_what_is_already_due_and_no_message_is_done_late() -> None:
    story = signed("2026-04-15")  # 44 days

    assert "boss: 60 days left" in story.told


def test_a_deal_that_enters_the_stage_inside_the_window_begins_at_once() -> None:
    story = Story(RENEWAL, at="2026-12-20 10:00", contract={"starts_on": "2026-03-02", "ends_on": "2027-03-01"})

    assert begun(story) == ["20 Dec 2026"]
    assert story.steps["notify boss"] == "Thu 31 Dec 09:00"


def test_a_date_that_is_past_starts_nothing_before_it_and_everything_after_it() -> None:
    story = signed("2026-02-20")

    assert begun(story) == []
    assert story.outcome == "churned"


def test_an_end_that_moves_later_before_its_window_moves_the_play() -> None:
    story = signed("2026-12-31")

    story.tell("contract_amended", ends_on="2027-03-01")

    assert begun(story.until("2026-11-30 10:00")) == []
    assert begun(story.until("2026-12-02 10:00")) == ["01 Dec 2026"]


def test_an_end_that_moves_earlier_before_its_window_moves_the_play() -> None:
    story = signed("2027-03-01")

    story.tell("contract_amended", ends_on="2026-09-30")

    assert begun(story.until("2026-07-31 10:00")) == ["02 Jul 2026"]


def test_an_end_that_moves_far_away_stops_a_running_play_which_comes_again() -> None:
    story = signed("2027-03-01").until("2026-12-20 10:00")

    story.tell("contract_amended", ends_on="2027-09-01")
    stopped = (story.tasks, story.steps, story.last(e.PlayEnded).why)
    story.until("2027-06-30 10:00")

    assert stopped == ({}, {}, "its date moved")
    assert begun(story) == ["01 Dec 2026", "03 Jun 2027"]


def test_an_end_that_moves_a_little_moves_the_steps_that_remain() -> None:
    story = signed("2027-03-01").until("2026-12-10 10:00")

    story.tell("contract_amended", ends_on="2027-03-05")

    assert begun(story) == ["01 Dec 2026"]
    assert story.steps == {"e-mail talk": "Mon 21 Dec 09:00", "notify boss": "Mon 04 Jan 09:00"}


def test_an_end_that_moves_into_the_past_of_its_steps_skips_the_message_and_does_the_rest() -> None:
    story = signed("2027-03-01").until("2026-12-10 10:00")

    story.tell("contract_amended", ends_on="2027-02-01")

    assert story.steps == {}
    assert story.sent == []
    assert "boss: 60 days left" in story.told


def test_a_task_is_asked_for_anew_when_its_date_moves() -> None:
    story = Story(
        of_stage(
            "[{name: go, on: demo_booked, alone: true, do: [{task: prepare, due: {before: demo.starts_at, by: 1bd}}]}]"
        )
    )
    story.tell("demo_booked", starts_at="2026-03-12T14:00:00Z")
    first = story.tasks

    story.tell("demo_booked", starts_at="2026-03-06T14:00:00Z")

    assert (first, story.tasks) == ({"prepare": "Wed 11 Mar 14:00"}, {"prepare": "Thu 05 Mar 14:00"})
    assert [effect.kind for effect in story.effects[-2:]] == ["close_task", "create_task"]


def test_a_renewal_begins_the_next_term_with_its_own_window() -> None:
    story = signed("2027-03-01").until("2026-12-20 10:00")

    decision = story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2028-03-01")
    story.until("2027-12-31 10:00")

    assert decision.next_term
    assert (story.state.term, story.outcome) == (2, None)
    assert begun(story) == ["01 Dec 2026", "02 Dec 2027"]


def test_a_renewal_for_less_than_the_window_begins_it_again_at_once() -> None:
    story = signed("2027-03-01").until("2027-02-20 10:00")

    story.tell("contract_renewed", starts_on="2027-03-02", ends_on="2027-04-15")

    assert begun(story) == ["01 Dec 2026", "20 Feb 2027"]
    assert story.until("2027-04-30 10:00").outcome == "churned"


def test_a_second_renewal_begins_a_third_term() -> None:
    story = signed("2026-12-31")
    story.tell("contract_renewed", starts_on="2027-01-01", ends_on="2027-12-31")

    story.tell("contract_renewed", starts_on="2028-01-01", ends_on="2028-12-31")

    assert story.state.term == 3


def test_a_reminder_comes_a_business_day_before() -> None:
    story = Story(REMINDER)

    story.tell("demo_booked", starts_at="2026-03-09T11:00:00Z")  # a Monday

    assert story.until("2026-03-09 10:00").sent == ["Fri 11:00 reminder"]


def test_a_demo_booked_again_is_reminded_of_again() -> None:
    story = Story(REMINDER)
    story.tell("demo_booked", starts_at="2026-03-05T11:00:00Z")
    story.until("2026-03-04 12:00")

    story.tell("demo_booked", starts_at="2026-03-12T11:00:00Z")

    assert story.until("2026-03-12 10:00").sent == ["Wed 11:00 reminder", "Wed 11:00 reminder"]


def test_a_demo_booked_at_short_notice_is_reminded_of_at_once() -> None:
    story = Story(REMINDER)

    story.tell("demo_booked", starts_at="2026-03-02T15:00:00Z")

    assert story.sent == ["Mon 10:00 reminder"]


def test_a_play_that_nobody_looked_at_before_its_date_does_not_come_after_it() -> None:
    story = Story(REMINDER)
    story.tell("demo_booked", starts_at="2026-03-05T11:00:00Z")

    decision = story.oversleep("2026-03-06 10:00")

    assert story.sent == []
    assert decision.wake_at is not None
    assert decision.wake_at > story.now


def test_a_step_of_a_date_that_is_not_known_is_looked_for_again() -> None:
    story = Story(
        of_stage("[{name: check, on: entered, do: [{at: {after: contract.starts_on, by: 30d}, task: check_in}]}]")
    )
    unknown = story.tasks

    story.tell("contract_signed", starts_on="2026-03-10", ends_on="2027-03-09")
    story.until("2026-04-09 10:00")

    assert unknown == {}
    assert list(story.tasks) == ["check_in"]


def test_a_play_after_a_date_begins_with_the_next_business_day() -> None:
    story = signed("2026-05-01").until("2026-05-03 23:00")  # the 2nd is a Saturday
    weekend = story.outcome

    assert weekend is None
    assert story.until("2026-05-04 09:00").outcome == "churned"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_a_day_begins_where_the_owner_is(zone: str) -> None:
    story = Story(RENEWAL, owners={"rep": {"name": "Ren", "timezone": zone}})

    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01")
    begins = story.state.expected["renewal"].astimezone(ZoneInfo(zone))

    assert (begins.date(), begins.hour) == (date(2026, 12, 1), 9)


def test_an_owner_elsewhere_does_not_start_a_play_twice() -> None:
    story = signed("2027-03-01").until("2026-12-01 09:30")

    story.order("reassign", role="rep", to={"name": "Ana", "timezone": "America/Los_Angeles"}, why="moved")
    story.until("2026-12-05 10:00")

    assert begun(story) == ["01 Dec 2026"]


NUDGE = of_stage("""
- name: nudge
  on: {after: proposal.sent_at, by: 1bd, at: opening}
  do: [{email: nudge, marketing: false}]
""")


@pytest.mark.parametrize(
    ("sent", "nudged"),
    [
        ("2026-03-03 15:23", "Wed 09:00 nudge"),
        ("2026-03-03 07:00", "Wed 09:00 nudge"),  # before the day began: it counts as sent at its opening
        ("2026-03-06 16:59", "Mon 09:00 nudge"),
        ("2026-03-07 12:00", "Tue 09:00 nudge"),
    ],
)
def test_what_comes_at_the_opening_comes_on_the_next_working_morning(sent: str, nudged: str) -> None:
    story = Story(NUDGE).until(sent)

    story.tell("proposal_sent", proposal_id="P1")

    assert story.wait(days=5).sent == [nudged]


def test_an_opening_after_a_date_is_never_before_it() -> None:
    rules = of_stage("[{name: soon, on: {after: demo.starts_at, by: 1h, at: opening}, do: [{notify: boss}]}]")
    story = Story(rules)
    story.tell("demo_booked", starts_at="2026-03-03T15:00:00Z")

    assert [f"{entry.begins_at:%d %H:%M}" for entry in story.noted(e.PlayExpected) if entry.begins_at] == ["03 15:00"]


# --- dates that go away, or move under what waits ---------------------------------------------------------------

_BY_DATE = """
- {name: remind, on: {before: demo.starts_at, by: 24h}, do: [{email: reminder, marketing: false}]}
"""
_BY_STEP = """
- {name: remind, on: demo_booked, do: [{email: reminder, marketing: false, at: {before: demo.starts_at, by: 24h}}]}
"""


def _waiting(plays: str) -> Story:
    """A deal whose reminder of the demo on Friday waits for the mail server."""
    story = Story(of_stage(plays))
    story.keep("reminder")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-06T15:00:00Z")
    story.until("2026-03-05 15:01").come_back(story.all(SendEmail)[-1], "not_done", reason="mail is away")
    return story


@pytest.mark.parametrize("plays", [_BY_DATE, _BY_STEP])
def test_nobody_is_reminded_of_a_demo_that_was_taken_out_while_the_reminder_waited(plays: str) -> None:
    story = _waiting(plays)

    story.order("amend", known={"demo": None}, why="typed in by mistake")

    assert story.until("2026-03-06 15:00").sent == ["Thu 15:00 reminder"]


@pytest.mark.parametrize("plays", [_BY_DATE, _BY_STEP])
def test_a_reminder_that_waited_when_its_demo_was_moved_leaves_before_the_new_time(plays: str) -> None:
    story = _waiting(plays)

    story.order("amend", known={"demo": {"starts_at": "2026-03-13T15:00:00Z"}}, why="moved")

    times = [f"{email.at:%d %H:%M}" for email in story.until("2026-03-14 10:00").all(SendEmail)]
    assert times == ["05 15:00", "12 15:00"]


def test_a_demo_that_is_moved_is_reminded_of_once() -> None:
    story = Story(of_stage(_BY_STEP))
    story.tell("demo_booked", demo="d1", starts_at="2026-03-06T15:00:00Z")

    story.wait(hours=1).tell("demo_booked", demo="d1", starts_at="2026-03-13T15:00:00Z")

    assert [f"{email.at:%d %H:%M}" for email in story.until("2026-03-14 10:00").all(SendEmail)] == ["12 15:00"]


def test_each_of_two_demos_is_reminded_of() -> None:
    story = Story(of_stage("- {name: confirm, on: demo_booked, do: [{after: 1h, email: confirm, marketing: false}]}"))
    story.tell("demo_booked", demo="d1", starts_at="2026-03-06T15:00:00Z")

    story.tell("demo_booked", demo="d2", starts_at="2026-03-13T15:00:00Z")

    assert story.wait(hours=2).sent == ["Mon 11:00 confirm", "Mon 11:00 confirm"]
