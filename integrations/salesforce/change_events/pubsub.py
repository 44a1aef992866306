"""Salesforce's Pub/Sub API (gRPC): subscribing to a topic, with flow control, and the schemas of its events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc.aio

from integrations.kit.credentials import Authorization, Credentials
from integrations.salesforce.change_events.avro import EventSchema
from integrations.salesforce.pubsub_stubs.pubsub_api_pb2 import (
    CUSTOM,
    LATEST,
    FetchRequest,
    FetchResponse,
    SchemaInfo,
    SchemaRequest,
    TopicInfo,
    TopicRequest,
)
from runtime.sockets import is_loopback

MOST_AT_ONCE = 100
"""Events that are asked for at once; Salesforce takes no larger number."""
_SUBSCRIBE, _SCHEMA = "/eventbus.v1.PubSub/Subscribe", "/eventbus.v1.PubSub/GetSchema"
_TOPIC = "/eventbus.v1.PubSub/GetTopic"
_SECONDS = 15
_ALIVE = (("grpc.keepalive_time_ms", 60_000), ("grpc.keepalive_timeout_ms", 20_000))
"""A connection that is gone without a word is noticed within 80 seconds."""


class SubscriptionEnded(Exception):
    """The stream ended, or could not begin; the message says why. It is tried again."""


class ReplayLost(SubscriptionEnded):
    """Salesforce does not know the replay id any more: it is older than three days."""


@dataclass(frozen=True)
class Encoded:
    """One event as it came."""

    schema_id: str
    payload: bytes


@dataclass(frozen=True)
class Batch:
    """Events that came together; none now and then, as a sign of life."""

    events: tuple[Encoded, ...]
    replay_id: bytes
    """Where to go on once they are kept."""


class PubSub:
    """The API for one org. Close it at the end."""

    def __init__(self, address: str, organization: str, credentials: Credentials) -> None:
        self._organization, self._credentials = organization, credentials
        secure = not is_loopback(address.rpartition(":")[0])
        self._channel = (
            grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(), options=_ALIVE)
            if secure
            else grpc.aio.insecure_channel(address, options=_ALIVE)  # a simulator on this machine
        )
        self._schemas: dict[str, EventSchema] = {}

    async def batches(self, topic: str, replay_id: bytes | None) -> AsyncIterator[Batch]:
        """What comes after a replay id; without one, from now on.

        More is asked for only when whoever reads comes back for the next batch.

        Raises:
            SubscriptionEnded: the stream is over.
            NotHandedOver: no access token can be had now.
        """
        authorization = await self._credentials.authorization()
        await self._ask_for(topic, authorization)
        call = self._channel.stream_stream(
            _SUBSCRIBE,
            request_serializer=FetchRequest.SerializeToString,
            response_deserializer=FetchResponse.FromString,
        )(metadata=self._metadata(authorization))
        start = {"replay_preset": CUSTOM, "replay_id": replay_id} if replay_id else {"replay_preset": LATEST}
        try:
            await call.write(FetchRequest(topic_name=topic, num_requested=MOST_AT_ONCE, **start))
            while (answer := await call.read()) is not grpc.aio.EOF:
                events = tuple(Encoded(one.event.schema_id, one.event.payload) for one in answer.events)
                yield Batch(events, answer.latest_replay_id)
                if (more := MOST_AT_ONCE - answer.pending_num_requested) > 0:
                    await call.write(FetchRequest(topic_name=topic, num_requested=more))
        except grpc.aio.AioRpcError as error:
            raise await self._ended(error, authorization) from None
        except asyncio.InvalidStateError:  # it ended between two batches
            raise SubscriptionEnded("the stream ended") from None
        finally:
            call.cancel()

    async def _ask_for(self, topic: str, authorization: Authorization) -> None:
        """Learn whether we may subscribe, by a call that has one answer.

        A stream that Salesforce refuses while we write to it ends as an internal error of gRPC: the reason is lost.
        """
        ask = self._channel.unary_unary(
            _TOPIC, request_serializer=TopicRequest.SerializeToString, response_deserializer=TopicInfo.FromString
        )
        try:
            metadata = self._metadata(authorization)
            await ask(TopicRequest(topic_name=topic), metadata=metadata, timeout=_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise await self._ended(error, authorization) from None

    async def schema(self, id_: str) -> EventSchema:
        """The schema with an id, which never changes.

        Raises:
            SubscriptionEnded: it cannot be had now.
            NotHandedOver: no access token can be had now.
            Undecodable: it is none.
        """
        if id_ not in self._schemas:
            authorization = await self._credentials.authorization()
            ask = self._channel.unary_unary(
                _SCHEMA, request_serializer=SchemaRequest.SerializeToString, response_deserializer=SchemaInfo.FromString
            )
            try:
                metadata = self._metadata(authorization)
                answer = await ask(SchemaRequest(schema_id=id_), metadata=metadata, timeout=_SECONDS)
            except grpc.aio.AioRpcError as error:
                raise await self._ended(error, authorization) from None
            self._schemas[id_] = EventSchema.of(answer.schema_json)
        return self._schemas[id_]

    async def close(self) -> None:
        """Give the connection back."""
        await self._channel.close()

    def _metadata(self, authorization: Authorization) -> tuple[tuple[str, str], ...]:
        token = authorization.headers.get("Authorization", "").removeprefix("Bearer ")
        instance = authorization.base_url or ""
        return (("accesstoken", token), ("instanceurl", instance), ("tenantid", self._organization))

    async def _ended(self, error: grpc.aio.AioRpcError, authorization: Authorization) -> SubscriptionEnded:
        """What an error means. A token that is not taken is replaced."""
        code, details = error.code(), error.details() or ""
        for secret in authorization.secrets:
            details = details.replace(secret, "…")
        if code is grpc.StatusCode.UNAUTHENTICATED:
            await self._credentials.renew(authorization)
        if code is grpc.StatusCode.INVALID_ARGUMENT and "replay" in details.lower():
            return ReplayLost(details)
        return SubscriptionEnded(f"{code.name}: {details[:200]}")
