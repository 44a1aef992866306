"""What pydantic refuses is told in our words, at the place where it stands in the document."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, ValidationError

from dealwright.diagnostics.diagnostic import BadValue, Diagnostic
from dealwright.diagnostics.notation import Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.values.recorded import Given


def _no_answer(text: str) -> str:
    raise BadValue(f"{text!r} is no answer", "write yes or no", ("inside",))


class Mail(Given):
    kind: Literal["mail"] = "mail"
    subject: Annotated[str, Field(max_length=5)]


class Call(Given):
    kind: Literal["call"] = "call"
    number: str = ""


class Letter(Given):
    """A document with a field of every sort."""

    mail: Annotated[Mail | Call, Field(discriminator="kind")] | None = None
    either: Annotated[
        Annotated[Mail, Tag("kind")] | Annotated[Call, Tag("other")],
        Discriminator(lambda given: "kind" if isinstance(given, dict) else "other"),
    ] = Call()
    people: dict[str, Mail] = {}
    plain: int | list[int] = 0
    answer: Annotated[str, AfterValidator(_no_answer)] = ""
    size: Annotated[int, Field(ge=1, le=3)] = 1
    names: tuple[str, ...] = ()


def told(given: object, *, yaml: bool = False) -> list[Diagnostic]:
    with pytest.raises(ValidationError) as refused:
        Letter.model_validate(given)
    return list(diagnostics_of(refused.value, Letter, Yaml() if yaml else None))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"mail": {"kind": "mail"}}, "mail.subject: 'subject' is missing. Give it a value."),
        ({"either": {"subjct": "x", "subject": "y"}}, "either.subjct: 'subjct' is no field here. Did you mean"),
        ({"people": {"kind": {"subject": "too long"}}}, "people.kind.subject: The text is longer than 5 characters."),
        ({"answer": "perhaps"}, "answer.inside: 'perhaps' is no answer. Write yes or no."),
        ({"size": 9}, "size: This is too large. Write 3 or less."),
        ({"names": "ana"}, "names: A text stands where a list is wanted. Write a list."),
    ],
)  # fmt: skip
def test_a_place_is_that_of_the_document_without_pydantics_own_steps(given: object, text: str) -> None:
    (one,) = told(given)
    assert str(one).startswith(text)


def test_of_a_value_that_fits_no_member_of_a_union_is_told_once() -> None:
    (one,) = told({"plain": {"a": 1}})
    assert (one.path, one.code) == ("plain", "wrong_type")


def test_what_a_program_sent_is_not_repeated_and_what_stands_in_a_file_is() -> None:
    (sent,), (written,) = told({"names": "secret"}), told({"names": "secret"}, yaml=True)
    assert "secret" not in str(sent)
    assert str(written) == "names: 'secret' stands where a list is wanted. Write names: [secret]."


def test_an_unknown_field_is_of_its_key_and_says_so_to_programs() -> None:
    (one,) = told({"sise": 1})
    assert (one.place, one.of_key, one.code, one.remedy) == (("sise",), True, "unknown_field", "did you mean 'size'?")


def test_without_the_model_a_place_is_as_pydantic_names_it() -> None:
    with pytest.raises(ValidationError) as refused:
        Letter.model_validate({"size": 0})
    (one,) = diagnostics_of(refused.value, None)
    assert str(one) == "size: This is too small. Write 1 or more."


def test_a_field_is_known_by_the_name_under_which_it_is_written() -> None:
    class Aliased(BaseModel, extra="forbid"):
        from_: str = Field(default="", alias="from")

    with pytest.raises(ValidationError) as refused:
        Aliased.model_validate({"form": "x"})
    (one,) = diagnostics_of(refused.value, Aliased)
    assert one.remedy == "did you mean 'from'?"


class Jury(Given):
    """A document that needs several of a thing."""

    members: Annotated[tuple[Call, ...], Field(min_length=2)]


def told_of(members: object) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        Jury.model_validate({"members": members})
    return [str(one) for one in diagnostics_of(refused.value, Jury)]


def test_a_list_that_is_too_short_is_told_though_all_that_stands_in_it_is_right() -> None:
    assert told_of([{}]) == ["members: 'members' has 1, and needs at least 2. Write more."]


def test_a_list_that_lacks_only_what_is_wrong_in_it_is_told_of_that_alone() -> None:
    assert [each.partition(":")[0] for each in told_of([{}, {"number": 5}])] == ["members[1].number"]
