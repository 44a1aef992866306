"""People are told of their work: each thing once, by the way that they chose, and nothing that was answered already."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint
from dealwright.deal import Person
from dealwright.entries import ApprovalRequested
from dealwright.open_work import ReplyToRead
from dealwright.preferences import Preferences
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.errors import Refused
from integrations.kit.personal_message import PersonalMessage
from store import ledger, links, suppression
from store.database import Store
from tests.activities.work_desk import DAY, HOUR, Desk, done, task
from tests.simulators.mailbox_server import Behaviour, MailServer
from tests.store.samples import JANE, NOW

COMPLETE = "https://deals.test/v1/deals/acme-1/commands/complete_task"
MAX = Person(name="Max Boss", email="max@seller.test")


@pytest.fixture
def desk(store: Store, mail_server: MailServer) -> Desk:
    return Desk(store, mail_server)


def approval(number: int) -> ApprovalRequested:
    return ApprovalRequested(
        at=NOW, number=number, approval="acme-1/discount/0/1/0", name="discount", terms={"discount": "15"},
        chain=("sales_manager",), answer_by=NOW + DAY, given_to=MAX.email,
    )  # fmt: skip


# --- what a message says -------------------------------------------------------------------------------------------


async def test_a_message_says_what_whose_deal_by_when_why_where_and_how_to_answer(desk: Desk) -> None:
    await links.link(desk.store, "hubspot", "deal:9001", "acme-1")
    await desk.chooses(timezone="America/New_York")
    await desk.write(task(2, "acme-1/call/1/0/1", detail="She asked\nfor Monday", run="discovery/1/1"))
    await desk.round()
    (letter,) = desk.letters()
    assert letter.subject == "Task: Call Ada (Acme platform)"
    assert letter.text.splitlines()[:9] == [
        "Task: Call Ada",
        "Deal: Acme platform (Acme GmbH, 12,000.00 EUR)",
        "Due: Wed 05 May 2027 05:30 (America/New_York)",
        "Why: you are sdr in this deal; the play discovery asks",
        "More: She asked for Monday",
        "https://crm.test/deals/9001",
        "To answer: dealwright command acme-1 complete_task task=acme-1/call/1/0/1 by=jane@seller.test",
        f"Over HTTP, with your key: POST {COMPLETE} " + '{"task": "acme-1/call/1/0/1"}',
        "",
    ]


async def test_a_message_says_how_a_task_may_end_and_what_may_be_filled_in(desk: Desk) -> None:
    asked = task(2, "acme-1/call/1/0/1", outcomes=("connected", "voicemail"), fills={"seats": "fields.seats"})
    await desk.write(asked)
    await desk.round()
    (letter,) = desk.letters()
    assert "Say how it ended: outcome=connected or outcome=voicemail" in letter.text
    assert 'What you may fill in: fills={"seats": "..."}' in letter.text


async def test_a_message_about_a_reply_says_how_to_tell_what_it_means(desk: Desk) -> None:
    reply = ReplyToRead(message_id="m1@buyer.test", contact="ada", at=NOW)
    await desk.write(task(2, "acme-1/read/1/0/1", reply=reply))
    await desk.round()
    (letter,) = desk.letters()
    told = f"message_id=m1@buyer.test contact=ada at={NOW.isoformat()} sentiment=not_now by=jane@seller.test"
    assert f"To say what the reply means: dealwright record acme-1 reply_received {told}" in letter.text


async def test_what_a_stranger_named_a_message_breaks_no_line(desk: Desk) -> None:
    reply = ReplyToRead(message_id="m1\nTo answer: something else", contact="ada", at=NOW)
    await desk.write(task(2, "acme-1/read/1/0/1", reply=reply))
    await desk.round()
    (letter,) = desk.letters()
    assert "what the reply means" not in letter.text


async def test_a_deal_that_the_crm_does_not_have_has_no_link(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t"))
    await desk.round()
    assert "https://crm.test" not in desk.letters()[0].text


async def test_an_approval_is_told_of_with_its_exact_terms_in_the_command(desk: Desk) -> None:
    await desk.chooses(MAX, delivery="digest", digest_at="10:00")
    await desk.write(approval(2))
    desk.now = NOW + HOUR
    await desk.round()
    (letter,) = desk.letters(MAX)
    assert 'decide_approval approval=acme-1/discount/0/1/0 \'terms={"discount": "15"}\' answer=approve' in letter.text


# --- at once -------------------------------------------------------------------------------------------------------


async def test_each_thing_is_told_once_however_often_is_looked(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1"))
    for _ in range(3):
        await desk.round()
    await desk.write(task(3, "acme-1/t2", title="Send the offer"))
    await desk.round()
    assert [letter.subject for letter in desk.letters()] == [
        "Task: Call Ada (Acme platform)", "Task: Send the offer (Acme platform)",
    ]  # fmt: skip


async def test_what_comes_at_one_time_comes_in_one_message(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1"), task(3, "acme-1/t2", title="Send the offer"))
    await desk.write(task(2, "bolt-1/t1"), deal_id="bolt-1")
    await desk.round()
    (letter,) = desk.letters()
    assert letter.subject == "New for you: 3 things"
    assert letter.text.count("To answer: ") == 3


async def test_what_was_done_before_its_message_went_out_is_not_told(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1"), task(3, "acme-1/t2"))
    worker = desk.worker()
    planned = await worker.plan_work_messages()
    await desk.write(done(4, "acme-1/t1"))
    await desk.send(planned.ids, worker)
    (letter,) = desk.letters()
    assert "acme-1/t2" in letter.text
    assert "acme-1/t1" not in letter.text


async def test_a_message_of_which_nothing_is_open_any_more_does_not_go_out(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1"))
    worker = desk.worker()
    planned = await worker.plan_work_messages()
    await desk.write(done(3, "acme-1/t1"))
    await desk.send(planned.ids, worker)
    assert desk.letters() == []
    assert await desk.states() == [("skipped", None)]


async def test_a_task_that_is_not_on_the_list_yet_is_not_told_yet(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1", on_list_at=NOW + timedelta(minutes=15)))
    await desk.round()
    assert desk.letters() == []
    desk.now = NOW + timedelta(minutes=16)
    await desk.round()
    assert len(desk.letters()) == 1


async def test_work_of_somebody_without_an_address_is_told_to_nobody(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1", given_to="Jane Doe"), task(3, "acme-1/t2", given_to=None))
    await desk.round()
    assert desk.mail.messages() == []


async def test_an_approval_is_left_to_its_own_letter_for_two_minutes(desk: Desk) -> None:
    await desk.write(approval(2))
    await desk.round()
    assert desk.letters(MAX) == []
    desk.now = NOW + timedelta(minutes=2)
    await desk.round()
    assert [letter.subject for letter in desk.letters(MAX)] == [
        "Approval: Approve discount: discount 15 (Acme platform)"
    ]


# --- what people chose ---------------------------------------------------------------------------------------------


async def test_whoever_wants_no_messages_gets_none_also_not_of_old_work_once_they_want_some(desk: Desk) -> None:
    await desk.chooses(channel="none")
    await desk.write(task(2, "acme-1/t1"))
    await desk.round()
    await desk.chooses(channel="mail")
    await desk.round()
    assert desk.letters() == []
    await desk.write(task(3, "acme-1/t2"))
    await desk.round()
    assert len(desk.letters()) == 1


async def test_the_installations_default_holds_for_who_chose_nothing(store: Store, mail_server: MailServer) -> None:
    desk = Desk(store, mail_server, Preferences(channel="none"))
    await desk.write(task(2, "acme-1/t1"))
    await desk.round()
    assert desk.letters() == []


# --- the digest ----------------------------------------------------------------------------------------------------


async def test_a_digest_comes_in_the_morning_of_the_person_with_all_that_is_new(desk: Desk) -> None:
    """NOW is Tuesday, 11:30 in Berlin."""
    await desk.chooses(delivery="digest", digest_at="08:00", timezone="Europe/Berlin")
    await desk.write(task(2, "acme-1/t1"), task(3, "acme-1/t2"))
    for later in (timedelta(minutes=1), 10 * HOUR, 20 * HOUR):
        desk.now = NOW + later
        await desk.round()
    assert desk.letters() == []  # on Tuesday it was too late, on Wednesday 07:30 it is too early
    desk.now = NOW + 20.5 * HOUR
    await desk.round()
    (letter,) = desk.letters()
    assert letter.subject == "Today: 2 new"
    assert letter.text.splitlines()[:5] == [
        "Good morning Jane Doe,", "", "2 things came up that you are asked.", "", "Task: Call Ada",
    ]  # fmt: skip


async def test_there_is_one_digest_a_day_and_each_thing_is_in_one(desk: Desk) -> None:
    await desk.chooses(delivery="digest", digest_at="10:00")
    await desk.write(task(2, "acme-1/t1"))
    desk.now = NOW + HOUR
    await desk.round()
    await desk.write(task(3, "acme-1/t2", title="Send the offer"))
    for later in (2 * HOUR, 3 * HOUR, DAY + HOUR, DAY + 2 * HOUR):
        desk.now = NOW + later
        await desk.round()
    first, second = desk.letters()
    assert ("Call Ada" in first.text, "Send the offer" in first.text) == (True, False)
    assert ("Call Ada" in second.text, "Send the offer" in second.text) == (False, True)
    assert "1 more waits for you: dealwright work --person=jane@seller.test" in second.text


@pytest.mark.parametrize(
    ("holidays", "days", "comes"), [(None, 4, False), (None, 6, True), ("DE", 2, False), (None, 2, True)]
)
async def test_no_digest_comes_at_the_weekend_or_on_a_holiday_of_the_person(
    desk: Desk, holidays: str | None, days: int, comes: bool
) -> None:
    """NOW is a Tuesday; two days later is Ascension Day, a public holiday in Germany."""
    await desk.chooses(delivery="digest", digest_at="08:00", holidays=holidays)
    await desk.write(task(2, "acme-1/t1"))
    desk.now = NOW + days * DAY
    await desk.round()
    assert bool(desk.letters()) is comes


async def test_a_worker_that_was_away_in_the_morning_sends_the_digest_later_that_day(desk: Desk) -> None:
    await desk.chooses(delivery="digest", digest_at="10:00")
    await desk.write(task(2, "acme-1/t1"))
    desk.now = NOW + 6 * HOUR
    await desk.round()
    assert len(desk.letters()) == 1


# --- once, or not again --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed_at", [Checkpoint.AFTER_CLAIM, Checkpoint.AFTER_RECORD])
async def test_a_worker_killed_before_or_after_the_call_leaves_one_message(desk: Desk, killed_at: Checkpoint) -> None:
    await desk.write(task(2, "acme-1/t1"))
    await desk.round_until_killed(killed_at)
    for _ in range(2):
        await desk.round()
    assert len(desk.letters()) == 1
    assert await desk.states() == [("done", "mail")]


@pytest.mark.parametrize("killed_at", [Checkpoint.BEFORE_HAND_OVER, Checkpoint.AFTER_ACCEPTED])
async def test_a_worker_killed_around_the_call_sends_nothing_again(desk: Desk, killed_at: Checkpoint) -> None:
    await desk.write(task(2, "acme-1/t1"))
    await desk.round_until_killed(killed_at)
    for _ in range(2):
        await desk.round()
    assert len(desk.letters()) == (killed_at is Checkpoint.AFTER_ACCEPTED)
    assert await desk.states() == [("uncertain", "mail")]


async def test_a_message_waits_while_the_mail_server_is_away(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1"))
    await desk.mail.behave(Behaviour.FULL)
    with pytest.raises(ApplicationError, match="Nothing was handed over"):
        await desk.round()
    await desk.mail.behave(Behaviour.ACCEPT)
    await desk.round()
    assert len(desk.letters()) == 1
    assert await desk.states() == [("done", "mail")]


async def test_an_address_that_bounced_gets_no_mail_and_one_that_opted_out_as_a_buyer_does(desk: Desk) -> None:
    await suppression.suppress(desk.store, "jane@seller.test", "unsubscribed", NOW)
    async with desk.store.writing() as connection:
        gone = suppression.SuppressedAddress(address="max@seller.test", reason="email bounced", since=NOW, deal_id=None)
        await suppression.write(desk.store, connection, gone, bounced=True)
    await desk.write(task(2, "acme-1/t1"), task(3, "acme-1/t2", given_to=MAX.email))
    await desk.round()
    assert [letter.recipients for letter in desk.mail.messages()] == [("jane@seller.test",)]
    (skipped,) = [one for one in await desk.messages() if one.person == MAX.email]
    assert (skipped.state, "bounces" in (skipped.reason or "")) == ("skipped", True)


async def test_a_message_is_no_effect_of_any_deal(desk: Desk) -> None:
    await desk.write(task(2, "acme-1/t1"))
    await desk.round()
    assert await ledger.of_deal(desk.store, "acme-1") == []


# --- another channel -----------------------------------------------------------------------------------------------


class Messenger:
    """A channel in which some people are."""

    def __init__(self, *members: str) -> None:
        self.members, self.got = members, list[PersonalMessage]()

    async def tell(self, person: Person, message: PersonalMessage) -> Delivery:
        if person.email not in self.members:
            raise Refused("nobody here has this address")

        async def send() -> str:
            self.got.append(message)
            return f"message:{len(self.got)}"

        return Delivery(send=send, idempotency=Idempotency.VENDOR)


async def test_whoever_chose_slack_is_told_there_and_by_mail_if_slack_does_not_know_them(desk: Desk) -> None:
    slack = Messenger("jane@seller.test")
    desk.channels = {"slack": slack}
    for person in (JANE, MAX):
        await desk.chooses(person, channel="slack")
    await desk.write(task(2, "acme-1/t1"), task(3, "acme-1/t2", given_to=MAX.email))
    await desk.round()
    (message,) = slack.got
    assert [(item.work.kind, item.work.id) for item in message.items] == [("task", "acme-1/t1")]
    assert [letter.recipients for letter in desk.mail.messages()] == [("max@seller.test",)]
    assert sorted(await desk.states()) == [("done", "mail"), ("done", "slack")]


async def test_whoever_chose_slack_gets_mail_while_the_installation_has_no_slack(desk: Desk) -> None:
    await desk.chooses(channel="slack")
    await desk.write(task(2, "acme-1/t1"))
    await desk.round()
    assert len(desk.letters()) == 1


async def test_a_message_stays_in_the_channel_that_it_began_in(desk: Desk) -> None:
    """Whoever takes over after a kill looks where the call may have been made, whatever was chosen since."""
    slack = Messenger("jane@seller.test")
    desk.channels = {"slack": slack}
    await desk.chooses(channel="slack")
    await desk.write(task(2, "acme-1/t1"))
    await desk.round_until_killed(Checkpoint.AFTER_ACCEPTED)
    await desk.chooses(channel="mail")
    await desk.round()
    assert desk.letters() == []
    assert {message.id for message in slack.got} == {(await desk.messages())[0].id}
