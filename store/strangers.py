"""What was told of people whom a deal did not know then: other deals hear of it once it knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dealwright.entries import Entry, PersonRecognised


def with_what_was_told_before(entries: Iterable[Entry]) -> Iterator[Entry]:
    """A deal's entries; before each one by which somebody is known, what was told of them until then."""
    for entry in entries:
        if isinstance(entry, PersonRecognised):
            yield from entry.told
        yield entry
