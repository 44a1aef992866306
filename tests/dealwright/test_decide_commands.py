"""What people may order, what they are answered, and that each override is an entry with its reason."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.playbook.language.paths import known_path
from tests.dealwright.story import Story, of_stage, playbook

RULES = of_stage("""
- name: cadence
  on: entered
  steps: [{email: hello}, {after: 1d, task: call}, {after: 1d, email: again}, {after: 1d, name: last, email: bye}]
""")
NEXT = """
stages:
  - name: selling
    owner: rep
    plays:
      - name: cadence
        on: entered
        until: reply_received
        steps: [{email: hello}, {after: 1d, task: call}, {after: 5d, email: again}, {after: 1d, name: last, email: bye}]
      - {name: new, on: demo_held, do: [{notify: rep, text: New}]}
"""


def test_an_override_is_an_entry_with_who_and_why() -> None:
    story = Story(RULES)

    story.order("skip_play", by="Bo", play="cadence", why="they know us")

    (taken,) = story.noted(e.CommandTaken)
    assert (taken.by, taken.accepted, taken.why) == ("Bo", True, "they know us")
    assert taken.sentence() == "Bo: skip play - cadence is stopped. (because they know us)"


def test_a_command_is_written_down_at_once_whatever_follows_from_it() -> None:
    story = Story(RULES)
    story.order("skip_play", play="nothing", why="x")
    assert story.decision.report_now
    assert not story.decision.effects


def test_a_command_that_is_not_carried_out_is_an_entry_too() -> None:
    story = Story(RULES)

    story.order("skip_play", play="nothing", why="x")

    assert [(taken.accepted, taken.text) for taken in story.noted(e.CommandTaken)] == [
        (False, "No run of 'nothing' is under way. Running plays: cadence.")
    ]


def test_a_command_that_cannot_be_read_is_answered_with_what_is_wrong() -> None:
    verdict = Story(RULES).order("skip_play", play="cadence")

    assert (verdict.accepted, verdict.text) == (False, "why: 'why' is missing. Give it a value.")


def test_a_part_that_a_deal_does_not_have_is_not_taken_for_one() -> None:
    verdict = Story(RULES).order("amend", why="x", known={"title": "Fifty seats", "amuont": {"amount": "1"}})

    assert (verdict.accepted, verdict.text) == (
        False,
        "known.amuont: 'amuont' is no field here. Did you mean 'amount'?",
    )


def test_a_command_that_does_not_exist_is_answered_so() -> None:
    assert Story(RULES).order("dance").text.startswith("There is no command 'dance'. Write one of move_to_stage, ")


def test_a_play_may_be_skipped_as_a_whole() -> None:
    story = Story(RULES)

    story.order("skip_play", play="cadence", why="x")

    assert story.until("2026-03-20 10:00").sent == ["Mon 10:00 hello"]


def test_a_step_may_be_skipped_by_its_task_its_number_or_its_name() -> None:
    story = Story(RULES)

    for step in ("call", "3", "last"):
        assert story.order("skip_play", play="cadence", step=step, why="x").accepted

    assert (story.until("2026-03-20 10:00").sent, story.tasks) == (["Mon 10:00 hello"], {})


def test_after_a_skipped_step_the_next_one_counts_from_now() -> None:
    story = Story(RULES).until("2026-03-02 15:00")

    story.order("skip_play", play="cadence", step="call", why="x")

    assert story.steps == {"e-mail again": "Tue 03 Mar 15:00"}


def test_a_step_that_is_not_ahead_cannot_be_skipped() -> None:
    verdict = Story(RULES).order("skip_play", play="cadence", step="hello", why="x")

    assert verdict.text == "cadence has no step 'hello' ahead. Name it by its template, task or number."


def test_a_task_may_be_done_by_its_name_or_id_and_only_once() -> None:
    story = Story(RULES).until("2026-03-03 11:00")
    id_ = story.task("call").id

    assert story.order("complete_task", by="rep", task=id_, result="no answer").text == "Done: call."
    assert not story.order("complete_task", by="rep", task="call").accepted
    assert story.last(e.TaskClosed).sentence() == "Task done: call by rep - no answer"


def test_what_a_task_produced_becomes_known() -> None:
    story = Story(RULES).until("2026-03-03 11:00")

    story.order("complete_task", by="rep", task="call", notes={"use_case": "reports"})

    assert story.state.deal is not None
    assert story.state.deal.notes == {"use_case": "reports"}


def test_a_role_may_be_given_to_somebody_else() -> None:
    story = Story(RULES)

    verdict = story.order("reassign", role="rep", to={"name": "Ren", "email": "ren@seller.example"}, why="holiday")

    assert verdict.text == "Ren is now rep."
    assert story.until("2026-03-05 10:00").all(SendEmail)[-1].sender is not None
    assert story.all(SendEmail)[-1].to.id == "ana"


def test_a_role_that_nobody_has_cannot_be_given() -> None:
    verdict = Story(RULES).order("reassign", role="janitor", to={"name": "Ren"}, why="x")

    assert verdict.text == "There is no role 'janitor'. Roles are: rep, expert, boss."


def test_what_is_known_may_be_corrected() -> None:
    story = Story(RULES, source="outbound")

    assert story.order("amend", known={"source": "referral"}, why="Bo knows them").text == "Amended: source."
    assert story.state.deal is not None
    assert story.state.deal.source == "referral"


def test_a_wrong_correction_is_refused_with_what_is_wrong() -> None:
    verdict = Story(RULES).order("amend", known={"contacts": [{"id": "a", "name": "A", "timezone": "Mars"}]}, why="x")

    assert not verdict.accepted
    assert verdict.text.startswith("contacts[0].timezone: 'Mars' is not an IANA time zone")


def test_a_correction_of_nothing_is_refused() -> None:
    assert not Story(RULES).order("amend", known={}, why="x").accepted


def test_what_needs_attention_may_be_acknowledged() -> None:
    story = Story(RULES)
    story.tell("demo_hold")

    verdict = story.order("acknowledge", point="all", why="a typo")

    assert (verdict.accepted, story.state.attention) == (True, {})


def test_attention_that_nothing_needs_cannot_be_acknowledged() -> None:
    assert not Story(RULES).order("acknowledge", point="all", why="x").accepted


def test_a_deal_may_be_closed_with_a_reason() -> None:
    story = Story(RULES)

    story.order("close", by="Bo", outcome="disqualified", why="too small")

    assert (story.outcome, story.last(e.DealClosed).reason) == ("disqualified", "Bo: too small")


def adopting(text: str = NEXT) -> Story:
    story = Story(RULES).until("2026-03-03 11:00")
    rules = playbook(text, name="next")
    story.offers["next"] = ("f" * 64, rules)
    return story


def test_a_deal_may_follow_another_playbook() -> None:
    story = adopting()

    verdict = story.order("adopt_playbook", playbook="next", why="new rules")
    story.tell("demo_held")

    assert verdict.text == "The deal now follows next (ffffffffffff). cadence goes on at step 3."
    assert (story.state.playbook, story.told) == ("next", ["rep: New"])


def test_a_play_that_both_playbooks_have_goes_on_by_the_new_rules() -> None:
    story = adopting()
    story.order("adopt_playbook", playbook="next", why="new rules")
    story.order("complete_task", by="rep", task="call")

    assert story.steps == {"e-mail again": "Wed 04 Mar 10:00"}  # planned before, so it stays

    story.tell("reply_received")
    assert story.steps == {}


def test_a_play_that_the_new_playbook_does_not_have_is_stopped() -> None:
    story = adopting("stages: [{name: selling, owner: rep}]")

    story.order("adopt_playbook", playbook="next", why="new rules")

    assert (story.tasks, story.steps) == ({}, {})
    assert story.last(e.PlayEnded).why == "next has no such play"


def test_a_playbook_without_the_deals_stage_is_not_adopted() -> None:
    verdict = adopting("stages: [{name: other, owner: rep}]").order("adopt_playbook", playbook="next", why="x")

    remedy = "no stage is in both. Close this deal, and open another one that follows it."
    assert verdict.text == f"next has no stage 'selling': {remedy}"


def test_a_role_that_the_playbook_does_not_have_is_not_amended() -> None:
    owners = {"reb": {"name": "Rea"}}

    assert Story(RULES).order("amend", why="x", known={"owners": owners}).text.startswith("There is no role 'reb'.")
    assert list(Story(RULES, owners=owners).state.attention) == ["owners"]


def test_a_playbook_that_was_not_published_is_not_adopted() -> None:
    verdict = Story(RULES).order("adopt_playbook", playbook="next", why="x")

    assert verdict.text == "There is no playbook 'next' in the store: publish it first."


STARTED = """
plays: [{name: thanks, on: demo_held, do: [{notify: boss, text: Thanks}]}]
stages:
  - name: selling
    owner: rep
    plays:
      - {name: remind, on: {before: demo.starts_at, by: 1d}, do: [{email: reminder}]}
      - {name: warm, on: entered, if: {deal.source: inbound}, alone: true, steps: [{after: 1d, email: hello}]}
  - {name: later, owner: rep, plays: [{name: call, on: entered, do: [{task: call}]}]}
