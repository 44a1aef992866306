"""The activity ``send_sms``: text messages to contacts who agreed to get some."""

from __future__ import annotations

import re
from collections.abc import Callable

from temporalio import activity

from activities.attempt import Attempt
from activities.bundle_templates import BundleTemplates
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import Outcome, SendSms
from dealwright.values.text_segments import MOST_SEGMENTS, segments
from integrations.kit.delivery import Delivery
from integrations.kit.errors import Refused
from integrations.kit.ports import TextMessages
from store.database import Store

HOW_TO_STOP = "Reply STOP to opt out."
"""Stands at the end of the first message to a number, unless its template says STOP in words of its own."""
_SAYS_STOP = re.compile(r"\bSTOP\b")


class Texting:
    """Sends text messages from the playbooks' templates.

    ``scheduling_link`` says where the buyer of a deal books a meeting.
    """

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        messages: TextMessages,
        scheduling_link: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._ledger, self._messages, self._scheduling_link = ledger, messages, scheduling_link
        self._templates = BundleTemplates(store)

    @activity.defn(name="send_sms")
    async def send_sms(self, request: EffectRequest) -> Outcome:
        """Send one text message to one contact, once."""
        effect = effect_of(request, SendSms)

        async def prepare() -> Delivery:
            templates = await self._templates.of(effect.bundle)
            text = templates.text(effect, scheduling_link=self._scheduling_link(request.deal_id))
            return await self._messages.send(request.deal_id, effect, _whole(text, first=effect.first))

        return await self._ledger.hand_over(request, Attempt.current(), prepare)


def _whole(text: str, *, first: bool) -> str:
    """The message with what its reader must be told.

    Raises:
        Refused: it is longer than a text message should be.
    """
    whole = f"{text}\n{HOW_TO_STOP}" if first and not _SAYS_STOP.search(text) else text
    if (many := segments(whole)) > MOST_SEGMENTS:
        raise Refused(f"the message has {many} segments: at most {MOST_SEGMENTS} are sent. Shorten its template")
    return whole
