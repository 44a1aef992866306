"""Twilio's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.twilio.inbound import TwilioWebhooks
from integrations.twilio.messages import twilio_messages
from integrations.twilio.polling import twilio_polling
from integrations.twilio.settings import SOURCE, TwilioConnection

TWILIO = Tool(
    name="twilio",
    title="Twilio",
    source=SOURCE,
    connection=TwilioConnection,
    text_messages=twilio_messages,
    handler=TwilioWebhooks,
    polling=twilio_polling,
    simulated=True,
)
