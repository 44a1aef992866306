"""The Pub/Sub API of the simulated org: gRPC on loopback, with Salesforce's checks, replay and flow control."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import fastavro
import grpc.aio
from pydantic import JsonValue

from integrations.salesforce.pubsub_stubs.pubsub_api_pb2 import (
    CUSTOM,
    EARLIEST,
    ConsumerEvent,
    FetchRequest,
    FetchResponse,
    ProducerEvent,
    SchemaInfo,
    SchemaRequest,
    TopicInfo,
    TopicRequest,
)
from integrations.salesforce.simulator.org import ORGANIZATION_ID
from integrations.salesforce.simulator.schema import OBJECTS

_SERVICE, _MOST, _REPLAY_ID = "eventbus.v1.PubSub", 100, 8
_AVRO_TYPES = {"number": "double", "flag": "boolean"}
_TEXTS = {"type": "array", "items": "string"}
_HEADER: dict[str, Any] = {
    "type": "record",
    "name": "ChangeEventHeader",
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": _TEXTS},
        {"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": [
            "CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE",
            "GAP_OVERFLOW", "SNAPSHOT"]}},
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long", "default": 0},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": _TEXTS, "default": []},
        {"name": "diffFields", "type": _TEXTS, "default": []},
        {"name": "changedFields", "type": _TEXTS},
    ],
}  # fmt: skip


def schema_of(sobject: str) -> dict[str, Any]:
    """The Avro schema of an object's change events."""
    fields = [
        {"name": name, "type": ["null", _avro_type(name, known.type)], "default": None}
        for name, known in OBJECTS[sobject].fields.items()
    ]
    header = {"name": "ChangeEventHeader", "type": _HEADER}
    return {"type": "record", "name": f"{sobject}ChangeEvent", "fields": [header, *fields]}


def _avro_type(name: str, type_: str) -> str:
    return "long" if name.endswith("Date") else _AVRO_TYPES.get(type_, "string")


def encoded(event: dict[str, Any]) -> bytes:
    """An event as it goes over the wire: names of changed fields as a bitmap."""
    header = event["ChangeEventHeader"]
    schema = schema_of(header["entityName"])
    places = {field["name"]: place for place, field in enumerate(schema["fields"])}
    bits = sum(1 << places[name] for name in header["changedFields"])
    told = {**header, "changedFields": [f"0x{bits:X}"] if bits else [], "commitNumber": header.get("commitNumber", 0)}
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), {**event, "ChangeEventHeader": told})
    return buffer.getvalue()


class PubSubApi:
    """The topics of one org. ``user_of`` says whose an access token is."""

    def __init__(self, events: list[JsonValue], user_of: Callable[[str], str | None]) -> None:
        self._events, self._user_of = events, user_of
        self._more = asyncio.Condition()
        self._server = grpc.aio.server()
        stream = grpc.stream_stream_rpc_method_handler(
            self._subscribe, FetchRequest.FromString, FetchResponse.SerializeToString
        )
        schema = grpc.unary_unary_rpc_method_handler(
            self._schema, SchemaRequest.FromString, SchemaInfo.SerializeToString
        )
        topic = grpc.unary_unary_rpc_method_handler(self._topic, TopicRequest.FromString, TopicInfo.SerializeToString)
        handlers = {"Subscribe": stream, "GetSchema": schema, "GetTopic": topic}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))

    async def start(self) -> str:
        """Listen; returns the address."""
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return f"127.0.0.1:{port}"

    async def stop(self) -> None:
        """Cut everybody off."""
        await self._server.stop(None)

    async def published(self) -> None:
        """Say that there are new events."""
        async with self._more:
            self._more.notify_all()

    async def _schema(self, request: SchemaRequest, context: grpc.aio.ServicerContext) -> SchemaInfo:
        await self._let_in(context)
        if request.schema_id not in OBJECTS:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"unknown schema: {request.schema_id}")
        return SchemaInfo(schema_id=request.schema_id, schema_json=json.dumps(schema_of(request.schema_id)))

    async def _topic(self, request: TopicRequest, context: grpc.aio.ServicerContext) -> TopicInfo:
        await self._let_in(context)
        sobject = await _object_of(request.topic_name, context)
        return TopicInfo(
            topic_name=request.topic_name, tenant_guid=ORGANIZATION_ID, can_subscribe=True, schema_id=sobject
        )

    async def _subscribe(
        self, requests: AsyncIterator[FetchRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[FetchResponse]:
        await self._let_in(context)
        first = await anext(requests)
        sobject = await _object_of(first.topic_name, context)
        place, asked = await self._start(first, context), _Asked(self._more)
        await asked.add(first, context)
        reading = asyncio.create_task(asked.read(requests, first.topic_name, context))
        try:
            while True:
                async with self._more:
                    while asked.left == 0 or place == len(self._events):
                        await self._more.wait()
                found: list[ConsumerEvent] = []
                while place < len(self._events) and len(found) < asked.left:
                    event: Any = self._events[place]
                    place += 1
                    if event["ChangeEventHeader"]["entityName"] == sobject:
                        told = ProducerEvent(id=f"event-{place}", schema_id=sobject, payload=encoded(event))
                        found.append(ConsumerEvent(event=told, replay_id=place.to_bytes(_REPLAY_ID)))
                asked.left -= len(found)
                yield FetchResponse(
                    events=found, latest_replay_id=place.to_bytes(_REPLAY_ID), pending_num_requested=asked.left
                )
        finally:
            reading.cancel()

    async def _start(self, first: FetchRequest, context: grpc.aio.ServicerContext) -> int:
        if first.replay_preset == EARLIEST:
            return 0
        if first.replay_preset != CUSTOM:
            return len(self._events)
        if len(first.replay_id) != _REPLAY_ID or int.from_bytes(first.replay_id) > len(self._events):
            code = "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.validation.failed"
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"The Replay ID validation failed. ({code})")
        return int.from_bytes(first.replay_id)

    async def _let_in(self, context: grpc.aio.ServicerContext) -> None:
        given = dict(context.invocation_metadata() or ())
        let_in = self._user_of(str(given.get("accesstoken", ""))) is not None and given.get("instanceurl")
        if not let_in or given.get("tenantid") != ORGANIZATION_ID:
            text = "An authentication exception occurred: sfdc.platform.eventbus.grpc.service.auth.error"
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, text)


async def _object_of(topic: str, context: grpc.aio.ServicerContext) -> str:
    sobject = topic.removeprefix("/data/").removesuffix("ChangeEvent")
    if sobject not in OBJECTS:
        await context.abort(grpc.StatusCode.NOT_FOUND, f"The topic name {topic} is not valid")
    return sobject


class _Asked:
    """How many events a subscriber still wants."""

    def __init__(self, changed: asyncio.Condition) -> None:
        self.left, self._changed = 0, changed

    async def add(self, request: FetchRequest, context: grpc.aio.ServicerContext) -> None:
        if not 0 < request.num_requested <= _MOST:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"num_requested must be between 1 and {_MOST}")
        async with self._changed:
            self.left += request.num_requested
            self._changed.notify_all()

    async def read(self, requests: AsyncIterator[FetchRequest], topic: str, context: grpc.aio.ServicerContext) -> None:
        async for request in requests:
            if request.topic_name not in ("", topic):
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the topic cannot change within a subscription")
            await self.add(request, context)