"""


def test_a_play_may_be_started_by_hand_though_its_trigger_does_not_come() -> None:
    story = Story(playbook(STARTED))

    verdict = story.order("start_play", by="Bo", play="thanks", why="met them")

    assert (verdict.accepted, verdict.text, story.told) == (True, "thanks is started.", ["boss: Thanks"])
    assert story.last(e.PlayStarted).because == "Bo: met them"


def test_a_play_may_be_started_by_hand_though_its_condition_does_not_hold() -> None:
    story = Story(playbook(STARTED), source="outbound")

    story.order("start_play", play="warm", why="x")

    assert story.steps == {"e-mail hello": "Tue 03 Mar 10:00"}


def test_a_dated_play_may_be_started_by_hand_before_its_time_and_then_does_not_come_again() -> None:
    story = Story(playbook(STARTED))
    story.tell("demo_booked", starts_at="2026-03-12T10:00:00Z")

    story.order("start_play", play="remind", why="x")

    assert story.until("2026-03-13 10:00").sent == ["Mon 10:00 reminder"]


def test_a_dated_play_may_be_started_by_hand_though_its_date_is_not_known() -> None:
    story = Story(playbook(STARTED))

    assert story.order("start_play", play="remind", why="x").accepted
    assert story.sent == ["Mon 10:00 reminder"]


def test_a_play_that_cannot_be_started_is_answered_with_why() -> None:
    story = Story(playbook(STARTED), source="inbound")

    texts = [story.order("start_play", play=play, why="x").text for play in ("thank", "call", "warm")]

    assert texts == [
        "There is no play 'thank' in tiny. Did you mean 'thanks'?",
        "call belongs to the stage later, and the deal is in selling: move it first.",
        "warm runs already, and wants to be alone: skip_play stops it.",
    ]


# --- a task teaches what it asks --------------------------------------------------------------------------------

ASKING = of_stage("""
- {name: qualify, on: entered, do: [{task: qualify, asks: [timeline, pain, use_case]}, {task: other}]}
""")


def learned(story: Story, *fields: str) -> list[object]:
    """What is known of the deal's qualification."""
    return [known_path(f"qualification.{field}").read(story.state) for field in fields]


