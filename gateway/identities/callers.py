"""A caller of the HTTP API, and in whose name it speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from pydantic import BaseModel, ConfigDict

from dealwright.deal import Person
from dealwright.diagnostics.text import quoted
from dealwright.values.addresses import complaint_about_address, normal, same
from gateway.problems import ApiError
from store.api_keys import ApiKey, Scope

ANYBODY = "*"
"""Who may be spoken for by the key of local development: whoever, by any name."""


class Caller(BaseModel):
    """Whose key came with a request.

    ``name`` is the key's. A person's key has ``acts_for``, their e-mail address; any other is a service's.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    key_id: str
    scopes: frozenset[Scope]
    acts_for: str | None = None
    may_speak_for: tuple[str, ...] = ()
    guessable: bool = False
    """Whether people made the key up, so that guessing it may succeed: wrong ones slow it down too."""
    on_this_machine_only: bool = False

    @classmethod
    def of(cls, key: ApiKey) -> Caller:
        """Whoever has a key of the store. A scope of a later release allows nothing here."""
        known = frozenset(scope for scope in Scope if scope in key.scopes)
        return cls(name=key.name, key_id=key.id, scopes=known, acts_for=key.acts_for, may_speak_for=key.may_speak_for)

    @property
    def speaks_as(self) -> str:
        """The name in which it does what it does, unless it may speak for others and says for whom.

        A person's is their e-mail address. A service's has a colon in it, so that it is never a role's or a person's.
        """
        return self.acts_for or f"service:{self.name}"

    def may(self, scope: Scope) -> bool:
        """Whether it may do what a scope stands for."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def speaker(self, claimed: str | None) -> str:
        """In whose name a command is given, when its ``by`` says ``claimed``.

        Raises:
            ApiError: 403, it speaks for somebody whom this key may not speak for.
        """
        if claimed is None or claimed == self.speaks_as or same(claimed, self.acts_for):
            return self.speaks_as
        if self.acts_for is not None:
            self._refuse(claimed, f"It is the key of {self.acts_for}: leave by out.")
        if claimed == self.name:
            return self.speaks_as
        if not _covers(self.may_speak_for, claimed):
            self._refuse(claimed, f"Leave by out, then it is {self.speaks_as}. {self._how_to_pass_people_on()}")
        return claimed

    def may_be(self, person: Person) -> bool:
        """Whether what it does may be done in the name of a person, as a deal tells people apart: name or address."""
        named = (name for name in (person.name, person.email) if name)
        return any(
            name == self.speaks_as or same(name, self.acts_for) or _covers(self.may_speak_for, name) for name in named
        )

    def _how_to_pass_people_on(self) -> str:
        if self.may_speak_for:
            return f"By e-mail address, it may speak for {', '.join(self.may_speak_for)}."
        return "To act as a person, use that person's key; a service that passes people on has may_speak_for."

    def _refuse(self, claimed: str, remedy: str) -> NoReturn:
        text = f"by says {quoted(claimed)}, and the key {self.name!r} does not speak for them. {remedy}"
        raise ApiError(403, "not-yours-to-say", "Nobody speaks in another's name", text)


def _covers(patterns: Iterable[str], person: str) -> bool:
    """Whether a person, by e-mail address, is among those that are named one by one or by their domain."""
    if ANYBODY in patterns:
        return True
    if complaint_about_address(person):
        return False
    address = normal(person)
    return any(
        address.endswith(normal(f"a{pattern}")[1:]) if pattern.startswith("@") else address == normal(pattern)
        for pattern in patterns
    )
