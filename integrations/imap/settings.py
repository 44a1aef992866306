"""The block ``imap:`` of the connections file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.values.recorded import Given
from integrations.kit.connection import BaseUrl, Connection, Secret
from runtime.sockets import is_loopback

Folder = Annotated[str, StringConstraints(pattern=r"^[ !#-\[\]-~]{1,200}$")]
"""A folder's name as the server has it, in ASCII (others are written in modified UTF-7 there)."""


class ImapOAuth(Given):
    """An app that was let into the mailbox: with a refresh token, or (Microsoft) by an administrator, without one."""

    provider: Literal["google", "microsoft"]
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    tenant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,100}$")] = "common"
    """Microsoft's name for the company: its id, or a domain of it."""
    token_url: BaseUrl | None = None
    """Another token endpoint than the provider's."""

    @model_validator(mode="after")
    def _is_let_in(self) -> Self:
        as_app = self.provider == "microsoft" and self.client_secret is not None and self.tenant != "common"
        if self.refresh_token is None and not as_app:
            remedy = "write refresh_token:, or for Microsoft client_secret: and tenant:"
            raise BadValue("it does not say how the app is let in", remedy)
        return self


class ImapConnection(Connection):
    """A mailbox. Nothing in it is changed, unless ``done_folder`` says where messages go that were read."""

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:.-]{1,250}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    """``none`` for a server on this machine alone: a login is not sent in the clear."""
    ca_file: Path | None = None
    """The certificates to trust, where the server's is from no public authority."""
    username: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    password: Secret | None = None
    oauth: ImapOAuth | None = None
    """In the place of a password."""
    folder: Folder = "INBOX"
    done_folder: Folder | None = None

    @model_validator(mode="after")
    def _keep_the_login_secret(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise BadValue("a login is not sent in the clear", "write security: tls, or starttls")
        if (self.password is None) == (self.oauth is None):
            raise BadValue("it does not say how to log in", "write password:, or oauth:")
        if self.done_folder == self.folder:
            raise BadValue("messages would be moved to where they are", "name another done_folder, or leave it out")
        return self
