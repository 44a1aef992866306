"""What a deal remembers of people and their addresses: who is silent, away, unknown, written to."""

from __future__ import annotations

from collections.abc import Collection

from dealwright.entries import FactTaken
from dealwright.values.recorded import AwareDatetime, Recorded

WITH_CONTACT = frozenset({"email_sent", "sms_sent", "step_skipped", "task_done"})
"""The events that are about a contact when they come of a play that runs for one."""


class Silence(Recorded):
    """An address that gets no more marketing, and after a hard bounce no mail at all."""

    since: AwareDatetime
    bounced: bool = False


class Stranger(Recorded):
    """Somebody whom a fact named, and whom the deal does not know."""

    contact: str | None = None
    addresses: tuple[str, ...] = ()
    opted_out_at: AwareDatetime | None = None
    told: tuple[FactTaken, ...] = ()
    """What was told of them, in the order in which it happened, without what holds for the whole deal."""

    def is_one_of(self, contact: str, addresses: Collection[str]) -> bool:
        """Whether a contact of this id, and these addresses in their normal form, is meant."""
        return contact == self.contact or not set(addresses).isdisjoint(self.addresses)


class Absence(Recorded):
    """Until when a contact is away, and when they said so."""

    until: AwareDatetime
    told_at: AwareDatetime
    another_deal: bool | None = None
    """Whether it was another deal that was told so."""


class ChannelWish(Recorded):
    """What a contact last said of being reached by a channel."""

    allowed: bool
    at: AwareDatetime


class Written(Recorded):
    """When messages went to an address, and for whom."""

    contact: str
    first: AwareDatetime
    last: AwareDatetime
    touches: tuple[str, ...] = ()
    """The last of these messages, by their effect ids."""
    sent: str | None = None
    """The last message that is known to have gone out: a reply carries it on."""
    message_id: str | None = None
    """The Message-ID of what they wrote to us since then, if they did."""
    wrote_at: AwareDatetime | None = None
