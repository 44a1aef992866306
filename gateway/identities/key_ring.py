"""All keys that are good, in memory: those of the environment, and those of the store, read again every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from dealwright.diagnostics.diagnostic import BadValue
from gateway.development_secrets import DEVELOPMENT_KEY
from gateway.identities.callers import ANYBODY, Caller
from store.api_keys import KnownKey, Scope, good_keys
from store.database import Store
from store.errors import StoreAway
from store.key_text import digest_of, is_key

MIN_KEY_LENGTH = 16
"""Characters of a key in DEALWRIGHT_API_KEYS."""
READ_AGAIN = 5.0
"""Seconds after which the store's keys are read again: so long may a revoked one still open."""
READ_AGAIN_FOR_NEW = 1.0
"""Seconds after which they are read again for a key that is not among them, and might be new."""
KEPT_WITHOUT_STORE = 300.0
"""Seconds for which those that were read count while the database is away."""


class WeakApiKey(BadValue):
    """An API key is too short to be safe."""

    def __init__(self, length: int) -> None:
        remedy = f"make one of at least {MIN_KEY_LENGTH}: openssl rand -hex 24"
        super().__init__(f"an API key has {length} characters", remedy, ("DEALWRIGHT_API_KEYS",))


class KeyRing:
    """Recognises keys. The store is asked once in some seconds, however many requests and wrong keys there are.

    Raises:
        WeakApiKey: a key of the environment is too short.
    """

    def __init__(
        self,
        store: Store,
        of_environment: Sequence[str] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._clock, self._today = store, clock, today
        self._fixed = {digest_of(key): _of_environment(key, n) for n, key in enumerate(of_environment, start=1)}
        self._read: dict[bytes, KnownKey] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._away: StoreAway | None = None
        self._reading = asyncio.Lock()

    async def find(self, key: str) -> Caller | None:
        """Whose key it is; None for one that opens nothing.

        Keys are looked up by their digests: how long that takes tells nothing about a key.

        Raises:
            StoreAway: the database does not answer, and has not for longer than what was read may count.
        """
        digest = digest_of(key)
        if (caller := self._fixed.get(digest)) is not None:
            return caller
        if not is_key(key):
            return None
        await self._read_unless_tried_within(READ_AGAIN)
        if digest not in self._read:
            await self._read_unless_tried_within(READ_AGAIN_FOR_NEW)
        known = self._read.get(digest)
        return Caller.of(known.about) if known is not None and known.about.good_at(self._today()) else None

    def forget(self) -> None:
        """Read the store's keys again before the next one is recognised: something has changed here."""
        self._tried_at = None

    async def _read_unless_tried_within(self, seconds: float) -> None:
        async with self._reading:
            now = self._clock()
            if self._tried_at is None or now - self._tried_at >= seconds:
                await self._read_keys()
                self._tried_at = now
            if self._away and (self._read_at is None or now - self._read_at > KEPT_WITHOUT_STORE):
                raise self._away

    async def _read_keys(self) -> None:
        try:
            found = await good_keys(self._store, self._today())
        except StoreAway as error:
            self._away = error
        else:
            self._read, self._read_at, self._away = {one.digest: one for one in found}, self._clock(), None


def _of_environment(key: str, number: int) -> Caller:
    """Whoever has a key of the environment: it opens everything, and speaks for nobody but itself."""
    if len(key) < MIN_KEY_LENGTH:
        raise WeakApiKey(len(key))
    everything = frozenset({Scope.ADMIN})
    if key == DEVELOPMENT_KEY:
        return Caller(
            name="local-development", key_id="local-development", scopes=everything, may_speak_for=(ANYBODY,),
            on_this_machine_only=True,
        )  # fmt: skip
    return Caller(name="environment", key_id=f"environment-{number}", scopes=everything, guessable=True)
