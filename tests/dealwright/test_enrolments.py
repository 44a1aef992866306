"""``enrol``: a contact goes through a cadence that runs in another tool, until nobody wants them there any more."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.diagnostics.diagnostic import BadInput
from dealwright.effects import EnrolContact, SendEmail, StopEnrolment
from tests.dealwright.enrolment_stories import BEN, RULES, ended, enrolled
from tests.dealwright.story import ANA, Story, of_stage, playbook


def test_the_contact_is_enrolled_in_the_tool_that_the_step_names() -> None:
    (effect,) = enrolled().all(EnrolContact)
    assert (effect.tool, effect.sequence, effect.to.id, effect.sender_role) == ("outreach", "42", "ana", "rep")


def test_what_comes_next_is_reckoned_from_the_end_of_the_cadence() -> None:
    story = enrolled().until("2026-03-10 10:00")
    assert not story.steps
    ended(story, "finished")
    assert list(story.steps.values()) == ["Wed 11 Mar 10:00"]
    assert not story.all(StopEnrolment)


def test_with_a_delay_the_play_goes_on_beside_the_cadence_which_is_stopped_with_it() -> None:
    story = enrolled(
        of_stage("""
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received]
  steps: [{enrol: outreach/42, wait: 3bd}, {task: call}]
""")
    )
    story.until("2026-03-05 12:00")
    assert list(story.tasks) == ["call"]
    story.tell("reply_received", sentiment="interested", id="r-1")
    assert [one.reason for one in story.all(StopEnrolment)] == ["prospecting stopped: reply received"]


def test_without_waiting_a_play_lasts_as_long_as_its_cadence_so_that_its_until_holds() -> None:
    story = enrolled(
        of_stage("""
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received]
  steps: [{enrol: outreach/42, wait: false}]
""")
    )
    story.until("2026-03-10 10:00").tell("reply_received", sentiment="interested", id="r-1")
    assert len(story.all(StopEnrolment)) == 1
    assert not story.state.runs


@pytest.mark.parametrize(
    ("fact", "payload"),
    [
        ("reply_received", {"sentiment": "interested"}),
        ("opted_out", {"contact": "ana"}),
        ("email_bounced", {"contact": "ana"}),
    ],
)
def test_whoever_answers_opts_out_or_bounces_is_taken_out(fact: str, payload: dict[str, object]) -> None:
    story = enrolled()
    story.tell(fact, id="f-1", **payload)
    (stopped,) = story.all(StopEnrolment)
    assert (stopped.tool, stopped.sequence, stopped.address) == ("outreach", "42", "ana@buyer.example")
    assert not story.state.enrolments


def test_an_opt_out_takes_out_although_the_play_does_not_end_by_it() -> None:
    story = enrolled(
        of_stage("""
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received]
  steps: [{enrol: outreach/42}, {task: call}]
""")
    )
    story.tell("opted_out", contact="ana", id="o-1")
    assert [one.reason for one in story.all(StopEnrolment)] == ["the contact opted out"]
    assert list(story.tasks) == ["call"]


def test_an_enrolment_of_which_nobody_knows_whether_it_was_made_is_stopped_too() -> None:
    story = Story(RULES)
    story.keep("enrol_contact")
    story.tell("lead_qualified", level="sql", id="q-1")
    story.come_back(story.all(EnrolContact)[0], "uncertain", reason="no answer")
    story.tell("reply_received", sentiment="interested", id="r-1")
    assert len(story.all(StopEnrolment)) == 1


def test_what_the_tool_tells_of_an_uncertain_enrolment_settles_it() -> None:
    story = Story(RULES)
    story.keep("enrol_contact")
    story.tell("lead_qualified", level="sql", id="q-1")
    (effect,) = story.all(EnrolContact)
    story.come_back(effect, "uncertain", reason="no answer")
    assert "settle_uncertain" in story.tasks
    assert "enrolment_advanced" not in story.decision.quiet
    story.tell("enrolment_advanced", enrolment=effect.enrolment, step="1", id="a-1")
    assert not story.tasks
    assert not story.state.pending


def test_an_enrolment_that_was_called_off_too_late_is_stopped_once_it_is_known() -> None:
    story = Story(RULES)
    story.keep("enrol_contact", "stop_enrolment")
    story.tell("lead_qualified", level="sql", id="q-1")
    (effect,) = story.all(EnrolContact)
    story.tell("reply_received", sentiment="interested", id="r-1")
    assert story.withdrawn == [effect.id]
    before = len(story.all(StopEnrolment))
    story.come_back(effect, "done", reference="sequenceState:7")
    assert len(story.all(StopEnrolment)) == before + 1


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_where_nobody_was_enrolled_the_play_goes_on(status: str) -> None:
    story = Story(RULES)
    story.keep("enrol_contact")
    story.tell("lead_qualified", level="sql", id="q-1")
    story.come_back(story.all(EnrolContact)[0], status, reason="no such sequence")
    assert not story.state.enrolments
    assert list(story.steps.values()) == ["Tue 03 Mar 10:00"]


def test_the_end_of_a_deal_ends_its_enrolments() -> None:
    story = enrolled()
    story.order("close", outcome="lost", why="no budget")
    assert len(story.all(StopEnrolment)) == 1


def test_a_pause_ends_enrolments_and_the_play_goes_on_after_it() -> None:
    story = enrolled()
    story.order("pause", why="holidays")
    assert [one.reason for one in story.all(StopEnrolment)] == ["the deal is paused"]
    story.until("2026-03-05 10:00")
    assert not story.tasks
    story.order("resume")
    story.until("2026-03-09 12:00")
    assert list(story.tasks) == ["call"]


def test_a_playbook_without_the_step_takes_the_contact_out() -> None:
    story = enrolled()
    other = of_stage(
        """
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received, opted_out]
  steps: [{task: call, after: 1d}]
