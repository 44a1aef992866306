"""Addresses: the one form in which two of them are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.values.addresses import complaint_about_address, key_of, normal, same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana@Buyer.Example", "ana@buyer.example"),
        (" ana@buyer.example ", "ana@buyer.example"),
        ("Ana Lopez <ana@buyer.example>", "ana@buyer.example"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@BÜCHER.example", "ana@XN--BCHER-KVA.EXAMPLE"),
        ("jose\u0301@buyer.example", "José@buyer.example"),
        ("ana@bu\u0308cher.example", "ana@bücher.example"),
        ("ΑΣ@buyer.example", "ας@buyer.example"),
        ("an\u200ba@buyer.example", "ana@buyer.example"),
        ("ana@buyer.example.", "ana@buyer.example"),
        ("ana@corp.local", "ANA@Corp.Local"),
    ],
)
def test_spellings_of_one_address_are_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana.lopez@buyer.example", "analopez@buyer.example"),
        ("ana+news@buyer.example", "ana@buyer.example"),
        ("ana@straße.example", "ana@strasse.example"),
        ("ana@buyer.example", "ana@mail.buyer.example"),
    ],
)
def test_other_mailboxes_stay_other_ones(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_a_name_that_is_no_address_counts_touches_as_it_is_written() -> None:
    assert (key_of("Jane Doe"), key_of("Jane@Seller.example")) == ("Jane Doe", "jane@seller.example")


def test_nobody_is_the_same_as_nobody() -> None:
    assert not same(None, None)
    assert not same("Jane", "Jane")


@given(st.one_of(st.text(max_size=40), st.emails(), st.from_regex(r"[^@]{1,8}@[^@]{1,12}", fullmatch=True)))
def test_any_text_has_a_normal_form_that_is_its_own(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.emails())
def test_what_is_let_in_stays_an_address_in_its_normal_form(address: str) -> None:
    if complaint_about_address(address) is None:
        assert complaint_about_address(normal(address)) is None
