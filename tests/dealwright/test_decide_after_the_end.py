"""A deal whose life is over: who hears of what comes after all, and how it goes on."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.story import ANA, Story, of_stage, playbook

RULES = """
ends: [{when: deal_lost, as: lost}]
stages:
  - name: selling
    owner: rep
    plays: [{name: cadence, on: entered, steps: [{email: hello}, {after: 2d, email: again}]}]
  - {name: closing, owner: expert}
"""


def lost() -> Story:
    story = Story(playbook(RULES))
    story.tell("deal_lost", reason="price")
    return story


@pytest.mark.parametrize(
    ("fact", "payload"),
    [
        ("reply_received", {"sentiment": "interested"}),
        ("reply_received", {"sentiment": "other"}),
        ("meeting_booked", {"starts_at": "2026-03-10T10:00:00Z"}),
        ("demo_booked", {"starts_at": "2026-03-10T10:00:00Z"}),
        ("proposal_accepted", {}),
        ("contract_signed", {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}),
    ],
)
def test_the_last_owner_hears_of_a_buyer_who_is_back_and_is_asked_what_comes_of_it(
    fact: str, payload: dict[str, object]
) -> None:
    story = lost()

    decision = story.tell(fact, **payload)

    assert (story.outcome, story.state.finished, decision.wake_at) == ("lost", True, None)
    assert [line.partition(",")[0].partition(" (")[0] for line in story.told] == [
        f"rep: {fact[0].upper()}{fact[1:].replace('_', ' ')}"
    ]
    assert list(story.tasks) == ["answer_after_the_end"]
    assert story.last(e.FactTaken).fact == fact


def test_several_replies_are_told_each_and_asked_about_once() -> None:
    story = lost()

    for number in range(3):
        story.tell("reply_received", id=f"r{number}", sentiment="interested")

    assert (len(story.told), len(story.state.tasks)) == (3, 1)
    assert len({effect.id for effect in story.effects}) == len(story.effects)


def test_a_machine_that_says_that_somebody_is_away_calls_for_nobody() -> None:
    story = lost()

    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-20")

    assert (story.told, story.tasks) == ([], {})


def test_what_calls_for_nobody_is_kept_in_the_story() -> None:
    story = lost()

    story.tell("demo_held")

    assert story.last(e.FactRefused).error == "The deal was closed before (lost)."
    assert story.told == []


def test_the_owner_of_the_stage_in_which_it_ended_is_the_one_who_hears() -> None:
    story = Story(playbook(RULES))
    story.order("move_to_stage", stage="closing", why="x")
    story.tell("deal_lost")

    story.tell("reply_received")

    assert story.told[-1].startswith("expert: ")


def test_a_reopened_deal_begins_its_stage_anew() -> None:
    story = lost()
    story.tell("reply_received", sentiment="interested")

    verdict = story.order("reopen", by="Bo", why="they answered")

    assert (verdict.accepted, verdict.text) == (True, "The deal is open again, in selling.")
    assert (story.outcome, story.state.finished, story.stage) == (None, False, "selling")
    assert story.last(e.DealReopened).sentence() == "Reopened by Bo: they answered (it was lost)"
    assert story.until("2026-03-05 10:00").sent == ["Mon 10:00 hello", "Wed 10:00 again"]
    assert story.decision.wake_at is not None


def test_a_deal_may_be_reopened_in_another_stage() -> None:
    story = lost()

    assert story.order("reopen", why="x", stage="closing").accepted
    assert (story.stage, story.state.owner_role) == ("closing", "expert")


def test_a_reopened_deal_may_end_again_and_be_reopened_again() -> None:
    story = lost()
    for _ in range(3):
        assert story.order("reopen", why="x").accepted
        story.tell("deal_lost")

    assert story.outcome == "lost"
    assert len({effect.id for effect in story.effects}) == len(story.effects)


def test_a_deal_is_reopened_into_a_stage_that_there_is() -> None:
    assert lost().order("reopen", why="x", stage="nowhere").text == (
        "There is no stage 'nowhere'. Stages are: selling, closing."
    )


def test_an_open_deal_is_not_reopened() -> None:
    verdict = Story(playbook(RULES)).order("reopen", why="x")

    assert (verdict.accepted, verdict.text) == (False, "The deal is open: there is nothing to reopen.")


def test_other_commands_to_a_finished_deal_are_answered_that_it_is_over() -> None:
    assert lost().order("pause", why="x").text == "The deal was closed before (lost)."


def test_a_reply_that_comes_with_the_end_is_heard() -> None:
    story = Story(playbook(RULES))

    story.tell_at_once(story.fact("deal_lost"), story.fact("reply_received", sentiment="interested"))

    assert len(story.told) == 1


def test_a_new_term_does_not_begin_for_a_deal_that_is_over() -> None:
    story = Story(playbook(f"renews_on: contract_renewed\n{RULES}"))
    story.tell("deal_lost")

    decision = story.tell("contract_renewed", starts_on="2026-04-01", ends_on="2027-03-31")

    assert (story.state.term, decision.next_term, len(story.told)) == (1, False, 1)


def test_the_last_owner_can_do_the_task_and_take_points_off_without_reopening_the_deal() -> None:
    story = lost()
    story.tell("reply_received", sentiment="interested")

    done = story.order("complete_task", by="rep", task="answer_after_the_end")
    taken_off = story.order("acknowledge", point="all", why="seen") if story.state.attention else done

    assert (done.accepted, taken_off.accepted, story.outcome, story.state.tasks) == (True, True, "lost", {})


def test_a_loss_that_is_taken_back_opens_the_deal_again() -> None:
    story = lost()

    story.tell("fact_retracted", retracts="deal_lost", by="rep")

    assert (story.outcome, story.stage, story.told) == (None, "selling", [])
    assert "hello" in " ".join(story.until("2026-03-04 12:00").sent)


def test_that_something_else_was_taken_back_opens_no_finished_deal() -> None:
    story = lost()

    story.tell("fact_retracted", retracts="demo_missed")

    assert story.outcome == "lost"


def test_a_reopened_deal_is_not_ended_by_what_happened_before_it_was_reopened() -> None:
    story = lost().wait(hours=1)
    story.order("reopen", why="they want to talk")

    story.tell("deal_lost", at="2026-03-02T09:30:00Z")

    assert story.outcome is None


def test_a_deal_that_was_paused_when_it_was_closed_goes_on_when_it_is_reopened() -> None:
    story = Story(of_stage("- {name: check, on: entered, do: [{after: 2h, notify: boss, text: look}]}"))
    story.order("pause", why="holidays")
    story.order("close", outcome="lost", why="x")

    story.order("reopen", why="a mistake")

    assert story.wait(hours=3).told == ["boss: look"]


_WHOLE_DEAL = """
plays:
  - {name: rescue, on: usage_reported, if: {deal.health: {lt: 50}}, do: [{task: rescue}]}
  - name: remind
    on: {before: demo.starts_at, by: 3d}
    do: [{task: prepare}, {after: 1d, email: reminder, marketing: false}]
