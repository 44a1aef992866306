"""Taking in facts, and what a decision says beside its effects."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from pydantic import TypeAdapter
from pydantic_core import to_json

from dealwright import entries as e
from dealwright.decide import LARGEST_DECISION, EndlessPlaybook, decide
from dealwright.decision import Received
from dealwright.effects import Effect, SendEmail
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.stages import Stage
from dealwright.state import DealState
from tests.dealwright.story import Story, moment, of_stage, playbook

RULES = of_stage("[{name: thank, on: [reply_received, demo_held], do: [{notify: rep, text: Thank them}]}]")


def test_a_fact_is_taken_with_its_time_and_what_it_teaches() -> None:
    story = Story(RULES)

    story.tell("usage_reported", health=72, at="2026-03-01T08:00:00Z", id="f1", by="product")

    taken = story.last(e.FactTaken)
    assert (taken.fact, taken.id, taken.by, taken.happened_at) == (
        "usage_reported", "f1", "product", moment("2026-03-01 08:00"),
    )  # fmt: skip
    assert story.state.deal is not None
    assert story.state.deal.health == 72


def test_a_fact_without_a_time_happened_when_it_was_received() -> None:
    story = Story(RULES)

    story.tell("demo_held")

    assert story.last(e.FactTaken).happened_at == story.now


def test_a_fact_from_before_the_deal_is_taken_and_marked_late() -> None:
    story = Story(RULES)

    story.tell("email_opened", at="2026-01-01T08:00:00Z")

    assert story.last(e.FactTaken).late


@pytest.mark.parametrize(
    ("name", "payload", "error"),
    [
        ("demo_hold", "{}", "'demo_hold' is no fact that a deal can be told"),
        ("demo_booked", "{}", "starts_at: 'starts_at' is missing. Give it a value."),
        ("demo_booked", '{"starts_at": "2026-05-05T10:00"}', "starts_at:"),
        ("deal_lost", '{"reasons": "typo"}', "reasons: 'reasons' is no field here. Did you mean 'reason'?"),
        (
            "qualification_learned",
            '{"answers": {"budgt": "24k"}}',
            "answers.budgt: 'budgt' is no field here",
        ),
        ("note_added", "[1", "This is no JSON. Send one JSON object."),
        ("usage_reported", '{"health": 300}', "health: This is too large. Write 100 or less."),
        (
            "contract_signed",
            '{"starts_on": "2027-01-01", "ends_on": "2026-01-01"}',
            "contract: The contract ends on",
        ),
    ],
)
def test_what_is_no_valid_fact_is_refused_kept_and_shown(name: str, payload: str, error: str) -> None:
    story = Story(RULES)

    story.tell_at_once(Received(kind="fact", name=name, at=story.now, payload=payload))

    refused = story.last(e.FactRefused)
    assert refused.error.startswith(error)
    assert refused.excerpt == payload
    assert f"fact:{name}" in story.state.attention


def test_a_valid_fact_settles_the_attention_that_a_refused_one_asked_for() -> None:
    story = Story(RULES)
    story.tell("usage_reported", health=300)

    story.tell("usage_reported", health=30)

    assert story.state.attention == {}


def test_a_refused_fact_stops_nothing() -> None:
    story = Story(RULES)

    story.tell_at_once(story.fact("demo_hold"), story.fact("demo_held"))

    assert story.told == ["rep: Thank them"]


def test_facts_at_one_moment_lead_to_the_same_as_one_after_another() -> None:
    together, apart = Story(RULES), Story(RULES)

    together.tell_at_once(together.fact("demo_held"), together.fact("reply_received"))
    apart.tell("demo_held")
    apart.tell("reply_received")

    assert [effect.id for effect in together.effects] == [effect.id for effect in apart.effects]
    assert together.wakes == apart.wakes


def test_a_decision_takes_in_as_many_facts_as_it_can_hold() -> None:
    story = Story(RULES, qualification={"need": "They said " * 1000, "pain": "They said " * 1000})
    payload = json.dumps({"answers": {"budget": "24k"}})
    fact = Received(kind="fact", name="qualification_learned", at=story.now, payload=payload)

    decision = decide(story.state, RULES, [fact] * 100, story.now)

    assert decision.took == len(decision.entries)
    assert LARGEST_DECISION < len(to_json(decision, exclude_none=True)) < 2 * LARGEST_DECISION
    assert decide(story.state, RULES, [fact], story.now).took is None


def test_facts_that_nothing_waits_for_may_wait_for_the_next_decision() -> None:
    quiet = Story(RULES).decision.quiet

    assert {"email_opened", "note_added", "buying_signal_seen"} <= set(quiet)
    assert not {"reply_received", "demo_held", "opted_out", "usage_reported"} & set(quiet)


def test_facts_that_a_condition_asks_for_do_not_wait() -> None:
    rules = of_stage("[{name: hi, on: demo_held, do: [{after: 1h, if: {not: email_opened}, notify: rep}]}]")

    assert "email_opened" not in Story(rules).decision.quiet


def test_what_the_search_shows_changes_with_the_deal() -> None:
    story = Story(RULES, account={"id": "acme-inc"}, amount={"amount": "900.50", "currency": "EUR"})
    opened = story.decision.attributes

    learned = story.tell("usage_reported", health=20).attributes
    nothing = story.tell("note_added", text="hello").attributes

    assert opened is not None
    assert (opened.DealStage, opened.DealOwner, opened.DealOutcome) == ("selling", "rep", "open")
    assert (opened.DealAmount, opened.DealCurrency) == (900.5, "EUR")
    assert learned is not None
    assert learned.model_dump(exclude_none=True) == {"DealHealth": 20.0}
    assert nothing is None


def test_a_deal_says_what_it_waits_for_in_the_contacts_time() -> None:
    rules = of_stage("[{name: hi, on: entered, steps: [{after: 1d, email: hello}]}]")
    contact = {"id": "ana", "name": "Ana", "email": "a@b.example", "timezone": "Europe/Berlin"}

    assert Story(rules, contacts=[contact]).decision.wake_for == (
        "Waiting until Tue 03 Mar 2026 11:00 CET: hi, step 1: e-mail hello"
    )


def test_an_entry_waits_for_the_journal_no_longer_than_the_playbook_says() -> None:
    assert Story(RULES).decision.journal_lag == timedelta(days=7)


def test_what_reports_need_at_once_is_said() -> None:
    story = Story(RULES)

    assert story.decision.report_now
    assert not story.tell("note_added", text="hello").report_now
    assert story.order("close", outcome="lost", why="gone").accepted
    assert story.decision.report_now


def test_a_decision_leaves_the_state_it_is_given_alone() -> None:
    story = Story(RULES)
    before = story.state.model_dump_json()

    decide(story.state, story.rules, [story.fact("demo_held")], story.now)

    assert story.state.model_dump_json() == before


def test_a_state_may_be_written_down_and_read_back_between_two_decisions() -> None:
    story = Story(RULES)
    story.tell("demo_held")
    story.state = DealState.model_validate_json(story.state.model_dump_json(exclude_none=True))

    story.tell("reply_received")

    assert story.told == ["rep: Thank them", "rep: Thank them"]


def test_stages_that_enter_each_other_for_ever_are_an_error_and_not_a_loop() -> None:
    rules = playbook("""
