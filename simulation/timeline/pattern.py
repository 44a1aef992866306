"""What every pattern of happenings has: its kind, the names that are meant, the play that did it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.recorded import Given, Name
from simulation.timeline.happening import Happening

ANY = "any"


def _read_names(written: object) -> object:
    """One name, a list of them, or ``any``: the names, none of them for any."""
    if written == ANY:
        return ()
    if isinstance(written, list) and not written:
        raise BadValue("an empty list means nothing", f"write a name, a list of names, or {ANY}")
    return (written,) if isinstance(written, str) else written


def _as_written(names: tuple[str, ...]) -> str:
    return " or ".join(names) or ANY


Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_read_names),
    PlainSerializer(_as_written, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]}),
]
"""Names of which any is meant; none of them for all that there are."""


class Pattern(Given):
    """Some of what may happen to a deal."""

    kind: ClassVar[str]
    """What it is, in the file and of :class:`Happening`."""

    play: Names = ()
    """Only what these plays did."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are meant; none for all."""
        found = getattr(self, self.kind)
        return found if isinstance(found, tuple) else ()

    def matches(self, happening: Happening) -> bool:
        """Whether it is one of those that are meant."""
        return (
            happening.kind == self.kind
            and (not self.names or happening.name in self.names)
            and (not self.play or happening.play in self.play)
        )

    def words(self) -> str:
        """It as the file has it: ``email cold-1 or cold-2``."""
        more = [f"{name} {_shown(getattr(self, name))}" for name in type(self).model_fields if self._is_said(name)]
        return ", ".join((f"{self.kind} {_as_written(self.names)}", *more))

    def _is_said(self, name: str) -> bool:
        return name != self.kind and getattr(self, name) not in ((), None)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return _as_written(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
