"""What cannot stand beside each other in the connections file, where Stripe bills or is the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.kit.connections import BadConnections
from integrations.registry import connections_at

STRIPE = "stripe: {key: env:STRIPE_KEY, settings: {contracts: CONTRACTS}}"
METEROID = "meteroid: {key: env:STRIPE_KEY, base_url: 'https://meteroid.example', plans: {}}"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_KEY", "rk_test_of_the_tests")


def written(folder: Path, billing: str, contracts: str) -> Path:
    path = folder / "connections.yaml"
    stripe = STRIPE.replace("CONTRACTS", contracts)
    path.write_text(f"{billing}tools:\n  {stripe}\n  {METEROID}\n", "utf-8")
    return path


@pytest.mark.parametrize("billing", ["stripe", "meteroid"])
def test_terms_made_of_what_stripe_bills_are_not_billed_once_more(tmp_path: Path, billing: str) -> None:
    path = written(tmp_path, f"billing: {billing}\n", "stripe")
    with pytest.raises(BadConnections) as refused:
        connections_at(path)
    said = str(refused.value)
    assert f"{path}:3" in said
    assert f"billing: {billing}, contract terms made of what stripe bills would be billed once more" in said


@pytest.mark.parametrize(("billing", "contracts"), [("billing: stripe\n", "elsewhere"), ("", "stripe")])
def test_stripe_bills_or_is_the_contract(tmp_path: Path, billing: str, contracts: str) -> None:
    assert "stripe" in connections_at(written(tmp_path, billing, contracts)).tools
