"""What one contact does changes nothing for another one: the same life, lived with and without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain

import pytest

from dealwright import consent
from dealwright.deal import Contact
from dealwright.rules import contact_runs, message_times, plays, wanted
from dealwright.rules.actions import message
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState, Written
from simulation.colleagues import COLLEAGUE, differences, touches

LIVES = 40
"""In so many lives nothing may differ, and each planted fault must make a difference."""


@pytest.mark.parametrize("seeds", [range(start, start + 10) for start in range(0, LIVES, 10)], ids=str)
def test_what_goes_out_to_others_is_the_same_whatever_a_colleague_does(seeds: range) -> None:
    assert list(chain.from_iterable(differences(seed) for seed in seeds)) == []


def test_the_lives_are_full_of_messages_and_tasks_for_several_people() -> None:
    got = [touch for seed in range(10) for touch in touches(seed)]

    assert {touch.whom for touch in got} == {"ana", "cat", "dan"}
    assert {"hello", "how-was-it", "again", "thanks", "seen-1", "agenda", "call"} <= {touch.what for touch in got}


def anybodys_fact_is_everybodys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plays, "_is_meant", lambda *_: True)


def facts_are_told_apart_no_more(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plays, "seen_with", lambda state, _: state)
    patch.setattr(wanted, "seen_with", lambda state, _: state)


def everybody_waits_for_who_is_away(patch: pytest.MonkeyPatch) -> None:
    def anybody_away(state: DealState, _: Contact, now: datetime) -> datetime | None:
        return max((one.until for one in state.away.values() if one.until > now), default=None)

    patch.setattr(consent, "away_until", anybody_away)


def one_message_at_a_time_for_all(patch: pytest.MonkeyPatch) -> None:
    def anybody_is_written_to(self: DecisionContext, _: str, *, besides: str = "") -> bool:
        pending = (one for one in self.state.pending.values() if one.effect != besides)
        return any(one.marketing and one.started_at == self.now and one.again_at is None for one in pending)

    patch.setattr(DecisionContext, "sends_now", anybody_is_written_to)


def another_play_wrote_to_somebody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(message_times, "_is_anothers", lambda key, run, _: key.partition(" ")[0] != run.play)


def an_opt_out_is_one_of_all(patch: pytest.MonkeyPatch) -> None:
    def forbidden(state: DealState, _: Contact, *, marketing: bool) -> str | None:
        return "somebody opted out" if marketing and state.opted_out else None

    patch.setattr(consent, "forbidden", forbidden)


def a_bounce_is_one_of_all(patch: pytest.MonkeyPatch) -> None:
    def forbidden(state: DealState, *_: object, **__: object) -> str | None:
        return "somebody's address bounced" if any(one.bounced for one in state.silenced.values()) else None

    patch.setattr(consent, "forbidden", forbidden)


def all_answers_are_one_conversation(patch: pytest.MonkeyPatch) -> None:
    def written_to_anybody(self: DealState, _: str | None) -> Written | None:
        return max(self.written.values(), key=lambda one: one.last, default=None)

    patch.setattr(DealState, "written_to", written_to_anybody)


def all_are_counted_together(patch: pytest.MonkeyPatch) -> None:
    caps = message.caps_on
    patch.setattr(
        message, "caps_on", lambda context, _, role, **more: caps(context, context.deal.contacts[0], role, **more)
    )


def all_have_the_hours_of_whoever_wrote_last(patch: pytest.MonkeyPatch) -> None:
    calendar_for = DecisionContext.calendar_for

    def of_whoever_wrote_last(self: DecisionContext, contact: Contact | None) -> object:
        last = max(self.state.heard_from.items(), key=lambda one: one[1], default=(None, None))[0]
        return calendar_for(self, consent.contact_of(self.state, last) or contact)

    patch.setattr(DecisionContext, "calendar_for", of_whoever_wrote_last)


def who_leaves_takes_all_along(patch: pytest.MonkeyPatch) -> None:
    def nobody_is_meant(_: object, state: DealState, __: object) -> bool:
        return all(one.role != "user" for one in (state.deal.contacts if state.deal else None) or ())

    patch.setattr(contact_runs, "_is_meant", nobody_is_meant)


FAULTS: list[Callable[[pytest.MonkeyPatch], None]] = [
    anybodys_fact_is_everybodys,
    facts_are_told_apart_no_more,
    everybody_waits_for_who_is_away,
    one_message_at_a_time_for_all,
    another_play_wrote_to_somebody,
    an_opt_out_is_one_of_all,
    a_bounce_is_one_of_all,
    all_answers_are_one_conversation,
    all_are_counted_together,
    all_have_the_hours_of_whoever_wrote_last,
    who_leaves_takes_all_along,
]


@pytest.mark.parametrize("plant", FAULTS, ids=[plant.__name__ for plant in FAULTS])
def test_what_one_contact_does_to_another_is_noticed(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    assert any(differences(seed) for seed in range(LIVES)), f"what {COLLEAGUE} did made no difference"
