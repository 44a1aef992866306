"""What our things are called in the External ID fields of Salesforce, so that none is made there twice."""

from __future__ import annotations

import hashlib

LONGEST_KEY = 255
"""Characters that a text field marked External ID takes."""


def external_key(id_: str) -> str:
    """The key of a deal, an effect or a contact: its id, or its hash where the id is too long for the field."""
    if len(id_) <= LONGEST_KEY:
        return id_
    return "sha256-" + hashlib.sha256(id_.encode()).hexdigest()
