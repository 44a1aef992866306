"""Salesloft's entry among the tools."""

from __future__ import annotations

from integrations.kit.tool import Tool
from integrations.salesloft.enrolments import salesloft_engagement
from integrations.salesloft.inbound import salesloft_webhooks
from integrations.salesloft.polling import salesloft_polling
from integrations.salesloft.settings import SOURCE, SalesloftConnection
from integrations.salesloft.tasks import salesloft_tasks

SALESLOFT = Tool(
    name="salesloft",
    title="Salesloft",
    source=SOURCE,
    connection=SalesloftConnection,
    engagement=salesloft_engagement,
    touches=salesloft_tasks,
    handler=salesloft_webhooks,
    polling=salesloft_polling,
    simulated=True,
)
