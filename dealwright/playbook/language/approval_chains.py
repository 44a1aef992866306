"""Who must say yes, in which order: chains of seats, each of one role or of several of which one is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag

from dealwright.playbook.language.fields import Word
from dealwright.terms import Chain, Chains
from dealwright.values.recorded import Given

_ROLE, _ANY_OF = "role", "any_of"


class AnyOf(Given):
    """Several roles of which one is enough."""

    any_of: Annotated[tuple[Word, ...], Field(min_length=1)]
    """The roles of which one is enough: all of them are asked, and the first answer counts."""


def _is_written_as(written: object) -> str:
    return _ANY_OF if isinstance(written, (dict, AnyOf)) else _ROLE


Approver: TypeAlias = Annotated[
    Annotated[Word, Tag(_ROLE)] | Annotated[AnyOf, Tag(_ANY_OF)], Discriminator(_is_written_as)
]
"""A role that must say yes, or several of which one is enough."""


def chain_of(approvers: Iterable[str | AnyOf]) -> Chain:
    """The chain that a list of approvers means."""
    return tuple(one.any_of if isinstance(one, AnyOf) else (one,) for one in approvers)


def side_by_side(chains: Sequence[Chain]) -> Chains:
    """The chains that must be asked: without those whose every yes is said in another one, in the same order."""
    distinct = tuple(dict.fromkeys(filter(None, chains)))
    return tuple(one for one in distinct if not any(other != one and _holds(other, one) for other in distinct))


def _holds(longer: Chain, shorter: Chain) -> bool:
    """Whether whoever answers for one chain answers for another one, seat by seat and in its order."""
    following = iter(longer)
    return all(any(set(theirs) <= set(seat) for theirs in following) for seat in shorter)
