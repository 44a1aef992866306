"""Fields that a playbook declares beside those that every deal has: typed, told by facts or worked out by a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator

from dealwright.deal import Money, OwnValue, in_words
from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted
from dealwright.playbook.language.declared_words import Words
from dealwright.playbook.language.fields import Currency
from dealwright.playbook.language.paths import OWN, Kind, Path, known_path
from dealwright.state import DealState
from dealwright.validation.field_checks import YEARS
from dealwright.values.recorded import Given, Name

FieldType: TypeAlias = Literal["text", "number", "date", "money"]
TYPES: tuple[FieldType, ...] = ("text", "number", "date", "money")
_WORD = "^[a-z][a-z0-9_]{0,59}$"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EXAMPLE = "write text, number, date, money, {one_of: [a, b]}, or {by: account.employees, table: [...]}"
_WRITTEN = {
    "text": "a text",
    "number": "a number such as 40",
    "date": "a day such as 2026-01-31",
    "money": "an amount such as {amount: 100, currency: EUR}",
}


def _named(text: str) -> str:
    if text in dir(dict):
        raise BadValue(f"a template could not ask for {text!r}", f"call it otherwise, as {text}_known")
    if not re.fullmatch(_WORD, text):
        word = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
        word = word if word[:1].isalpha() else f"n{word}"
        what_it_is = "lower-case letters, digits and _, beginning with a letter"
        raise BadValue(f"{text!r} is no name of a field", f"write {word[:60]}: {what_it_is}")
    return text


FieldName = Annotated[str, AfterValidator(_named), WithJsonSchema({"type": "string", "pattern": _WORD})]
"""A field's name, as conditions and templates write it."""


def _in_short(written: object) -> object:
    """A type alone, as most fields are declared."""
    if isinstance(written, str):
        if written not in TYPES:
            raise BadValue(f"{written!r} is no type of a field", did_you_mean(written, TYPES, _EXAMPLE))
        return {"type": written}
    if not isinstance(written, dict | OwnField):
        raise BadValue(f"{written!r} declares no field", _EXAMPLE)
    return written


class Row(Given):
    """One row of a table: up to which value, or for which texts, the field is what."""

    up_to: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """For values up to this, of a number or an amount."""
    of: tuple[Name, ...] = ()
    """For these texts."""
    is_: Annotated[Name | float, Field(alias="is")]
    """What the field is then."""

    @property
    def takes_all(self) -> bool:
        """Whether it takes whatever the rows before it do not."""
        return self.up_to is None and not self.of

    def takes(self, value: object) -> bool:
        """Whether a value belongs to it."""
        if self.up_to is not None:
            return isinstance(value, Decimal) and value <= Decimal(str(self.up_to))
        held = value if isinstance(value, tuple) else (value,)
        return self.takes_all or any(each in self.of for each in held)


class OwnField(Given):
    """What may stand in a field that the playbook declares."""

    type: FieldType | None = None
    """What it holds."""
    one_of: Words = None
    """The texts of which it holds one, each with its meaning."""
    by: str | None = None
    """The path from whose value it is worked out, by the table."""
    currency: Currency | None = None
    """The currency of the table, when that value is money."""
    table: tuple[Row, ...] = ()
    """What it is, by that value: the first row that takes it. What is not known is in no row."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.table) != (self.by is not None):
            raise BadValue("by and table belong together", "write {by: account.employees, table: [...]}")
        if sum((self.type is not None, self.one_of is not None, self.by is not None)) != 1:
            raise BadValue("the field does not say in one way what it holds", _EXAMPLE)
        if self.currency is not None and self.by is None:
            raise BadValue("a currency is only for a table", "take it out: an amount has its own")
        if len({isinstance(row.is_, str) for row in self.table}) > 1:
            raise BadValue("the table has texts and numbers", "write the same kind in every row")
        return self

    @cached_property
    def kind(self) -> Kind:
        """What it holds, as conditions compare it."""
        if self.table:
            return "text" if isinstance(self.table[0].is_, str) else "number"
        return "number" if self.type in {"number", "money"} else "date" if self.type == "date" else "text"

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The only texts that may stand there, where there are such."""
        return tuple(self.one_of or dict.fromkeys(row.is_ for row in self.table if isinstance(row.is_, str)))

    def value_of(self, told: object) -> object:
        """What was told, as the type that the field has; None for what is none of it."""
        match told:
            case str() if self.one_of is not None:
                return told if told in self.one_of else None
            case str() if self.type == "text":
                return told or None
            case str() if self.type == "number":
                return _number(told)
            case str() if self.type == "date":
                return _day(told)
            case int() | float() if self.type == "number":
                return Decimal(str(told))
            case Money() if self.type == "money":
                return told
        return None

    def worked_out(self, value: object) -> str | float | None:
        """What the table makes of a value; None where that is not known, or in no row."""
        if isinstance(value, Money):
            value = value.amount if value.currency == self.currency else None
        row = next((row for row in self.table if row.takes(value)), None) if value not in (None, ()) else None
        return None if row is None else row.is_

    def refusal(self, told: OwnValue) -> tuple[str, str] | None:
        """Why something cannot stand there, and what to tell instead; None when it can."""
        if self.by is not None:
            return f"it is worked out from {self.by}", "tell that instead"
        if self.value_of(told) is not None:
            return None
        shown = quoted(told) if isinstance(told, str) else in_words(told)
        if self.type is None:
            choice = f"write one of {', '.join(self.words)}"
            return f"{shown} is none of its words", did_you_mean(str(told), self.words, choice)
        return f"{shown} is no {'amount' if self.type == 'money' else self.type}", f"write {_WRITTEN[self.type]}"


