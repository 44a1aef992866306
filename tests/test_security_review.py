"""A security review that the buyer asks for: everything follows from the fact's class."""

from __future__ import annotations

from datetime import date

import pytest
from typer.testing import CliRunner

from dealwright.client.deal_client import DealClient
from dealwright.facts import Fact, SecurityReviewRequested
from dealwright.playbook.schema.json_schema import schema_text
from starter.app import app
from tests.dealwright.story import Story, of_stage
from tests.table_of_facts import table_of_facts
from tests.wire_names import declared

RULES = of_stage("- {name: review, on: security_review_requested, do: [{task: fill_in_the_questionnaire}]}")


def test_it_starts_the_plays_that_wait_for_it_and_teaches_the_deal_its_date() -> None:
    story = Story(RULES)

    story.tell("security_review_requested", due_on="2026-03-20", note="SOC 2, please")

    assert [task.name for task in story.state.tasks.values()] == ["fill_in_the_questionnaire"]
    assert story.state.deal is not None
    assert (story.state.deal.notes or {})["security_review"] == "due on 2026-03-20"


def test_one_without_its_date_is_refused_and_shown() -> None:
    story = Story(RULES)

    story.tell("security_review_requested")

    assert "due_on" in story.state.attention["fact:security_review_requested"]


def test_it_has_a_signal_and_a_route() -> None:
    assert "security_review_requested" in declared()["signals"]
    assert "/v1/deals/{deal_id}/facts/security_review_requested POST" in declared()["HTTP routes"]


def test_the_command_line_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Fact] = []

    class Client:
        async def record(self, deal_id: str, fact: Fact) -> str:  # noqa: ARG002 - one deal
            told.append(fact)
            return "f1"

    async def connect() -> Client:
        return Client()

    monkeypatch.setattr(DealClient, "connect", connect)
    result = CliRunner().invoke(app, ["record", "acme", "security_review_requested", "due_on=2026-03-20"])

    assert result.exit_code == 0, result.output
    assert told == [SecurityReviewRequested(due_on=date(2026, 3, 20))]


def test_the_schema_and_the_documentation_have_it() -> None:
    assert '"security_review_requested"' in schema_text()
    assert "| `security_review_requested` | The buyer's security people" in table_of_facts()
