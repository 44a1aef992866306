"""What was done with the buyer is logged in the CRM, where the playbook says so."""

from __future__ import annotations

from dealwright.effects import LogActivity, SendEmail
from tests.dealwright.story import MONDAY, Story, of_stage

_HELLO = "- {name: greet, on: lead_qualified, do: [{email: hello}]}"
ALL = of_stage(_HELLO, before="crm: {log: [emails, calls, meetings, notes]}")


def logged(story: Story) -> list[tuple[str, str | None, str | None]]:
    """What was logged: its kind, its direction, and what it says."""
    return [(one.what, one.direction, one.subject or one.text or one.result) for one in story.all(LogActivity)]


def test_nothing_is_logged_unless_the_playbook_says_so() -> None:
    story = Story(of_stage(_HELLO, before="crm: {}"))
    story.tell("lead_qualified", level="mql")
    story.tell("call_logged", result="connected")
    assert (story.sent, logged(story)) == (["Mon 10:00 hello"], [])


def test_a_message_is_logged_once_it_went_out() -> None:
    story = Story(ALL)
    story.keep("send_email")
    story.tell("lead_qualified", level="mql")
    assert logged(story) == []
    (email,) = story.all(SendEmail)
    conversation = {"subject": "Hello Ana", "references": ["<1@x>"]}
    story.come_back(email, "done", reference="<1@x>", conversation=conversation)
    (activity,) = story.all(LogActivity)
    assert (activity.subject, activity.reference, activity.direction) == ("Hello Ana", "<1@x>", "out")
    assert activity.contact is not None
    assert activity.contact.id == "ana"


def test_a_reply_is_logged_by_the_way_it_came() -> None:
    story = Story(ALL)
    story.tell("reply_received", sentiment="interested", contact="ana", note="Tell me more")
    story.tell("reply_received", sentiment="other", channel="sms", note="Call me")
    story.tell("reply_received", sentiment="out_of_office")
    assert logged(story) == [("email", "in", "Reply: interested"), ("note", "in", "Reply: other")]
    assert [one.channel for one in story.all(LogActivity)] == [None, "sms"]


def test_a_call_is_logged_with_how_far_it_got_and_who_told_of_it() -> None:
    story = Story(ALL)
    story.tell("call_logged", result="voicemail", source="hubspot", at="2026-03-02T09:00:00Z")
    (activity,) = story.all(LogActivity)
    assert (activity.what, activity.result, activity.source) == ("call", "voicemail", "hubspot")
    assert f"{activity.happened_at:%H:%M}" == "09:00"


def test_a_meeting_is_logged_when_it_was_held_once_and_with_its_time() -> None:
    story = Story(ALL)
    story.tell("meeting_booked", starts_at="2026-03-02T13:00:00Z", meeting="m1")
    story.until("2026-03-02 14:00")
    story.tell("meeting_held")
    story.tell("discovery_held")
    (activity,) = story.all(LogActivity)
    assert (activity.subject, activity.reference, f"{activity.happened_at:%H:%M}") == ("Meeting held", "m1", "13:00")


def test_a_note_is_logged() -> None:
    story = Story(ALL, at=MONDAY)
    story.tell("note_added", text="Likes the product")
    assert logged(story) == [("note", None, "Likes the product")]


def test_what_was_done_is_logged_also_when_it_ends_the_deal() -> None:
    ends = "crm: {log: [calls]}\nends: [{when: {call_logged: connected}, as: lost}]"
    story = Story(of_stage(_HELLO, before=ends))
    decision = story.tell("call_logged", result="connected")
    assert story.outcome == "lost"
    assert [effect.kind for effect in decision.effects] == ["log_activity", "update_crm"]
