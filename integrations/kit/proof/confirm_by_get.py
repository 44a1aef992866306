"""``confirm_by_get``: a secret URL, and nothing counts but what the tool says when it is asked."""

from __future__ import annotations

from typing import Literal

from typing_extensions import override

from integrations.kit.proof.secret_path import BySecretPath


class ConfirmByGet(BySecretPath):
    """Of a source that signs nothing: its events are hints, and what they point at is fetched from its API.

    The mapping file needs ``fetch:``, and its deals and fields come from ``event.fetched`` alone.
    """

    scheme: Literal["confirm_by_get"]

    @property
    @override
    def must_fetch(self) -> bool:
        return True