def _number(text: str) -> Decimal | None:
    """A number that was told as a text: CRMs write all values so."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _day(text: str) -> date | None:
    """A day that plays can be reckoned from: ``9999-12-31``, which means never, is none."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and found.year in YEARS else None


OwnFields = Annotated[dict[FieldName, Annotated[OwnField, BeforeValidator(_in_short)]], Field(max_length=100)]
"""The fields that a playbook declares, by name."""


def unknown_field(name: str, declared: Mapping[str, OwnField]) -> Diagnostic | None:
    """What is wrong with the name of a field that is none of those declared; None when it is one."""
    if name in declared:
        return None
    problem = f"{quoted(name)} is no field of this playbook"
    if not declared:
        return Diagnostic((), problem, "it declares none: add it under fields, with its type")
    listed = f"fields are {', '.join(declared)}"
    near = did_you_mean(name, declared, listed)
    return Diagnostic((), problem, listed if near == listed else f"{near} {listed.capitalize()}")


def wrong_fields(told: Mapping[str, OwnValue | None] | None, declared: Mapping[str, OwnField]) -> Iterator[Diagnostic]:
    """What is wrong with values of fields, as somebody told them; nothing (``null``) clears any that is declared."""
    for name, value in (told or {}).items():
        if (unknown := unknown_field(name, declared)) is not None:
            yield unknown.under("fields", name[:60])
        elif value is not None and (refusal := declared[name].refusal(value)) is not None:
            yield Diagnostic(("fields", name), *refusal)
        elif value is None and declared[name].by is not None:
            yield Diagnostic(("fields", name), f"it is worked out from {declared[name].by}", "clear that instead")


def paths_of(declared: Mapping[str, OwnField]) -> dict[str, Path]:
    """Where the fields stand in the view of a deal.

    Raises:
        BadInput: tables go by what no deal has, or by each other.
    """
    found = {f"{OWN}{name}": _told(name, field) for name, field in declared.items() if field.by is None}
    wrong: list[Diagnostic] = []
    ahead = {name: field for name, field in declared.items() if field.by is not None}
    while ready := [name for name, field in ahead.items() if (field.by or "").removeprefix(OWN) not in ahead]:
        for name in ready:
            field = ahead.pop(name)
            try:
                found[f"{OWN}{name}"] = _computed(name, field, known_path(field.by or "", found))
            except BadInput as error:
                wrong += [one.under("fields", name, "by") for one in error.diagnostics]
    for name, field in ahead.items():
        problem = f"{name!r} would be worked out from itself"
        wrong.append(Diagnostic(("fields", name, "by"), problem, f"name something else than {field.by}"))
    if wrong:
        raise BadInput(wrong)
    return found


def _told(name: str, field: OwnField) -> Path:
    def read(state: DealState) -> object:
        return field.value_of(state.deal.fields.get(name)) if state.deal and state.deal.fields else None

    return Path(f"{OWN}{name}", read, field.kind, words=field.words, money=field.type == "money")


def _computed(name: str, field: OwnField, by: Path) -> Path:
    def read(state: DealState) -> object:
        return field.worked_out(by.read(state) if by.is_money else by.compared(state))

    return Path(f"{OWN}{name}", read, field.kind, words=field.words, comes_from=by.part)


def paths_as_written(written: object) -> dict[str, Path]:
    """The fields that a playbook's file declares, before it is read: of those that are wrong, that they are meant."""
    given = written if isinstance(written, dict) else {}
    sound: dict[str, OwnField] = {}
    for name, each in given.items():
        try:
            sound[str(name)] = OwnField.model_validate(_in_short(each))
        except (BadInput, ValidationError):
            continue
    try:
        found = paths_of(sound)
    except BadInput:
        found = paths_of({name: field for name, field in sound.items() if field.by is None})
    meant = {f"{OWN}{name}" for name in given} - found.keys()
    return {**found, **{text: Path(text, lambda _: None, broken=True) for text in meant}}


__all__ = [
    "TYPES", "OwnField", "OwnFields", "Row", "paths_as_written", "paths_of", "unknown_field", "wrong_fields",
]  # fmt: skip
