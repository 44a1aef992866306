"""A bundle: a playbook and its message templates, pinned together by the hash of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def bundle_hash(files: Mapping[str, str]) -> str:
    """The content hash of a bundle's files (path to text): sha256 in hex, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
