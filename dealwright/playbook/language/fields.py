"""The types of a playbook's fields that several of its parts share."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadInput, BadValue
from dealwright.playbook.language.paths import Path, known_path
from dealwright.values.iso_codes import wrong_currency

_WORD = "^[a-z][a-z0-9_-]{0,59}$"


def _known_as_word(text: str) -> str:
    if not re.fullmatch(_WORD, text):
        word = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-_")
        word = word if word[:1].isalpha() else f"n{word}"
        what_it_is = "lower-case letters, digits, - and _, beginning with a letter"
        raise BadValue(f"{text!r} is no name", f"write {word[:60]}: {what_it_is}")
    return text


Word = Annotated[str, AfterValidator(_known_as_word), WithJsonSchema({"type": "string", "pattern": _WORD})]
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
    if (wrong := wrong_currency(code)) is not None:
        raise BadInput([wrong])
    return code


Currency = Annotated[str, AfterValidator(_known_currency)]
"""An ISO 4217 code."""
