"""Outreach's webhooks: one subscription for each kind of event, watched, made and switched on again."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.outreach.client import OutreachClient
from integrations.outreach.records import Webhook
from integrations.outreach.settings import OutreachConnection

_NEEDED = (
    ("sequenceState", "advanced"),
    ("sequenceState", "finished"),
    ("sequenceState", "updated"),
    ("sequenceState", "destroyed"),
    ("mailing", "replied"),
)
"""Resource and action of each. Bounces and opt-outs change the sequence state (``updated``)."""
_OF_TASKS = (("task", "completed"),)
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhooks"
_RIGHTS = (
    "look at the app and its user: they need prospects.read, sequenceStates.all, mailings.read and webhooks.all "
    "(prospects.all with create_prospects, tasks.all with touches)"
)
Kinds = Sequence[tuple[str, str]]


def needed(*, with_tasks: bool) -> Kinds:
    """What is subscribed to: events of tasks only where deals put tasks on lists in Outreach."""
    return (*_NEEDED, *_OF_TASKS) if with_tasks else _NEEDED


async def check(client: OutreachClient, connection: OutreachConnection, kinds: Kinds) -> list[Finding]:
    """How the tokens and the subscriptions are. It changes nothing."""
    try:
        found = await client.webhooks()
    except _CANNOT as error:
        return [Finding("problem", "credentials", error.reason, _RIGHTS)]
    lets_in = Finding("ok", "credentials", "Outreach lets us in")
    if connection.webhook_url is None:
        remedy = "add webhook_url to the connection, so that they are subscribed to"
        minutes = f"there are none: Outreach is read every {connection.poll_minutes} minutes alone"
        return [lets_in, Finding("warning", _ABOUT, minutes, remedy)]
    ours = {_kind(one): one for one in found if one.attributes.url == connection.webhook_url}
    missing = [_word(kind) for kind in kinds if kind not in ours]
    off = [_word(kind) for kind in kinds if kind in ours and not _is_good(ours[kind])]
    if not missing and not off:
        return [lets_in, Finding("ok", _ABOUT, "all are active")]
    says = "; ".join(
        f"{', '.join(which)} {state}" for which, state in ((missing, "missing"), (off, "switched off")) if which
    )
    return [lets_in, Finding("problem", _ABOUT, says, "worker and gateway set it right at their next look")]


async def mend(client: OutreachClient, connection: OutreachConnection, kinds: Kinds) -> list[Finding]:
    """Subscribe to what is missing, and switch on what is off; what was done."""
    url, secrets = connection.webhook_url, connection.webhook_secrets
    if url is None or not secrets:
        return []
    done: list[Finding] = []
    try:
        ours = {_kind(one): one for one in await client.webhooks() if one.attributes.url == url}
        for resource, action in kinds:
            there = ours.get((resource, action))
            if there is None:
                await client.subscribe(url, resource, action, secrets[0].get_secret_value())
                done.append(Finding("ok", _ABOUT, f"{resource}.{action} was subscribed to"))
            elif not _is_good(there):
                await client.switch_on(there)
                done.append(Finding("ok", _ABOUT, f"{resource}.{action} was switched on again"))
    except _CANNOT as error:
        return [*done, Finding("problem", _ABOUT, error.reason, _RIGHTS)]
    return done


def _kind(one: Webhook) -> tuple[str, str]:
    return one.attributes.resource or "", one.attributes.action or ""


def _word(kind: tuple[str, str]) -> str:
    return ".".join(kind)


def _is_good(one: Webhook) -> bool:
    return one.attributes.active is True and not one.attributes.disabled_reason
