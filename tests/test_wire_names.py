"""The names that other programs, stored histories and databases know deals by stay as they are."""

from __future__ import annotations

import pytest

from tests.generated import COMMAND
from tests.wire_names import declared, listed

LOST = {
    "namespace": "Workers and clients of other releases look for deals in another namespace, and find none.",
    "task queue": "Running deals wait for a worker on the old queue, for ever.",
    "workflow type": "No worker takes up a running deal any more: its type is in its history.",
    "workflow id": "No running deal is found under its id: each would be opened a second time.",
    "signals": "Whoever sends this is refused by every deal, and histories with it replay otherwise.",
    "updates": "Whoever gives this command is refused, and histories with it do not replay.",
    "queries": "Clients of an older release, and people in Temporal's UI, ask in vain.",
    "Nexus operations": "Workflows in other namespaces call it: they are told that there is none, and fail.",
    "activities": "Running deals have scheduled it under this name: they wait for ever, and do not replay.",
    "effect kinds": "Decisions and ledger rows have it: running deals cannot do, or finish, what was decided.",
    "entry kinds": "Stored stories have it: it would be read as unknown, and change nothing in a deal's state.",
    "error types": "Running workflows tell failures apart by it: an outage would be taken for a bad rule.",
    "search attributes": "Namespaces have it under this name and type: deals cannot be found by it, or not start.",
    "schedules": "Temporal keeps the old one beside the new: each tool is read twice as often, under two names.",
    "HTTP routes": "Other programs call it: they get 404 or 405.",
    "webhook sources": "Other tools send to it: their events get lost.",
    "tables and columns": "Workers of the release before run beside new ones during a deploy: migrations only add.",
    "CLI commands": "Scripts and runbooks call it.",
}
"""By what a name names: what it means to take one away, or to give it another one."""


def test_there_is_a_word_on_every_kind_of_name() -> None:
    assert LOST.keys() == declared().keys() == listed().keys()


@pytest.mark.parametrize("what", LOST)
def test_no_name_that_others_know_is_lost(what: str) -> None:
    lost = sorted({*listed()[what]} - {*declared()[what]})

    assert not lost, (
        f"{what}: the code no longer has {lost}. {LOST[what]} A name that stands in tests/wire_names.txt stays. "
        "If it really must go, say in CHANGELOG.md what its users do instead, and take its line out by hand."
    )


@pytest.mark.parametrize("what", LOST)
def test_every_name_is_on_the_list(what: str) -> None:
    new = sorted({*declared()[what]} - {*listed()[what]})

    assert not new, (
        f"{what}: {new} are new. From the next release on others rely on them, and they stay as they are. "
        f"If they are right, run: {COMMAND}"
    )
