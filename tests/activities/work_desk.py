"""People and their work, for tests of how they are told of it: a store, mail, a clock, workers that may die."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.once_only import Checkpoint
from activities.work_messages import WorkMessages
from activities.work_texts import Links
from dealwright.contract import PlannedMessages, WorkMessageRequest
from dealwright.deal import Deal, Person
from dealwright.entries import DealOpened, Entry, TaskClosed, TaskOpened
from dealwright.preferences import ChosenPreferences, Preferences
from integrations.kit.ports import PersonalMessages
from integrations.mail.messages import MessageBuilder
from integrations.mail.personal import PersonalMail
from integrations.mail.smtp import SmtpMailer
from local.mailbox import ReceivedMail
from store import journal, preferences, work_messages
from store.database import Store
from store.work_messages import WorkMessage
from tests.activities.fake_receiver import Killed
from tests.simulators.mailbox_server import MailServer
from tests.store.samples import JANE, NOW, deal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUILDER = MessageBuilder(
    address="deals@seller.test", domain="seller.test", name="Seller", public_url=None, secret=b"s" * 32
)  # fmt: skip
LINKS = Links(deal_link="https://crm.test/deals/{crm_id}", api="https://deals.test", crm="hubspot")


def task(number: int, id_: str, **about: object) -> TaskOpened:
    given = {"title": "Call Ada", "name": "call", "role": "sdr", "due_at": NOW + DAY, "given_to": JANE.email}
    return TaskOpened.model_validate({"at": NOW, "number": number, "task": id_, **given, **about})


def done(number: int, id_: str) -> TaskClosed:
    return TaskClosed(at=NOW, number=number, task=id_, title="Call Ada", how="done", by="jane@seller.test")


def opened(deal_: Deal) -> DealOpened:
    return DealOpened(at=NOW, number=1, deal=deal_, playbook="b2b-saas", bundle="0" * 64)


@dataclass
class Desk:
    """Jane's desk: what she is asked, and what reaches her."""

    store: Store
    mail: MailServer
    default: Preferences = field(default_factory=Preferences)
    now: datetime = NOW + timedelta(minutes=1)
    channels: dict[str, PersonalMessages] = field(default_factory=dict)

    def worker(self, killed_at: Checkpoint | None = None) -> WorkMessages:
        """A worker process: it dies at a checkpoint, if one is named."""

        def checkpoint(reached: Checkpoint) -> None:
            if reached is killed_at:
                raise Killed

        mail = PersonalMail(self.store, SmtpMailer(self.mail.host, self.mail.port), BUILDER)
        return WorkMessages(
            self.store, {"mail": mail, **self.channels}, self.default, LINKS, clock=lambda: self.now,
            checkpoint=checkpoint,
        )  # fmt: skip

    async def write(self, *entries: Entry, deal_id: str = "acme-1") -> None:
        """Write lines of a deal's story; a line with the number 2 begins it."""
        first = [opened(deal(deal_id))] if any(entry.number == 2 for entry in entries) else []
        async with self.store.writing() as connection:
            await journal.write(self.store, connection, deal_id, [*first, *entries], "r1")

    async def chooses(self, person: Person = JANE, **chosen: object) -> None:
        """Somebody says how they want to be told."""
        wanted = ChosenPreferences.model_validate(chosen)
        await preferences.choose(self.store, person.email or "", wanted, by="test", now=self.now)

    async def round(self, worker: WorkMessages | None = None) -> None:
        """One round of telling."""
        at_work = worker or self.worker()
        planned: PlannedMessages = await ActivityEnvironment().run(at_work.plan_work_messages)
        await self.send(planned.ids, at_work)

    async def send(self, ids: Sequence[str], worker: WorkMessages) -> None:
        """Send these messages."""
        for id_ in ids:
            await ActivityEnvironment().run(worker.send_work_message, WorkMessageRequest(id=id_))

    async def round_until_killed(self, at: Checkpoint) -> None:
        """One round that does not survive a checkpoint."""
        with pytest.raises(Killed):
            await self.round(self.worker(at))

    def letters(self, person: Person = JANE) -> list[ReceivedMail]:
        """What somebody received."""
        return [letter for letter in self.mail.messages() if letter.recipients == (person.email,)]

    async def states(self) -> list[tuple[str, str | None]]:
        """What became of the messages, the newest first."""
        return [(one.state, one.channel) for one in await self.messages()]

    async def messages(self) -> list[WorkMessage]:
        """The messages, the newest first."""
        return await work_messages.recent(self.store)
