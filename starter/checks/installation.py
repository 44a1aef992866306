"""Checks of an installation: settings, store, server, mail, playbooks, and every connected tool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import text

from dealwright.playbook.loading import BadPlaybook, load_bundle
from integrations.kit.clocks import MAY_DIFFER_BY
from integrations.kit.connections import BadConnections
from integrations.kit.errors import NotHandedOver
from integrations.kit.findings import Finding
from integrations.mail.smtp import SmtpMailer
from integrations.registry import connections_at
from runtime.connection import NotReady, check_namespace, connect
from runtime.namespace_marker import namespace_id, read_mark
from runtime.settings import BadSettings, Settings
from starter.checks.tools import check_connected
from store import bundles, sealed_secrets
from store.database import Store
from store.errors import NotMigrated, StoreError
from store.installation import InstallationRecord
from store.sealed_secrets import Sealing
from store.sealing import Seal


async def check_installation() -> list[Finding]:
    """Everything, one after the other; what cannot be looked at without something that is missing is left out."""
    try:
        settings = Settings()
    except BadSettings as error:
        return [_wrong("settings", str(error))]
    found = [Finding("ok", "settings", "all can be read")]
    try:
        async with _store(settings) as store:
            found += [await _check_store(store), await _check_clock(store)]
            migrated = found[-2].level == "ok"
            found += await _check_server(store if migrated else None)
            found.append(await check_mail(settings))
            found += await _check_playbooks(store) if migrated else []
            found += await check_secrets(store) if migrated else []
            found += await _check_tools(settings, store if migrated else None)
    except StoreError as error:
        found.append(_wrong("store", str(error)))
        found += [*await _check_server(None), await check_mail(settings), *await _check_tools(settings, None)]
    return found


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    store = Store.existing(settings.database_url, seal=Seal(settings.token_keys))
    try:
        yield store
    finally:
        await store.close()


async def _check_store(store: Store) -> Finding:
    try:
        await store.check_migrated()
    except NotMigrated as error:
        return _wrong("store", str(error))
    return Finding("ok", "store", f"{store.place} answers, and has its migrations")


async def _check_clock(store: Store) -> Finding:
    if store.embedded:
        return Finding("ok", "store's clock", "it is this machine's")
    async with store.reading() as connection:
        there: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    apart = abs(there - datetime.now(UTC))
    says = f"{apart.total_seconds():.0f} s from this machine's"
    if apart <= MAY_DIFFER_BY:
        return Finding("ok", "store's clock", says)
    return Finding("warning", "store's clock", says, "Let both machines set their clocks by NTP")


async def _check_server(store: Store | None) -> list[Finding]:
    try:
        client = await connect()
        await check_namespace(client)
    except NotReady as error:
        return [_wrong("server", str(error))]
    found = [Finding("ok", "server", f"it answers; namespace {client.namespace} has its search attributes")]
    if store is None:
        return found
    namespace, mark = await namespace_id(client), await read_mark(client)
    ours = await InstallationRecord(store).read()
    known, marked = ours and ours.id, mark and mark.installation
    if known is None and marked is None:
        return [*found, Finding("ok", "installation", "the first worker lets store and namespace take each other")]
    if known == marked and ours is not None and ours.namespace == namespace:
        return [*found, Finding("ok", "installation", "store and namespace belong together")]
    return [*found, _wrong("installation", "Store and namespace do not belong together: see `dealwright installation`")]


async def check_mail(settings: Settings) -> Finding:
    """Whether the mail server takes us. No message is sent."""
    password = settings.smtp_password
    login = (settings.smtp_username, password.get_secret_value()) if settings.smtp_username and password else None
    mailer = SmtpMailer(settings.smtp_host, settings.smtp_port, security=settings.smtp_tls, login=login)
    try:
        await mailer.check()
    except NotHandedOver as error:
        return Finding("problem", "mail", error.reason, "Look at DEALWRIGHT_SMTP_HOST and the rest of mail")
    return Finding("ok", "mail", f"{settings.smtp_host}:{settings.smtp_port} takes us")


async def _check_playbooks(store: Store) -> list[Finding]:
    found = []
    for published in await bundles.published(store):
        try:
            load_bundle(await bundles.load(store, published.hash))
        except BadPlaybook as error:
            remedy = f"Mend it, and publish it again: `dealwright playbook publish` ({published.name})"
            found.append(Finding("problem", f"playbook {published.name}", str(error), remedy))
        else:
            found.append(Finding("ok", f"playbook {published.name}", "new deals may follow it"))
    return found or [Finding("ok", "playbooks", "none is published yet; the first worker publishes those that ship")]


async def check_secrets(store: Store) -> list[Finding]:
    """Whether the secrets that the store keeps are encrypted, all with the newest key."""
    kinds = [kind for kind in await sealed_secrets.sealing(store) if kind.kept]
    found = [finding for kind in kinds if (finding := _unsealed(store, kind)) is not None]
    return found or [Finding("ok", "secrets", "those in the store are encrypted" if kinds else "the store keeps none")]


def _unsealed(store: Store, kind: Sealing) -> Finding | None:
    if kind.unreadable:
        says = f"{kind.what}: {kind.unreadable} of {kind.kept} encrypted with a key that is not here"
        return Finding("problem", "secrets", says, "Add that key to DEALWRIGHT_TOKEN_KEY, behind the present one")
    if not store.seal:
        says = f"{kind.what}: {kind.kept} in the clear, as DEALWRIGHT_TOKEN_KEY is not set"
        remedy = (
            "Set it for worker and gateway to what `openssl rand -base64 32` prints, then `dealwright secret encrypt`"
        )
        return Finding("warning", "secrets", says, remedy)
    if older := kind.kept - kind.sealed_newest:
        says = f"{kind.what}: {older} of {kind.kept} in the clear, or under an older key"
        return Finding(
            "warning", "secrets", says, "Once all processes have the newest key: `dealwright secret encrypt`"
        )
    return None


async def _check_tools(settings: Settings, store: Store | None) -> list[Finding]:
    try:
        connections = connections_at(settings.connections)
    except BadConnections as error:
        return [_wrong("connections", str(error))]
    if store is None or not connections.tools:
        return [] if connections.tools else [Finding("ok", "connections", "none: the embedded CRM is used")]
    return [
        Finding(one.level, f"{name}: {one.about}", one.says, one.remedy)
        for name in connections.tools
        for one in await check_connected(name, connections, store)
    ]


def _wrong(about: str, error: str) -> Finding:
    """A problem whose sentence says what to do itself."""
    return Finding("problem", about, error)
