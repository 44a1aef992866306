"""What people write in other words than ours: the check says which ones are meant."""

import pytest

from tests.dealwright.playbook.valid_playbook import mistakes_in, with_change

IF = "if: {deal.source: outbound}"
UNTIL = "until: [reply_received, opted_out]"


def refusal_of(old: str, new: str) -> str:
    """The one mistake of the sound playbook with this change, without its place."""
    (found,) = mistakes_in(with_change(old, new))
    return found


@pytest.mark.parametrize(
    ("condition", "remedy"),
    [
        ("{source: outbound}", "Did you mean 'deal.source'?"),
        ("{country: DE}", "Did you mean 'account.country' or 'contact.country'?"),
        ("deal.health < 40", "Write {deal.health: {lt: 40}}."),
        ("{proposal.discount >= 10}", "Write {proposal.discount: {gte: 10}}."),
        ("deal.source == outbound", "Write {deal.source: outbound}."),
        ("deal.health", "Write {deal.health: {known: true}}, or another test."),
        ("{and: [demo_held, {deal.source: outbound}]}", "Write all."),
        ("{or: [demo_held, {deal.source: outbound}]}", "Write any."),
        ("{proposal.discount: {gt: 10%}}", "Write proposal.discount: {gt: 10}."),
        ("{deal.health: {lte: '1,000'}}", "Write deal.health: {lte: 1000}."),
    ],
)
def test_a_condition_in_other_words(condition: str, remedy: str) -> None:
    assert refusal_of(IF, f"if: {condition}").endswith(remedy)


def test_an_own_field_without_the_word_before_it() -> None:
    text = with_change(IF, "if: {seats: {gte: 5}}").replace("roles:\n", "fields: {seats: number}\nroles:\n", 1)

    (found,) = mistakes_in(text)

    assert found.endswith("'seats' is no fact or event. Did you mean 'fields.seats'?")


def test_a_value_is_nothing_that_happens() -> None:
    found = refusal_of(UNTIL, "until: {deal.health: {gt: 50}}")

    assert "'deal.health' is something that a deal has, and nothing that happens." in found


def test_several_facts_in_one_mapping_are_a_list() -> None:
    found = refusal_of(UNTIL, "until: {reply_received: any, opted_out: any}")

    assert found.endswith("Write them as a list: [{reply_received: …}, {opted_out: …}].")


def test_a_day_is_told_as_it_is_written() -> None:
    found = refusal_of("{after: 2bd, task: call,", "{at: 2026-05-01, task: call,")

    assert "2026-05-01 stands where a mapping is wanted." in found


@pytest.mark.parametrize(("key", "meant"), [("delay: 2bd", "after"), ("deadline: 2bd", "due"), ("message: Hi", "text")])
def test_a_key_that_people_write_for_ours(key: str, meant: str) -> None:
    found = refusal_of("{after: 2bd, task: call,", f"{{{key}, task: call,")

    assert found.endswith(f"Did you mean {meant!r}?")


@pytest.mark.parametrize("zone", ["GMT+1", "UTC-5", "'+01:00'"])
def test_an_offset_is_no_time_zone(zone: str) -> None:
    found = refusal_of("  boss: {}\n", f"  boss: {{timezone: {zone}}}\n")

    assert found.endswith("is an offset, and no IANA time zone. Write a name such as Europe/Berlin or UTC.")
