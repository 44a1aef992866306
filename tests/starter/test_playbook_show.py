"""``playbook show``: the stages of a playbook, the ways between them, and the ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from playbooks import shipped
from starter.app import run
from starter.playbooks.stage_map import WHICH_WINS

TEXT = """
playbook: drawn
summary: Three "stages" <short>
roles: {rep: {}, boss: {}}
ends: [{when: deal_lost, as: lost}]
renews_on: contract_renewed
plays:
  - name: lapsed
    on: {after: contract.ends_on, by: 1d}
    do: [{close: churned}]
stages:
  - name: first
    owner: rep
    leave_when: {all: [demo_held, {deal.score: {gte: 3}}]}
    plays:
      - name: try
        on: entered
        if: {deal.source: inbound}
        until: opted_out
        steps: [{task: call}, {after: 3bd, enter: third, if: {deal.score: 1}}]
  - name: second
    owner: boss
    enter_when: proposal_sent
    gate: {hard: true, require: {a "budget": {deal.amount: {known: true}}}}
    leave_when: contract_signed
  - name: third
    owner: boss
    marks: won
    plays: [{name: gone, on: contract_cancelled, do: [{close: churned}]}]
"""
NODE = r'\w+(\["[^"]+"\]|\(\["[^"]+"\]\)|\(\("[^"]+"\)\))'
WAY = r'\w+ -\.?->\|"[^"]+"\| \w+'
STYLE = r"classDef won stroke-width:3px|class \w+(,\w+)* won"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "playbook.yaml").write_text(TEXT)
    return str(tmp_path)


def shown(capsys: pytest.CaptureFixture[str], folder: str, *options: str) -> str:
    assert run(["playbook", "show", folder, *options]) == 0
    return capsys.readouterr().out


def test_people_read_each_stage_with_its_ways_and_their_conditions_in_words(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown(capsys, folder)

    assert "first (rep)\n  to second when demo held and deal.score at least 3\n" in said
    assert "  to third when try: entered, if deal.source inbound, after 1 step, then 3bd, if deal.score 1\n" in said
    assert 'second (boss)\n  held without: a "budget" (deal.amount known)\n' in said
    assert "  to third when contract signed\n" in said
    assert "third (boss): won\n  to the end (churned) when gone: contract cancelled\n" in said


def test_people_read_what_passes_a_gate_and_which_way_wins(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, folder)

    assert '  held without: a "budget" (deal.amount known)\n  not held, and counted: contract signed\n' in said
    assert said.endswith(f"\n{WHICH_WINS}\n")


def test_people_read_for_whom_a_play_runs_that_runs_for_each_contact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    each = "{name: %s, on: entered, for_each: {contact: %s}, steps: [{task: call}]}"
    stage = f"plays: [{each % ('sponsors', '{role: [economic_buyer, sponsor]}')}]"
    everybody = f"plays: [{(each % ('all', '{}')).replace('on: entered', 'on: deal_lost')}]"
    text = f"playbook: two\nroles: {{rep: {{}}}}\n{everybody}\nstages: [{{name: first, owner: rep, {stage}}}]\n"
    (tmp_path / "playbook.yaml").write_text(text, "utf-8")

    said = shown(capsys, str(tmp_path))

    assert "first (rep)\n  sponsors runs for each economic buyer or sponsor\n" in said
    assert "in every stage\n  all runs for every contact\n" in said
    assert json.loads(shown(capsys, str(tmp_path), "--json"))["for_each"][0] == {
        "play": "all", "stage": None, "contacts": "every contact",
    }  # fmt: skip


def test_ways_from_several_stages_are_told_once(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, folder)

    assert "  from any stage to the end (lost) when deal lost\n" in said
    assert "  from any stage to the end (churned) when lapsed: 1d after contract.ends_on\n" in said
    assert "  from any stage to the same stage, anew when contract renewed\n" in said


def test_a_fact_that_brings_deals_ahead_leads_from_all_earlier_stages(capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[2]
    said = shown(capsys, str(root / "playbooks" / "b2b-saas"))

    assert "  from any earlier stage to proposal when proposal sent\n" in said


@pytest.mark.parametrize("name", ["drawn", *shipped()])
def test_a_flowchart_has_only_lines_that_mermaid_reads(
    name: str, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[2]
    first, *lines = shown(
        capsys, folder if name == "drawn" else str(root / "playbooks" / name), "--mermaid"
    ).splitlines()

    assert first == "flowchart TD"
    assert [line for line in lines if not re.fullmatch(f"  ({NODE}|{WAY}|{STYLE})", line)] == []


def test_a_flowchart_names_no_node_that_it_does_not_draw(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, folder, "--mermaid").splitlines()
    nodes = {found[1] for line in lines if (found := re.fullmatch(r"  (\w+)[\[(].*", line))}
    ways = [found.groups() for line in lines if (found := re.fullmatch(r"  (\w+) -.*\| (\w+)", line))]

    assert {end for way in ways for end in way} == nodes
    assert len(ways) == 8


def test_programs_get_stages_and_ways_as_json(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(shown(capsys, folder, "--json"))

    assert [stage["name"] for stage in told["stages"]] == ["first", "second", "third"]
    assert told["stages"][1]["needs"] == {'a "budget"': "deal.amount known"}
    assert [way for way in told["ways"] if way["by"] == "ends"] == [
        {"by": "ends", "sources": ["first", "second", "third"], "stage": None, "outcome": "lost",
         "when": "deal lost", "play": None},
    ]  # fmt: skip


def test_a_playbook_with_a_mistake_is_not_shown(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    (Path(folder) / "playbook.yaml").write_text(TEXT.replace("owner: boss", "owner: bos"))

    assert run(["playbook", "show", folder]) == 2
    assert "error: " in capsys.readouterr().out
