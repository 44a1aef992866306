"""Prints the journal of the demo's deals as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from store import journal
from store.database import Store
from store.journal import JournalRow

EACH_LINE = (
    "Each line is an entry of a deal's story. The time is the deal's own: each lives on a clock of its own, so what "
    "stands below was not always later."
)
"""What a spectator is told before the first line."""
_POLL_SECONDS = 0.1
_COLOURS = ("cyan", "magenta", "yellow", "green", "blue")
_HIGHLIGHTED = {"stage_entered", "deal_closed", "term_began", "deal_opened"}
_WRONG = {"fact_refused", "deadline_missed", "attention_asked", "stalled"}
_HIDDEN = {"effect_started", "step_planned", "step_done", "play_started", "play_ended", "stage_left"}
"""Kinds that another line of the same moment says as well; the journal keeps them all."""
_TOLD_BY_THEIR_OUTCOME = {
    "accept_handoff", "answer_suggestion", "complete_task", "decide_approval", "decline_handoff",
}  # fmt: skip
"""Commands that another line of the same moment tells, with who gave them, once they are taken."""
_QUIET_EFFECTS = {"update_crm", "close_task", "create_task"}
_AS_WANTED = {"done", "withdrawn"}


class StoryPrinter:
    """Prints what the journal gains, for the deals it was told of."""

    def __init__(self, console: Console, store: Store, letters: Mapping[str, str]) -> None:
        self._console = console
        self._store = store
        self._letters = dict(letters)
        self._seq = 0

    async def print_until(self, done: asyncio.Event) -> None:
        """Print new lines until told to stop, then what is left."""
        self._seq = await journal.last(self._store)
        while not done.is_set():
            await self._catch_up()
            await asyncio.sleep(_POLL_SECONDS)
        await self._catch_up()

    async def _catch_up(self) -> None:
        while lines := await journal.since(self._store, self._seq):
            for line in lines:
                self._seq = line.seq
                if line.deal_id in self._letters and not is_hidden(line):
                    self._console.print(self._written(line), soft_wrap=True)

    def _written(self, line: JournalRow) -> Text:
        letter = self._letters[line.deal_id]
        colour = _COLOURS[(ord(letter) - ord("a")) % len(_COLOURS)]
        style = "bold" if line.kind in _HIGHLIGHTED else "red" if line.kind in _WRONG else ""
        return Text.assemble(
            (f"({letter}) ", colour), (f"{line.at:%d %b %Y %H:%M}  ", "dim"), (line.sentence[:160], style)
        )


def is_hidden(line: JournalRow) -> bool:
    """Whether a line is left out, since another one says it as well."""
    if line.kind in _HIDDEN:
        return True
    if line.kind == "fact_taken":
        return line.entry.get("late") is True  # a CRM tells again what the deal was opened with
    if line.kind == "command_taken":
        as_asked = line.entry.get("accepted") is True and line.entry.get("why") is None
        return as_asked and line.entry.get("command") in _TOLD_BY_THEIR_OUTCOME
    if line.kind != "effect_settled":
        return False
    return line.entry.get("status") in _AS_WANTED and line.entry.get("does") in _QUIET_EFFECTS
