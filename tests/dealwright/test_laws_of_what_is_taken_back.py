"""The laws that go by what people said, where somebody takes it back: they neither hear what is not so, nor go deaf."""

from __future__ import annotations

import pytest

from dealwright import text_consent
from dealwright.rules import absence
from simulation.laws.channels import NobodyIsReachedAgainstTheirWish
from simulation.laws.consent import NobodyElseWaits, WhoIsAwayIsWaitedFor
from simulation.laws.suggestions import TheSameSuggestionIsAskedOnce
from simulation.laws.texts import NobodyIsTextedAgainstTheirWish
from simulation.replay import Check
from tests.dealwright.examined import Told, found_in
from tests.dealwright.planted_faults import channels, consent
from tests.dealwright.planting import Plant, nothing
from tests.dealwright.story import of_stage

REACHED = of_stage("""
- {name: write, on: meeting_held, steps: [{email: one}]}
- {name: ring, on: demo_held, steps: [{call: ring}]}
- {name: text, on: email_opened, steps: [{sms: short, by: machine}]}
""")
AWAY = {"sentiment": "out_of_office", "returns_on": "2026-03-18"}
BEFORE, SINCE = "2026-02-27T10:00:00Z", "2026-02-28T10:00:00Z"


def found(check: type[Check], *told: Told) -> list[str]:
    """What a law finds in a deal that is told these facts, an hour apart."""
    return found_in(REACHED, check, *([one] for one in told))


ALLOWED = ("channel_allowed", {"channel": "sms", "at": "2026-02-20T10:00:00Z"})
HEARD = [
    (WhoIsAwayIsWaitedFor, "reply_received", AWAY, "meeting_held"),
    (NobodyIsReachedAgainstTheirWish, "channel_refused", {"channel": "call"}, "demo_held"),
    (NobodyIsTextedAgainstTheirWish, "channel_refused", {"channel": "sms"}, "email_opened"),
]


@pytest.mark.parametrize(
    ("check", "fact", "payload", "follows"),
    [*HEARD, (TheSameSuggestionIsAskedOnce, "next_step_suggested", {"text": "send the plan"}, "meeting_held")],
)
def test_what_was_taken_back_before_it_comes_in_is_heard_by_no_law(
    check: type[Check], fact: str, payload: dict[str, object], follows: str
) -> None:
    back = ("fact_retracted", {"retracts": fact, "at": SINCE})

    assert found(check, ALLOWED, back, (fact, {**payload, "at": BEFORE}), (follows, {})) == []


def whoever_is_texted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(text_consent, "forbidden", nothing)


@pytest.mark.parametrize(
    ("heard", "forgets"),
    [*zip(HEARD, (consent.absence_is_forgotten, channels.wishes_are_forgotten, whoever_is_texted), strict=True)],
)
def test_what_is_said_anew_since_then_is_heard(
    heard: tuple[type[Check], str, dict[str, object], str], forgets: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, fact, payload, follows = heard
    back = ("fact_retracted", {"retracts": fact, "at": BEFORE})
    forgets(monkeypatch)

    assert found(check, ALLOWED, back, (fact, {**payload, "at": SINCE}), (follows, {}))


def test_a_message_that_waits_on_though_it_was_taken_back_that_they_are_away_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = [("reply_received", AWAY), ("meeting_held", {}), ("fact_retracted", {"retracts": "reply_received"})]
    assert found(NobodyElseWaits, *told) == []

    monkeypatch.setattr(absence, "take_back", nothing)
    assert [text.partition(" until ")[0] for text in found(NobodyElseWaits, *told)] == [
        "'write, step 1: e-mail one' waits on"
    ]
