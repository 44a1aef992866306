"""A bundle: a playbook and its message templates, pinned together by the hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

PLAYBOOK = "playbook.yaml"
"""The playbook's path within its bundle."""
TEMPLATES = "templates/"
"""Where the message templates stand within the bundle, each in a file of its own: ``templates/<name>.md``."""

_OF_SMS = ".sms"
LARGEST_BUNDLE = 1536 * 1024
"""Bytes of a bundle's files as JSON. A payload has 2 MiB, and a bundle travels as one to whoever asks for it."""


def too_large(files: Mapping[str, str]) -> str | None:
    """What to say of a bundle that no payload could carry; None when it fits."""
    size = len(json.dumps(dict(files), ensure_ascii=False).encode())
    if size <= LARGEST_BUNDLE:
        return None
    return f"the bundle has {size / 1024:,.0f} KiB, and may have {LARGEST_BUNDLE // 1024:,}"


def template_path(name: str) -> str:
    """The path of a template within the bundle."""
    return f"{TEMPLATES}{name}.md"


def sms_template(name: str) -> str:
    """What the template of a text message is called: it stands in ``templates/<name>.sms.md``."""
    return f"{name}{_OF_SMS}"


def is_sms(path: str) -> bool:
    """Whether a template is one of text messages, which have no subject."""
    return path.endswith(template_path(_OF_SMS).removeprefix(TEMPLATES))


def bundle_hash(files: Mapping[str, str]) -> str:
    """The content hash of a bundle's files (path to text): SHA-256 in hex, in the order of the paths."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()
