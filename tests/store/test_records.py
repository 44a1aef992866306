from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dealwright.deal import Money
from dealwright.effects import HandOver, Notify, RequestApproval, UpdateCrm
from store import records
from store.database import Store
from tests.store.samples import JANE, NOW, deal


def update(number: int, stage: str, **changes: object) -> UpdateCrm:
    values = {"id": f"acme-1/crm/{number}", "at": NOW + timedelta(days=number), "summary": "Update", "stage": stage}
    return UpdateCrm.model_validate({**values, **changes})


async def test_a_deals_record_shows_what_was_written_last(store: Store) -> None:
    assert await records.record(store, "acme-1") is None
    await records.update_record(store, "acme-1", update(1, "outreach"))
    amount = Money(amount=Decimal("12000.50"), currency="EUR")
    await records.update_record(store, "acme-1", update(2, "close", outcome="won", amount=amount))
    record = await records.record(store, "acme-1")
    assert record is not None
    assert (record.stage, record.outcome, record.amount, record.currency) == ("close", "won", "12000.50", "EUR")


async def test_an_update_without_an_amount_leaves_the_amount(store: Store) -> None:
    await records.update_record(store, "acme-1", update(1, "a", amount=Money(amount=Decimal(5), currency="EUR")))
    await records.update_record(store, "acme-1", update(2, "b"))
    record = await records.record(store, "acme-1")
    assert record is not None
    assert (record.stage, record.amount) == ("b", "5")


async def test_an_update_that_comes_late_overwrites_nothing(store: Store) -> None:
    await records.update_record(store, "acme-1", update(2, "proposal"))
    await records.update_record(store, "acme-1", update(1, "outreach"))
    record = await records.record(store, "acme-1")
    assert record is not None
    assert record.stage == "proposal"


async def test_notes_are_kept_once(store: Store) -> None:
    for _ in range(2):
        await records.update_record(store, "acme-1", update(1, "close", note="Lost on price"))
    assert [note.text for note in await records.notes_of(store, "acme-1")] == ["Lost on price"]


async def test_notices_are_kept_once_with_whom_they_are_for(store: Store) -> None:
    notice = Notify(id="acme-1/n", at=NOW, summary="Tell", role="sales_manager", owner=JANE, text="No next meeting")
    for _ in range(2):
        await records.keep_notice(store, "acme-1", notice)
    (kept,) = await records.notices_of(store, "acme-1")
    assert (kept.role, kept.owner, kept.text) == ("sales_manager", "Jane Doe", "No next meeting")


async def test_packages_and_approval_requests_are_kept_as_their_receivers_got_them(store: Store) -> None:
    package = HandOver(
        id="acme-1/h", at=NOW, summary="Hand over", handoff="h1", from_role="account_executive", to_role="csm",
        accept_by=NOW + timedelta(days=1), pieces={"use_case": "billing"}, deal=deal(),
    )  # fmt: skip
    question = RequestApproval(
        id="acme-1/q", at=NOW + timedelta(hours=1), summary="Ask", approval="a1", role="sales_manager", owner=JANE,
        terms={"discount": "25"}, answer_by=NOW + timedelta(days=2),
    )  # fmt: skip
    for _ in range(2):
        await records.keep_package(store, "acme-1", package)
        await records.keep_approval_request(store, "acme-1", question)
    kept = [(row.kind, row.id, row.role, row.person, row.content) for row in await records.requests_of(store, "acme-1")]
    assert kept == [
        ("hand_over", "h1", "csm", None, {"use_case": "billing"}),
        ("request_approval", "a1", "sales_manager", "Jane Doe", {"discount": "25"}),
    ]
