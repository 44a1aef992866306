"""Conditions are tests over what a deal knows and what has happened to it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.deal import Account, Contract, Deal, Meeting, Money, Proposal
from dealwright.playbook.language.clock import Clock
from dealwright.playbook.language.condition_syntax import read_condition
from dealwright.playbook.language.conditions import Test, words_of
from dealwright.playbook.language.paths import all_paths, known_path
from dealwright.playbook.language.team import CalendarRule
from dealwright.qualification import Qualification
from dealwright.state import DealState, Happened

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOCK = Clock(NOON, CalendarRule().calendar_in("UTC", None))


def happened(**numbers: int) -> DealState:
    """A deal to which these facts happened, each with the number of its entry; ``__`` stands for a variant's colon."""
    facts = {name.replace("__", ":"): Happened(number=number, at=NOON) for name, number in numbers.items()}
    return DealState(deal=Deal(id="d"), happened=facts)


def knowing(**parts: object) -> DealState:
    return DealState(deal=Deal.model_validate({"id": "d", **parts}))


def holds(written: object, state: DealState, since: int = 0) -> bool:
    return read_condition(written).test(state, (NOON, since), CLOCK)


class TestWhatHappened:
    def test_a_fact_counts_once_it_has_happened(self) -> None:
        assert holds("demo_held", happened(demo_held=1))
        assert not holds("demo_held", happened(demo_booked=1))

    def test_a_fact_from_before_does_not_count(self) -> None:
        assert not holds("demo_held", happened(demo_held=5), since=5)
        assert holds("demo_held", happened(demo_held=6), since=5)

    def test_a_variant_is_asked_for_by_its_word(self) -> None:
        state = happened(reply_received=3, reply_received__other=3)

        assert holds({"reply_received": "other"}, state)
        assert holds({"reply_received": ["interested", "other"]}, state)
        assert not holds({"reply_received": "interested"}, state)
        assert holds("reply_received", state)


DEAL = {
    "source": "inbound",
    "score": 0.1,
    "amount": Money(amount=Decimal("1200.50"), currency="EUR"),
    "account": Account(id="a", employees=40, technologies=("kafka", "python")),
    "qualification": Qualification(budget="50k", need="yes", pain="slow"),
    "demo": Meeting(starts_at=NOON, status="held"),
    "proposal": Proposal(amount=Money(amount=Decimal(900), currency="EUR"), discount=Decimal(25)),
    "contract": Contract(starts_on=date(2026, 4, 1), ends_on=date(2027, 3, 31)),
    "notes": {"use_case": "billing"},
}

TRUTHS = [
    ({"deal.source": "inbound"}, True),
    ({"deal.source": "outbound"}, False),
    ({"deal.source": {"in": ["inbound", "referral"]}}, True),
    ({"deal.source": {"in": ["outbound"]}}, False),
    ({"deal.source": {"not_in": ["outbound"]}}, True),
    ({"deal.source": {"not_in": ["inbound"]}}, False),
    ({"deal.term": 1}, True),
    ({"deal.score": 0.1}, True),
    ({"deal.score": {"lt": 0.1}}, False),
    ({"deal.score": {"lte": 0.1}}, True),
    ({"deal.amount": 1200.5}, True),
    ({"deal.amount": {"gt": 1200}}, True),
    ({"deal.currency": "EUR"}, True),
    ({"account.employees": {"gte": 40}}, True),
    ({"account.employees": {"gt": 40}}, False),
    ({"account.technologies": "kafka"}, True),
    ({"account.technologies": {"in": ["ruby", "python"]}}, True),
    ({"account.technologies": {"not_in": ["python"]}}, False),
    ({"account.technologies": {"not_in": ["ruby"]}}, True),
    ({"qualification.bant": 2}, True),
    ({"qualification.bant": {"gte": 3}}, False),
    ({"qualification.meddic": {"gte": 1}}, True),
    ({"demo.status": "held"}, True),
    ({"demo.starts_at": {"known": True}}, True),
    ({"meeting.starts_at": {"known": True}}, False),
    ({"meeting.starts_at": {"known": False}}, True),
    ({"proposal.amount": {"lte": 900}}, True),
    ({"proposal.discount": {"gt": 20}}, True),
    ({"contract.ends_on": date(2027, 3, 31)}, True),
    ({"contract.ends_on": {"lt": date(2027, 1, 1)}}, False),
    ({"contract.starts_on": {"gte": date(2026, 4, 1)}}, True),
    ({"notes.use_case": {"known": True}}, True),
    ({"notes.timeline": {"known": True}}, False),
    ({"deal.source": "inbound", "deal.term": 1}, True),
    ({"deal.source": "inbound", "deal.term": 2}, False),
    ([{"deal.term": 2}, {"deal.source": "inbound"}], True),
    ({"not": {"deal.term": 2}}, True),
]


