"""The block ``imap:`` of the connections file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from integrations.kit.connection import Connection, Secret
from runtime.sockets import is_loopback

Folder = Annotated[str, StringConstraints(pattern=r"^[ !#-\[\]-~]{1,200}$")]
"""A folder's name as the server has it, in ASCII (others are written in modified UTF-7 there)."""


class ImapConnection(Connection):
    """A mailbox. Nothing in it is changed, unless ``done_folder`` says where messages go that were read."""

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:.-]{1,250}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    """``none`` for a server on this machine alone: a login is not sent in the clear."""
    ca_file: Path | None = None
    """The certificates to trust, where the server's is from no public authority."""
    username: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    password: Secret
    folder: Folder = "INBOX"
    done_folder: Folder | None = None

    @model_validator(mode="after")
    def _keep_the_login_secret(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise BadValue("a login is not sent in the clear", "write security: tls, or starttls")
        if self.done_folder == self.folder:
            raise BadValue("messages would be moved to where they are", "name another done_folder, or leave it out")
        return self