""",
        before="playbook: other\nroles: {rep: {reports_to: boss}, boss: {}}",
    )
    story.offers["other"] = ("f" * 64, other)
    story.order("adopt_playbook", playbook="other", why="new rules")
    assert [one.reason for one in story.all(StopEnrolment)] == ["other has no such step"]


def test_a_playbook_with_the_step_leaves_the_contact_in_and_waits_on() -> None:
    story = enrolled()
    other = of_stage(
        """
- name: prospecting
  on: {lead_qualified: sql}
  until: [reply_received, opted_out]
  steps: [{notify: boss}, {enrol: outreach/42}, {task: write, after: 1d}]
""",
        before="playbook: other\nroles: {rep: {reports_to: boss}, boss: {}}",
    )
    story.offers["other"] = ("f" * 64, other)
    story.order("adopt_playbook", playbook="other", why="new rules")
    assert not story.all(StopEnrolment)
    ended(story.until("2026-03-03 10:00"), "finished")
    assert list(story.steps.values()) == ["Wed 04 Mar 10:00"]


def test_a_contact_who_leaves_the_deal_is_taken_out() -> None:
    story = enrolled(contacts=[ANA, BEN])
    story.tell(
        "reply_received", sentiment="wrong_person", contact="ana", refers_to={"id": "ben", "name": "Ben"}, id="r-1"
    )
    assert len(story.all(StopEnrolment)) == 1


BESIDE = """
- name: prospecting
  on: {{lead_qualified: sql}}
  steps: [{{enrol: outreach/42{more}}}]
- name: news
  on: buying_signal_seen
  steps: [{{email: news}}]
"""


def test_messages_of_ours_wait_until_the_cadence_is_over() -> None:
    story = enrolled(of_stage(BESIDE.format(more="")))
    story.until("2026-03-05 10:00").tell("buying_signal_seen", signal="visit", id="s-1")
    assert story.sent == []
    ended(story.until("2026-03-10 10:00"), "finished")
    assert story.sent == ["Tue 10:00 news"]


def test_messages_of_ours_go_beside_a_cadence_where_the_playbook_says_so() -> None:
    story = enrolled(of_stage(BESIDE.format(more=", beside: true")))
    story.until("2026-03-05 10:00").tell("buying_signal_seen", signal="visit", id="s-1")
    assert story.sent == ["Thu 10:00 news"]


def test_messages_to_others_do_not_wait() -> None:
    story = enrolled(of_stage(BESIDE.format(more="").replace("email: news", "email: news, to: sponsor")), contacts=[
        ANA, {**BEN, "role": "sponsor"},
    ])  # fmt: skip
    story.until("2026-03-05 10:00").tell("buying_signal_seen", signal="visit", id="s-1")
    assert [one.to.id for one in story.all(SendEmail)] == ["ben"]


def test_nobody_is_enrolled_who_opted_out() -> None:
    story = Story(RULES)
    story.tell("opted_out", contact="ana", id="o-1")
    story.tell("lead_qualified", level="sql", id="q-1")
    assert not story.all(EnrolContact)


def test_nobody_is_enrolled_outside_their_hours_or_while_away() -> None:
    story = Story(RULES, at="2026-03-02 23:00")
    story.tell("lead_qualified", level="sql", id="q-1")
    assert not story.all(EnrolContact)
    story.until("2026-03-03 12:00")
    assert [f"{one.at:%a %H:%M}" for one in story.all(EnrolContact)] == ["Tue 09:00"]


def test_an_enrolment_counts_for_the_caps_of_messages() -> None:
    story = enrolled(
        of_stage(
            """
- name: prospecting
  on: {lead_qualified: sql}
  steps: [{enrol: outreach/42}]
