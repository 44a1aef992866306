"""Messages that go out, written down so that an answer or a report finds its deal."""

from __future__ import annotations

from datetime import datetime

from integrations.mail.messages import MailMessage
from integrations.mail.touch_addresses import touch_of
from store import mail_messages
from store.database import Store


async def keep_findable(store: Store, deal_id: str, effect_id: str, letter: MailMessage, at: datetime) -> None:
    """Write down a message that is about to go out; ``at`` is the deal's time.

    Raises:
        StoreAway: the database does not answer.
    """
    message = mail_messages.MailMessage(
        message_id=letter["Message-ID"].strip("<>"), deal_id=deal_id, effect_id=effect_id, touch=touch_of(effect_id),
        sender=letter.sender, recipient=letter.recipient, at=at,
    )  # fmt: skip
    await mail_messages.remember(store, message)
