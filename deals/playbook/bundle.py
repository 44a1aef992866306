"""A bundle: a playbook and its message templates, pinned together by the hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

PLAYBOOK = "playbook.yaml"
"""The playbook's path within its bundle."""
TEMPLATES = "templates/"
"""Where the message templates stand within the bundle, each in a file of its own: ``templates/<name>.md``."""


def template_path(name: str) -> str:
    """The path of a template within the bundle."""
    return f"{TEMPLATES}{name}.md"


def bundle_hash(files: Mapping[str, str]) -> str:
    """The content hash of a bundle's files (path to text): SHA-256 in hex, in the order of the paths."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()
