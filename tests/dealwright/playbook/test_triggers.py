"""Triggers name the facts and events that start and stop plays, each by its key."""

import re

import pytest

from dealwright.facts import FACTS
from dealwright.playbook.language.triggers import EVENTS, WITHOUT_VARIANTS, known_variants, read_triggers


@pytest.mark.parametrize("name", [*FACTS, *EVENTS])
def test_every_fact_and_event_can_be_waited_for(name: str) -> None:
    assert read_triggers(name) == (name,)


def test_no_event_has_the_name_of_a_fact() -> None:
    assert set(FACTS) & set(EVENTS) == set()
    assert set(EVENTS) >= WITHOUT_VARIANTS


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ([], ()),
        (["demo_held", "demo_missed"], ("demo_held", "demo_missed")),
        ({"reply_received": "interested"}, ("reply_received:interested",)),
        ({"reply_received": ["interested", "other"]}, ("reply_received:interested", "reply_received:other")),
        (["opted_out", {"email_bounced": "hard"}], ("opted_out", "email_bounced:hard")),
        ({"task_done": "call"}, ("task_done:call",)),
        ({"entered": "close"}, ("entered:close",)),
        (("demo_held",), ("demo_held",)),
    ],
)
def test_what_is_written_becomes_keys(written: object, keys: tuple[str, ...]) -> None:
    assert read_triggers(written) == keys


@pytest.mark.parametrize("name", [name for name, fact in FACTS.items() if known_variants(name)])
def test_every_variant_that_a_fact_may_have_can_be_asked_for(name: str) -> None:
    variants = list(known_variants(name))

    assert read_triggers({name: variants}) == tuple(f"{name}:{variant}" for variant in variants)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("demo_hold", "'demo_hold' is no fact or event. Did you mean 'demo_held'?"),
        ("xyzzy", "'xyzzy' is no fact or event. See docs/playbook/triggers.md for all of them."),
        ({"reply_received": "maybe"}, "'reply_received' is never 'maybe'. Write one of interested"),
        ({"demo_held": "x"}, "'demo_held' has no variants. Write 'demo_held' alone"),
        ({"effect_failed": "x"}, "'effect_failed' has no variants. Write 'effect_failed' alone"),
        ({"reply_received": []}, "'reply_received' with no variant never comes"),
        ({"task_done": 3}, "3 is no variant of 'task_done'. Write a word"),
        ({"a": "b", "c": "d"}, "Several facts stand in one mapping. Write them as a list: [{a: …}, {c: …}]"),
        (7, "7 is no trigger"),
    ],
)
def test_what_is_no_trigger_is_refused_with_what_to_write(written: object, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_triggers(written)
