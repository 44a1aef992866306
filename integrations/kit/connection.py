"""What an installation says of one tool that it talks to: its block in the connections file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.recorded import Given
from runtime.sockets import is_loopback

_HOW = "write env:NAME for a variable of the environment, or file:/path for a file that holds nothing else"


def _resolved(reference: object) -> object:
    """What a reference to a secret stands for. No error repeats what is written: it may be the secret itself."""
    if isinstance(reference, SecretStr):
        return reference
    kind, _, name = reference.partition(":") if isinstance(reference, str) else ("", "", "")
    match kind:
        case "env" if name:
            secret = os.environ.get(name, "")
            if not secret:
                raise BadValue(f"the variable {name} is not set, or empty", "set it to the secret")
        case "file" if name:
            secret = _content(name)
        case _:
            raise BadValue("this is no reference to a secret, and secrets are not written here", _HOW)
    return SecretStr(secret)


def _content(path: str) -> str:
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise BadValue(f"the file {path} cannot be read: {why}", "name the file that holds the secret") from None
    if not secret:
        raise BadValue(f"the file {path} is empty", "write the secret into it")
    return secret


Secret = Annotated[SecretStr, BeforeValidator(_resolved)]
"""A secret, written as where it is: ``env:NAME`` or ``file:/path``. It is read when the connections are."""


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or "@" in text:
        raise BadValue("this is no address of an API", "write one like https://api.example.com, without a login")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise BadValue("credentials are not sent in the clear", "write https://, or an address of this machine")
    return text.rstrip("/")


BaseUrl = Annotated[str, Field(max_length=500), AfterValidator(_address)]
"""Where a tool's API is, without a slash at the end: over TLS, but for a simulator on this machine."""


def _webhook_address(text: str) -> str:
    parts = urlsplit(text)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise BadValue("vendors call addresses over TLS alone", "write DEALWRIGHT_PUBLIC_URL with /webhooks/<source>")
    return text


WebhookUrl = Annotated[str, Field(max_length=500), AfterValidator(_webhook_address)]
"""Where a tool sends its webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/<source>``."""


def _page_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
        raise BadValue("this is no address of a page", "write one like https://calendar.example.com/acme/intro")
    return text


PageUrl = Annotated[str, Field(max_length=500), AfterValidator(_page_address)]
"""A page that people look at."""


def with_query(url: str, **query: str) -> str:
    """A page's address with more in its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(one for one in (parts.query, urlencode(query)) if one)))


ForecastWord = Literal["pipeline", "best_case", "commit", "omitted", "closed"]
"""How sure a deal is, as a CRM's forecast category says it: ``omitted`` is no forecast, ``closed`` says its stage."""


class Connection(Given):
    """One tool that this installation talks to. Each tool's own model adds what it needs: credentials, pipelines."""

    webhook_secrets: tuple[Secret, ...] = ()
    """What the tool's webhooks are signed with; several while one is replaced."""
    settings: dict[str, str] = {}
    """What the tool's mapping file lets an installation set."""
    stages: dict[str, str] = {}
    """The playbook's stages (``closed_won`` and ``closed_lost`` for the ends), and what the tool calls them."""
    owners: dict[str, str] = {}
    """E-mail addresses of our people, and the tool's ids for them, where it does not find them by their address."""
    poll_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """How often the tool is read for what its webhooks should have brought."""
    silence_hours: Annotated[int, Field(ge=1, le=720)] = 6
    """How long no webhook may come while reading finds changes, before somebody is told."""

    def scheduling_link(self, deal_id: str) -> str | None:  # noqa: ARG002 - for tools with a calendar
        """Where the buyer of a deal books a meeting, so that the booking names the deal; None without such a page."""
        return None

    @property
    def makes_terms_of_what_it_bills(self) -> str | None:
        """The setting by which what it bills is told as contract terms, where it is set so.

        Beside ``billing:`` each of those would be billed once more.
        """
        return None

    @property
    def tables(self) -> dict[str, dict[str, str]]:
        """What it says in the tables of the tool's mapping file."""
        return {"stages": self.stages, "owners": self.owners}
