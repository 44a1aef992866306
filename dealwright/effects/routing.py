"""Who of a pool gets a deal."""

from __future__ import annotations

from typing import ClassVar, Literal

from dealwright.candidates import Candidate
from dealwright.deal import Person
from dealwright.effect_base import EffectBase
from dealwright.values.recorded import AwareDatetime


class ChooseOwner(EffectBase):
    """Choose who of a pool gets a role in the deal. The outcome's ``reference`` says who, by ``Person.key``."""

    ends_with_its_play: ClassVar[bool] = True
    leads_on: ClassVar[bool] = True
    kind: Literal["choose_owner"] = "choose_owner"
    playbook: str
    pool: str
    role: str
    by: Literal["round_robin", "load"] | str = "round_robin"
    candidates: tuple[Candidate, ...]
    """All members of the pool, in its order."""
    keeps: Person | None = None
    """Who has the role already, and keeps it: the deal only counts as theirs."""
    replaces: Person | None = None
    """Who has the role, and is not to be chosen again if there is somebody else."""
    account: str | None = None
    """The account by its domain, or else by its id."""
    account_first: bool = False
    """Whether whoever has, or had, another deal of the account goes before all others."""
    since: AwareDatetime | None = None
    """When it was decided to start it for the first time."""
    waits: bool = True
    """Whether the choice is put off while nobody can be chosen."""
