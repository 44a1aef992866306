"""What ``show`` and ``list`` print of deals, for people."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealwright import entries as e
from dealwright.client.listing import FoundDeal
from dealwright.deal import Money
from dealwright.views.snapshot import Snapshot
from starter.commands.show import print_deals, print_snapshot, print_story
from store.deal_summaries import DealSummary
from tests.store.samples import NOW


def printed(snapshot: Snapshot, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_snapshot("acme", snapshot)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_reason_of_two_lines_does_not_look_like_another_entry(capsys: pytest.CaptureFixture[str]) -> None:
    print_story([e.DealClosed(at=NOW, outcome="lost", reason="Too dear\nTue 04 May 2027 09:30 UTC  Contract signed")])
    assert capsys.readouterr().out.splitlines() == [
        "Tue 04 May 2027 09:30 UTC  Closed: lost - Too dear Tue 04 May 2027 09:30 UTC Contract signed"
    ]


def test_the_amount_is_shown_with_its_currency(capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = Snapshot(amount=Money(amount=Decimal(24000), currency="EUR"))
    assert "amount 24,000.00 EUR" in printed(snapshot, capsys)


def test_what_a_hard_gate_still_lacks_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "missing to go on a budget, a champion" in printed(Snapshot(missing=("a budget", "a champion")), capsys)


def test_a_finished_deal_shows_no_way_out_of_its_stage(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(Snapshot(outcome="lost", finished=True, leaves_when="reply received"), capsys)
    assert "outcome lost" in said
    assert not [line for line in said if "leaves when" in line]


def test_repeated_deliveries_are_shown_where_there_were_some(capsys: pytest.CaptureFixture[str]) -> None:
    assert "facts told again 2" in printed(Snapshot(repeats=2), capsys)
    assert not [line for line in printed(Snapshot(repeats=0), capsys) if "again" in line]


@pytest.mark.parametrize(("amount", "shown"), [(24000.0, "24,000 EUR"), (900.5, "900.5 EUR")])
def test_a_list_shows_amounts_with_their_currency(
    amount: float, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_deals([FoundDeal(deal_id="acme", owner_role="rep", amount=amount, currency="EUR")], {})
    assert shown in capsys.readouterr().out


def test_a_list_says_who_has_each_deal_and_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    known = DealSummary(owner="Ben Ray", next_action="Task is due: Call Ana", next_at=NOW)
    print_deals([FoundDeal(deal_id="acme"), FoundDeal(deal_id="bolt")], {"acme": known})
    acme, bolt = capsys.readouterr().out.splitlines()[-2:]
    assert "Ben Ray" in acme
    assert "Tue 04 May 2027 09:30 UTC: Task is due: Call Ana" in acme
    assert "Ben Ray" not in bolt
