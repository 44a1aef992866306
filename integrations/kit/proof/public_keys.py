"""Public keys as people paste them: PEM, or the base64 of it that a vendor shows."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from integrations.kit.proof.request import BadSecret


def rsa_key(source: str, text: str) -> RSAPublicKey:
    """The RSA key in a text.

    Raises:
        BadSecret: there is none.
    """
    if isinstance(key := _key(text), RSAPublicKey):
        return key
    raise _none(source, "an RSA key")


def p256_key(source: str, text: str) -> EllipticCurvePublicKey:
    """The key on the curve P-256 in a text.

    Raises:
        BadSecret: there is none.
    """
    if isinstance(key := _key(text), EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise _none(source, "a key on the curve P-256")


def _key(text: str) -> object:
    try:
        pem = text.replace("\\n", "\n").encode()  # as it stands in variables of the environment
        return load_pem_public_key(pem) if b"-----BEGIN" in pem else load_der_public_key(base64.b64decode(text))
    except ValueError:
        return None


def _none(source: str, kind: str) -> BadSecret:
    problem = f"what is configured for {source} is not {kind}"
    return BadSecret(problem, f"write the public key as {source} shows it, PEM or base64")
