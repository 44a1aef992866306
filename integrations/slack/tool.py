"""Slack's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.slack.buttons import slack_buttons
from integrations.slack.chat import slack_chat
from integrations.slack.inbound import SlackInteractions
from integrations.slack.polling import slack_polling
from integrations.slack.settings import SlackConnection
from integrations.slack.work_messages import slack_work_messages

SLACK = Tool(
    name="slack",
    title="Slack",
    source="slack",
    connection=SlackConnection,
    chat=slack_chat,
    personal_messages=slack_work_messages,
    handler=SlackInteractions,
    commands=slack_buttons,
    polling=slack_polling,
    simulated=True,
)
