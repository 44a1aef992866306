"""Ids that hold the number of an entry are the same whatever was numbered before them, and still tell things apart."""

from __future__ import annotations

import pytest

from simulation.numbered_ids import named_by_order

DEAL, BEFORE = "deal-1", 472


def same(one: list[str], other: list[str]) -> bool:
    """Whether two decisions, made after entry 472 of a deal, come to the same."""
    return named_by_order(one, DEAL, BEFORE) == named_by_order(other, DEAL, BEFORE)


@pytest.mark.parametrize(
    ("id_", "numbered_otherwise"),
    [
        ("deal-1/gate/9/task/494", "deal-1/gate/9/task/492"),
        ("deal-1/gate/9/task.closed/494", "deal-1/gate/9/task.closed/492"),
        ("deal-1/gate/9/task.given1/494", "deal-1/gate/9/task.given1/492"),
        ("deal-1/gate/9/task.passed/494", "deal-1/gate/9/task.passed/492"),
        ("deal-1/gate/9/task.moved499/494", "deal-1/gate/9/task.moved497/492"),
        ("deal-1/suggested/3/task/494", "deal-1/suggested/3/task/492"),
        ("deal-1/suggested/3/suggestion/494", "deal-1/suggested/3/suggestion/492"),
        ("deal-1/next-step/3/task/494", "deal-1/next-step/3/task/492"),
        ("deal-1/over/2/handoff.pieces494/1", "deal-1/over/2/handoff.pieces492/1"),
    ],
)
def test_an_id_may_hold_another_number_of_an_entry(id_: str, numbered_otherwise: str) -> None:
    assert same([f'{{"id":"{id_}"}}'], [f'{{"id":"{numbered_otherwise}"}}'])


@pytest.mark.parametrize(
    ("id_", "of_something_else"),
    [
        ("deal-1/gate/9/task/467", "deal-1/gate/9/task/471"),  # both asked before
        ("deal-1/gate/9/task/494", "deal-1/gate/10/task/494"),
        ("deal-1/gate/9/task/494", "deal-1/gate/9/task.closed/494"),
        ("deal-1/gate/9/task/494", "deal-1/next-step/9/task/494"),
        ("deal-1/gate/9/task.given1/494", "deal-1/gate/9/task.given2/494"),
        ("deal-1/welcome/3/2/1", "deal-1/welcome/3/2/2"),
        ("deal-1/welcome/3/2/1", "deal-1/welcome/3/2v2/1"),
    ],
)
def test_ids_of_two_things_stay_two(id_: str, of_something_else: str) -> None:
    assert not same([id_], [of_something_else])


def test_what_is_asked_twice_is_not_what_is_asked_once() -> None:
    assert not same(["deal-1/gate/9/task/494", "deal-1/gate/9/task/499"], ["deal-1/gate/9/task/494"])


def test_the_first_and_the_second_of_a_kind_are_not_mixed_up() -> None:
    in_order = ['"id":"deal-1/gate/9/task/494","due":"Monday"', '"id":"deal-1/gate/9/task/499","due":"Tuesday"']
    turned_round = ['"id":"deal-1/gate/9/task/492","due":"Tuesday"', '"id":"deal-1/gate/9/task/497","due":"Monday"']

    assert not same(in_order, turned_round)


def test_only_ids_of_the_deal_are_named_anew() -> None:
    assert not same(['"amount":"376955"'], ['"amount":"376956"'])
    assert not same(['"at":"2027-09-08T16:25:23.098036Z"'], ['"at":"2027-09-08T16:25:23.098037Z"'])
