"""What the parts of the API share: bodies that are read strictly, objects as they are shown, errors as answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.hubspot.simulator.errors import HubSpotError, bad_request
from integrations.hubspot.simulator.portal import OBJECT_TYPES, CrmObject, Portal, iso

JsonObject = dict[str, JsonValue]
_SHOWN = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "deals": ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id",
              "pipeline"),
}  # fmt: skip
"""What is shown of an object where nobody asks for certain properties."""


async def body_of(request: Request, fields: Iterable[str], required: Iterable[str] = ()) -> JsonObject:
    """The request's body, which has no other fields than these.

    Raises:
        HubSpotError: it is something else.
    """
    if "application/json" not in request.headers.get("content-type", ""):
        raise HubSpotError(415, "VALIDATION_ERROR", "Unsupported Media Type")
    try:
        body = from_json(await request.body())
    except ValueError as error:
        raise bad_request(f"Invalid JSON input ({error})") from None
    return checked_object(body, fields, required)


def checked_object(value: JsonValue, fields: Iterable[str], required: Iterable[str] = ()) -> JsonObject:
    """A part of a body, which has no other fields than these.

    Raises:
        HubSpotError: it is something else.
    """
    if not isinstance(value, dict):
        raise bad_request("an object is expected")
    if unknown := sorted(value.keys() - set(fields)):
        raise bad_request(f"Unrecognized field {unknown[0]!r}")
    if missing := sorted(set(required) - value.keys()):
        raise bad_request(f"Some required fields were not set: {missing}")
    return value


def inputs_of(body: JsonObject, most: int = 100) -> list[JsonValue]:
    """The ``inputs`` of a batch.

    Raises:
        HubSpotError: there are none, or too many.
    """
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise bad_request("inputs is empty")
    if len(inputs) > most:
        raise bad_request(f"The maximum batch size is {most}; {len(inputs)} were given")
    return inputs


def shown(portal: Portal, kind: str, there: CrmObject, asked: Iterable[str] | None = None) -> JsonObject:
    """An object as the API shows it. A property without a value is ``null``; one that does not exist is left out."""
    names = list(asked) if asked is not None else list(_SHOWN.get(kind, there.properties))
    names += ["hs_object_id", "createdate", "hs_lastmodifieddate"]
    known = portal.properties[kind]
    properties: JsonObject = {name: there.properties.get(name) for name in names if name in known}
    url = f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{OBJECT_TYPES[kind]}/{there.id}"
    return {
        "id": there.id, "properties": properties, "createdAt": iso(there.created_at),
        "updatedAt": iso(there.updated_at), "archived": there.archived, "url": url,
    }  # fmt: skip


def history_of(there: CrmObject, name: str) -> list[JsonValue]:
    """The values that a property had, the newest first."""
    return [
        {
            "value": one.value, "timestamp": iso(one.at), "sourceType": one.source, "sourceId": one.source_id,
            **({"updatedByUserId": int(one.source_id[len("userId:"):])} if one.source_id.startswith("userId:") else {}),
        }
        for one in reversed(there.history)
        if one.name == name
    ]  # fmt: skip


def after_write(portal: Portal, kind: str, there: CrmObject) -> JsonObject:
    """An object as it is shown after it was written: with all that it has."""
    return shown(portal, kind, there, there.properties)


Handler = Callable[[Request], Awaitable[Response]]


def answering(handle: Callable[[Request], Awaitable[JsonValue | Response]], status: int = 200) -> Handler:
    """A handler that returns JSON, and whose errors are answers."""

    async def handled(request: Request) -> Response:
        try:
            answer = await handle(request)
        except HubSpotError as error:
            return error.response()
        return answer if isinstance(answer, Response) else JSONResponse(answer, status)

    return handled
