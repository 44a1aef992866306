"""How ``pytest -n`` distributes the tests over its processes.

A file is run as a whole by one process, for the sake of what its tests share; the longest come first, so that no
process is left with a long one at the end. The few whose tests are long and share nothing are handed out by test.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST = (
    "tests/dealwright/test_lives.py",
    "tests/faults/test_restores.py",
    "tests/faults/test_floods.py",
    "tests/e2e/test_demo_all_tools.py",
    "tests/integrations/documents/test_document_telling.py",
    "tests/e2e/test_installations.py",
    "tests/e2e/test_demo.py",
    "tests/faults/test_lives_under_kills.py",
    "tests/e2e/test_up.py",
    "tests/faults/test_life_of_touches.py",
    "tests/workflows/test_last_things.py",
    "tests/local/test_server.py",
    "tests/faults/test_contract_in_docusign.py",
    "tests/workflows/test_any_life.py",
    "tests/integrations/meteroid/test_billing.py",
    "tests/simulation/proving/test_prover.py",
    "tests/faults/test_life_in_salesloft.py",
    "tests/workflows/test_short_runs.py",
    "tests/workflows/test_parking.py",
    "tests/integrations/cal_com/test_simulator.py",
    "tests/gateway/test_description.py",
    "tests/integrations/documents/test_document_contract.py",
    "tests/dealwright/test_planted_faults_of_laws.py",
    "tests/faults/test_quote_to_cash.py",
    "tests/faults/test_database_away.py",
    "tests/workflows/test_continuing.py",
    "tests/integrations/pipedrive/test_own_writes.py",
    "tests/faults/test_life_in_apollo.py",
    "tests/integrations/qwilr/test_inbound.py",
    "tests/faults/test_life_in_qwilr.py",
    "tests/faults/test_failpoints.py",
    "tests/workflows/test_after_the_end.py",
    "tests/faults/test_life_in_calendars.py",
    "tests/workflows/test_many_deals_adopt.py",
    "tests/integrations/kit/test_request_budget.py",
    "tests/faults/test_life_in_outreach.py",
    "tests/gateway/test_intake_load.py",
    "tests/dealwright/test_planted_faults.py",
    "tests/dealwright/test_decide_counterexamples.py",
)
"""Files that take ten seconds or more, as far as anybody knows; the others follow as they are."""
BY_TEST = frozenset({"tests/e2e/test_refusals.py"})


def longest_first(nodeid: str) -> int:
    """Where a test stands in the order."""
    file = _file(nodeid)
    return LONGEST_FIRST.index(file) if file in LONGEST_FIRST else len(LONGEST_FIRST)


class FilesLongestFirst(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Hands out files in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False  # else those with most tests come first
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = _file(nodeid)
        return nodeid if file in BY_TEST else file


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]
