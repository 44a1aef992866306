"""A request's body as data: JSON, a form, XML, or nothing; and the events in it."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import JsonValue
from pydantic_core import from_json

from dealwright.values.size_limits import values_in
from integrations.kit.forms import NoForm, form_of, is_form
from integrations.kit.mapping.expressions import look
from integrations.kit.mapping.source_mapping import SourceMapping

MOST_EVENTS, MOST_VALUES = 1000, 20_000
"""Events in one request, and values in all of them."""
_DEEPEST = 50
"""How deep elements of XML may be nested."""


class Unreadable(ValueError):
    """A request that is proven, and is not what its source sends."""


def document_of(mapping: SourceMapping, body: bytes, content_type: str = "") -> JsonValue:
    """What a body says.

    Raises:
        Unreadable: it is not what the mapping says it is.
    """
    match mapping.body:
        case "json":
            document = _json(body)
        case "form":
            document = _form(body, content_type)
        case "xml":
            document = _xml(body)
        case "none":
            document = {}
        case _:
            document = _whatever(body, content_type)
    if isinstance(document, dict):
        return {name: _json_in(mapping, name, value) for name, value in document.items()}
    return document


def events_of(mapping: SourceMapping, document: JsonValue) -> list[dict[str, JsonValue]]:
    """The events in a document.

    Raises:
        Unreadable: they are not where the mapping says, or there are too many.
    """
    found = look(mapping.split, {"event": document}) if mapping.split else document
    events: list[JsonValue] = found if isinstance(found, list) else [found]
    if len(events) > MOST_EVENTS:
        raise Unreadable(f"there are {len(events)} events in the body: at most {MOST_EVENTS}")
    if values_in(events, MOST_VALUES) > MOST_VALUES:
        raise Unreadable(f"there are more than {MOST_VALUES} values in the body: send fewer events at once")
    objects = [event for event in events if isinstance(event, dict)]
    if len(objects) < len(events):
        raise Unreadable(f"there are no events in the body: {mapping.split or 'it'} has to lead to objects")
    return objects


def without_own_fields(mapping: SourceMapping, event: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The event without what only we may say of it."""
    return {name: value for name, value in event.items() if mapping.fetch is None or name != "fetched"}


def _json(body: bytes | str) -> JsonValue:
    try:
        document: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Unreadable("the body is no JSON") from None
    return document


def _whatever(body: bytes, content_type: str) -> JsonValue:
    """What a mapping can see of a body that code reads: a form or JSON, if it is one."""
    try:
        return _form(body, content_type) if is_form(content_type) else _json(body)
    except Unreadable:
        return None


def _json_in(mapping: SourceMapping, name: str, value: JsonValue) -> JsonValue:
    if name not in mapping.json_in or not isinstance(value, str):
        return value
    try:
        return _json(value)
    except Unreadable:
        raise Unreadable(f"{name} is no JSON") from None


def _form(body: bytes, content_type: str) -> JsonValue:
    try:
        return dict(form_of(body, content_type).fields)
    except NoForm as error:
        raise Unreadable(str(error)) from None


def _xml(body: bytes) -> JsonValue:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ParseError, LookupError, ValueError):
        raise Unreadable("the body is no XML") from None
    return {_name(root): _element(root, 0)}


def _element(element: Element, depth: int) -> JsonValue:
    """An element's text, or its children by name without their namespace; several of one name are a list."""
    if depth > _DEEPEST:
        raise Unreadable(f"the XML is nested more than {_DEEPEST} deep")
    found: dict[str, list[JsonValue]] = {}
    for child in element:
        found.setdefault(_name(child), []).append(_element(child, depth + 1))
    if not found:
        return (element.text or "").strip()
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
