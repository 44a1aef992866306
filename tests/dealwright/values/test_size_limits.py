"""How much may be handed in at once, and how much is said about it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from dealwright.commands import Amend
from dealwright.facts import ContactsLearned, ContractCancelled, DiscountRequested, Fact, LeadQualified, UsageReported
from dealwright.validation.errors import BadDeal
from dealwright.validation.opening import admit, check_fact


def refusal(given: dict[str, object]) -> BadDeal:
    with pytest.raises(BadDeal) as caught:
        admit(given)
    return caught.value


def test_a_list_of_too_many_is_one_mistake() -> None:
    error = refusal({"id": "d", "contacts": [{}] * 201})
    assert [str(one) for one in error.diagnostics] == ["contacts: There are 201 items. Give at most 200."]


def test_an_object_of_too_many_fields_is_one_mistake() -> None:
    error = refusal({"id": "d", "owners": {str(number): {} for number in range(201)}})
    assert [str(one) for one in error.diagnostics] == ["owners: There are 201 items. Give at most 200."]


def test_too_much_in_many_small_parts_is_one_mistake() -> None:
    error = refusal({"id": "d", "contacts": [{str(number): 1 for number in range(100)}] * 199})
    assert [str(one) for one in error.diagnostics] == ["There are more than 10000 values. Tell it in parts."]


def test_objects_within_each_other_are_one_mistake() -> None:
    nested: object = 1
    for _ in range(5000):
        nested = {"a": nested}
    assert "nested more than 16 deep" in str(refusal({"id": "d", "account": nested}))


def test_a_deal_with_all_it_may_have_is_let_in() -> None:
    contacts = [{"id": f"c{n}", "name": "C", "email": f"c{n}@x.example", "timezone": "UTC"} for n in range(200)]
    owners = {f"r{n}": {"name": "O", "timezone": "UTC"} for n in range(200)}
    assert len(admit({"id": "d", "contacts": contacts, "owners": owners}).contacts or ()) == 200


def test_fifty_mistakes_are_named_and_the_others_counted() -> None:
    error = refusal({"id": "d", "contacts": [{"id": "a"}] * 60})
    assert (len(error.diagnostics), error.more) == (50, 10)
    assert str(error).endswith(" And 10 more.")


def test_a_long_name_is_not_repeated_in_full() -> None:
    assert len(str(refusal({"id": "d", "n" * 100_000: 1}))) < 1000


def test_a_long_value_is_not_repeated_in_full() -> None:
    amount = {"amount": "-" + "9" * 100_000, "currency": "E" * 100_000}
    assert len(str(refusal({"id": "d" * 100_000, "amount": amount}))) < 1500


@pytest.mark.parametrize("number", ["1e-999999", "0." + "1" * 100, "1e999999"])
def test_a_number_that_is_long_when_written_out_is_refused(number: str) -> None:
    with pytest.raises(BadDeal, match="digits"):
        check_fact(DiscountRequested.model_construct(percent=Decimal(number)))


def test_what_a_fact_or_command_brings_is_bounded_before_it_is_read() -> None:
    for reading in (
        lambda: ContactsLearned.model_validate({"contacts": [{}] * 100_000}),
        lambda: ContactsLearned.model_validate_json('{"contacts": [' + ",".join(["{}"] * 100_000) + "]}"),
        lambda: Amend.model_validate({"by": "Ana", "why": "x", "known": {"contacts": [{}] * 100_000}}),
    ):
        with pytest.raises(ValidationError) as caught:
            reading()
        assert caught.value.error_count() == 1


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (UsageReported, {"health": False}),
        (LeadQualified, {"level": "mql", "score": True}),
        (ContractCancelled, {"term": True}),
        (ContractCancelled, {"term": "0" * 201}),
        (ContractCancelled, {"term": 0}),
    ],
)
def test_what_is_no_number_is_taken_for_none(fact: type[Fact], said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        fact.model_validate(said)


@pytest.mark.parametrize("part", [{"score": True}, {"health": False}, {"account": {"id": "a", "employees": True}}])
def test_true_and_false_are_no_numbers_of_a_deal(part: dict[str, object]) -> None:
    assert "True and false are no numbers" in str(refusal({"id": "d", **part}))


@pytest.mark.parametrize("term", [1, 3, "2", "MSA-2026"])
def test_a_term_is_a_number_or_a_name(term: object) -> None:
    assert ContractCancelled.model_validate({"term": term}).term == term
