"""What a part of a playbook says, key by key, and how two of the same kind differ in that."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import BaseModel, JsonValue

from dealwright.playbook.differences.difference import Difference, Place, difference

_SAID = {
    "after": "comes after {after} instead of {before}",
    "at": "comes at {after} instead of {before}",
    "if": "is done if: {after}, instead of: {before}",
    "due": "is due after {after} instead of {before}",
    "owner": "belongs to {after} instead of {before}",
    "on": "starts on {after} instead of {before}",
    "until": "is stopped by {after} instead of {before}",
    "leave_when": "is left when: {after}, instead of: {before}",
    "stalls_after": "counts as stalled after {after} instead of {before}",
    "to": "leads to {after} instead of {before}",
}
"""How people say that a key has another value; any other key is told by its name."""


def written(part: BaseModel) -> dict[str, JsonValue]:
    """A part of a playbook as data, under the keys of the file; what stands there by default is told too."""
    data: dict[str, JsonValue] = part.model_dump(mode="json", by_alias=True)
    return data


def changes(place: Place, before: BaseModel, after: BaseModel, *, besides: Collection[str] = ()) -> list[Difference]:
    """The keys in which two parts of one kind differ, but those that are compared in another way."""
    old = {key: value for key, value in written(before).items() if key not in besides}
    new = {key: value for key, value in written(after).items() if key not in besides}
    return [*_changes(place, old, new, ""), *_in_the_same_words(place, before, after, old, new)]


def _in_the_same_words(
    place: Place, before: BaseModel, after: BaseModel, old: dict[str, JsonValue], new: dict[str, JsonValue]
) -> Iterator[Difference]:
    """The keys whose values are told alike and are not: conditions are told as people say them."""
    for name, info in type(after).model_fields.items():
        key, held = info.alias or name, getattr(before, name, None)
        if key in new and old.get(key) == new[key] and held != getattr(after, name):
            text = f"{key} is another one, in the same words: {in_words(new[key])}"
            yield difference(place, "changed", text, field=key, before=old[key], after=new[key])


def _changes(place: Place, old: dict[str, JsonValue], new: dict[str, JsonValue], under: str) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        before, after, field = old.get(key), new.get(key), f"{under}{key}"
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict) and key != "at":
            yield from _changes(place, before, after, f"{field}.")
            continue
        said = _SAID.get(field, f"{field} is {{after}} instead of {{before}}")
        text = said.format(before=in_words(before), after=in_words(after))
        yield difference(place, "changed", text, field=field, before=before, after=after)


def in_words(value: JsonValue) -> str:
    """A value as the file writes it, near enough."""
    if value is None or value in ([], {}, ""):
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(in_words(each) for each in value)
    if isinstance(value, dict):
        known = {key: each for key, each in value.items() if each is not None}
        return "{" + ", ".join(f"{key}: {in_words(each)}" for key, each in known.items()) + "}"
    return str(value)
