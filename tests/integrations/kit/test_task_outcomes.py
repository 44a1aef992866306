"""How a task ended, in the playbook's word, however people write it in their CRM."""

from __future__ import annotations

import pytest

from integrations.kit.task_outcomes import OutcomeWords
from integrations.pipedrive.marks import marked


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("connected", "connected"), ("Wrong person", "wrong_person"), ("  wrong-Person ", "wrong_person"),
        ("Left voicemail", "voicemail"), ("left  VOICEMAIL.", "voicemail"), ("", None), (None, None), ("...", None),
    ],
)  # fmt: skip
def test_a_word_is_the_playbook_s_where_it_is_called_alike_or_is_listed(said: str | None, ours: str | None) -> None:
    assert OutcomeWords({"voicemail": "Left voicemail"}).ours(said) == ours


@pytest.mark.parametrize(
    ("note", "ours"),
    [
        ("Call Ana.<br>Outcome: voicemail<br>", "voicemail"),
        ("<p>Call Ana</p><p><b>outcome</b>:&nbsp;Wrong person</p>", "wrong_person"),
        ("Outcome: connected\nOutcome: voicemail", "voicemail"),
        ("Outcome: connected\nOutcome:", "connected"),
        ("Say how it ended: connected, voicemail.", None),
        ("The outcome: nobody knows", None),
        (None, None),
        ("<br" * 5000 + "Outcome: connected", None),
    ],
)
def test_a_line_of_a_note_says_it_and_the_last_one_counts(note: str | None, ours: str | None) -> None:
    assert OutcomeWords().in_note(note) == ours


def test_our_own_mark_behind_it_is_no_part_of_it() -> None:
    note = marked("Call Ana.<br>Ergebnis: connected", "task-1").replace("<br>dw:", " dw:")

    assert OutcomeWords(label="Ergebnis").in_note(note) == "connected"
