"""What a deal asks of colleagues: tasks, notices, handoff packages, approvals; and the CRM's record of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.testing import ActivityEnvironment

from activities.crm import CrmRecords
from activities.handoffs import Handoffs
from activities.journal import Journal
from activities.late_results import confirm_by_signal
from activities.ledger import Ledger
from activities.outreach import Notices
from activities.tasks import Tasks
from activities.work_letters import WorkLetters
from activities.work_texts import Links
from dealwright.contract import EffectRequest, JournalRequest, WithdrawRequest
from dealwright.deal import Contact, Money, Person
from dealwright.effects import (
    CloseTask,
    CreateTask,
    Effect,
    HandOver,
    LogActivity,
    Notify,
    Outcome,
    RequestApproval,
    UpdateCrm,
)
from dealwright.preferences import ChosenPreferences, Preferences
from integrations.embedded.crm import EmbeddedChat, EmbeddedCrm
from integrations.mail.messages import MessageBuilder
from integrations.mail.smtp import SmtpMailer
from store import journal, ledger, preferences, records, tasks, told_work
from store.database import Store
from store.ledger import LedgerState
from tests.simulators.mailbox_server import Behaviour, MailServer
from tests.store.samples import JANE, NOW, deal, story

CY = Person(name="Cy Success", email="cy@seller.test")
HEAD = MessageBuilder(
    address="deals@seller.test", domain="seller.test", name="Seller", public_url=None, secret=b"s" * 32
)  # fmt: skip

TASK = CreateTask(
    id="acme-1/t", at=NOW, summary="Create task", task="t1", role="sdr", owner=JANE, title="Call Ada",
    due_at=NOW + timedelta(hours=2),
)  # fmt: skip
CLOSE = CloseTask(id="acme-1/c", at=NOW, summary="Close task", task="t1", how="cancelled", reason="Ada replied")
NOTICE = Notify(id="acme-1/n", at=NOW, summary="Tell", role="sales_manager", text="No next meeting")
UPDATE = UpdateCrm(
    id="acme-1/u", at=NOW, summary="Update", stage="close", outcome="won", note="Signed",
    amount=Money(amount=Decimal(5), currency="EUR"),
)  # fmt: skip
CALL = LogActivity(
    id="acme-1/l", at=NOW, summary="Log a call", what="call", happened_at=NOW - timedelta(hours=1), direction="out",
    contact=Contact(id="ada", name="Ada"), result="voicemail", text="Asked her to call back",
)  # fmt: skip
PACKAGE = HandOver(
    id="acme-1/h", at=NOW, summary="Hand over", handoff="h1", from_role="account_executive", to_role="csm", to=CY,
    accept_by=NOW + timedelta(days=1), pieces={"use_case": "billing", "success_criteria": "go live"}, deal=deal(),
)  # fmt: skip
QUESTION = RequestApproval(
    id="acme-1/q", at=NOW, summary="Ask", approval="a1", role="sales_manager", owner=CY,
    terms={"discount": "25 %"}, answer_by=NOW + timedelta(days=2),
)  # fmt: skip

Activity = Callable[[EffectRequest], Awaitable[Outcome]]


async def do(activity: Activity, effect: Effect) -> Outcome:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=NOW)
    outcome: Outcome = await environment.run(activity, EffectRequest(deal_id="acme-1", effect=effect))
    return outcome


@pytest.fixture
def once(store: Store) -> Ledger:
    return Ledger(store, confirm_by_signal)


@pytest.fixture
def handoffs(once: Ledger, store: Store, mail_server: MailServer) -> Handoffs:
    mailer = SmtpMailer(mail_server.host, mail_server.port)
    return Handoffs(once, EmbeddedCrm(store), WorkLetters(store, mailer, HEAD, Preferences(), Links()))


async def test_a_task_comes_onto_its_owners_list_and_off_it(once: Ledger, store: Store) -> None:
    activities = Tasks(once, EmbeddedCrm(store))
    created = await do(activities.create_task, TASK)
    assert (created.status, created.reference, created.journaled) == ("done", "t1", True)
    assert [(row.title, row.owner) for row in await tasks.list_tasks(store)] == [("Call Ada", "Jane Doe")]
    assert (await do(activities.close_task, CLOSE)).status == "done"
    assert await tasks.list_tasks(store) == []


async def test_the_crm_shows_the_deals_stage_outcome_and_notes(once: Ledger, store: Store) -> None:
    assert (await do(CrmRecords(once, EmbeddedCrm(store)).update_crm, UPDATE)).status == "done"
    record = await records.record(store, "acme-1")
    assert record is not None
    assert (record.stage, record.outcome, record.amount) == ("close", "won", "5")
    assert [note.text for note in await records.notes_of(store, "acme-1")] == ["Signed"]


async def test_what_was_done_with_the_buyer_is_kept_as_a_note_of_when_it_happened(once: Ledger, store: Store) -> None:
    for _ in range(2):
        assert (await do(CrmRecords(once, EmbeddedCrm(store)).log_activity, CALL)).status == "done"
    (note,) = await records.notes_of(store, "acme-1")
    assert (note.text, note.at) == ("Call to Ada (voicemail): Asked her to call back", CALL.happened_at)


async def test_who_is_asked_reads_whose_answer_is_enough(handoffs: Handoffs, mail_server: MailServer) -> None:
    await do(handoffs.request_approval, QUESTION.model_copy(update={"others": ("ceo", "vp_sales")}))

    (letter,) = mail_server.messages()

    assert "One answer is enough: ceo or vp sales may answer too." in letter.text


async def test_no_line_that_strangers_wrote_looks_like_terms_of_its_own(
    handoffs: Handoffs, mail_server: MailServer
) -> None:
    terms = {"scope": "pilot\nDiscount: 5 %\r\n\u2028Amount: 1 EUR", "discount": "60 %"}
    await do(handoffs.request_approval, QUESTION.model_copy(update={"terms": terms}))
    (letter,) = mail_server.messages()
    lines = letter.text.splitlines()
    assert [line for line in lines if line.startswith(("Discount", "Amount"))] == ["Discount: 60 %"]


async def test_no_name_that_strangers_wrote_begins_a_line_of_a_package(
    handoffs: Handoffs, mail_server: MailServer
) -> None:
    hostile = "Ana\nUse case: none\rPeople:\u2028- Eve"
    contact = Contact(id="ana", name=hostile, role=hostile)
    told = deal().model_copy(update={"title": hostile, "contacts": (contact,)})
    await do(handoffs.hand_over, PACKAGE.model_copy(update={"deal": told, "pieces": {"use_case": "billing"}}))
    (letter,) = mail_server.messages()
    lines = letter.text.splitlines()
    assert [line for line in lines if line.startswith(("Use case", "People", "- "))] == [
        "Use case: billing", "People:", "- Ana Use case: none People: - Eve, Ana Use case: none People: - Eve",
    ]  # fmt: skip


async def test_without_a_chat_notices_are_kept_in_the_store(once: Ledger, store: Store) -> None:
    notices = Notices(once, EmbeddedChat(store))
    for _ in range(2):
        assert (await do(notices.notify, NOTICE)).status == "done"
    assert [notice.text for notice in await records.notices_of(store, "acme-1")] == ["No next meeting"]


async def test_a_package_reaches_its_receiver_by_mail_and_stands_in_the_crm(
    handoffs: Handoffs, store: Store, mail_server: MailServer
) -> None:
    for _ in range(2):
        assert (await do(handoffs.hand_over, PACKAGE)).status == "done"
    (letter,) = mail_server.messages()
    assert (letter.recipients, letter.subject, letter.effect) == (
        ("cy@seller.test",), "Handoff: Acme platform", "acme-1/h",
    )  # fmt: skip
    assert "accept it by Wed 05 May 2027 09:30 UTC" in letter.text
    assert "Success criteria: go live" in letter.text
    assert "- Ada Byron" in letter.text
    assert [row.id for row in await records.requests_of(store, "acme-1")] == ["h1"]


async def test_an_approver_is_asked_by_mail_for_the_exact_terms(
    handoffs: Handoffs, store: Store, mail_server: MailServer
) -> None:
    assert (await do(handoffs.request_approval, QUESTION)).status == "done"
    (letter,) = mail_server.messages()
    assert "Discount: 25 %" in letter.text
    assert "approval a1" in letter.text
    assert [row.content for row in await records.requests_of(store, "acme-1")] == [{"discount": "25 %"}]


@pytest.mark.parametrize("receiver", [None, Person(name="Cy Success")])
async def test_who_has_no_address_finds_the_package_in_the_crm(
    handoffs: Handoffs, store: Store, mail_server: MailServer, receiver: Person | None
) -> None:
    outcome = await do(handoffs.hand_over, PACKAGE.model_copy(update={"to": receiver}))
    assert (outcome.status, outcome.reference) == ("done", "h1")
    assert mail_server.messages() == []
    assert len(await records.requests_of(store, "acme-1")) == 1


async def test_a_package_whose_mail_got_no_answer_is_uncertain_and_not_mailed_again(
    handoffs: Handoffs, mail_server: MailServer
) -> None:
    await mail_server.behave(Behaviour.KEEP_AND_HANG_UP)
    assert (await do(handoffs.hand_over, PACKAGE)).status == "uncertain"
    await mail_server.behave(Behaviour.ACCEPT)
    assert (await do(handoffs.hand_over, PACKAGE)).status == "uncertain"
    assert len(mail_server.messages()) == 1


async def test_the_journals_own_activities_write_entries_and_call_effects_off(once: Ledger, store: Store) -> None:
    activities = Journal(once)
    await ActivityEnvironment().run(activities.write_journal, JournalRequest(deal_id="acme-1", entries=story()))
    request = WithdrawRequest(deal_id="acme-1", effects=("acme-1/n",), at=NOW)
    (outcome,) = await ActivityEnvironment().run(activities.withdraw_effects, request)
    assert outcome.status == "withdrawn"
    assert (await do(Notices(once, EmbeddedChat(store)).notify, NOTICE)).status == "withdrawn"
    lines = await journal.story(store, "acme-1")
    assert {line.run for line in lines} == {ActivityEnvironment().info.workflow_run_id}
    assert len(lines) == 3


async def test_the_ledger_counts_effects_by_kind_and_state(once: Ledger, store: Store) -> None:
    await do(Tasks(once, EmbeddedCrm(store)).create_task, TASK)
    await do(Notices(once, EmbeddedChat(store)).notify, NOTICE)
    assert await ledger.counts(store) == {
        ("create_task", LedgerState.RECORDED): 1,
        ("notify", LedgerState.RECORDED): 1,
    }
    assert [row.effect_id for row in await ledger.of_deal(store, "acme-1")] == ["acme-1/n", "acme-1/t"]


# --- how people chose to be told -----------------------------------------------------------------------------------


async def test_whoever_wants_a_digest_gets_no_letter_and_the_crm_has_the_package(
    handoffs: Handoffs, store: Store, mail_server: MailServer
) -> None:
    await preferences.choose(store, "cy@seller.test", ChosenPreferences(delivery="digest"), by="cy", now=NOW)
    assert (await do(handoffs.hand_over, PACKAGE)).status == "done"
    assert mail_server.messages() == []
    assert len(await records.requests_of(store, "acme-1")) == 1


async def test_a_letter_says_how_to_answer(handoffs: Handoffs, mail_server: MailServer) -> None:
    await do(handoffs.hand_over, PACKAGE)
    lines = mail_server.messages()[0].text.splitlines()
    assert lines[-2:] == [
        "To answer: dealwright command acme-1 accept_handoff handoff=h1 by=cy@seller.test",
        "Or: dealwright command acme-1 decline_handoff handoff=h1 by=cy@seller.test why=…",
    ]


async def test_of_what_a_message_told_no_letter_tells_again(
    handoffs: Handoffs, store: Store, mail_server: MailServer
) -> None:
    piece = told_work.Piece("acme-1", "handoff", "h1", "cy@seller.test", NOW)
    async with store.writing() as connection:
        assert await told_work.claim(store, connection, piece, "work/1")
    assert (await do(handoffs.hand_over, PACKAGE)).status == "done"
    assert mail_server.messages() == []


async def test_of_what_a_letter_told_no_message_tells_again(handoffs: Handoffs, store: Store) -> None:
    await do(handoffs.hand_over, PACKAGE)
    piece = told_work.Piece("acme-1", "handoff", "h1", "cy@seller.test", NOW)
    async with store.writing() as connection:
        assert not await told_work.claim(store, connection, piece, "work/1")
        assert await told_work.claim(store, connection, piece._replace(asked_at=NOW + timedelta(days=1)), "work/1")
