"""What a test says must follow, or must not, on deals that live by a small playbook."""

from __future__ import annotations

import pytest

from tests.simulation.playbook_tests.tiny import failures


@pytest.mark.parametrize(
    "then",
    [
        "{email: hello}",
        "{email: hello, at: 2026-03-02}",
        "{email: hello, at: 2026-03-02 09:00}",
        "{email: hello, by: 2026-03-02}",
        "{at 2026-03-02: {email: hello}}",
        "{task: call, by: +2bd}",
        "{task: call, after: 2026-03-03, before: 2026-03-05}",
        "{task: call, after: {email: hello}}",
        "{email: hello, before: {task: call}}",
        "{email: any, times: 1}",
        "{never: {email: again}}",
        "{never: {closed: any}, email: hello}",
        "{never: [{email: recap}, {stage: second}]}",
        "{in_order: [{stage: first}, {email: hello}, {task: call}]}",
        "[{email: hello}, {task: call, owner: rep}]",
    ],
)
def test_what_is_so_holds(then: str) -> None:
    assert failures(f"  then: {then}") == []


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("{email: recap}", "email recap: it did not happen"),
        ("{email: hello, at: 2026-03-03}", "email hello, at 2026-03-03: it happened at another time"),
        ("{email: hello, at: 2026-03-02 10:00}", "email hello, at 2026-03-02 10:00: it happened at another time"),
        ("{task: call, by: 2026-03-03}", "task call, by 2026-03-03: it happened at another time"),
        ("{by 2026-03-03: {task: call}}", "task call, by 2026-03-03: it happened at another time"),
        ("{email: hello, after: {task: call}}", "email hello, after task call: it happened at another time"),
        ("{email: any, times: 2}", "email any, times 2: it happened once, not twice"),
        ("{never: {email: hello}}", "never email hello: it happened"),
        ("{never: {email: any}, by: 2026-03-02}", "never email any, by 2026-03-02: it happened"),
        ("{never: {email: again, after: demo_held}}", "never email again, after demo held: demo held did not happen"),
        (
            "{in_order: [{task: call}, {email: hello}]}",
            "task call, then email hello: email hello did not happen after task call",
        ),
    ],
)
def test_what_is_not_so_is_red_and_says_what_happened(then: str, said: str) -> None:
    assert failures(f"  then: {then}") == [f"2: {said}"]


def test_a_red_expectation_is_told_with_its_own_line() -> None:
    assert failures("  then:\n    - {email: hello}\n    - {email: recap}") == ["4: email recap: it did not happen"]


def test_time_passes_between_what_happens() -> None:
    assert not failures("""
  when:
    - {+3bd: {complete_task: call}}
    - {+2bd: demo_held}
  then:
    - {email: again, at: 2026-03-06}
    - {stage: second, at: 2026-03-09}
    - {notify: boss, text: look at it, at: +1d}
""")


def test_several_things_at_one_time_happen_in_their_order() -> None:
    assert not failures("""
  when: {+1h: [{discount_requested: 20}, {decide_approval: {approval: discount, answer: approve}}, demo_held]}
  then: {in_order: [{approval: discount, asks: boss}, {approval_granted: discount}, {stage: second}]}
""")


def test_a_deal_that_is_placed_in_a_stage_counts_from_there() -> None:
    assert not failures("  given: {in: second}\n  then: {never: [{email: hello}, {stage: first}], email: recap}")


def test_a_deal_that_is_not_placed_counts_from_its_opening() -> None:
    assert not failures("  given: {demo_held: }\n  then: {in_order: [{email: hello}, {email: recap}]}")


def test_times_are_those_of_the_team() -> None:
    assert not failures("""
  given: {at: 2026-07-06 22:30, source: any}
  when: [{2026-07-07 08:00: demo_held}]
  then: [{email: recap, at: 2026-07-07 09:00}, {stage: second, at: 2026-07-07 08:00}]
""")


def test_facts_may_say_their_times_as_tests_do() -> None:
    assert not failures("""
  given: {demo_booked: {demo: d1, starts_at: 2026-03-05 15:00}, contract_signed: {starts_on: +1d, ends_on: +365d}}
  when: [{2026-03-06: {demo_held: {demo: d1, at: 2026-03-05 16:00}}}]
  then: {stage: second}
""")


def test_a_command_that_the_deal_does_not_take_is_red() -> None:
    (said,) = failures("  when:\n    - {+1d: {accept_handoff: nobody/offered/1/this/1}}\n  then: {email: hello}")
    assert said.startswith("3: accept_handoff: the deal did not take it: ")


def test_what_comes_after_the_end_may_open_the_deal_again() -> None:
    assert not failures("""
  when: [{+1h: deal_lost}, {+1d: {fact_retracted: deal_lost}}, {+1h: demo_held}]
  then: {in_order: [{closed: lost}, {stage: second}]}
""")


def test_a_deal_is_followed_no_longer_than_the_test_says() -> None:
    assert not failures("  until: 2026-03-03\n  then: {never: {task: call}}")
