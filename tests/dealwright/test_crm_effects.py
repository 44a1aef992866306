"""What an update of the CRM's record writes, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from dealwright.deal import Money, Person
from dealwright.effects import UpdateCrm

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
UPDATE = UpdateCrm(
    id="acme/crm", at=NOW, summary="Update", stage="proposal", amount=Money(amount=Decimal(5), currency="EUR"),
    owner_role="rep", owners={"rep": Person(name="Rae"), "boss": Person(name="Bo")},
)  # fmt: skip


def test_an_update_that_does_not_say_which_parts_changed_writes_all_that_it_gives() -> None:
    assert UPDATE.writes("stage")
    assert UPDATE.writes("owner")
    assert not UPDATE.writes("title")


def test_an_update_writes_the_parts_that_it_names_also_to_empty_them() -> None:
    update = UPDATE.model_copy(update={"parts": ("title",)})
    assert update.writes("title")
    assert not update.writes("amount")


def test_the_owner_of_the_record_is_whoever_holds_the_role_that_has_the_deal() -> None:
    assert UPDATE.owner == Person(name="Rae")
    assert UPDATE.model_copy(update={"owner_role": "expert"}).owner is None
