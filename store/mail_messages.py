"""Messages by their Message-ID: which deal, and which touch of it, an answer or a report belongs to.

Ours are written down before they are handed over, those of others when they are matched. So a message that answers
the tenth in a thread still finds its deal, whatever its sender's program left out of ``References``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select

from dealwright.values.addresses import normal
from store.database import Store
from store.tables import mail_messages

MOST_LOOKED_UP = 200
"""Message-IDs that are looked up at once."""

OF_NO_DEAL = ""
"""The deal of a message to a colleague about their work."""


class MailMessage(BaseModel):
    """A message of a deal's conversation."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    message_id: str
    """Without angle brackets."""
    deal_id: str
    effect_id: str
    """The touch that it is, or that it goes back to."""
    touch: str | None = None
    """What stands for the touch in addresses; None for a message that others wrote."""
    sender: str | None = None
    """Who wrote it, in normal form."""
    recipient: str | None = None
    """Whom a message of ours went to, in normal form."""
    at: AwareDatetime
    """The deal's time for one of ours, else when it was received."""


async def remember(store: Store, message: MailMessage) -> None:
    """Keep a message; one that is known already stays as it is.

    Raises:
        StoreAway: the database does not answer.
    """
    row = message.model_dump()
    row |= {name: normal(row[name]) for name in ("sender", "recipient") if row[name]}
    async with store.writing() as connection:
        await connection.execute(store.insert_new(mail_messages), row)


async def of_ids(store: Store, message_ids: Sequence[str]) -> MailMessage | None:
    """The first of these that is known.

    Raises:
        StoreAway: the database does not answer.
    """
    wanted = list(dict.fromkeys(message_ids))[:MOST_LOOKED_UP]
    if not wanted:
        return None
    async with store.reading() as connection:
        found = await connection.execute(select(mail_messages).where(mail_messages.c.message_id.in_(wanted)))
        known = {row.message_id: row for row in found}
    return next((MailMessage.model_validate(known[one]) for one in wanted if one in known), None)


async def of_touch(store: Store, touch: str) -> MailMessage | None:
    """The message of ours that an address of its own names.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.reading() as connection:
        row = (await connection.execute(select(mail_messages).where(mail_messages.c.touch == touch))).first()
    return None if row is None else MailMessage.model_validate(row)


async def of_effect(store: Store, effect_id: str) -> MailMessage | None:
    """The message of ours that an effect sent.

    Raises:
        StoreAway: the database does not answer.
    """
    ours = (mail_messages.c.effect_id == effect_id, mail_messages.c.touch.is_not(None))
    async with store.reading() as connection:
        row = (await connection.execute(select(mail_messages).where(*ours))).first()
    return None if row is None else MailMessage.model_validate(row)


async def last_to(store: Store, address: str, until: datetime | None = None) -> MailMessage | None:
    """The last message of ours that went to an address; with a time, the last until then.

    Raises:
        StoreAway: the database does not answer.
    """
    statement = select(mail_messages).where(mail_messages.c.recipient == normal(address))
    if until is not None:
        statement = statement.where(mail_messages.c.at <= until)
    async with store.reading() as connection:
        row = (await connection.execute(statement.order_by(mail_messages.c.at.desc()).limit(1))).first()
    return None if row is None else MailMessage.model_validate(row)


async def wrote_for_us(store: Store, deal_id: str, address: str) -> bool:
    """Whether messages of a deal were sent in the name of this address: then it is a colleague's.

    Raises:
        StoreAway: the database does not answer.
    """
    ours = (
        mail_messages.c.deal_id == deal_id,
        mail_messages.c.touch.is_not(None),
        mail_messages.c.sender == normal(address),
    )
    async with store.reading() as connection:
        return (await connection.execute(select(mail_messages.c.message_id).where(*ours).limit(1))).first() is not None
