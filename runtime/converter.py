"""The data converter: JSON by pydantic, without fields that are None.

In every recorded model None and absent mean the same, so leaving it out changes nothing that is read, and a
14-month history stays small. Payloads written by the stock pydantic or plain JSON converter read the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic_core import to_json
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)


class CompactJSONConverter(PydanticJSONPlainPayloadConverter):
    """JSON by pydantic that leaves out every model's fields that are None."""

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ANN401 - the base class takes any value
        """Write a value; None itself never comes here, the composite has a converter for it."""
        return Payload(
            metadata={"encoding": self.encoding.encode()},
            data=to_json(value, exclude_none=True),
        )


_COMPACT = CompactJSONConverter()
_CONVERTERS = {
    each.encoding.encode(): each
    for each in (
        _COMPACT if isinstance(one, JSONPlainPayloadConverter) else one
        for one in DefaultPayloadConverter.default_encoding_payload_converters
    )
}


class CompactPayloadConverter(CompositePayloadConverter):
    """Temporal's default converters, with this JSON in the place of the plain one."""

    def __init__(self) -> None:
        self.converters = _CONVERTERS  # none has a state; the SDK makes a composite for each activity, and two a turn


DATA_CONVERTER = DataConverter(payload_converter_class=CompactPayloadConverter)
"""For every client and worker of deals; a codec is added with ``dataclasses.replace``."""


def for_deals(existing: DataConverter | None) -> DataConverter:
    """A host's converter, with its codec, that writes values as deals need them; ours where it has none."""
    if existing is None or existing is DataConverter.default:
        return DATA_CONVERTER
    return replace(existing, payload_converter_class=CompactPayloadConverter)
