"""What every scheme of proof is: the block ``auth:`` of a mapping file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from dealwright.values.recorded import Given
from integrations.kit.proof.public_web import Get, get
from integrations.kit.proof.request import SignatureVerifier


class Scheme(Given):
    """How a source proves that a request comes from it."""

    @property
    def has_time(self) -> bool:
        """Whether the proof says when it was made. Where it does not, only an event's id tells a repetition."""
        return False

    @property
    def signs_url(self) -> bool:
        """Whether the URL is part of the proof, so that the public one has to be known."""
        return False

    @property
    def has_secret_in_path(self) -> bool:
        """Whether the last segment of the URL is the secret."""
        return False

    @property
    def must_fetch(self) -> bool:
        """Whether it proves so little that only what is fetched may count."""
        return False

    def secret_bytes(self, source: str, secret: str) -> bytes | None:  # noqa: ARG002 - for those that decode
        """What whoever wants to forge a proof would have to guess; None where it is known to everybody.

        Raises:
            BadSecret: the secret is not written as this source's are.
        """
        return secret.encode()

    @abstractmethod
    def verifier(self, source: str, secrets: Sequence[str], web: Get = get) -> SignatureVerifier:
        """The check of a source's requests. Any of several secrets will do, so that one can replace another.

        ``web`` gets what the scheme needs from the network.

        Raises:
            BadSecret: a secret cannot be used.
        """
