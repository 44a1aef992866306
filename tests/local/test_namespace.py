"""A namespace is completed with what is missing, and waited for."""

from datetime import timedelta

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

from local.server.errors import (
    NamespaceUnusable,
)
from local.server.namespace import ensure_namespace
from local.server.server import LocalServer
from tests.temporal_environment import new_deal_id


@pytest.mark.server
async def test_a_namespace_is_completed_and_otherwise_left_as_it_is(temporal_server: LocalServer) -> None:
    address, name = temporal_server.address, new_deal_id("completed")
    await ensure_namespace(address, name, {"DealStage": "Keyword"}, retention=timedelta(days=3))

    await ensure_namespace(address, name, {"DealStage": "Keyword", "DealAmount": "Double"})

    client = await temporal_server.connect()
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=name))
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=3)
    assert set(listed.custom_attributes) >= {"DealStage", "DealAmount"}


@pytest.mark.server
async def test_a_search_attribute_of_another_type_is_refused_by_name(temporal_server: LocalServer) -> None:
    address, name = temporal_server.address, new_deal_id("retyped")
    await ensure_namespace(address, name, {"DealAmount": "Keyword"})

    with pytest.raises(NamespaceUnusable, match=r"DealAmount .* but Double is needed"):
        await ensure_namespace(address, name, {"DealAmount": "Double"})


async def test_a_server_that_never_answers_is_given_up_with_its_last_answer() -> None:
    with pytest.raises(NamespaceUnusable, match=r"within 1 s.*last answer: .*onnect"):
        await ensure_namespace("127.0.0.1:1", "deals", {}, patience=timedelta(seconds=1))
