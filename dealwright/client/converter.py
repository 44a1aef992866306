"""What a Temporal client's data converter has to do for deals."""

from __future__ import annotations

from pydantic_core import from_json
from temporalio.converter import DataConverter

from dealwright.client.errors import WrongConverter

_SAMPLE: dict[str, object] = {"text": "é", "number": 1.5, "flag": True, "list": [{"nothing": None}]}


def check_converter(converter: DataConverter) -> None:
    """Make sure that plain values go out as JSON, and come back as they were.

    Models are made plain before they are sent, so the SDK's own converter will do as well as pydantic's. What a codec
    makes of the payloads afterwards has to be the worker's business too, and is not looked at.

    Raises:
        WrongConverter: they do not.
    """
    try:
        (payload,) = converter.payload_converter.to_payloads([_SAMPLE])
        (read,) = converter.payload_converter.from_payloads([payload])
        right = read == from_json(payload.data) == _SAMPLE
    except Exception as error:
        raise WrongConverter(str(error)) from error
    if not right:
        encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
        raise WrongConverter(f"it writes {encoding or 'no encoding'}")
