"""What a CRM's fields hold, read as what the playbook declares them to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue

from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.connections import BadConnections, read_connections
from integrations.kit.own_fields import OwnField, Unfit, told_of
from integrations.registry import TOOLS


def of(type_: str, **more: object) -> OwnField:
    return OwnField.model_validate({"field": "theirs", "type": type_, **more})


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        (of("text"), " EMEA ", "EMEA"),
        (of("text"), 7, "7"),
        (of("text"), True, "true"),
        (of("text"), ["a", "b"], "a, b"),
        (of("number"), "40.0", 40),
        (of("number"), 0, 0),
        (of("number"), "0.1000000000000000055511151231", "0.1000000000000000055511151231"),
        (of("number"), {"type": "double", "value": 1.5}, 1.5),
        (of("date"), "2026-01-31", "2026-01-31"),
        (of("date"), "1769817600000", "2026-01-31"),
        (of("date"), "2026-01-31T23:30:00-05:00", "2026-02-01"),
        (of("money"), "1200", {"amount": "1200", "currency": "EUR"}),
        (of("money", currency="USD"), 5, {"amount": "5", "currency": "USD"}),
        (of("money"), {"type": "monetary", "value": 9, "currency": "GBP"}, {"amount": "9", "currency": "GBP"}),
        (of("one_of", words={"smb": "Small Business"}), "small business", "smb"),
        (of("one_of"), "Mid market", "mid_market"),
        (of("one_of", words={"smb": "28"}), {"type": "enum", "id": 28}, "smb"),
    ],
)
def test_a_value_is_read_as_its_type(field: OwnField, value: JsonValue, read: JsonValue) -> None:
    assert field.read(value, "EUR") == read


@pytest.mark.parametrize("type_", ["text", "number", "date", "money", "one_of"])
@pytest.mark.parametrize("value", [None, "", {"type": "varchar", "value": None}, []])
def test_what_is_empty_is_known_no_longer(type_: str, value: JsonValue) -> None:
    assert of(type_).read(value) is None


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("number", "many"), ("number", "NaN"), ("number", True), ("number", "1e400"), ("date", "soon"),
        ("date", "9" * 30), ("date", "2026-13-01"), ("money", "much"), ("text", {"value": {"a": 1}}),
        ("text", [{"a": 1}]),
    ],
)  # fmt: skip
def test_what_cannot_be_of_its_type_is_unfit_and_no_fault(type_: str, value: JsonValue) -> None:
    with pytest.raises(Unfit):
        of(type_).read(value, "EUR")


def test_an_amount_without_a_currency_is_unfit() -> None:
    with pytest.raises(Unfit):
        of("money").read("5")


def test_one_property_may_stand_for_several_fields_and_what_fits_in_none_is_noted() -> None:
    fields = {"seats": of("number"), "size": of("text")}

    assert told_of(fields, "theirs", "40") == {"own": {"seats": 40, "size": "40"}}
    assert told_of(fields, "another", "40") == {}
    assert told_of({"seats": of("number")}, "theirs", "many") == {"noted": {"theirs": "many"}}


FILE = """
tools:
  hubspot:
    token: env:KEY
    fields:
      region: sales_region
      seats: {field: number_of_seats, type: number}
"""


def test_the_connections_file_names_a_field_by_a_text_alone_or_with_its_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "a-service-key-of-some-length")
    (file := tmp_path / "connections.yaml").write_text(FILE)

    block = read_connections(file, TOOLS).tools["hubspot"]

    assert isinstance(block, HubSpotConnection)
    assert block.fields == {
        "region": OwnField(field="sales_region"),
        "seats": OwnField(field="number_of_seats", type="number"),
    }


@pytest.mark.parametrize("wrong", ["seats: Seats__c FROM User", "seats: {field: x, type: integer}", "Seats: x"])
def test_what_no_field_can_be_called_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("KEY", "a-service-key-of-some-length")
    (file := tmp_path / "connections.yaml").write_text(FILE.replace("region: sales_region", wrong))

    with pytest.raises(BadConnections, match=r"connections\.yaml:6"):
        read_connections(file, TOOLS)
