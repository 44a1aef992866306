"""What is written into histories is small, and is read back as it was."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter

from dealwright import effects, entries
from dealwright.commands import COMMANDS
from dealwright.deal import Contract, Deal, Known, Money
from dealwright.decision import Carried, DealStart, Decision, Received, Verdict
from dealwright.facts import FACTS
from dealwright.state import DealState
from dealwright.views.snapshot import AgendaItem, Snapshot
from runtime.converter import DATA_CONVERTER

DEAL = Deal(
    id="d",
    amount=Money(amount=Decimal("48000.10"), currency="EUR"),
    contract=Contract(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)),
    notes={"use_case": "Reports"},
)


def written(value: object, converter: DataConverter = DATA_CONVERTER) -> Any:
    return json.loads(converter.payload_converter.to_payload(value).data)


def test_what_is_none_is_left_out_at_every_depth() -> None:
    assert written(DEAL) == {
        "id": "d",
        "amount": {"amount": "48000.10", "currency": "EUR"},
        "contract": {"starts_on": "2026-01-01", "ends_on": "2026-12-31", "status": "signed"},
        "notes": {"use_case": "Reports"},
    }


def test_a_value_is_read_back_as_it_was_by_this_converter_and_by_the_stock_one() -> None:
    decision = Decision(
        entries=(entries.CommandTaken(
            at=datetime(2026, 1, 1, tzinfo=UTC), command="amend", id="1", by="Ana", accepted=True, text="done",
            learned=Known(title="x"),
        ),),
        verdicts={"1": Verdict(accepted=True, text="done")},
    )  # fmt: skip
    for reader in (DATA_CONVERTER, pydantic_data_converter):
        for writer in (DATA_CONVERTER, pydantic_data_converter):
            payload = writer.payload_converter.to_payload(decision)
            assert reader.payload_converter.from_payload(payload, Decision) == decision


def test_none_itself_is_written_and_read() -> None:
    payload = DATA_CONVERTER.payload_converter.to_payload(None)
    assert DATA_CONVERTER.payload_converter.from_payload(payload, Deal | None) is None  # type: ignore[arg-type] # a union is a hint too


def test_every_recorded_field_that_may_be_none_is_none_when_left_out() -> None:
    roots: list[Any] = [
        DealState, DealStart, Carried, Received, Decision, Verdict, Snapshot, AgendaItem,
        *effects.EFFECT_KINDS.values(), *entries.ENTRY_KINDS.values(), *FACTS.values(), *COMMANDS.values(),
    ]  # fmt: skip
    models = set(reachable(roots))
    wrong = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if may_be_none(field.annotation) and (field.is_required() or field.get_default(call_default_factory=True))
    ]
    assert len(models) > 60
    assert wrong == []


def may_be_none(annotation: object) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation)


def reachable(roots: list[Any], seen: set[Any] | None = None) -> Iterator[type[BaseModel]]:
    """Every model in the annotations of these models."""
    seen = set() if seen is None else seen
    for root in roots:
        if isinstance(root, type) and issubclass(root, BaseModel):
            if root not in seen:
                seen.add(root)
                yield root
                yield from reachable([field.annotation for field in root.model_fields.values()], seen)
        else:
            yield from reachable(list(get_args(root)), seen)


def test_the_converter_keeps_its_reading_of_types() -> None:
    payload = DATA_CONVERTER.payload_converter.to_payload([{"at": "2026-01-01T00:00:00Z", "what": "w", "why": "y"}])
    read = DATA_CONVERTER.payload_converter.from_payload(payload, tuple[AgendaItem, ...])
    assert read == TypeAdapter(tuple[AgendaItem, ...]).validate_json(payload.data)
