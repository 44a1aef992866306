"""Cool-off: whoever did not answer is left alone by all deals for a while, and so is their account."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.playbook.language.model import Playbook
from tests.dealwright.story import Story, of_stage, playbook

LIMITS = "limits: {cool_off: 90d}"
CADENCE = """
- name: cold
  on: entered
  until: [opted_out, {call_logged: connected}]
  steps: [{email: one}, {after: 2d, email: two}, {after: 3d, task: call}]
- {name: mail, on: note_added, do: [{email: news}, {email: receipt, marketing: false}]}
"""
RULES = of_stage(CADENCE, before=f"ends: [{{when: deal_lost, as: lost}}]\n{LIMITS}")


def begun(story: Story) -> list[tuple[str | None, tuple[str, ...], str]]:
    return [(one.account, one.addresses, one.why) for one in story.entries if isinstance(one, e.CoolOffBegan)]


def deal(rules: Playbook = RULES) -> Story:
    return Story(rules, account={"id": "acme"})


def test_a_cadence_that_nobody_answered_leaves_them_and_their_account_alone() -> None:
    story = deal().until("2026-03-10 10:00")
    assert begun(story) == []

    story.order("complete_task", task="call")

    assert begun(story) == [("acme", ("ana@buyer.example",), "nobody answered cold")]


@pytest.mark.parametrize(
    ("fact", "payload"),
    [
        ("reply_received", {"contact": "ana", "sentiment": "other"}),
        ("meeting_booked", {"starts_at": "2026-04-01T10:00:00Z"}),
        ("conversation_recorded", {"conversation": "c1", "parties": [{"contact": "ana"}]}),
        ("call_logged", {"result": "no_answer", "direction": "in"}),
        ("meeting_held", {}),
    ],
)
def test_a_cadence_that_somebody_answered_leaves_nobody_alone(fact: str, payload: dict[str, object]) -> None:
    story = deal().until("2026-03-10 10:00")
    story.tell(fact, **payload)

    story.order("complete_task", task="call")

    assert begun(story) == []


def test_a_play_without_marketing_leaves_nobody_alone() -> None:
    rules = of_stage("[{name: a, on: entered, do: [{email: a, marketing: false}]}]", before=LIMITS)

    assert begun(deal(rules).wait(days=9)) == []


def test_a_cadence_that_takes_the_deal_away_is_over_too() -> None:
    rules = playbook(
        f"""
{LIMITS}
stages:
  - name: selling
    owner: rep
    plays: [{{name: cold, on: entered, steps: [{{email: one}}, {{after: 2d, enter: later}}]}}]
  - {{name: later, owner: rep}}
"""
    )

    assert begun(deal(rules).wait(days=9)) == [("acme", ("ana@buyer.example",), "nobody answered cold")]


def test_a_lost_deal_leaves_all_alone_whom_it_wrote_to() -> None:
    story = deal().until("2026-03-03 10:00")

    story.tell("deal_lost")

    assert begun(story) == [("acme", ("ana@buyer.example",), "the deal is lost")]


def test_an_opt_out_leaves_the_account_alone() -> None:
    story = deal()

    story.tell("opted_out", contact="ana")

    assert begun(story) == [("acme", (), "somebody there opted out")]


def test_without_a_cool_off_nobody_is_left_alone() -> None:
    story = deal(of_stage(CADENCE, before="ends: [{when: deal_lost, as: lost}]"))

    story.tell("deal_lost")

    assert begun(story) == []


def test_marketing_waits_for_the_account_and_the_contact_and_counts_for_neither() -> None:
    emails = {one.template: one.caps for one in deal().all(SendEmail)}

    assert [(cap.scope, cap.key, cap.per.days, cap.most, cap.counts) for cap in emails["one"]] == [
        ("cool_off_account", "acme", 90, 1, False), ("cool_off_contact", "ana@buyer.example", 90, 1, False),
    ]  # fmt: skip


def test_service_messages_do_not_wait() -> None:
    story = deal()
    story.tell("note_added", text="paid")

    assert [one.caps for one in story.all(SendEmail) if one.template == "receipt"] == [()]


@pytest.mark.parametrize(("source", "caps"), [("inbound", 0), ("outbound", 2)])
def test_deals_that_the_playbook_excepts_do_not_wait(source: str, caps: int) -> None:
    rules = of_stage(CADENCE, before="limits: {cool_off: {per: 90d, unless: {deal.source: inbound}}}")
    story = Story(rules, account={"id": "acme"}, source=source)

    assert [len(one.caps) for one in story.all(SendEmail)] == [caps]


def test_other_deals_hear_of_it_at_once() -> None:
    calm = "[{name: cold, on: entered, steps: [{email: one}, {after: 2d, notify: rep}]}]"
    story = deal(of_stage(calm, before=LIMITS)).until("2026-03-04 10:00")

    decision = story.oversleep("2026-03-04 12:00")

    assert (len(begun(story)), decision.report_now) == (1, True)
