"""What tells one fact or command from another that comes under the same id."""

from __future__ import annotations

import hashlib
import json

from pydantic_core import from_json


def fingerprint(name: str, payload: str) -> str:
    """A short digest of what a fact or command says: the same for the same content, however its JSON is written."""
    try:
        content = json.dumps(from_json(payload), sort_keys=True, separators=(",", ":"))
    except ValueError:
        content = payload
    return hashlib.sha256(f"{name}:{content}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
