"""The API's description tells every field."""

from __future__ import annotations

from typing import Any, cast

import pytest
import yaml

from dealwright.client.deal_client import DealClient
from gateway.api import create_app
from gateway.api_description import describing
from gateway.options import GatewayOptions
from store.database import Store


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    app = create_app(GatewayOptions(), cast("DealClient", None), cast("Store", None))
    return app.openapi()


HOW = "say it under the field in its class, or in gateway/api_description/fields.yaml"


def test_every_field_says_what_it_is(description: dict[str, Any]) -> None:
    silent = [f"{schema}.{field}" for schema, field, about in fields(description) if not about.get("description")]
    assert silent == [], HOW


def test_every_text_and_number_has_an_example(description: dict[str, Any]) -> None:
    bare = [f"{schema}.{field}" for schema, field, about in fields(description) if describing.needs_example(about)]
    assert bare == [], HOW


def test_every_operation_and_parameter_says_what_it_is(description: dict[str, Any]) -> None:
    silent = []
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            silent += [f"{method} {path}"] * (not operation.get("description") or not operation.get("summary"))
            silent += [
                f"{method} {path}: {one['name']}"
                for one in operation.get("parameters", ())
                if not one.get("description")
            ]
    assert silent == []


def test_nothing_is_described_that_is_not_there(description: dict[str, Any]) -> None:
    there = {name for schema, field, _ in fields(description) for name in (field, f"{schema}.{field}")}
    told = yaml.safe_load(describing._FIELDS.read_text())
    assert set(told) - there == set()


def fields(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (describing._short(name), field, about)
        for name, schema in description["components"]["schemas"].items()
        for field, about in schema.get("properties", {}).items()
    ]
