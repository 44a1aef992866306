"""What people are told of their own work in Slack, with buttons: direct messages, each posted once."""

from __future__ import annotations

from datetime import timedelta

from dealwright.deal import Person
from dealwright.values.addresses import key_of
from integrations.kit.delivery import Delivery, Idempotency, Lookup
from integrations.kit.errors import Refused
from integrations.kit.personal_message import PersonalMessage, WorkItem
from integrations.kit.tool import Connected
from integrations.slack.client import SlackClient
from integrations.slack.people import SlackPeople
from integrations.slack.settings import SlackConnection
from integrations.slack.work_blocks import MOST_ASKED, work_content
from store import asked_work
from store.asked_work import AskedWork
from store.database import Store

SOURCE = "slack"
VISIBLE_AFTER = timedelta(seconds=10)
"""How soon the history shows a message is not promised; as a rule at once."""


def slack_work_messages(connected: Connected) -> SlackWorkMessages:
    """What tells people of their work, of an installation that is connected to Slack."""
    return SlackWorkMessages(connected.block(SlackConnection), connected.store)


class SlackWorkMessages:
    """Tells people of their work. ``integrations.slack.buttons`` takes their answers."""

    def __init__(self, connection: SlackConnection, store: Store) -> None:
        self._store, self._client = store, SlackClient(connection, store)
        self._people = SlackPeople(connection, self._client)

    async def tell(self, person: Person, message: PersonalMessage) -> Delivery:
        """A direct message, with buttons under each thing that is asked.

        Raises:
            Refused: Slack does not know the person.
            NotHandedOver: Slack cannot be asked now.
            StoreAway: the database does not answer.
        """
        channel = await self._people.direct_messages(person)
        if channel is None:
            raise Refused(f"Slack knows nobody with the address of {person.name}: name them under owners")
        if not (questions := _questions(message)):
            raise Refused("there is nothing to tell")
        await asked_work.keep(self._store, questions)
        content = work_content(message.id, questions)

        async def send() -> str:
            return await self._client.post(channel, content)

        async def find() -> Lookup:
            return await self._client.find(channel, message.id)

        async def arrived(reference: str | None) -> None:
            if reference is not None:
                await asked_work.posted(self._store, SOURCE, message.id, reference)

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=VISIBLE_AFTER, arrived=arrived
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


def _questions(message: PersonalMessage) -> list[AskedWork]:
    questions = [_question(message.id, place, item) for place, item in enumerate(message.items[:MOST_ASKED])]
    if questions:
        around = {"opening": message.opening or message.subject, "closing": _closing(message)}
        questions[0] = questions[0].model_copy(update=around)
    return questions


def _question(message_key: str, place: int, item: WorkItem) -> AskedWork:
    work = item.work
    return AskedWork(
        id=asked_work.question_id(SOURCE, message_key, work), source=SOURCE, message_key=message_key, position=place,
        text=item.text, link=item.link, deal_id=work.deal_id, kind=work.kind, work_id=work.id, role=work.role,
        person=key_of(work.person or ""), terms=work.terms, outcomes=work.outcomes,
        reply=work.reply,
    )  # fmt: skip


def _closing(message: PersonalMessage) -> str:
    """The end; and before it what has no room for buttons, with how to answer it elsewhere."""
    more = [f"{item.text}\n{item.answer}" for item in message.items[MOST_ASKED:]]
    return "\n\n".join(filter(None, (*more, message.closing)))
