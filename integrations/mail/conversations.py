"""Mail threads: which conversation a message continues, so that its reader sees one thread."""

from __future__ import annotations

import re

from dealwright.effects import Conversation, SendEmail
from dealwright.values.addresses import same
from store import ledger
from store.database import Store

_MOST_REFERENCES = 20
"""Message-IDs that a message names: the first one, by which readers find the thread, and the last ones."""
_MESSAGE_ID = re.compile(r"<?([A-Za-z0-9!#$%&'*+/=?^_`{|}~.:-]+@[A-Za-z0-9!#$%&'*+/=?^_`{|}~.:\[\]-]+)>?")
_LONGEST_ID = 250
_REPLY = "Re: "


async def conversation_of(store: Store, deal_id: str, effect: SendEmail) -> Conversation | None:
    """The conversation that a message carries on; None when it begins one.

    It carries on only what went to the same address, from the same deal, and is known to have gone out: "Re:" into
    somebody else's conversation would be worse than a new one.
    """
    if effect.reply_to_effect is None or not effect.to.email:
        return None
    row = await ledger.row(store, effect.reply_to_effect)
    if row is None or row.deal_id != deal_id or not same(row.recipient, effect.to.email) or row.result is None:
        return None
    return row.result.conversation if row.result.status == "done" else None


def new_conversation(subject: str, message_id: str) -> Conversation:
    """The conversation that a message begins."""
    return Conversation(subject=subject, references=(message_id,))


def continued_conversation(earlier: Conversation, answered: str | None, message_id: str) -> Conversation:
    """The conversation with one message more; ``answered`` is the Message-ID of what the contact wrote."""
    hers = _as_message_id(answered)
    named = dict.fromkeys((*earlier.references, *((hers,) if hers else ())))
    if hers:
        named[hers] = named.pop(hers)  # what is answered stands last
    chain = tuple(named)
    if len(chain) > _MOST_REFERENCES:
        chain = (chain[0], *chain[1 - _MOST_REFERENCES :])
    subject = earlier.subject if earlier.subject.lower().startswith("re:") else f"{_REPLY}{earlier.subject}"
    return Conversation(subject=subject, references=(*chain, message_id))


def _as_message_id(given: str | None) -> str | None:
    """A Message-ID as it stands in headers; None for what is none: whoever wrote it may have written anything."""
    found = _MESSAGE_ID.fullmatch((given or "").strip())
    return f"<{found[1]}>" if found and "=?" not in found[1] and len(found[1]) <= _LONGEST_ID else None
