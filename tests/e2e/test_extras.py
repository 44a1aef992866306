"""What each command says where its parts are not installed."""

from __future__ import annotations

import pytest

from starter.extras import what_to_install

MISSING = ModuleNotFoundError("No module named 'typer'", name="typer")


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        ([], "cli"), (["open", "acme"], "cli"), (["show", "acme"], "cli"), (["list"], "cli"),
        (["tasks"], "worker"), (["migrate"], "worker"), (["playbook", "publish", "x"], "worker"),
        (["gateway"], "gateway"), (["up"], "local"), (["demo", "--keep"], "local"), (["worker"], "worker"),
    ],
)  # fmt: skip
def test_one_line_names_what_is_missing_and_the_extra_that_brings_it(arguments: list[str], extra: str) -> None:
    said = what_to_install(MISSING, arguments)
    assert "typer is not installed" in said
    assert f"pip install 'dealwright[{extra}]'" in said
    assert "\n" not in said
