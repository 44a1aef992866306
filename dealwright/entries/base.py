"""What every entry has."""

from __future__ import annotations

from pydantic import ConfigDict

from dealwright.values.recorded import AwareDatetime, Recorded

ENTRY_KINDS: dict[str, type[EntryBase]] = {}
"""Every kind of entry by its name, in the journal and in histories."""


class EntryBase(Recorded):
    """What every entry has. ``number`` counts from 1 per deal and is given when the entry is folded."""

    at: AwareDatetime
    number: int | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if (kind := cls.model_fields.get("kind")) and isinstance(kind.default, str):
            ENTRY_KINDS[kind.default] = cls

    def sentence(self) -> str:
        """The entry as a line that a person reads."""
        raise NotImplementedError(type(self).__name__)


class UnknownEntry(EntryBase):
    """An entry of a later release: it changes nothing here and is kept as it is."""

    model_config = ConfigDict(frozen=True, extra="allow")
    kind: str

    def sentence(self) -> str:
        return self.kind.replace("_", " ")
