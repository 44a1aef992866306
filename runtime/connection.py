"""Connects to Temporal with its standard variables and profiles, and our plugin."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode

from dealwright.deal import Money
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.identity import NAMESPACE
from runtime.plugin import deals_plugin

_TIMEOUT = timedelta(seconds=10)


class NotReady(RuntimeError):
    """Something that a worker needs is missing; the message says what, and what to do."""


class ServerAway(NotReady):
    """No Temporal server answers."""


async def connect(*, metrics_address: str | None = None, lazy: bool = False) -> Client:
    """A client for deals, by ``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``, profiles and the rest of Temporal's own.

    A ``lazy`` one connects with its first call.

    Raises:
        ServerAway: no server answers there.
        NotReady: the settings cannot be used, or the metrics cannot be offered at that address.
    """
    config = connect_config()
    runtime = _runtime(metrics_address)
    try:
        connecting = Client.connect(**config, plugins=[deals_plugin()], runtime=runtime, lazy=lazy)
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            return await connecting
    except ValueError as error:
        raise _unusable(error) from error
    except (RuntimeError, TimeoutError) as error:
        raise no_answer(config["target_host"]) from error


def connect_config() -> ClientConnectConfig:
    """Temporal's own settings, with our defaults.

    Raises:
        NotReady: a variable or a profile cannot be used.
    """
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise _unusable(error) from error
    config["target_host"] = config.get("target_host") or "localhost:7233"
    config["namespace"] = config.get("namespace") or NAMESPACE
    return config


def no_answer(address: str) -> ServerAway:
    """The error where no server is."""
    return ServerAway(
        f"No Temporal server answers at {address}: start one (`make up`, `temporal server start-dev`) "
        "or set TEMPORAL_ADDRESS"
    )


def address_of(client: Client) -> str:
    """The address of the server that a client talks to."""
    return client.service_client.config.target_host


def _unusable(error: Exception) -> NotReady:
    return NotReady(
        f"Temporal's settings cannot be used ({error}): look at TEMPORAL_ADDRESS (host:port), TEMPORAL_PROFILE, "
        "TEMPORAL_CONFIG_FILE and TEMPORAL_TLS_*"
    )


def check_converter(client: Client) -> None:
    """Make sure that the models of deals are written as pydantic writes them, and read back.

    Raises:
        NotReady: the client's data converter does not, and what to connect it with.
    """
    converter, sample = client.data_converter.payload_converter, Money(amount=Decimal("1.50"), currency="EUR")
    try:
        (read,) = converter.from_payloads(converter.to_payloads([sample]), [Money])
    except Exception as error:
        raise _cannot_carry(str(error)) from error
    if read != sample:
        raise _cannot_carry("what is read is not what was written")


def _cannot_carry(cause: str) -> NotReady:
    return NotReady(
        f"The data converter of this Temporal client cannot carry the models of deals ({cause}): connect it with "
        "data_converter=DATA_CONVERTER of runtime.converter, or with the SDK's pydantic_data_converter"
    )


async def check_namespace(client: Client) -> None:
    """Make sure that the namespace and its search attributes are there.

    Raises:
        NotReady: what is missing, and what to run.
    """
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        async with asyncio.timeout(_TIMEOUT.total_seconds()):
            listed = await client.operator_service.list_search_attributes(request)
    except TimeoutError as error:
        raise no_answer(address_of(client)) from error
    except RPCError as error:
        if error.status is RPCStatusCode.UNAVAILABLE:  # its message is the transport's own, and long
            raise no_answer(address_of(client)) from error
        raise NotReady(
            f"Namespace {client.namespace!r} cannot be used ({error.message}): make it with `dealwright namespace`, "
            "or set TEMPORAL_NAMESPACE"
        ) from error
    missing = [name for name in SEARCH_ATTRIBUTES if name not in listed.custom_attributes]
    if missing:
        raise NotReady(
            f"Namespace {client.namespace!r} lacks the search attributes {', '.join(missing)}: "
            "make them with `dealwright namespace`"
        )


def _runtime(metrics_address: str | None) -> Runtime | None:
    if metrics_address is None:
        return None
    prometheus = PrometheusConfig(
        bind_address=metrics_address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=prometheus))
    except ValueError as error:
        raise NotReady(
            f"DEALWRIGHT_METRICS_ADDRESS={metrics_address} cannot be used ({error}): "
            "write a free port with this machine's numeric address, such as 127.0.0.1:9464"
        ) from error
