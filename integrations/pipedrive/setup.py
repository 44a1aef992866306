"""How a Pipedrive company is set up for Dealwright: token, fields, stages, webhooks; and what of it can be mended."""

from __future__ import annotations

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.settings import KEY_NAME, LOST, WON, PipedriveConnection

SUBSCRIBED = ("deal", "person", "organization", "activity")
"""The kinds of records whose events are wanted."""
KEYED = ("deal", "person", "organization")
"""The kinds of records that have our field."""
_CANNOT = (NotHandedOver, Refused, Unanswered)
_REPAIR = "run dealwright integration check pipedrive --repair"


async def check(client: PipedriveClient, connection: PipedriveConnection) -> list[Finding]:
    """How all is. It changes nothing."""
    try:
        me = await client.me()
        found = [_credentials(connection, me.id, me.name)]
        found += [await _field(client, kind) for kind in KEYED]
        found += await _stages(client, connection)
        return [*found, *await _webhooks(client, connection)]
    except _CANNOT as error:
        return [Finding("problem", "credentials", error.reason, "look at the token, and whether the day's are spent")]


async def mend(client: PipedriveClient, connection: PipedriveConnection) -> list[Finding]:
    """Make the fields and the webhooks that are missing.

    Raises:
        NotHandedOver, Refused, Unanswered: Pipedrive did not take it.
    """
    done = []
    for kind in KEYED:
        if await client.key_field(kind) is None:
            await client.create_key_field(kind)
            done.append(Finding("ok", f"field {KEY_NAME} of {kind}", "it was made"))
    for kind in await _not_subscribed(client, connection):
        await _subscribe(client, connection, kind)
        done.append(Finding("ok", f"webhook of {kind}", "it was made"))
    return done


async def _subscribe(client: PipedriveClient, connection: PipedriveConnection, kind: str) -> None:
    user, _, password = connection.webhook_secrets[0].get_secret_value().partition(":")
    wanted: dict[str, JsonValue] = {
        "subscription_url": connection.webhook_url, "event_action": "*", "event_object": kind, "version": "2.0",
        "name": f"Dealwright: {kind}", "http_auth_user": user, "http_auth_password": password,
    }  # fmt: skip
    await client.subscribe(wanted, (password,))


def _credentials(connection: PipedriveConnection, id_: int, name: str) -> Finding:
    about, said = "credentials", connection.settings.get("user_id", "")
    if said == str(id_):
        return Finding("ok", about, f"calls are made as {name}")
    text = f"calls are made as {name}, and settings do not say so: our own writes are known by what they wrote alone"
    return Finding("warning", about, text, f'write user_id: "{id_}" under settings')


async def _field(client: PipedriveClient, kind: str) -> Finding:
    about = f"field {KEY_NAME} of {kind}"
    if await client.key_field(kind) is None:
        return Finding("problem", about, "it is missing", _REPAIR)
    return Finding("ok", about, "it is there")


async def _stages(client: PipedriveClient, connection: PipedriveConnection) -> list[Finding]:
    there = {str(stage.id): stage.name for stage in await client.stages()}
    listed = ", ".join(f"{id_} ({name})" for id_, name in there.items())
    if not any(theirs in there for theirs in connection.stages.values()):
        return [Finding("problem", "stages", "none is mapped", f"map the playbook's stages to {listed}")]
    wrong = {ours: theirs for ours, theirs in connection.stages.items() if theirs and theirs not in {*there, WON, LOST}}
    return [
        Finding("problem", f"stage {ours}", f"Pipedrive has no stage {theirs!r}", f"write won, lost or one of {listed}")
        for ours, theirs in wrong.items()
    ] or [Finding("ok", "stages", f"{len(connection.stages)} are mapped")]


async def _webhooks(client: PipedriveClient, connection: PipedriveConnection) -> list[Finding]:
    if not connection.webhook_url or not connection.webhook_secrets:
        remedy = "write webhook_url and webhook_secrets, so that changes come at once and not only when they are read"
        return [Finding("warning", "webhooks", "none are set up from here", remedy)]
    missing = await _not_subscribed(client, connection)
    return [
        Finding("problem", f"webhook of {kind}", "it is missing, or Pipedrive has deleted it", _REPAIR)
        for kind in missing
    ] or [Finding("ok", "webhooks", f"{', '.join(SUBSCRIBED)} are sent")]


async def _not_subscribed(client: PipedriveClient, connection: PipedriveConnection) -> list[str]:
    if not connection.webhook_url or not connection.webhook_secrets:
        return []
    there = {
        one.event_object
        for one in await client.webhooks()
        if one.subscription_url == connection.webhook_url and one.event_action == "*"
    }
    return [kind for kind in SUBSCRIBED if kind not in there and "*" not in there]
