"""What a spectator of the demo reads of deals' stories: each thing once, and everything that is out of the ordinary."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dealwright.entries import CommandTaken, EffectSettled, Entry
from demo.story_printer import is_hidden
from store.journal import JournalRow

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def command(name: str = "complete_task", *, accepted: bool = True, why: str | None = None) -> CommandTaken:
    return CommandTaken(number=1, at=AT, command=name, id="c-1", by="Sam", accepted=accepted, text="Done.", why=why)


def settled(does: str, status: str) -> EffectSettled:
    return EffectSettled(number=1, at=AT, effect="acme/cold/1/0/1", does=does, status=status)


def line(entry: Entry) -> JournalRow:
    said = {"kind": entry.kind, "sentence": entry.sentence(), "entry": entry.model_dump(mode="json")}
    return JournalRow.model_validate({"seq": 1, "deal_id": "acme", "number": 1, "run": "r", "at": AT, **said})


@pytest.mark.parametrize("entry", [
    command(), command("accept_handoff"), settled("create_task", "withdrawn"), settled("update_crm", "done"),
])  # fmt: skip
def test_what_another_line_says_is_left_out(entry: Entry) -> None:
    assert is_hidden(line(entry))


@pytest.mark.parametrize("entry", [
    command(accepted=False), command(why="the buyer asked for it"), command("amend"),
    settled("create_task", "failed"), settled("send_email", "withdrawn"), settled("send_email", "done"),
])  # fmt: skip
def test_what_is_out_of_the_ordinary_is_told(entry: Entry) -> None:
    assert not is_hidden(line(entry))
