"""A playbook is read as people mean it."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dealwright.calendar.durations import Span
from dealwright.playbook.language.conditions import All, Any, HasHappened, Not
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.loading import BadPlaybook, load_playbook
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, mistakes_in, with_change


def test_on_is_a_key_and_yes_is_a_text() -> None:
    playbook = load_playbook(with_change("  boss: {}", "  boss: {title: yes, country: NO}"))

    assert playbook.roles["boss"].title == "yes"
    assert playbook.roles["boss"].country == "NO"
    assert playbook.stages[0].plays[0].on == ("entered",)


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "09:30", "1_000", "0x1F", "1e", "2026-1-1", "null-ish"])
def test_a_word_that_older_yaml_takes_for_something_else_is_a_text(word: str) -> None:
    assert load_playbook(f"summary: {word}\n{PLAYBOOK}").summary == word


def test_an_anchor_repeats_what_it_names() -> None:
    text = with_change("      - {up_to: 10}\n", "      - &level {up_to: 10}\n").replace(
        "{up_to: 100, by: [boss]}", "{<<: *level, up_to: 100, by: [boss]}"
    )

    assert [level.up_to for level in load_playbook(text).approvals[0].levels] == [10, 100]


def test_a_mistake_in_a_repeated_part_stands_where_that_part_was_written() -> None:
    text = with_change("by: 2h", "by: &soon 2 hours").replace(
        "{after: contract.ends_on, by: 1d}", "{after: contract.ends_on, by: *soon}"
    )

    assert [line.split(":")[1] for line in mistakes_in(text)] == ["45", "45"]


def test_an_alias_within_itself_is_refused() -> None:
    assert mistakes_in("&a\nstages: [*a]\n")[0] == (
        "playbook.yaml:1: stages[0]: An alias (*) repeats what it stands in. Write the part out."
    )


def test_aliases_cannot_blow_a_small_file_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    (line,) = mistakes_in("\n".join(lines))

    assert line.endswith("The file has more than 50,000 parts. Write less, or repeat fewer aliases.")


def test_what_is_read_is_what_was_meant() -> None:
    play = load_playbook(PLAYBOOK).play("prepare")

    assert play is not None
    assert play.on == Dated(before="demo.starts_at", by=Span.parse("1bd"))
    assert getattr(play.do[0], "due", None) == Dated(before="demo.starts_at", by=Span.parse("2h"))


def test_several_pairs_in_one_condition_mean_all_of_them() -> None:
    playbook = load_playbook(with_change("{reply_received: interested}", "{demo_held: , not: [opted_out, deal_lost]}"))

    assert playbook.stages[0].leave_when == All(
        (HasHappened(("demo_held",)), Not(Any((HasHappened(("opted_out",)), HasHappened(("deal_lost",))))))
    )


@given(st.text(alphabet=st.sampled_from(list("abc:{}[]&*!|>-#'\" \n\t%@`,?01")), max_size=60))
@example("? \n")
@example("- - -")
def test_whatever_is_written_is_read_or_refused_with_mistakes(text: str) -> None:
    with pytest.raises(BadPlaybook) as refused:
        load_playbook(text)

    assert refused.value.diagnostics
    for one in refused.value.diagnostics:
        assert one.remedy
        assert one.location
        assert min(one.location.line, one.location.column) >= 1


@given(st.integers(0, len(PLAYBOOK) - 1), st.sampled_from(["", "x", ":", "{", "]", "\n", "  ", "- ", "'", "0"]))
def test_a_slip_of_the_finger_never_ends_in_anything_but_mistakes(at: int, slip: str) -> None:
    text = PLAYBOOK[:at] + slip + PLAYBOOK[at + 1 :]
    with suppress(BadPlaybook):
        assert load_playbook(text).stages
