"""What a deal, a decision and an effect may hold: bytes, counted together, so that each fits into a payload."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.rules.decision_context import LARGEST_DEAL, LARGEST_DECISION
from tests.dealwright.story import Story, of_stage

PAYLOAD = 2 * 1024 * 1024
"""What Temporal takes at the most."""
NINE = of_stage(
    "\n".join(f"- {{name: play{n}, on: demo_held, do: [{{email: mail{n}, marketing: false}}]}}" for n in range(9))
)
TEXT = "日" * 5_000


def a_large_deal(rules: object = NINE, texts: int = 15) -> Story:
    """A deal that holds nearly as much as it may."""
    return Story(rules, notes={f"note{number}": TEXT for number in range(texts)})  # type: ignore[arg-type]


def test_what_a_deal_may_learn_is_counted_in_bytes() -> None:
    story = a_large_deal()

    for number in range(6):
        story.tell("notes_learned", notes={f"more{number}": TEXT})

    assert len(to_json(story.state.deal, exclude_none=True)) <= LARGEST_DEAL
    assert "The deal would hold more than 256 KiB" in story.last(e.FactRefused).error


def test_nine_messages_at_one_moment_go_out_in_decisions_that_each_fit_a_payload() -> None:
    story = a_large_deal()
    decisions = [story.tell("demo_held")]

    while (at := decisions[-1].wake_at) is not None and at <= story.now:
        assert at == story.now
        decisions.append(story.oversleep(f"{story.now:%Y-%m-%d %H:%M}"))

    assert sorted(email.template for email in story.all(SendEmail)) == [f"mail{n}" for n in range(9)]
    assert len({email.id for email in story.all(SendEmail)}) == 9
    assert {email.at for email in story.all(SendEmail)} == {story.now}
    sizes = [len(to_json(decision, exclude_none=True)) for decision in decisions]
    assert len(decisions) > 1
    assert max(sizes) <= LARGEST_DECISION + LARGEST_DEAL * 1.1 < PAYLOAD


def test_nine_messages_that_waited_for_one_moment_start_again_in_decisions_that_each_fit_a_payload() -> None:
    story = a_large_deal()
    story.keep("send_email")
    story.tell("demo_held")
    while story.decision.wake_at == story.now:
        story.oversleep(f"{story.now:%Y-%m-%d %H:%M}")
    for email in story.all(SendEmail):
        story.come_back(email, "not_done", reason="no mail server")
    largest, started = 0, len(story.effects)

    story.oversleep("2026-03-02 11:00")
    while True:
        largest = max(largest, len(to_json(story.decision, exclude_none=True)))
        if story.decision.wake_at != story.now:
            break
        story.oversleep("2026-03-02 11:00")

    assert len(story.effects) - started == 9
    assert largest <= LARGEST_DECISION + LARGEST_DEAL * 1.1


def test_what_came_with_too_much_is_decided_next_and_nothing_is_lost() -> None:
    story = a_large_deal()

    decision = story.tell_at_once(story.fact("demo_held"), story.fact("note_added", text="x"))

    assert decision.took == 1


def test_a_message_that_is_left_for_the_next_decision_is_not_sent_when_what_comes_before_it_forbids_it() -> None:
    rules = of_stage(
        "\n".join(
            f"- {{name: play{n}, on: demo_held, until: proposal_sent, do: [{{email: mail{n}, marketing: false}}]}}"
            for n in range(9)
        )
    )
    story = a_large_deal(rules)
    story.tell("demo_held")
    sent = len(story.sent)

    story.tell("proposal_sent")

    assert 0 < sent < 9
    assert len(story.sent) == sent


@pytest.mark.parametrize("count", [1, 2])
def test_a_few_messages_go_out_in_one_decision(count: int) -> None:
    story = a_large_deal(
        of_stage(
            "\n".join(f"- {{name: p{n}, on: demo_held, do: [{{email: m{n}, marketing: false}}]}}" for n in range(count))
        )
    )

    decision = story.tell("demo_held")

    assert len(decision.effects) == count
    assert decision.wake_at is not None
    assert decision.wake_at > story.now
