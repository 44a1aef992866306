"""A handoff that nobody accepts is escalated, and falls back."""

from __future__ import annotations

from dealwright import entries as e
from tests.dealwright.story import Story, playbook

FALLING = """
handoffs: [{name: over, from: rep, to: expert, needs: [use_case], accept_within: 4bh, escalate: lead ROUNDS}]
stages:
  - name: one
    owner: rep
    leave_when: {handoff_accepted: over}
    plays: [{name: pass, on: demo_held, do: [{handoff: over}]}]
  - name: two
    owner: expert
    plays:
      - {name: onboard, on: entered, do: [{task: onboard}]}
plays:
  - {name: fallen, on: {handoff_fell_back: over}, do: [{notify: rep, text: It fell back}]}
"""


ROLES = "playbook: tiny\nroles: {rep: {reports_to: boss}, expert: {reports_to: boss}, boss: {}, lead: {}}\n"


_NEVER = "2026-04-02 10:00"


def falling(*, notes: dict[str, str] | None = None, rules: str = FALLING.replace(" ROUNDS", "")) -> Story:
    story = Story(playbook(ROLES + rules), notes={"use_case": "reports"} if notes is None else notes)
    story.tell("demo_held")
    return story


def test_a_handoff_that_nobody_accepts_falls_back_and_the_deal_goes_on() -> None:
    story = falling().until(_NEVER)

    fell = next(entry for entry in story.noted(e.HandoffAnswered) if entry.answer == "fell_back")
    assert fell.sentence() == ("Handoff over fell back to lead: expert did not accept it, and 3 deadlines went by")
    assert f"{fell.at:%a %d %b %H:%M}" == "Thu 05 Mar 14:00"
    assert (story.stage, story.state.owner_role, story.state.handoffs) == ("two", "lead", {})
    assert "onboard" in story.tasks


def test_plays_may_wait_for_a_handoff_that_fell_back() -> None:
    assert falling().until(_NEVER).told.count("rep: It fell back") == 1


def test_whoever_the_deal_fell_to_is_asked_to_see_to_it_and_it_draws_attention() -> None:
    story = falling().until("2026-03-05 15:00")

    assert (story.task("take_over").role, story.task("take_over").title) == (
        "lead",
        "Take over, or find who does: over",
    )
    assert list(story.state.attention.values()) == [
        "Handoff over fell back: expert did not accept it. lead has the deal, until expert accepts it."
    ]


def test_a_receiver_who_comes_late_still_takes_it() -> None:
    story = falling().until(_NEVER)

    assert story.order("accept_handoff", by="expert", handoff="over").accepted
    assert (story.state.owner_role, story.state.attention, story.state.fallen) == ("expert", {}, {})
    assert "take_over" not in story.tasks


def test_nobody_else_takes_what_fell_back() -> None:
    verdict = falling().until(_NEVER).order("accept_handoff", by="rep", handoff="over")

    assert verdict.text.startswith("This handoff is not open: it fell back to lead, and only expert can accept it")


def test_pieces_that_nobody_supplies_do_not_hold_a_handoff_for_ever() -> None:
    story = falling(notes={}).until(_NEVER)

    assert (story.stage, story.state.owner_role) == ("two", "lead")
    assert "supply_handoff_pieces" not in story.tasks
    assert any("nobody supplied use case" in text for text in story.state.attention.values())


def test_pieces_that_are_said_to_be_there_and_are_not_do_not_hold_it_either() -> None:
    story = falling(notes={})
    story.order("complete_task", task="supply_handoff_pieces")

    assert story.until(_NEVER).stage == "two"


def test_what_is_declined_and_never_mended_falls_back_too() -> None:
    story = falling()
    story.order("decline_handoff", by="expert", handoff="over", why="which plan?")

    assert story.until(_NEVER).stage == "two"


def test_a_receiver_gets_every_deadline_of_an_offer() -> None:
    story = falling(notes={}).until("2026-03-04 15:00")
    story.tell("notes_learned", notes={"use_case": "reports"})

    story.until("2026-03-09 12:00")

    assert list(story.state.handoffs) == ["acme/pass/1/1/1"]


def test_a_playbook_says_after_how_many_deadlines() -> None:
    story = falling(rules=FALLING.replace(" ROUNDS", ", falls_back_after: 1")).until("2026-03-02 14:00")

    assert story.stage == "two"


def test_without_a_role_to_escalate_to_it_falls_to_the_receivers_boss() -> None:
    story = falling(rules=FALLING.replace(", escalate: lead ROUNDS", "")).until(_NEVER)

    assert story.state.owner_role == "boss"


def test_a_receiver_without_a_boss_gives_it_back_to_the_giver() -> None:
    rules = FALLING.replace(", escalate: lead ROUNDS", "").replace("to: expert", "to: boss")
    story = falling(rules=rules).until(_NEVER)

    assert story.last(e.HandoffAnswered).to_role == "rep"


def test_a_handoff_that_is_begun_anew_forgets_that_it_fell_back() -> None:
    story = falling().until(_NEVER)
    story.order("move_to_stage", stage="one", why="once more")

    story.tell("demo_held")

    assert (story.state.fallen, len(story.state.handoffs)) == ({}, 1)


_GONE_ON = """
roles: {rep: {reports_to: boss}, expert: {reports_to: boss}, keeper: {reports_to: boss}, boss: {}}
playbook: tiny
handoffs: [{name: over, from: rep, to: expert, escalate: boss}]
stages:
  - {name: first, owner: rep, leave_when: note_added, plays: [{name: hand, on: entered, do: [{handoff: over}]}]}
  - {name: second, owner: expert, leave_when: demo_held}
  - {name: third, owner: keeper}
"""


def _gone_on() -> Story:
    story = Story(playbook(_GONE_ON))
    story.tell("note_added", text="x")
    story.tell("demo_held")
    assert (story.stage, story.state.owner_role) == ("third", "keeper")
    return story


def test_a_deal_that_has_gone_on_to_somebody_else_stays_theirs_when_an_old_handoff_is_accepted() -> None:
    story = _gone_on()

    verdict = story.order("accept_handoff", handoff="over", by="expert")

    assert verdict.text == "Noted. The deal has gone on meanwhile: keeper has it."
    assert story.state.owner_role == "keeper"


def test_an_old_handoff_does_not_fall_back_once_the_deal_has_gone_on_to_somebody_else() -> None:
    story = _gone_on().wait(days=60)

    assert (story.state.owner_role, story.state.handoffs, story.state.fallen) == ("keeper", {}, {})


def test_the_receiver_may_accept_when_the_deal_is_in_their_stage_by_then() -> None:
    story = Story(playbook(_GONE_ON))
    story.tell("note_added", text="x")

    assert story.order("accept_handoff", handoff="over", by="expert").text == "expert has the deal."
    assert story.state.owner_role == "expert"
