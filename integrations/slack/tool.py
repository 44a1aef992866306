"""Slack's entry among the tools. What makes an adapter imports it when it is called."""

from __future__ import annotations

from integrations.kit.commands import CommandSource
from integrations.kit.ports import Chat, PersonalMessages, PollingSource
from integrations.kit.tool import Connected, Tool
from integrations.slack.inbound import SlackInteractions
from integrations.slack.settings import SlackConnection


def _chat(connected: Connected) -> Chat:
    from integrations.slack.chat import slack_chat

    return slack_chat(connected)


def _work_messages(connected: Connected) -> PersonalMessages:
    from integrations.slack.work_messages import slack_work_messages

    return slack_work_messages(connected)


def _buttons(connected: Connected) -> CommandSource:
    from integrations.slack.buttons import slack_buttons

    return slack_buttons(connected)


def _polling(connected: Connected) -> PollingSource:
    from integrations.slack.polling import slack_polling

    return slack_polling(connected)


SLACK = Tool(
    name="slack",
    title="Slack",
    source="slack",
    connection=SlackConnection,
    chat=_chat,
    personal_messages=_work_messages,
    handler=SlackInteractions,
    commands=_buttons,
    polling=_polling,
    simulated=True,
)