stages: [{name: selling, owner: rep}]
"""


def test_a_reopened_deal_hears_anew_of_what_is_still_so() -> None:
    story = Story(playbook(_WHOLE_DEAL))
    story.tell("usage_reported", health=30)
    story.order("close", outcome="lost", why="x")
    story.order("reopen", why="a mistake")

    story.tell("usage_reported", health=29)

    assert set(story.tasks) == {"rescue"}


def test_what_was_not_done_for_a_date_when_a_deal_was_closed_is_done_when_it_is_reopened_in_time() -> None:
    story = Story(playbook(_WHOLE_DEAL))
    story.tell("demo_booked", starts_at="2026-03-06T15:00:00Z")
    story.until("2026-03-03 16:00").order("close", outcome="lost", why="x")

    story.order("reopen", why="a mistake")

    assert set(story.tasks) == {"prepare"}
    assert story.until("2026-03-06 16:00").sent == ["Wed 15:00 reminder"]


def test_what_another_contact_says_does_not_end_the_deal() -> None:
    ben = {**ANA, "id": "ben", "email": "ben@buyer.example"}
    rules = of_stage(
        "- {name: hi, on: entered, do: [{after: 9d, email: hi}]}", before="ends: [{when: opted_out, as: lost}]"
    )
    story = Story(rules, contacts=[ANA, ben])

    story.tell("opted_out", contact="ben")
    assert story.outcome is None

    story.tell("opted_out", contact="ana")
    assert story.outcome == "lost"


def test_a_deal_is_not_closed_again_by_a_date_that_was_past_when_it_was_opened_again() -> None:
    plays = """
- name: keep
  on: entered
  do: [{task: visit}, {at: {after: contract.ends_on, by: 2d}, close: churned}]
"""
    story = Story(of_stage(plays), contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    assert story.until("2026-03-12 10:00").outcome == "churned"

    story.order("reopen", why="they stay")

    assert (story.outcome, list(story.tasks)) == (None, ["visit"])
    why = "its time came before the deal was opened again"
    assert story.last(e.StepSkipped).sentence() == f"Skipped keep, step 2: close churned: {why}"
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09")
    assert story.wait(days=300).outcome is None


def test_whoever_starts_a_play_by_hand_sends_it_all_again() -> None:
    story = lost()
    story.order("reopen", why="they called")
    story.order("skip_play", play="cadence", why="from the beginning")
    story.order("start_play", play="cadence", why="from the beginning")

    assert story.sent == ["Mon 10:00 hello", "Mon 10:00 hello"]


def test_what_is_told_of_a_finished_deal_starts_nothing_when_it_is_opened_again_at_the_same_moment() -> None:
    signs = "- {name: billing, on: contract_signed, do: [{task: set_up_billing}]}"
    story = Story(of_stage(signs, before="ends: [{when: deal_lost, as: lost}]"))
    story.tell("deal_lost")
    signed = story.fact("contract_signed", starts_on="2026-04-01", ends_on="2027-03-31")

    story.tell_at_once(signed, story.command("reopen", why="they signed"))

    assert "set_up_billing" not in story.tasks
