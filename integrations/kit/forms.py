"""Forms in request bodies, URL-encoded or multipart; and single fields of a body, JSON or a form."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qsl

from pydantic import JsonValue
from pydantic_core import from_json
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

MOST_FIELDS = 1000
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class NoForm(ValueError):
    """A body that is no form, or one with too many fields."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form's fields and files by name; of a name that comes twice, the first."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def is_form(content_type: str) -> bool:
    """Whether a body of this type is a form."""
    return content_type.partition(";")[0].strip().lower() in (_URLENCODED, _MULTIPART)


def form_of(body: bytes, content_type: str) -> Form:
    """The form in a body; one that does not say what it is, is read as URL-encoded.

    Raises:
        NoForm: it is none, or has too many fields.
    """
    if content_type.lower().startswith(_MULTIPART):
        return _multipart(body, content_type)
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise NoForm("the body is no form, or has too many fields") from None
    return Form(dict(reversed(pairs)))


def field_of(body: bytes, content_type: str, path: str) -> str:
    """A field of a body: of a form by its name, of JSON by the names that lead there. Empty when there is none."""
    if is_form(content_type):
        try:
            return form_of(body, content_type).fields.get(path, "")
        except NoForm:
            return ""
    try:
        here: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError:
        return ""
    for step in path.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return str(here) if isinstance(here, str | int) and not isinstance(here, bool) else ""


def _multipart(body: bytes, content_type: str) -> Form:
    form = Form()

    def on_field(found: Field) -> None:
        _check_room(form)
        form.fields.setdefault(_text(found.field_name), _text(found.value))

    def on_file(found: File) -> None:
        _check_room(form)
        found.file_object.seek(0)
        form.files.setdefault(_text(found.field_name), found.file_object.read())

    try:
        parse_form({"Content-Type": content_type.encode("latin-1")}, BytesIO(body), on_field, on_file)
    except (FormParserError, UnicodeError, ValueError):
        raise NoForm("the body is no form, or has too many fields") from None
    return form


def _check_room(form: Form) -> None:
    if len(form.fields) + len(form.files) >= MOST_FIELDS:
        raise NoForm("the form has too many fields")


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
