"""docker-compose.yml and the Dockerfile, as far as they can be checked where no container engine is at hand."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from integrations.registry import connections_at
from local.server import build
from runtime.settings import Settings
from starter.app import app

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = f"dealwright:{PROJECT['version']}"

_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*))?\}")
_PINNED = re.compile(r"v?\d+\.\d+(\.\d+)?(-[a-z]+)*")


def _with_defaults(value: Any) -> Any:
    """What compose makes of the file where no variable is set."""
    match value:
        case str():
            return _VARIABLE.sub(lambda found: found[2] or "", value)
        case dict():
            return {key: _with_defaults(item) for key, item in value.items()}
        case list():
            return [_with_defaults(item) for item in value]
        case _:
            return value


DOCUMENT: dict[str, Any] = _with_defaults(yaml.safe_load(COMPOSE.read_text()))
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OUR_SERVICES = [name for name, service in SERVICES.items() if service["image"] == OURS]
DEPENDENCIES = [
    (name, other, wanted["condition"])
    for name, service in SERVICES.items()
    for other, wanted in service.get("depends_on", {}).items()
]
MOUNTS = [
    (name, *mount.split(":")[:2]) for name, service in SERVICES.items() for mount in service.get("volumes", ())
]  # fmt: skip


def environment(service: str) -> dict[str, str]:
    """What a service is given where nothing is set; variables without a value are only handed on."""
    given = SERVICES[service].get("environment", {})
    return {name: str(value) for name, value in given.items() if value is not None}


def test_the_file_is_of_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(("service", "other", "condition"), DEPENDENCIES)
def test_a_service_waits_for_what_the_other_can_become(service: str, other: str, condition: str) -> None:
    assert other in SERVICES, f"{service} waits for {other}, which is no service"
    if condition == "service_healthy":
        assert "healthcheck" in SERVICES[other], f"{service} waits for {other} to be healthy, which nothing checks"
    else:
        assert condition == "service_completed_successfully"
        assert SERVICES[other]["restart"].startswith("on-failure"), f"{other} never ends, and {service} waits for it"


def test_services_do_not_wait_for_each_other_in_a_circle() -> None:
    waits = {name: {other for service, other, _ in DEPENDENCIES if service == name} for name in SERVICES}
    while ready := {name for name, others in waits.items() if not others}:
        waits = {name: others - ready for name, others in waits.items() if name not in ready}
    assert not waits


def test_whatever_runs_on_is_checked_for_health() -> None:
    running = [name for name, service in SERVICES.items() if service["restart"] == "unless-stopped"]
    assert [name for name in running if "healthcheck" not in SERVICES[name]] == []


@pytest.mark.parametrize(("service", "source", "target"), MOUNTS)
def test_what_is_mounted_exists(service: str, source: str, target: str) -> None:
    if source.startswith("."):
        assert (ROOT / source).exists(), f"{service} mounts {source} as {target}: what is missing becomes a folder"
    else:
        assert source in DOCUMENT["volumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_has_a_pinned_tag(service: str) -> None:
    _, _, tag = SERVICES[service]["image"].partition(":")
    assert _PINNED.fullmatch(tag), f"{service}: {tag or 'no tag'}"


@pytest.mark.parametrize("image", re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
def test_our_image_stands_on_pinned_ones(image: str) -> None:
    assert _PINNED.fullmatch(image.partition(":")[2]), image


def test_our_services_are_of_this_version() -> None:
    assert set(OUR_SERVICES) == {"namespace", "migrate", "worker", "gateway"}
    assert OURS in DOCKERFILE


def test_temporal_is_the_version_that_the_tests_run_on() -> None:
    tags = {name: service["image"].partition(":")[2] for name, service in SERVICES.items()}
    assert tags["temporal"] == tags["temporal-schema"] == build.SERVER.version.removeprefix("v")
    assert tags["temporal-ui"] == build.UI.version.removeprefix("v")


@pytest.mark.parametrize("service", OUR_SERVICES)
def test_our_services_run_commands_that_exist(service: str) -> None:
    program, *arguments = SERVICES[service]["command"]
    assert program in PROJECT["scripts"]
    if program == "dealwright":
        assert arguments[0] in get_command(app).commands  # type: ignore[attr-defined] # typer's app is a click group


@pytest.mark.parametrize("service", OUR_SERVICES)
def test_our_services_are_set_by_variables_that_they_read(service: str) -> None:
    settings = {f"DEALWRIGHT_{name.upper()}" for name in Settings.model_fields}
    known = settings - {"DEALWRIGHT_DATABASE_URL"} | {"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
    assert set(SERVICES[service].get("environment", {})) <= known


@pytest.mark.parametrize("service", OUR_SERVICES)
def test_our_services_can_use_what_they_are_given(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    Settings()  # raises BadSettings


@pytest.mark.parametrize("service", ["worker", "gateway"])
def test_worker_and_gateway_read_the_connections_file_that_is_mounted(service: str) -> None:
    named = Path(environment(service)["DEALWRIGHT_CONNECTIONS"])
    folders = {target: ROOT / source for name, source, target in MOUNTS if name == service}
    assert connections_at(folders[str(named.parent)] / named.name).tools == {}


def test_secrets_beside_the_connections_file_stay_out_of_version_control_and_of_the_image() -> None:
    secret = "deploy/connections/a-token"
    ignored = subprocess.run(["git", "check-ignore", "-q", secret], cwd=ROOT, check=False)
    assert ignored.returncode == 0
    assert "!deploy" not in (ROOT / ".dockerignore").read_text().splitlines()


def test_whoever_makes_links_and_whoever_answers_them_agree_on_the_address() -> None:
    assert environment("worker")["DEALWRIGHT_PUBLIC_URL"] == environment("gateway")["DEALWRIGHT_PUBLIC_URL"]


@pytest.mark.parametrize(
    ("service", "port"), [("worker", "DEALWRIGHT_HEALTH_PORT"), ("gateway", "DEALWRIGHT_GATEWAY_PORT")]
)
def test_health_is_asked_for_where_it_is_answered(service: str, port: str) -> None:
    test = " ".join(SERVICES[service]["healthcheck"]["test"])
    assert f":{environment(service)[port]}/healthz" in test


def test_the_worker_is_given_the_time_that_it_drains() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > int(environment("worker")["DEALWRIGHT_DRAIN_SECONDS"])


def test_ports_are_published_on_this_machine_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_no_secret_stands_in_the_file_but_marked_local_defaults() -> None:
    for line in COMPOSE.read_text().splitlines():
        name, _, value = line.strip().partition(": ")
        if re.search("PASSWORD|PWD|KEYS|SECRETS|USERNAME", name) or "@postgres" in value:
            assert value == "" or (_VARIABLE.search(value) and value.endswith("# local default")), line


def test_the_number_of_history_shards_is_set_on_purpose() -> None:
    assert int(environment("temporal")["NUM_HISTORY_SHARDS"]) > 4


def test_the_dynamic_configuration_is_read_from_the_mounted_file() -> None:
    targets = {target: source for name, source, target in MOUNTS if name == "temporal"}
    written = yaml.safe_load((ROOT / targets[environment("temporal")["DYNAMIC_CONFIG_FILE_PATH"]]).read_text())
    assert all(isinstance(values, list) and all("value" in one for one in values) for values in written.values())


def test_the_image_gets_all_that_the_wheels_are_made_of() -> None:
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    described = {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml", "uv.lock"}
    needed = {*hatch["only-include"], "dealwright", *described}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == needed


def test_the_image_is_built_as_locked_and_does_not_run_as_root() -> None:
    assert DOCKERFILE.count("uv sync --frozen --no-dev") == 2
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert re.search(r"^USER [1-9]\d*$", last_stage, re.MULTILINE)


def test_the_image_is_built_with_the_same_uv_as_everything_else() -> None:
    pinned = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert pinned
    assert f"astral-sh/uv:{pinned[1]} " in DOCKERFILE