stages:
  - {name: one, owner: rep, leave_when: email_opened}
  - {name: two, owner: rep, leave_when: demo_held, to: one, enter_when: demo_booked}
""")
    circle = rules.model_copy(update={"stages": tuple(_entering(stage) for stage in rules.stages)})

    with pytest.raises(EndlessPlaybook):
        Story(circle)


def _entering(stage: Stage) -> Stage:
    other = "two" if stage.name == "one" else "one"
    play = Play.model_validate({"name": f"to-{other}", "on": "entered", "do": [{"enter": other}]})
    return stage.model_copy(update={"plays": (play,)})


def test_a_deal_without_contacts_and_owners_lives_too() -> None:
    story = Story(of_stage("[{name: hi, on: entered, do: [{email: hello}, {task: call}]}]"), contacts=None)

    assert (story.sent, list(story.tasks)) == ([], ["call"])
    assert story.all(SendEmail) == []


def test_an_effect_of_a_later_release_is_kept_whole() -> None:
    effects: TypeAdapter[Effect] = TypeAdapter(Effect)
    written = {"kind": "fly", "id": "acme/fly/1/1/1", "at": "2026-03-02T10:00:00Z", "summary": "Fly", "to": "the moon"}

    again = effects.validate_json(effects.dump_json(effects.validate_python(written), exclude_none=True))

    assert again.model_dump(mode="json", exclude_none=True, exclude={"needs_decision"}) == written


def test_the_search_no_longer_shows_what_is_known_no_longer() -> None:
    story = Story(RULES, amount={"amount": "900.50", "currency": "EUR"})

    cleared = story.tell("crm_properties_changed", amount=None).attributes

    assert cleared is not None
    assert cleared.unset == ("DealAmount", "DealCurrency")
