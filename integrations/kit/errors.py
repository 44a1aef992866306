"""Errors of calls to other systems, and what each means to Temporal.

========================  ==========================================================  =========================
what the other side did   raised by its client                                        what follows
========================  ==========================================================  =========================
did not take it           :class:`NotHandedOver`: nothing happened, it may be tried   retryable, claim released
will never take it        :class:`Refused`: final                                     outcome ``failed``
gave no answer            :class:`Unanswered`: it may or may not have taken it        as its class of delivery says
has it already            nothing: the call is answered as the first time (benign)    outcome ``done``
========================  ==========================================================  =========================
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from dealwright.contract import ALARM, STORE_AWAY
from store.errors import EffectConflict, JournalConflict, StoreAway, UnnumberedEntry

_log = logging.getLogger(__name__)


class NotHandedOver(Exception):
    """Nothing was handed over; the same call may be made again, after ``retry_after`` if the other side said so."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        self.reason, self.retry_after = reason, retry_after
        super().__init__(reason)


class Refused(Exception):
    """The other side refused for good, or the call can never be made."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Unanswered(Exception):
    """The call was made and not answered: it may or may not have been taken."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def from_http_status(status: int, said: str, *, retry_after: str | None = None) -> NotHandedOver | Refused | Unanswered:
    """What an HTTP answer that is no success means; ``said`` is the body's beginning."""
    answer = f"it answered {status}: {said[:200]}"
    if status in {502, 504}:  # a proxy's word: what stands behind it may have taken the call
        return Unanswered(answer)
    if status in {408, 425, 429} or status >= 500:  # noqa: PLR2004 - the server's own errors
        seconds = int(retry_after) if retry_after and retry_after.isdecimal() else None
        return NotHandedOver(answer, retry_after=None if seconds is None else timedelta(seconds=seconds))
    return Refused(answer)


def try_again(error: NotHandedOver) -> ApplicationError:
    """The error for Temporal's retry after an attempt that handed nothing over."""
    message = f"{error.reason}. Nothing was handed over; trying again"
    return ApplicationError(message, type=NotHandedOver.__name__, next_retry_delay=error.retry_after)


def look_again(reason: str, after: timedelta | None = None) -> ApplicationError:
    """The error for Temporal's retry after a call of which it is not known yet whether it was taken."""
    message = f"{reason}. It is not known yet whether it was handed over; looking again"
    return ApplicationError(message, type=Unanswered.__name__, next_retry_delay=after)


def overtaken(effect_id: str) -> ApplicationError:
    """The error of an attempt that another one has overtaken: nothing to worry about."""
    message = f"Another attempt at {effect_id} is on its way; looking again"
    return ApplicationError(message, type="Overtaken", category=ApplicationErrorCategory.BENIGN)


@contextmanager
def store_errors_for_temporal() -> Iterator[None]:
    """Tell Temporal what the store's errors mean.

    Raises:
        ApplicationError: of type ``STORE_AWAY``, retryable, when the database does not answer; of type
            ``ALARM``, final, when a number or an id stands for two different things.
    """
    try:
        yield
    except StoreAway as away:
        # The driver's own error would be what people are shown, and it quotes the rows that were to be written.
        raise ApplicationError(str(away), type=STORE_AWAY) from None
    except (JournalConflict, EffectConflict, UnnumberedEntry) as alarm:
        _log.critical("%s", alarm)
        raise ApplicationError(str(alarm), type=ALARM, non_retryable=True) from alarm
