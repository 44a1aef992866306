"""How calls to a tool prove whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """What goes along with a call."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_url: str | None = None
    """Where the API is, if whoever gave the token says so (Salesforce, Pipedrive)."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What no error may repeat."""
    generation: int = 0
    """Counts the tokens of a credential."""


class Credentials(Protocol):
    """The credentials of one tool."""

    async def authorization(self) -> Authorization:
        """What goes along with a call now.

        Raises:
            NotHandedOver: no token can be had now.
        """

    async def renew(self, spent: Authorization) -> bool:
        """Replace what the tool did not take. False when there is nothing else to try.

        Raises:
            NotHandedOver: no token can be had now.
        """


class Anonymous:
    """No credentials, for what everybody may call."""

    async def authorization(self) -> Authorization:
        """Nothing goes along."""
        return Authorization()

    async def renew(self, spent: Authorization) -> bool:  # noqa: ARG002 - there is nothing to renew
        """There is nothing to renew."""
        return False


class FixedToken:
    """A token that a person made, and replaces by hand."""

    def __init__(self, token: SecretStr, *, header: str = "Authorization", form: str = "Bearer {}") -> None:
        secret = token.get_secret_value()
        self._authorization = Authorization(headers={header: form.format(secret)}, secrets=(secret,))

    async def authorization(self) -> Authorization:
        """The token."""
        return self._authorization

    async def renew(self, spent: Authorization) -> bool:  # noqa: ARG002 - there is no other
        """There is no other one."""
        return False
