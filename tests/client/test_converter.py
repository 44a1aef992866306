"""Which of a host's own Temporal clients can carry deals."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import CompositePayloadConverter, DataConverter, EncodingPayloadConverter

from dealwright import DealClient, WrongConverter
from runtime.converter import DATA_CONVERTER


class Pickled(EncodingPayloadConverter):
    """Writes what no other language can read."""

    @property
    def encoding(self) -> str:
        return "binary/pickle"

    def to_payload(self, value: Any) -> Payload | None:
        return Payload(metadata={"encoding": self.encoding.encode()}, data=pickle.dumps(value))

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002 - the SDK's
        return pickle.loads(payload.data)  # noqa: S301 - written above


class PickledOnly(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(Pickled())


async def client_with(converter: DataConverter) -> Client:
    return await Client.connect("127.0.0.1:1", lazy=True, data_converter=converter)


@pytest.mark.parametrize(
    "converter",
    [DataConverter.default, pydantic_data_converter, DATA_CONVERTER],
    ids=["default", "pydantic", "worker's"],
)
async def test_a_client_that_writes_json_is_taken_as_it_is(converter: DataConverter) -> None:
    client = await client_with(converter)

    assert DealClient(client).temporal is client


async def test_a_client_that_writes_something_else_is_refused_before_anything_is_sent() -> None:
    client = await client_with(DataConverter(payload_converter_class=PickledOnly))

    with pytest.raises(WrongConverter, match="pydantic_data_converter"):
        DealClient(client)