@pytest.mark.parametrize(("written", "expected"), TRUTHS, ids=[str(written) for written, _ in TRUTHS])
def test_a_value_is_compared_as_it_reads(written: object, *, expected: bool) -> None:
    assert holds(written, knowing(**DEAL)) is expected


ALWAYS_KNOWN = {"deal.term", "deal.touches_sent"}
VALUES = ("x", 0, date(2026, 1, 1))


@pytest.mark.parametrize("path", [path for path in all_paths() if path not in ALWAYS_KNOWN])
def test_what_is_not_known_never_compares_as_true(path: str) -> None:
    tests = [test for value in VALUES for test in (value, {"in": [value]}, {"not_in": [value]}, {"gte": value})]
    readable = [condition for test in tests if (condition := readable_or_none({path: test})) is not None]

    assert readable or known_path(path).kind == "time"
    assert not any(condition.test(DealState(), None, CLOCK) for condition in readable)
    assert holds({path: {"known": False}}, DealState())


def readable_or_none(written: object) -> Test | None:
    try:
        return read_condition(written)
    except ValueError:
        return None


def test_no_technologies_are_as_good_as_unknown_ones() -> None:
    assert holds({"account.technologies": {"known": False}}, knowing(account=Account(id="a")))
    assert not holds({"account.technologies": {"not_in": ["kafka"]}}, knowing(account=Account(id="a")))


FACTS = ["demo_held", "opted_out", "deal_lost", "note_added"]
LEAVES = st.sampled_from(FACTS)
WRITTEN = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: {"not": part}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
STATES = st.sets(st.sampled_from(FACTS)).map(lambda names: happened(**dict.fromkeys(names, 1)))


def meant(written: object, state: DealState) -> bool:
    """What a condition of facts alone means, said without the code under test."""
    match written:
        case str():
            return written in state.happened
        case list():
            return any(meant(part, state) for part in written)
        case {"any": parts}:
            return any(meant(part, state) for part in parts)
        case {"all": parts}:
            return all(meant(part, state) for part in parts)
        case {"not": part}:
            return not meant(part, state)
    raise AssertionError(written)


@given(WRITTEN, STATES)
def test_not_all_and_any_mean_what_they_say(written: object, state: DealState) -> None:
    assert holds(written, state) is meant(written, state)


@given(WRITTEN, WRITTEN, STATES)
def test_not_any_is_all_not(one: object, other: object, state: DealState) -> None:
    assert holds({"not": {"any": [one, other]}}, state) is holds({"all": [{"not": one}, {"not": other}]}, state)


@given(WRITTEN, STATES, st.integers(0, 3))
def test_a_later_beginning_never_makes_more_facts_count(written: object, state: DealState, since: int) -> None:
    if isinstance(written, str) and holds(written, state, since + 1):
        assert holds(written, state, since)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("demo_held", "demo held"),
        ({"reply_received": ["interested", "other"]}, "reply received: interested or reply received: other"),
        ({"deal.source": {"in": ["inbound", "referral"]}}, "deal.source inbound or referral"),
        ({"deal.source": {"not_in": ["inbound"]}}, "deal.source not inbound"),
        ({"qualification.bant": {"gte": 3}}, "qualification.bant at least 3"),
        ({"contract.ends_on": {"known": True}}, "contract.ends_on known"),
        ({"contract.ends_on": {"known": False}}, "contract.ends_on not known"),
        ({"not": "opted_out"}, "not (opted out)"),
        ({"all": ["demo_held", ["opted_out", "deal_lost"]]}, "demo held and (opted out or deal lost)"),
    ],
)
def test_a_condition_can_be_said_in_words(written: object, words: str) -> None:
    assert words_of(read_condition(written)) == words


def test_a_condition_that_was_read_is_read_again_as_it_is() -> None:
    condition = read_condition({"not": "demo_held"})

    assert read_condition(condition) is condition
