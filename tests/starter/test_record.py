"""What the command line says of a slip of the pen, before it reaches any server."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from dealwright.validation.errors import BadDeal
from starter.app import app, run


def told(*words: str) -> str:
    """What is said of a command line that cannot be carried out, on one line."""
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "400"})
    assert result.exit_code != 0
    return str(result.exception) if isinstance(result.exception, BadDeal) else " ".join(result.output.split())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("record", "d", "meeting_bokked"), "There is no fact 'meeting_bokked'. Did you mean 'meeting_booked'?"),
        (("command", "d", "acept_handoff"), "There is no command 'acept_handoff'. Did you mean 'accept_handoff'?"),
    ],
)
def test_a_misspelt_name_is_told_the_nearest_one(words: tuple[str, ...], meant: str) -> None:
    assert meant in told(*words)


def test_a_name_that_is_near_to_none_is_told_all() -> None:
    said = told("record", "d", "qqq")
    assert "lead_qualified" in said
    assert "fact_retracted" in said


def test_a_value_that_is_none_of_a_few_is_told_them() -> None:
    said = told("command", "d", "decide_approval", "by=Sam", "approval=a", "terms={}", "answer=yes")
    assert "answer: This is not known here. Write one of approve, refuse." in said


def test_a_misspelt_field_is_told_the_nearest_one() -> None:
    assert "starts_att: 'starts_att' is no field here. Did you mean 'starts_at'?" in told(
        "record", "d", "meeting_booked", "starts_att=2026-11-24T09:30:00+01:00"
    )


def test_a_program_is_told_what_is_wrong_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "d", "meeting_booked", "starts_att=x", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["diagnostics"][0] == {
        "severity": "error",
        "path": "starts_at",
        "problem": "'starts_at' is missing.",
        "remedy": "Give it a value.",
        "code": "missing",
    }
