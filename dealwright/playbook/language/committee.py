"""The buying committee as a playbook declares it: the roles on the buying side, and how many of each are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from dealwright.contacts import in_roles
from dealwright.diagnostics.diagnostic import BadInput
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.paths import COMMITTEE, Path
from dealwright.state import DealState

Committee: TypeAlias = dict[Word, Annotated[int, Field(ge=0, le=100)]]
"""How many contacts are wanted in each role."""
_COMMITTEE: TypeAdapter[Committee] = TypeAdapter(Committee)
_MISSING = f"{COMMITTEE}missing"


def committee_paths_as_written(written: object) -> dict[str, Path]:
    """The paths that follow from the committee in a playbook's file, before it is read; none without one."""
    if not written:
        return {}
    try:
        wanted = _COMMITTEE.validate_python(written)
    except (BadInput, ValidationError):
        return {_MISSING: Path(_MISSING, lambda _: None, "number", broken=True)}
    return {_MISSING: Path(_MISSING, lambda state: _missing(state, wanted), "number", comes_from="contacts")}


def _missing(state: DealState, wanted: Mapping[str, int]) -> int:
    """How many people are wanted and not known yet, over all roles."""
    return sum(max(number - len(in_roles(state, (role,))), 0) for role, number in wanted.items())
