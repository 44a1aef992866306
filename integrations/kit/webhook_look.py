"""The look at what has a tool tell us of changes: a webhook subscription, or whatever it is called there."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.kit.findings import Finding

AT_THE_NEXT_LOOK = "worker and gateway set it right at their next look"


def look(
    about: str,
    url: str | None,
    lacking: Sequence[Sequence[str]],
    *,
    remedy: str = AT_THE_NEXT_LOOK,
    secrets: Sequence[object] | None = None,
) -> Finding:
    """How the subscription to an address of ours is.

    Args:
        about: What it is called in the tool.
        url: The address; None where the connection names none.
        lacking: Of each subscription to that address, what keeps it from telling all that we need, in words.
        remedy: What to do where there is none.
        secrets: The secrets that prove its webhooks, of a tool of which the connection may have forgotten them.
    """
    if url is None:
        says = "add webhook_url to the connection, so that it is looked at, and set right where something is wrong"
        return Finding("warning", about, "nobody looks at it", says)
    if secrets is not None and not secrets:
        return Finding("problem", about, "there is no secret that proves its webhooks", "add webhook_secrets")
    if any(not lacks for lacks in lacking):
        return Finding("ok", about, "it tells what we need")
    if not lacking:
        return Finding("problem", about, "there is none to this webhook_url", remedy)
    return Finding("problem", about, f"it lacks {', '.join(lacking[0])}", AT_THE_NEXT_LOOK)
