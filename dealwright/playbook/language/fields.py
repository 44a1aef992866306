"""The types of a playbook's fields that several of its parts share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, PlainValidator, StringConstraints, WithJsonSchema

from dealwright.playbook.language.paths import Path, known_path
from dealwright.values.iso_codes import complaint_about_currency

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
"""A name in a playbook: lower-case letters, digits, hyphens, underscores. It becomes part of ids."""


def _read_path(written: object) -> Path:
    return written if isinstance(written, Path) else known_path(str(written))


PathField = Annotated[
    Path,
    PlainValidator(_read_path),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"$comment": "Path"}),
]


def _known_currency(code: str) -> str:
    if complaint := complaint_about_currency(code):
        raise ValueError(complaint)
    return code


Currency = Annotated[str, AfterValidator(_known_currency)]
"""An ISO 4217 code."""
