"""Apollo's entry among the tools."""

from __future__ import annotations

from integrations.apollo.polling import apollo_polling
from integrations.apollo.sequences import apollo_sequences
from integrations.apollo.settings import ApolloConnection
from integrations.apollo.tasks import apollo_tasks
from integrations.kit.tool import Tool

APOLLO = Tool(
    name="apollo",
    title="Apollo",
    connection=ApolloConnection,
    engagement=apollo_sequences,
    touches=apollo_tasks,
    polling=apollo_polling,
    simulated=True,
)
