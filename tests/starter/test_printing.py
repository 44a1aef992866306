from __future__ import annotations

import pytest

from starter.printing import PlainConsole, print_rows

HOSTILE = "Acme :100: :smile: [red]x[/red] [/b] \x1b[2J\x1b]0;owned\x07 \u202eevil \x9b31m \ud83d"


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> str:
    PlainConsole(width=300).print(HOSTILE)
    return capsys.readouterr().out


def test_words_between_colons_are_no_emoji_and_brackets_no_markup(shown: str) -> None:
    assert "Acme :100: :smile: [red]x[/red] [/b] " in shown


def test_what_steers_a_terminal_is_shown_and_not_obeyed(shown: str) -> None:
    assert "\\x1b[2J\\x1b]0;owned \\u202eevil \\x9b31m \\ud83d\n" in shown


def test_a_tables_cells_are_as_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows("title [b]", ("deal",), [(HOSTILE,)])
    said = capsys.readouterr().out
    assert ":100: :smile: [red]x[/red]" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