def notes(story: Story) -> dict[str, str] | None:
    return story.state.deal.notes if story.state.deal else None


def test_what_a_task_asked_for_qualifies_the_deal() -> None:
    story = Story(ASKING, qualification={"budget": "24k"})

    story.order("complete_task", task="qualify", notes={"timeline": "May", "pain": "leads wait", "use_case": "reports"})

    assert learned(story, "budget", "timeline", "pain", "bant") == ["24k", "May", "leads wait", 2]
    assert notes(story) == {"timeline": "May", "pain": "leads wait", "use_case": "reports"}


def test_what_a_task_did_not_ask_for_stays_a_note() -> None:
    story = Story(ASKING)

    story.order("complete_task", task="other", notes={"timeline": "May"})

    assert (learned(story, "timeline"), notes(story)) == ([None], {"timeline": "May"})


def test_an_empty_answer_teaches_nothing() -> None:
    story = Story(ASKING, qualification={"timeline": "May"})

    story.order("complete_task", task="qualify", notes={"timeline": ""})

    assert learned(story, "timeline") == ["May"]


def test_pieces_that_a_handoff_lacks_qualify_the_deal_too() -> None:
    rules = of_stage(
        "[{name: pass, on: demo_held, do: [{handoff: over}]}]",
        before="handoffs: [{name: over, from: rep, to: expert, needs: [timeline]}]",
    )
    story = Story(rules)
    story.tell("demo_held")

    story.order("complete_task", task="supply_handoff_pieces", notes={"timeline": "May"})

    assert learned(story, "timeline") == ["May"]


def test_a_task_that_a_sequence_waits_for_can_be_skipped() -> None:
    steps = "[{task: call, wait: true, required: true}, {after: 1h, email: hello}]"
    story = Story(of_stage(f"- {{name: call-first, on: entered, steps: {steps}}}"))

    verdict = story.order("skip_play", play="call-first", step="call", why="they are on holiday")

    assert (verdict.accepted, story.tasks, story.state.skipped_required) == (True, {}, 1)
    assert story.steps == {"e-mail hello": "Mon 02 Mar 11:00"}
