"""ASGI middleware that writes an entry of the audit trail for each change that a known caller asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.audit_trail.change import Change
from gateway.audit_trail.writing import AuditWriter
from gateway.identities.callers import Caller
from store.audit import AuditEntry

_ONLY_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class RecordChanges:
    """Passes requests on, and notes down what was asked for and answered. Reading leaves no entry."""

    def __init__(self, app: ASGIApp, writer: AuditWriter) -> None:
        self._app, self._writer = app, writer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] in _ONLY_READS:
            await self._app(scope, receive, send)
            return
        noted = False

        async def noting(message: Message) -> None:
            nonlocal noted
            if message["type"] == "http.response.start" and not noted:
                noted = True
                self._note(scope, message["status"])  # before the answer: whoever has it finds the line in the log
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            if not noted:  # an error of ours, which is answered further out, or a sender who has gone
                self._note(scope, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _note(self, scope: Scope, status: int) -> None:
        caller = scope.get("state", {}).get("caller")
        if isinstance(caller, Caller) and status != HTTPStatus.TOO_MANY_REQUESTS:
            self._writer.add(_entry(scope, caller, status))


def _entry(scope: Scope, caller: Caller, status: int) -> AuditEntry:
    change = scope["state"].get("change") or Change()
    path: dict[str, object] = scope.get("path_params", {})
    target = "/".join(str(value) for name, value in path.items() if name != "deal_id")
    route, client = scope.get("route"), scope.get("client")
    return AuditEntry(
        at=datetime.now(UTC), caller=caller.name, key_id=caller.key_id, by=change.by or caller.speaks_as,
        address=client[0] if client else None,
        operation=getattr(route, "operation_id", None) or getattr(route, "name", "unknown"),
        deal_id=str(path["deal_id"]) if "deal_id" in path else change.deal_id,
        target=change.target or target or None, idempotency_key=change.idempotency_key, status=status,
        result=change.result if change.result and status < HTTPStatus.BAD_REQUEST else _result(status),
    )  # fmt: skip


def _result(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "failed"
    return "refused" if status >= HTTPStatus.BAD_REQUEST else "done"
