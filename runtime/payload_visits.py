"""Spares a workflow's turns the SDK's passes over their payloads, where nothing reads or changes these.

Three times before each turn and three times after it, SDK 1.35 walks through all payloads: for a codec, for an
external storage, and for a codec of the storage's references. Without a codec and a storage each pass only copies
what it finds. Without them a replay needs a tenth less processor time.

Only turns with deals' own converter are spared them: whatever else a process hosts is left as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeAlias

from temporalio.bridge import worker as sdk
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter
from temporalio.converter._extstore import StorageOperationMetrics

from runtime.converter import CompactPayloadConverter

_Decode: TypeAlias = Callable[[WorkflowActivation, DataConverter, bool, int], Awaitable[StorageOperationMetrics]]
_Encode: TypeAlias = Callable[
    [WorkflowActivationCompletion, DataConverter, bool, int], Awaitable[StorageOperationMetrics]
]


def spare_visits() -> None:
    """From now on, in this process, visit the payloads of deals only for those who read them. Again changes nothing."""
    # The SDK's worker calls these two by their names in this module, and has no other seam, hence the assignments.
    if not hasattr(sdk.decode_activation, "__wrapped__"):
        sdk.decode_activation = _decode_if_read(sdk.decode_activation)  # type: ignore[assignment]
        sdk.encode_completion = _encode_if_read(sdk.encode_completion)  # type: ignore[assignment]


def is_read(converter: DataConverter) -> bool:
    """Whether anything besides the converter itself works on payloads, or may do so."""
    if converter.payload_codec is not None or converter.external_storage is not None:
        return True
    return not issubclass(converter.payload_converter_class, CompactPayloadConverter)


def _decode_if_read(decode: _Decode) -> _Decode:
    @wraps(decode)
    async def decode_if_read(
        activation: WorkflowActivation,
        data_converter: DataConverter,
        decode_headers: bool,
        storage_concurrency_limit: int,
    ) -> StorageOperationMetrics:
        if not is_read(data_converter):
            return StorageOperationMetrics()
        return await decode(activation, data_converter, decode_headers, storage_concurrency_limit)

    return decode_if_read


def _encode_if_read(encode: _Encode) -> _Encode:
    @wraps(encode)
    async def encode_if_read(
        completion: WorkflowActivationCompletion,
        data_converter: DataConverter,
        encode_headers: bool,
        storage_concurrency_limit: int,
    ) -> StorageOperationMetrics:
        if not is_read(data_converter):
            return StorageOperationMetrics()
        return await encode(completion, data_converter, encode_headers, storage_concurrency_limit)

    return encode_if_read
