"""Logs for people or machines: structlog behind stdlib logging, so that workflows stay silent while they replay."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from dealwright.identity import deal_id_of

Fields = MutableMapping[str, Any]  # structlog's own type for a log line in the making
_FROM_SDK = ("temporal_workflow", "temporal_activity")


def configure_logging(form: Literal["json", "console"], level: str) -> None:
    """Send every log line, of ours and of libraries, to standard error in one form."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _bind_deal,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = structlog.processors.JSONRenderer() if form == "json" else _for_people()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info if form == "json" else _as_it_is,
                last,
            ],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx2", "httpcore2", "aiosqlite", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _bind_deal(_logger: object, _method: str, fields: Fields) -> Fields:
    for name in _FROM_SDK:
        about = fields.pop(name, None)
        if isinstance(about, dict) and (workflow := about.get("workflow_id")):
            fields["deal"] = deal_id_of(str(workflow))
            if activity := about.get("activity_type"):
                fields["activity"] = activity
                fields["attempt"] = about.get("attempt")
    for noise in ("taskName", "color_message"):  # asyncio's, and uvicorn's second copy of the line
        fields.pop(noise, None)
    return fields


def _as_it_is(_logger: object, _method: str, fields: Fields) -> Fields:
    return fields


def _for_people() -> structlog.dev.ConsoleRenderer:
    # Plain tracebacks: the rich ones print every local variable, which may be personal.
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
