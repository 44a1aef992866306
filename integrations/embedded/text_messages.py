"""In place of text messages, where no tool is connected that sends some."""

from __future__ import annotations

from typing import NoReturn

from dealwright.effects import SendSms
from integrations.kit.errors import NotHandedOver


class NoTextMessages:
    """Sends nothing, and says what to do about it."""

    async def send(self, deal_id: str, effect: SendSms, text: str) -> NoReturn:  # noqa: ARG002 - as of the port
        """Nothing is sent.

        Raises:
            NotHandedOver: always; a tool may be connected later.
        """
        raise NotHandedOver("no tool sends text messages here: connect twilio, as docs/integrations/twilio.md says")
