"""The two kinds of model in the domain, and the few types they share.

*Recorded* models stand in workflow histories for as long as a deal lives, so reading them never fails
on a later release: unknown fields are ignored, fields are only ever added as optional ones, and nothing
in them depends on data that changes (time zones, currencies). *Given* models come from people and
programs, and are strict: an unknown field is a mistake to tell the sender about.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

LONGEST_TEXT = 16 * 1024
"""Characters a text in a fact or command may have (16 KiB); longer ones are refused."""

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Recorded(BaseModel):
    """A model that is written into workflow histories and read back by later releases."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Given(BaseModel):
    """A model that someone outside hands in: strict, so that a mistake is heard."""

    model_config = ConfigDict(frozen=True, extra="forbid")


__all__ = ["LONGEST_TEXT", "AwareDatetime", "Given", "Name", "Recorded", "Text"]
