"""The server's configuration: files for the production server and its UI, arguments for the CLI's server."""

import contextlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue

from local.server.errors import LocalServerError
from local.server.ports import LOOPBACK

DATABASE_FILE = "temporal.db"

Dynamic: TypeAlias = Mapping[str, str | int | bool]
"""Settings of the server that can change while it runs, by the server's own names."""

DYNAMIC: Dynamic = {
    # Deals on a virtual clock. A whole life in one fast-forward takes more than the 200 skips that are the default.
    "frontend.WorkflowTimeSkippingEnabled": True,
    "frontend.WorkflowTimeSkippingMaxSkipPerSession": 1_000_000,
    "history.timerProcessorMaxTimeShift": "10ms",
    # Each skip needs a look into these queues; at the default of 20 looks a second 200 timers take 40 s, not 3.
    "history.timerProcessorMaxPollRPS": 2000,
    "history.transferProcessorMaxPollRPS": 2000,
    "history.visibilityProcessorMaxPollRPS": 2000,
    "history.outboundProcessorMaxPollRPS": 2000,
    # A new namespace and its search attributes are seen at once. The limits make room for the extra reads,
    # in the proportion that the CLI's own development server uses.
    "system.namespaceCacheRefreshInterval": "200ms",
    "system.forceSearchAttributesCacheRefreshOnRead": True,
    "frontend.persistenceMaxQPS": 10_000,
    "history.persistenceMaxQPS": 45_000,
}

_SERVICES = ("frontend", "history", "matching", "worker")


class ServerPorts(BaseModel):
    """Where the server listens, all on 127.0.0.1."""

    model_config = ConfigDict(frozen=True)

    frontend: int
    ui: int | None
    inner: tuple[int, ...]
    """Of the server's own parts; how many are used depends on the kind of server."""


INNER_PORTS = 2 * len(_SERVICES)


def write_server_configuration(directory: Path, ports: ServerPorts, dynamic: Dynamic, *, durable: bool) -> Path:
    """Write the production server's files into the directory, which it is to be started in.

    Args:
        directory: Of this server's data; absolute.
        ports: Where to listen.
        dynamic: Settings besides DYNAMIC, or instead of single ones of them.
        durable: False gives up safety against a power cut (not against a killed process) for speed.

    Returns:
        The file for `--config-file`.
    """
    dynamic_file = directory / "dynamic.yaml"
    values: dict[str, JsonValue] = {name: [{"value": value}] for name, value in {**DYNAMIC, **dynamic}.items()}
    dynamic_file.write_text(yaml.safe_dump(values))
    server_file = directory / "server.yaml"
    log: JsonValue = {"stdout": True, "level": "warn"}
    configuration: JsonValue = {
        "log": log,
        "persistence": _persistence(durable=durable),
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": LOOPBACK}},
        "services": _services(ports),
        "clusterMetadata": _cluster(ports.frontend),
        "dcRedirectionPolicy": {"policy": "noop"},
        "dynamicConfigClient": {"filepath": str(dynamic_file), "pollInterval": "10s"},
    }
    server_file.write_text(yaml.safe_dump(configuration))
    return server_file


def forget_earlier_hosts(directory: Path) -> None:
    """Remove from the database where earlier runs listened; only while no server runs on it.

    The server's parts find each other through that table. Entries of a run on other ports, which stay for a while
    after it has ended, would send them to hosts that are gone: workflows would start and never get a task.

    Raises:
        LocalServerError: The file is no database, or a damaged one.
    """
    database = directory / DATABASE_FILE
    if not database.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            tables = connection.execute("select 1 from sqlite_master where name = 'cluster_membership'")
            if tables.fetchone():
                connection.execute("delete from cluster_membership")
    except sqlite3.DatabaseError as error:
        raise LocalServerError(
            f"{database} cannot be used: {error}. Restore it from a copy, or name another directory with --data."
        ) from error


def _persistence(*, durable: bool) -> JsonValue:
    attributes: JsonValue = {
        "mode": "rwc",
        "setup": "true",
        "journal_mode": "wal",
        "synchronous": "full" if durable else "off",
    }
    store: JsonValue = {
        "pluginName": "sqlite",
        "databaseName": DATABASE_FILE,  # it becomes part of a URI: a relative name holds nothing special
        "connectAddr": "localhost",
        "connectProtocol": "tcp",
        "connectAttributes": attributes,
        "maxConns": 1,
        "maxIdleConns": 1,
    }
    return {
        "defaultStore": "sqlite",
        "visibilityStore": "sqlite",
        "numHistoryShards": 1,
        "datastores": {"sqlite": {"sql": store}},
    }


def _services(ports: ServerPorts) -> JsonValue:
    inner = iter(ports.inner)
    services: dict[str, JsonValue] = {}
    for name in _SERVICES:
        grpc = ports.frontend if name == "frontend" else next(inner)
        rpc: dict[str, JsonValue] = {
            "grpcPort": grpc,
            "membershipPort": next(inner),
            "bindOnLocalHost": True,
        }
        if name == "frontend":
            rpc["httpPort"] = next(inner)
        services[name] = {"rpc": rpc}
    return services


def _cluster(frontend: int) -> JsonValue:
    active: JsonValue = {
        "enabled": True,
        "initialFailoverVersion": 1,
        "rpcName": "frontend",
        "rpcAddress": f"{LOOPBACK}:{frontend}",
    }
    return {
        "enableGlobalNamespace": False,
        "failoverVersionIncrement": 10,
        "masterClusterName": "active",
        "currentClusterName": "active",
        "clusterInformation": {"active": active},
    }


def write_ui_configuration(directory: Path, frontend: int, ui: int, namespace: str) -> list[str]:
    """Write the UI's file; reset, cancel and terminate stay possible, since this is a developer's own server.

    Returns:
        The arguments that make the UI read it.
    """
    configuration: JsonValue = {
        "temporalGrpcAddress": f"{LOOPBACK}:{frontend}",
        "host": LOOPBACK,
        "port": ui,
        "enableUi": True,
        "defaultNamespace": namespace,
        "disableNewsFetch": True,
        "hideLogs": True,
        "cors": {"allowOrigins": [f"http://{LOOPBACK}:{ui}", f"http://localhost:{ui}"], "cookieInsecure": True},
    }
    folder = directory / "ui"
    folder.mkdir(exist_ok=True)
    (folder / "local.yaml").write_text(yaml.safe_dump(configuration))
    return ["--root", str(directory), "--config", folder.name, "--env", "local", "start"]


def development_server_arguments(ports: ServerPorts, dynamic: Dynamic, *, durable: bool) -> list[str]:
    """Arguments that make `temporal server start-dev` behave like the production server above.

    It is to be started in the directory of its data.
    """
    ui = ["--headless"] if ports.ui is None else ["--ui-port", str(ports.ui), "--ui-disable-news-fetch"]
    pragmas = {"journal_mode": "wal", "synchronous": "full" if durable else "off"}
    return [
        *("server", "start-dev", "--ip", LOOPBACK, "--port", str(ports.frontend)),
        *("--http-port", str(ports.inner[0]), "--metrics-port", str(ports.inner[1])),
        *("--db-filename", DATABASE_FILE),
        *(part for name, value in pragmas.items() for part in ("--sqlite-pragma", f"{name}={value}")),
        *ui,
        *(
            part
            for name, value in {**DYNAMIC, **dynamic}.items()
            for part in ("--dynamic-config-value", f"{name}={json.dumps(value)}")
        ),
    ]
