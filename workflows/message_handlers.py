"""Where a deal's start, signals and updates arrive: one handler for each fact and command, generated at class level.

Generated methods (not ``workflow.set_signal_handler``) keep the order of arrival across names, and the UI lists
them with their descriptions. Payloads are taken raw, whatever their shape or number, so that nothing sent to a
deal is dropped by the SDK: ``decide`` validates, refuses and shows.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol, TypeAlias, TypeVar, cast

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError
    from pydantic_core import from_json

    from dealwright.commands import COMMANDS, Command
    from dealwright.decision import DealStart, Received, Verdict
    from dealwright.facts import FACTS
    from dealwright.identity import MANY_SIGNALS, deal_id_of

LARGEST = 64 * 1024
"""Bytes a payload may have; of a larger one an excerpt is kept."""
_EXCERPT = 200
_CODES = (b"json/plain", b"json/protobuf")


Signalled: TypeAlias = Callable[..., None]
Updated: TypeAlias = Callable[..., Awaitable[Verdict]]
F = TypeVar("F", bound=Callable[..., object])


class Receiver(Protocol):
    """What a workflow does with what arrives."""

    def receive(self, received: Received) -> None:
        """Put something into the inbox."""

    async def answer(self, received: Received) -> Verdict:
        """Put a command into the inbox and wait for its verdict."""


def read_start(raws: Sequence[RawValue]) -> tuple[DealStart, str]:
    """What the workflow was started with, or why it cannot be read."""
    id_ = workflow.info().workflow_id
    if id_ == deal_id_of(id_):
        return DealStart(), f"{id_!r} is no deal's workflow: start deal <id> under the workflow id deal-<id>"
    if len(raws) != 1:
        return DealStart(), f"The start input is one {{deal, playbook}}; {len(raws)} inputs came"
    try:
        return DealStart.model_validate_json(raws[0].payload.data), ""
    except ValidationError as error:
        return DealStart(), f"The start input is no {{deal, playbook}}: {error.errors()[0]['msg']}"


def received_fact(name: str, raws: Sequence[object]) -> Received:
    """A fact as it came in, or as much of it as can be kept."""
    text, broken = _text_of(raws)
    id_ = None if broken else _id_in(text)
    return Received(kind="fact", name=name, id=id_, at=workflow.now(), payload=text, broken=broken)


def _split_batch(raws: Sequence[RawValue]) -> Iterator[tuple[str, Sequence[RawValue]]]:
    """The signals that the runner has put together, see ``runtime.signal_batches``."""
    place = 0
    while place < len(raws):
        name, count = from_json(raws[place].payload.data)
        yield name, raws[place + 1 : place + 1 + count]
        place += 1 + count


def _text_of(raws: Sequence[object]) -> tuple[str, str | None]:
    if len(raws) != 1:
        return "", f"one payload is expected, {len(raws)} came"
    raw = raws[0]
    if not isinstance(raw, RawValue):
        return repr(raw)[:_EXCERPT], "the payload could not be read"
    data, code = raw.payload.data, raw.payload.metadata.get("encoding", b"")
    excerpt = data[:_EXCERPT].decode(errors="replace")
    if code not in _CODES:
        return excerpt, f"the payload is encoded as {code.decode(errors='replace') or 'nothing'}; send JSON"
    if len(data) > LARGEST:
        return excerpt, f"the payload has {len(data):,} bytes; at most {LARGEST:,} are taken"
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return excerpt, "the payload is not UTF-8"


def _id_in(text: str) -> str | None:
    try:
        value = from_json(text)  # unlike json.loads, it survives any depth, and replays alike
    except ValueError:
        return None
    id_ = value.get("id") if isinstance(value, dict) else None
    return id_ if isinstance(id_, str) and id_ else None


def _signal(name: str, description: str) -> Signalled:
    def handler(self: Receiver, *raws: RawValue) -> None:
        self.receive(received_fact(name, raws))

    return workflow.signal(name=name, description=description)(cast("Signalled", _named(handler, name)))


def _update(name: str, command: type[Command]) -> object:
    async def handler(self: Receiver, *raws: RawValue) -> Verdict:
        text, _ = _text_of(raws)
        info = workflow.current_update_info()
        id_ = info.id if info else None
        return await self.answer(Received(kind="command", name=name, id=id_, at=workflow.now(), payload=text))

    def validator(self: Receiver, *raws: RawValue) -> None:  # noqa: ARG001 - the SDK's signature
        text, broken = _text_of(raws)
        if broken:
            raise ValueError(broken)
        try:
            command.model_validate_json(text)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, one['loc'])) or 'payload'}: {one['msg']}" for one in error.errors()[:5])
            raise ValueError("; ".join(faults)) from None

    answered = cast("Updated", _named(handler, name))
    update = workflow.update(name=name, description=_first_line(command))(answered)
    update.validator(cast("Signalled", _named(validator, f"check_{name}")))
    return update


def accept_raw(handler: F) -> F:
    """Let the SDK believe that a handler of ``*raws`` takes exactly one raw value, whatever comes."""
    self_, raws = (
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter("raws", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=RawValue),
    )
    handler.__signature__ = inspect.Signature([self_, raws])  # type: ignore[attr-defined] # read by inspect
    return handler


def _named(handler: Callable[..., object], name: str) -> Callable[..., object]:
    handler.__name__ = handler.__qualname__ = name
    return accept_raw(handler)


def _first_line(thing: type) -> str:
    return (thing.__doc__ or "").strip().splitlines()[0]


def handle_facts_and_commands(cls: type) -> type:
    """Give a workflow class (a base of it) one signal for each fact and one update for each command."""
    for name, fact in FACTS.items():
        setattr(cls, name, _signal(name, _first_line(fact)))
    for name, command in COMMANDS.items():
        setattr(cls, name, _update(name, command))
    return cls


@handle_facts_and_commands
class MessageHandlers:
    """The base of a workflow that is told facts and given commands."""

    @workflow.signal(dynamic=True, description="Any other name: kept, refused and shown.")
    def anything_else(self, name: str, raws: Sequence[RawValue]) -> None:
        """Keep a signal that no fact is named like; or take in many that came at one moment."""
        for name_of_one, raws_of_one in _split_batch(raws) if name == MANY_SIGNALS else ((name, raws),):
            self.receive(received_fact(name_of_one, raws_of_one))

    def receive(self, received: Received) -> None:
        """Put something into the inbox."""
        raise NotImplementedError

    async def answer(self, received: Received) -> Verdict:
        """Put a command into the inbox and wait for its verdict."""
        raise NotImplementedError
