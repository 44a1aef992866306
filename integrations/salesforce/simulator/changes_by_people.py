"""What people do in the user interface of the simulated org, as the control plane is told it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from integrations.kit.simulator.simulator import BadChange
from integrations.salesforce.simulator.org import Author, Org
from integrations.salesforce.simulator.people import ADMIN
from integrations.salesforce.simulator.schema import ApiError
from integrations.salesforce.simulator.validation import Values


class _Deed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str = ""
    """The e-mail address of who does it; without one it is the administrator."""


class Create(_Deed):
    """Make a record."""

    do: Literal["create"]
    sobject: str
    values: Values


class Update(_Deed):
    """Change a record."""

    do: Literal["update"]
    sobject: str
    id: str
    values: Values


class Delete(_Deed):
    """Delete a record."""

    do: Literal["delete"]
    sobject: str
    id: str


class Restore(_Deed):
    """Take a record out of the recycle bin."""

    do: Literal["restore"]
    sobject: str
    id: str


DEEDS: TypeAdapter[Create | Update | Delete | Restore] = TypeAdapter(
    Annotated[Create | Update | Delete | Restore, Field(discriminator="do")]
)


def carry_out(org: Org, change: dict[str, JsonValue]) -> JsonValue:
    """Do it; returns the record's id.

    Raises:
        BadChange: the org refuses it.
    """
    deed = DEEDS.validate_python(change)
    author = Author(user=_user(org, deed.by))
    try:
        match deed:
            case Create():
                return {"id": org.create(deed.sobject, deed.values, author)}
            case Update():
                org.update(deed.sobject, deed.id, deed.values, author)
            case Delete():
                org.delete(deed.sobject, deed.id, author)
            case Restore():
                org.restore(deed.sobject, deed.id, author)
    except ApiError as error:
        raise BadChange(f"{error.code}: {error.message}") from None
    return {"id": deed.id}


def _user(org: Org, email: str) -> str:
    if not email:
        return ADMIN
    found = next((user for user in org.live("User") if user.get("Email") == email), None)
    if found is None:
        raise BadChange(f"nobody here has the address {email!r}: create a User first")
    return str(found["Id"])
