from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

import activities.decide
import dealwright.decide
from activities.decide import DecideActivity
from dealwright.calendar import business_calendar
from dealwright.deal import Deal
from dealwright.decision import Decision
from dealwright.effects import EFFECT_KINDS
from dealwright.entries import ENTRY_KINDS
from dealwright.facts.things import Things
from dealwright.playbook.language.model import Playbook
from dealwright.rules import plays, stages, waking
from dealwright.state import DealState
from tests.replay.replaying import HISTORIES, DoesNotReplay, Json, activities_in, decisions_changed, history_in, replay

every_history = pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name.removesuffix(".json.gz"))


def test_there_is_a_history_of_every_deal_of_the_demo() -> None:
    assert {path.name[0] for path in HISTORIES} >= {"a", "b", "c", "d", "e", "f"}
    assert any("run2" in path.name for path in HISTORIES)


@pytest.mark.parametrize("effect", ["choose_owner", "post_webhook"])
def test_there_is_a_history_that_holds_what_no_story_of_the_demo_does(effect: str) -> None:
    assert any(effect in activities_in(history_in(path)) for path in HISTORIES)


@every_history
async def test_it_replays(path: Path) -> None:
    await replay(path.name, history_in(path))


@every_history
async def test_it_replays_with_a_decide_that_raises(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object, **__: object) -> None:
        raise RuntimeError("decide is not called on replay")

    for module in (dealwright.decide, activities.decide):
        monkeypatch.setattr(module, "decide", raises)
    monkeypatch.setattr(DecideActivity, "decide", raises)
    await replay(path.name, history_in(path))


@every_history
async def test_it_replays_with_changed_rules_playbooks_and_calendars(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def an_hour_later(_self: object, at: datetime, *_: object) -> datetime:
        return at + timedelta(hours=1)

    monkeypatch.setattr(business_calendar.Calendar, "add", an_hour_later)
    monkeypatch.setattr(business_calendar.Calendar, "next_open", an_hour_later)
    monkeypatch.setattr(plays, "hear", lambda *_: None)
    monkeypatch.setattr(stages, "move_on", lambda _: False)
    monkeypatch.setattr(waking, "next_wake", lambda _: (None, ""))
    monkeypatch.setattr(Playbook, "play", lambda *_: None)
    await replay(path.name, history_in(path))


@every_history
async def test_it_replays_with_fields_that_a_later_release_recorded(path: Path) -> None:
    history = history_in(path)
    assert decisions_changed(history, _add_fields) > 0
    await replay(path.name, history)


RECORDED: tuple[type[BaseModel], ...] = (
    Decision,
    Deal,
    Things,
    DealState,
    *ENTRY_KINDS.values(),
    *EFFECT_KINDS.values(),
)
MAPS = {
    name
    for model in RECORDED
    for name, field in model.model_fields.items()
    if any(getattr(part, "__origin__", None) is dict for part in (field.annotation, *get_args(field.annotation)))
}
"""Recorded fields whose keys are not a model's."""


def _add_fields(recorded: object, field: str = "") -> None:
    if isinstance(recorded, dict):
        for name, value in recorded.items():
            _add_fields(value, name)
        if field not in MAPS:
            recorded["added_later"] = {"by": "a later release"}
    elif isinstance(recorded, list):
        for value in recorded:
            _add_fields(value)


@every_history
async def test_it_replays_with_entries_of_a_kind_that_a_later_release_makes(path: Path) -> None:
    def add_entry(decision: Json) -> None:
        decision["entries"] = [
            *decision.get("entries", []),
            {"kind": "forecast_made", "at": "2027-01-01T00:00:00Z", "confidence": 0.7},
        ]

    history = history_in(path)
    assert decisions_changed(history, add_entry) > 0
    await replay(path.name, history)


async def test_a_replay_that_fails_says_what_to_look_at() -> None:
    def drop_effects(decision: Json) -> None:
        decision["effects"] = []

    history = history_in(HISTORIES[0])
    decisions_changed(history, drop_effects)
    with pytest.raises(DoesNotReplay, match="What must stay replayable is small") as failure:
        await replay("a history without its effects", history)
    assert "Do not record the history anew" in str(failure.value)
