"""A diagnostic says where, what and what to do; an error carries all of them."""

from __future__ import annotations

import pytest

from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic, Location, read_parts
from dealwright.diagnostics.suggestions import did_you_mean


def test_its_text_is_that_of_an_editor() -> None:
    one = Diagnostic(("stages", 0, "owner"), "there is no role 'srd'", "did you mean 'sdr'?")
    assert str(one) == "stages[0].owner: There is no role 'srd'. Did you mean 'sdr'?"


def test_in_a_file_it_begins_with_the_line() -> None:
    one = Diagnostic((), "the file is empty", location=Location("playbook.yaml", 3, 7))
    assert str(one) == "playbook.yaml:3: The file is empty."


@pytest.mark.parametrize("step", ["x" * 10_000, 7])
def test_a_place_however_long_is_told_shortly(step: str | int) -> None:
    assert len(Diagnostic((step,) * 5000, "this is too much").path) <= 201


def test_an_error_tells_all_of_them() -> None:
    error = BadInput([Diagnostic(("a",), "one"), Diagnostic(("b",), "two")])
    assert str(error) == "a: One. b: Two."


def test_parts_are_all_read_and_what_is_wrong_stands_at_its_part() -> None:
    def read(part: str) -> int:
        if not part.isdigit():
            raise BadValue(f"{part!r} is no number")
        return int(part)

    assert read_parts(enumerate(["1", "2"]), read) == [1, 2]
    with pytest.raises(BadInput) as refused:
        read_parts({"a": "1", "b": "x", "c": "y"}.items(), read)
    assert [one.path for one in refused.value.diagnostics] == ["b", "c"]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("demo_hold", "did you mean 'demo_held'?"),
        ("Demo Held", "did you mean 'demo_held'?"),
        ("xyz", "write one of demo_held, reply_received"),
        ("x" * 1_000_000, "write one of demo_held, reply_received"),
    ],
)
def test_an_unknown_name_is_answered_with_the_one_that_was_meant(name: str, remedy: str) -> None:
    assert did_you_mean(name, ["demo_held", "reply_received"]) == remedy