""",
            before="limits: {touches_per_contact: {max: 1, per: 7d}}",
        )
    )
    (effect,) = story.all(EnrolContact)
    assert [(cap.scope, cap.most) for cap in effect.caps] == [("contact", 1)]


def test_what_was_put_off_by_a_cap_is_begun_as_the_deal_is_known_then_and_not_after_an_opt_out() -> None:
    story = Story(RULES)
    story.keep("enrol_contact")
    story.tell("lead_qualified", level="sql", id="q-1")
    story.come_back(story.all(EnrolContact)[0], "deferred", until="2026-03-04T10:00:00Z")
    story.tell("opted_out", contact="ana", id="o-1")
    story.until("2026-03-09 10:00")
    assert len(story.all(EnrolContact)) == 1
    assert not story.all(StopEnrolment)


def put_off_until(when: str, rules: object = RULES, **known: object) -> Story:
    """A deal whose enrolment was put off, and is to be tried again at that time."""
    story = Story(rules, **known)  # type: ignore[arg-type]
    story.keep("enrol_contact")
    story.tell("lead_qualified", level="sql", id="q-1")
    story.come_back(story.all(EnrolContact)[0], "deferred", until=f"{when.replace(' ', 'T')}:00Z")
    return story


def test_what_was_put_off_is_begun_in_the_hours_of_its_contact_and_may_leave_until_they_end() -> None:
    story = put_off_until("2026-03-03 23:00").until("2026-03-04 12:00")
    again = story.all(EnrolContact)[-1]
    assert f"{again.at:%a %H:%M}" == "Wed 09:00"
    assert again.not_after is not None
    assert again.not_after > again.at


def test_what_was_put_off_waits_while_its_contact_is_away() -> None:
    story = put_off_until("2026-03-03 10:00")
    story.tell("reply_received", sentiment="out_of_office", contact="ana", returns_on="2026-03-09", id="r-1")
    assert len(story.until("2026-03-06 10:00").all(EnrolContact)) == 1


def test_what_was_put_off_is_in_the_name_of_whoever_has_the_role_by_then() -> None:
    story = put_off_until("2026-03-03 10:00")
    story.order("reassign", role="rep", to={"name": "Rea Rep", "email": "rea@seller.example"}, why="Rea is back")
    again = story.until("2026-03-03 12:00").all(EnrolContact)[-1]
    assert again.sender is not None
    assert again.sender.name == "Rea Rep"


def test_what_was_put_off_waits_until_another_cadence_is_over() -> None:
    story = put_off_until("2026-03-04 10:00", of_stage("""
- {name: nurture, on: {lead_qualified: sql}, steps: [{enrol: reply/nurture, beside: true}]}
- {name: prospecting, on: demo_held, steps: [{enrol: outreach/42}]}
"""))  # fmt: skip
    story.until("2026-03-03 12:00").tell("demo_held")
    story.until("2026-03-04 12:00")
    assert [one.tool for one in story.all(EnrolContact)] == ["reply", "outreach"]
    story.tell("enrolment_ended", enrolment=story.all(EnrolContact)[-1].enrolment, how="finished", id="end-1")
    assert [one.tool for one in story.until("2026-03-20 12:00").all(EnrolContact)] == ["reply", "outreach", "reply"]


def test_what_was_put_off_is_not_begun_once_its_condition_holds_no_longer_and_the_play_goes_on() -> None:
    story = put_off_until("2026-03-04 10:00", of_stage("""
- {name: prospecting, on: {lead_qualified: sql}, steps: [{enrol: outreach/42, unless: demo_held}, {task: call}]}
"""))  # fmt: skip
    story.tell("demo_held")
    story.until("2026-03-04 12:00")
    assert len(story.all(EnrolContact)) == 1
    assert (story.state.enrolments, list(story.tasks)) == ({}, ["call"])


def test_an_end_that_bounced_or_opted_out_silences_the_address() -> None:
    for how in ("bounced", "opted_out"):
        story = enrolled()
        ended(story, how)
        assert list(story.state.silenced) == ["ana@buyer.example"]


def test_what_is_told_of_an_enrolment_that_is_over_is_no_news() -> None:
    story = enrolled()
    ended(story, "finished")
    ended(story, "stopped")
    assert story.last(e.FactTaken).no_news is not None
    assert len(story.noted(e.EnrolmentOver)) == 1


def test_plays_may_start_by_how_a_cadence_ended() -> None:
    story = enrolled(
        of_stage("""
- name: prospecting
  on: {lead_qualified: sql}
  steps: [{enrol: outreach/42}]
- name: after
  on: {enrolment_ended: finished}
  steps: [{task: call}]
""")
    )
    ended(story, "finished")
    assert list(story.tasks) == ["call"]


@pytest.mark.parametrize("written", ["outreach", "/42", "outreach/", "Outreach/42", "outreach/a b"])
def test_a_cadence_that_names_no_tool_and_sequence_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match="names no cadence of a tool"):
        playbook(f"""
stages:
  - name: selling
    owner: rep
    plays:
      - name: prospecting
        on: demo_held
        steps: [{{enrol: "{written}"}}]
""")
