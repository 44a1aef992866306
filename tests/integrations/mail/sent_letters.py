"""Messages that deals have sent, as the ledger and the store know them."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.mail.messages import MailMessage, MessageBuilder
from integrations.mail.rendering import Rendered
from integrations.mail.sent_messages import keep_findable
from integrations.mail.touch_addresses import TouchAddresses
from store import ledger, unsubscribe
from store.database import Store
from store.ledger import Claim
from tests.integrations.mail.letters import RECEIVED
from tests.store.samples import email

EFFECT, DEAL = "acme-1/cold/1/0/1", "acme-1"
SENT_AT = RECEIVED - timedelta(hours=1)
TEXT = Rendered(subject="Acme platform", body="Hello Ada\n")


async def builder_of(store: Store) -> MessageBuilder:
    """Builds messages of an installation that receives mail."""
    secret = await unsubscribe.secret(store)
    return MessageBuilder(
        address="deals@seller.test", domain="seller.test", name="Seller", public_url=None, secret=secret,
        inbound=TouchAddresses(mailbox="in.seller.test", secret=secret),
    )  # fmt: skip


async def sent(
    store: Store, effect_id: str = EFFECT, deal_id: str = DEAL, at: datetime = SENT_AT, **changes: object
) -> MailMessage:
    """A message to Ada, just as it goes out."""
    effect = email(effect_id, **changes)
    letter = (await builder_of(store)).to_contact(effect, TEXT, at)
    claim = Claim(
        effect_id=effect_id, deal_id=deal_id, kind="send_email", token="t", at=at, contact=effect.to.id,
        recipient=letter.recipient.lower(),
    )  # fmt: skip
    async with store.writing() as connection:
        await ledger.claim(store, connection, claim)
    await keep_findable(store, deal_id, effect_id, letter, at)
    return letter
