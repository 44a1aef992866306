"""The token in a message's unsubscribe link: it names the effect that sent the message, and cannot be guessed.

No personal data stands in the link; whom the message went to is read from the ledger.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from sqlalchemy import delete, select

from store import ledger
from store.database import Store
from store.ledger import LedgerRow
from store.tables import installation

NAME = "unsubscribe"
"""Of the row with the key."""
_SIGNATURE_BYTES = 16


async def secret(store: Store) -> bytes:
    """The key that signs this installation's tokens; made when it is first asked for, and encrypted where it can be.

    Raises:
        CannotUnseal: it was encrypted with a key that is not at hand.
        StoreAway: the database does not answer.
    """
    fresh = {"name": NAME, "value": store.seal.seal(secrets.token_hex(32))}
    async with store.writing() as connection:
        await connection.execute(store.insert_new(installation), fresh)
        kept = await connection.scalar(select(installation.c.value).where(installation.c.name == NAME))
    return bytes.fromhex(str(store.seal.unseal(str(kept))))


async def forget_unreadable(store: Store) -> bool:
    """Forget the key where it cannot be read any more; the next process makes a new one. False: it can be read.

    Links in messages that were sent before open nothing then.

    Raises:
        StoreAway: the database does not answer.
    """
    async with store.writing() as connection:
        kept = await connection.scalar(select(installation.c.value).where(installation.c.name == NAME))
        if store.seal.can_unseal(kept):
            return False
        await connection.execute(delete(installation).where(installation.c.name == NAME))
    return True


async def message_of(store: Store, token: str) -> LedgerRow | None:
    """The message whose link was followed: its deal, contact and recipient. None for a token that is not ours.

    Raises:
        CannotUnseal: the key was encrypted with one that is not at hand.
        StoreAway: the database does not answer.
    """
    effect_id = effect_of(token, await secret(store))
    return None if effect_id is None else await ledger.row(store, effect_id)


def token_for(effect_id: str, secret: bytes) -> str:
    """The token for one message; safe in a URL's path."""
    return _text(effect_id.encode()) + "." + _text(_signature(effect_id, secret))


def effect_of(token: str, secret: bytes) -> str | None:
    """The effect that a token names; None for a token that this secret did not sign."""
    named, _, signed = token.partition(".")
    try:
        effect_id, signature = _bytes(named).decode(), _bytes(signed)
    except (binascii.Error, ValueError):
        return None
    return effect_id if hmac.compare_digest(signature, _signature(effect_id, secret)) else None


def _signature(effect_id: str, secret: bytes) -> bytes:
    return hmac.digest(secret, b"unsubscribe:" + effect_id.encode(), hashlib.sha256)[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
