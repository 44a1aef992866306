"""Access tokens that a tool gives for a time (OAuth 2): asked for once over all workers, kept before they are used.

Where each renewal spends the refresh token, spending it twice may end the whole connection (Salesforce revokes all
tokens then). So whoever asks claims the token in the store first. If that worker dies before it has kept the answer,
nobody can know whether the refresh token is spent: nobody uses it again, and a person is told to connect anew.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from integrations.kit.credentials import Authorization
from integrations.kit.delivery import LONGEST_CALL
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from store import tool_tokens
from store.database import Store
from store.errors import StoreAway
from store.sealing import CannotUnseal
from store.tool_tokens import NewToken, TokenRow

__all__ = ["NewToken"]

_EARLY = timedelta(minutes=2)
"""How long before its end a token is replaced: a call that is under way should not outlive it."""
_YOUNG = timedelta(minutes=1)
"""A token younger than this that is not taken is not replaced: the next one would not be taken either."""
_NOT_AGAIN_FOR = timedelta(minutes=5)
"""How long a refusal holds before the tool is asked once more."""
_ABANDONED_AFTER = 2 * LONGEST_CALL
_WAIT_FOR_OTHERS = timedelta(seconds=10)
_KEEP_TRYING = timedelta(minutes=1)
"""How long a token that was given is tried to be kept while the database is away."""


class Grant(Protocol):
    """How a tool gives tokens."""

    spends: bool
    """Whether a renewal spends the refresh token, so that none may be tried twice."""

    async def __call__(self, refresh: str | None) -> NewToken:
        """Ask for a token.

        Raises:
            NotHandedOver: the tool did not hear of it, or took nothing.
            Refused: the tool gives none.
            Unanswered: it may have spent the refresh token.
        """


class SharedTokens:
    """The credentials of a tool that gives tokens for a time.

    ``name`` is the tool's, ``seed`` all that a person set up for it (client, user, first refresh token): when it
    changes, what was there before is forgotten.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        grant: Grant,
        *,
        seed: tuple[str, ...],
        first_refresh: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._name, self._grant, self._first_refresh, self._clock = (
            store,
            name,
            grant,
            first_refresh,
            clock,
        )
        self._seed = sha256("\0".join(seed).encode()).hexdigest()
        self._lock = asyncio.Lock()
        self._row: TokenRow | None = None

    async def authorization(self) -> Authorization:
        """The token, renewed in time.

        Raises:
            NotHandedOver: none can be had now; where a person has to do something, it says what.
        """
        async with self._lock:
            if self._row is None or not self._is_good(self._row):
                self._row = await self._read()
            if not self._is_good(self._row):
                self._row = await self._renewed(self._row)
            return _authorization(self._row)

    async def renew(self, spent: Authorization) -> bool:
        """Replace a token that the tool did not take, unless somebody has; False when it was quite new.

        Raises:
            NotHandedOver: none can be had now.
        """
        async with self._lock:
            row = await self._read()
            if row.generation == spent.generation:
                if row.obtained_at is not None and self._clock() - row.obtained_at < _YOUNG:
                    return False
                row = await self._renewed(row)
            self._row = row
            return True

    def _is_good(self, row: TokenRow) -> bool:
        return row.access is not None and (row.expires_at is None or row.expires_at - self._clock() > _EARLY)

    async def _read(self) -> TokenRow:
        try:
            return await tool_tokens.of(self._store, self._name, self._seed, self._first_refresh)
        except (StoreAway, CannotUnseal) as error:
            raise NotHandedOver(f"{self._name}: {error}") from error

    async def _renewed(self, row: TokenRow) -> TokenRow:
        """The token after this one: asked for by this worker, or by another one."""
        who, give_up_at, generation = (
            uuid.uuid4().hex,
            time.monotonic() + _WAIT_FOR_OTHERS.total_seconds(),
            row.generation,
        )
        while row.generation == generation:
            self._check_can_be_had(row)
            if await self._claimed(row, who):
                return await self._asked_for(row, who)
            if time.monotonic() > give_up_at:
                reason = f"{self._name}: another worker asks for the next access token"
                raise NotHandedOver(reason, retry_after=timedelta(seconds=5))
            await asyncio.sleep(0.1)
            row = await self._read()
        return row

    def _check_can_be_had(self, row: TokenRow) -> None:
        now = self._clock()
        if row.refused_at is not None and now - row.refused_at < _NOT_AGAIN_FOR:
            raise NotHandedOver(self._refused(row.refused or ""), retry_after=row.refused_at + _NOT_AGAIN_FOR - now)
        if self._grant.spends and row.renewing_since is not None and now - row.renewing_since > _ABANDONED_AFTER:
            raise NotHandedOver(
                f"{self._name}: a worker ended while it asked for an access token, and the refresh token may be spent: "
                "connect anew, and put the new refresh token in the place of the old one",
                retry_after=_NOT_AGAIN_FOR,
            )

    async def _claimed(self, row: TokenRow, who: str) -> bool:
        now = self._clock()
        abandoned_before = None if self._grant.spends else now - _ABANDONED_AFTER
        try:
            return await tool_tokens.claim(self._store, row, who, now, abandoned_before=abandoned_before)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def _asked_for(self, row: TokenRow, who: str) -> TokenRow:
        try:
            new = await self._grant(row.refresh)
        except NotHandedOver:
            await self._end(row, who, None)
            raise
        except Unanswered as error:
            if not self._grant.spends:
                await self._end(row, who, None)
            raise NotHandedOver(f"{self._name} gave no access token: {error.reason}") from error
        except Refused as error:
            await self._end(row, who, error.reason)
            raise NotHandedOver(self._refused(error.reason), retry_after=_NOT_AGAIN_FOR) from error
        await _insist(lambda: tool_tokens.put(self._store, row, who, new, self._clock()))
        return await self._read()

    async def _end(self, row: TokenRow, who: str, refused: str | None) -> None:
        await _insist(lambda: tool_tokens.give_up(self._store, row, who, refused, self._clock()))

    def _refused(self, why: str) -> str:
        return f"{self._name} gives no access token ({why}): connect anew, and put the new credentials into their place"


async def _insist(write: Callable[[], Awaitable[object]]) -> None:
    deadline, pause = time.monotonic() + _KEEP_TRYING.total_seconds(), 0.1
    while True:
        try:
            await write()
        except StoreAway as error:
            if time.monotonic() + pause > deadline:
                raise NotHandedOver(str(error)) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5.0)
        else:
            return


def _authorization(row: TokenRow) -> Authorization:
    access = row.access or ""
    return Authorization(
        headers={"Authorization": f"Bearer {access}"},
        base_url=row.base_url,
        secrets=(access,),
        generation=row.generation,
    )
