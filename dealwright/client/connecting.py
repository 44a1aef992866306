"""A connection to Temporal, by its own standard variables and profiles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig

from dealwright.client.errors import TemporalAway, WrongConnection
from dealwright.identity import NAMESPACE


async def connected(
    wait: timedelta, namespace: str | None, data_converter: DataConverter, interceptors: Sequence[Interceptor]
) -> Client:
    """Connect within ``wait``; ``namespace`` goes before what the variables say.

    Raises:
        WrongConnection: a variable or a profile cannot be used.
        TemporalAway: the server cannot be reached.
    """
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise WrongConnection(str(error)) from error
    config["namespace"] = namespace or config.get("namespace") or NAMESPACE
    config.setdefault("target_host", "localhost:7233")
    try:
        connecting = Client.connect(**config, data_converter=data_converter, interceptors=interceptors)
        async with asyncio.timeout(wait.total_seconds()):
            return await connecting
    except ValueError as error:
        raise WrongConnection(str(error)) from error
    except (RuntimeError, TimeoutError) as error:
        address = config["target_host"]
        raise TemporalAway(f"no connection to {address} (TEMPORAL_ADDRESS says where it is)") from error
