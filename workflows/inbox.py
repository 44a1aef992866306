"""What has reached a deal and waits to be decided, and what became of the commands in it. It knows no rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic_core import to_json

    from dealwright.decision import Carried, Received, Verdict
    from dealwright.dedup import KEPT_FOR, SeenIds
    from dealwright.fingerprints import fingerprint

MOST_AT_ONCE, MOST_BYTES_AT_ONCE = 200, 256 * 1024
"""Items that are decided together, and bytes of what they carry: so many that a decision fits a payload."""
_MOST_NAMED = 4


class Inbox:
    """A deal's inbox. Facts of one name and id come in once; a command keeps its verdict as long as its id is known."""

    def __init__(self, carried: Carried) -> None:
        self.items = list(carried.inbox)
        self.quiet = carried.quiet
        self.verdicts, self.contents = dict(carried.verdicts), dict(carried.contents)
        self.seen = SeenIds(carried.seen)
        self.repeats = carried.repeats
        self.too_large_to_carry = False
        """What waits does not fit into the next run's input: some of it is decided first."""

    def take_fact(self, received: Received, now: datetime) -> None:
        """Put a fact in, unless it came already. One that says something else under a known id is put in as such."""
        if received.id is not None:
            id_, content = f"{received.name}:{received.id}", fingerprint(received.name, received.payload)
            if not self.seen.is_new(id_, now, content):
                if not self.seen.is_another(id_, now, content):
                    self.repeats += 1
                    return
                received = received.model_copy(update={"contradicts": True})
        self.items.append(received)

    def take_command(self, received: Received) -> None:
        """Put a command in, unless it waits or has its verdict already."""
        waits = any(waiting.kind == received.kind and waiting.id == received.id for waiting in self.items)
        if not waits and self.verdict(received.id) is None:
            self.items.append(received)

    def verdict(self, id_: str | None) -> Verdict | None:
        """The verdict of a command, once it has one."""
        given = self.verdicts.get(id_ or "")
        return given[1] if given else None

    def content(self, id_: str) -> str | None:
        """The fingerprint of the command that came under an id, as long as the id is known."""
        waiting = (item for item in self.items if item.kind == "command" and item.id == id_)
        return self.contents.get(id_) or next((fingerprint(item.name, item.payload) for item in waiting), None)

    @property
    def presses(self) -> bool:
        """Whether something should be decided now: what no play waits for, waits for the next decision."""
        return len(self.items) >= MOST_AT_ONCE or any(
            item.broken is not None or item.contradicts or item.name not in self.quiet for item in self.items
        )

    def batch(self, *, alone: bool) -> tuple[Received, ...]:
        """What is decided together: a bounded number of items, and of bytes; or the first one alone."""
        batch: list[Received] = []
        room = MOST_BYTES_AT_ONCE
        for item in self.items[: 1 if alone else MOST_AT_ONCE]:
            room -= _weight(item)
            if batch and room < 0:
                break
            batch.append(item)
        return tuple(batch)

    def take_all(self) -> list[Received]:
        """Take everything out, decided or not."""
        items, self.items = self.items, []
        return items

    def settle(self, count: int, verdicts: Mapping[str, Verdict], now: datetime) -> None:
        """Take off what was decided, and keep the verdicts as long as ids are known."""
        self.too_large_to_carry = False
        self.contents |= {id_: content for id_ in verdicts if (content := self.content(id_))}
        del self.items[:count]
        self.verdicts |= {id_: (now, verdict) for id_, verdict in verdicts.items()}
        self.verdicts = {id_: given for id_, given in self.verdicts.items() if given[0] > now - KEPT_FOR}
        self.contents = {id_: content for id_, content in self.contents.items() if id_ in self.verdicts}


def _weight(item: Received) -> int:
    """The bytes that an item carries: its payload, or the effect that it is the outcome of."""
    return len(item.payload.encode()) + (len(to_json(item.effect, exclude_none=True)) if item.effect else 0)


def summary_of(batch: Sequence[Received]) -> str:
    """What a decision is on, for the line that people see of it."""
    names = list(dict.fromkeys(item.name for item in batch))
    if not names:
        return "On the time"
    return f"On {', '.join(names[:_MOST_NAMED])}{' …' if len(names) > _MOST_NAMED else ''}"
