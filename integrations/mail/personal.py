"""Mail as the way by which people are told of their work."""

from __future__ import annotations

from dealwright.deal import Person
from integrations.kit.delivery import Delivery
from integrations.kit.personal_message import PersonalMessage
from integrations.kit.ports import Mailer
from integrations.mail.messages import MessageBuilder
from integrations.mail.sent_messages import keep_findable
from store.database import Store
from store.mail_messages import OF_NO_DEAL


class PersonalMail:
    """Letters to colleagues. Each is written down before it goes, so that its bounce finds it."""

    def __init__(self, store: Store, mailer: Mailer, builder: MessageBuilder) -> None:
        self._store, self._mailer, self._builder = store, mailer, builder

    async def tell(self, person: Person, message: PersonalMessage) -> Delivery:
        """A message to a person, as plain text. It raises ``Refused`` where their address is none."""
        letter = self._builder.to_colleague(message.id, person, message.subject, message.text, message.at)
        await keep_findable(self._store, OF_NO_DEAL, message.id, letter, message.at)

        async def send() -> str:
            bounces = self._builder.return_path(message.id)
            await self._mailer.send(letter, sender=bounces, recipient=letter.recipient)
            return self._builder.message_id(message.id)

        return Delivery(send=send)
