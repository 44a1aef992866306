"""Levels: names for a condition, such as ``mql``, that the deal reaches and may lose again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.counts import Since
from dealwright.playbook.language.paths import SCORE, Path
from dealwright.state import DealState

LEVEL_NAME = "^[a-z][a-z0-9-]{0,59}$"


def _named(text: str) -> str:
    if not re.fullmatch(LEVEL_NAME, text):
        word = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        word = word if word[:1].isalpha() else f"level-{word}"
        what_it_is = "lower-case letters, digits and -, beginning with a letter"
        raise BadValue(f"{text!r} is no name of a level", f"write {word[:60]}: {what_it_is}")
    return text


LevelName = Annotated[str, AfterValidator(_named), WithJsonSchema({"type": "string", "pattern": LEVEL_NAME})]
"""A level's name, as conditions write it: without _, which the names of facts have."""
LEVEL = "levels."
"""How a level is known among the words that a playbook declares."""


@dataclass(frozen=True, slots=True)
class HasLevel:
    """The deal is at a level of the playbook now."""

    level: str

    def test(self, state: DealState, since: Since, clock: Clock) -> bool:  # noqa: ARG002 - one signature for all
        """Whether the condition holds."""
        return self.level in state.levels

    def words(self) -> str:
        """The condition as people say it."""
        return self.level


@cache
def score_path(name: str) -> Path:
    """Where a score stands in the view of a deal: in whole points, 0 before there are any."""

    def read(state: DealState) -> object:
        return state.scores[name].value if name in state.scores else 0

    return Path(f"{SCORE}{name}", read, "number")


def words_as_written(scores: object, levels: object) -> Mapping[str, Path]:
    """The scores and levels that a playbook's file declares, before it is read."""
    paths = {f"{SCORE}{name}": score_path(str(name)) for name in scores} if isinstance(scores, dict) else {}
    names = levels if isinstance(levels, dict) else ()
    return {**paths, **{f"{LEVEL}{name}": Path(f"{LEVEL}{name}", lambda _: None) for name in names}}
