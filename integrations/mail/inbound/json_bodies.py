"""What the JSON of providers has in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import from_json

from integrations.kit.mapping.bodies import Unreadable
from integrations.mail.inbound.incoming import known_as
from integrations.mail.messages import EFFECT_HEADER


class Told(BaseModel):
    """A part of what a provider sends. What is not read is passed over: providers add fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


T = TypeVar("T", bound=Told)


def json_in(body: bytes | str) -> JsonValue:
    """The body's JSON.

    Raises:
        Unreadable: it is none.
    """
    try:
        found: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Unreadable("the body is no JSON") from None
    return found


def told(model: type[T], document: object) -> T:
    """A part of a body as its model.

    Raises:
        Unreadable: which field is not as the provider documents it.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        raise Unreadable(f"{place}: {first['msg']}") from None


def moment(value: object) -> datetime | None:
    """A time of a provider: ISO, or seconds since 1970. None for what is none; without an offset it is in UTC."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
            at = datetime.fromisoformat(value.strip())
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        return datetime.fromtimestamp(float(value), UTC) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def ids_of(*message_ids: str | None) -> tuple[str, ...]:
    """Message-IDs as they are looked up."""
    return tuple(dict.fromkeys(known_as(one) for one in message_ids if one and "@" in one))


def effect_in(headers: Mapping[str, str]) -> str | None:
    """The effect that sent a message, by the headers that a provider gives back."""
    return next((value.strip() for name, value in headers.items() if name.lower() == EFFECT_HEADER.lower()), None)
