"""The types of a playbook's fields that several of its parts share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadInput, BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.language.paths import DATED_PATHS, OWN, TOLD, Path, is_told, known_path
from dealwright.values.iso_codes import wrong_currency

_WORD = "^[a-z][a-z0-9_-]{0,59}$"


def _known_as_word(text: str) -> str:
    if not re.fullmatch(_WORD, text):
        word = re.sub(r"[^a-z0-9_]+", "-", text.lower().removesuffix(".md")).strip("-_")
        word = word if word[:1].isalpha() else f"n{word}"
        what_it_is = "lower-case letters, digits, - and _, beginning with a letter"
        raise BadValue(f"{text!r} is no name", f"write {word[:60]}: {what_it_is}")
    return text


Word = Annotated[str, AfterValidator(_known_as_word), WithJsonSchema({"type": "string", "pattern": _WORD})]
"""A name in a playbook: lower-case letters, digits, hyphens, underscores. It becomes part of ids."""


def own_paths(info: ValidationInfo) -> Mapping[str, Path]:
    """The paths of the fields that the playbook declares which is being read."""
    return info.context if isinstance(info.context, Mapping) else {}


def _read_path(written: object, info: ValidationInfo) -> Path:
    return written if isinstance(written, Path) else known_path(str(written), own_paths(info))


PathField = Annotated[
    Path,
    PlainValidator(_read_path),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"$comment": "Path"}),
]


def _read_filled(written: object, info: ValidationInfo) -> Path:
    path = _read_path(written, info)
    if path.broken:
        return path
    if not path.text.startswith(TOLD):
        remedy = f"name a path that begins with {', '.join(TOLD[:-1])} or {TOLD[-1]}"
        raise BadValue(f"{path.text!r} is not filled in by a person", remedy)
    if not is_told(path):
        raise BadValue(f"{path.text!r} is worked out, and not filled in", "name what it is worked out from")
    return path


_FillPath = Annotated[
    Path,
    PlainValidator(_read_filled),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(qualification|fields|notes)\..+$"}),
]
Fills = Annotated[dict[Word, _FillPath], Field(max_length=30)]
"""What a person may fill in: each by its name, with the path at which the deal then knows it."""


def _read_date(written: object, info: ValidationInfo) -> str:
    text, own = str(written), own_paths(info)
    if text.startswith(OWN):
        path = known_path(text, own)
        if path.kind != "date" and not path.broken:
            raise BadValue(f"{text!r} is no date", "name a field of the type date, or another date")
    elif text not in DATED_PATHS:
        dates = (*DATED_PATHS, *(each for each, path in own.items() if path.kind == "date"))
        raise BadValue(f"{text!r} is no date of a deal", did_you_mean(text, dates))
    return text


DateField = Annotated[
    str,
    PlainValidator(_read_date),
    WithJsonSchema({"anyOf": [{"enum": [*DATED_PATHS]}, {"type": "string", "pattern": r"^fields\..+$"}]}),
]
"""The path of a date that times are reckoned from."""


def _known_currency(code: str) -> str:
    if (wrong := wrong_currency(code)) is not None:
        raise BadInput([wrong])
    return code


Currency = Annotated[str, AfterValidator(_known_currency)]
"""An ISO 4217 code."""
