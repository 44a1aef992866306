"""The authentication service: the JWT grant, and whose a token is.

https://developers.docusign.com/platform/auth/jwt-get-token
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.docusign.simulator.account import Account, Token

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_GOOD_FOR = timedelta(hours=1)
_LONGEST_ASSERTION = timedelta(hours=1)
_BITS = 2048


def new_private_key() -> str:
    """The app's private key, in PEM form."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class Tokens:
    """Gives tokens to the app for the user, and knows whose a token is."""

    def __init__(
        self, account: Account, integration_key: str, user_id: str, account_id: str, now: Callable[[], datetime]
    ) -> None:
        self._account, self._integration_key, self._user_id = account, integration_key, user_id
        self._account_id, self._now = account_id, now
        private = serialization.load_pem_private_key(account.private_key.encode(), None)
        self._public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def routes(self) -> Sequence[BaseRoute]:
        """The paths of the authentication service."""
        return [Route("/oauth/token", self._give, methods=["POST"]), Route("/oauth/userinfo", self._tell)]

    def is_good(self, request: Request) -> bool:
        """Whether a call has a token that holds."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        now = self._now()
        return kind == "Bearer" and any(one.value == value and one.until > now for one in self._account.tokens)

    async def _give(self, request: Request) -> Response:
        form = await request.form()
        if form.get("grant_type") != JWT_BEARER:
            return _refused("unsupported_grant_type")
        try:
            claims = jwt.decode(
                str(form.get("assertion", "")), self._public, algorithms=["RS256"], audience=request.url.netloc,
                options={"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "aud", "iat", "exp"]},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            return _refused("invalid_grant", "no_valid_keys_or_signatures")
        if (wrong := self._wrong_with(claims)) is not None:
            return _refused(*wrong)
        token = Token(value=secrets.token_urlsafe(64), until=self._now() + _GOOD_FOR)
        self._account.tokens = [*self._account.tokens[-20:], token]
        lasts = int(_GOOD_FOR.total_seconds())
        return JSONResponse({"access_token": token.value, "token_type": "Bearer", "expires_in": lasts})

    def _wrong_with(self, claims: Mapping[str, object]) -> tuple[str, str] | None:
        now, ends = self._now().timestamp(), claims["exp"]
        if not isinstance(ends, int) or not now < ends <= now + _LONGEST_ASSERTION.total_seconds():
            return "invalid_grant", "expired_token"
        if claims["iss"] != self._integration_key:
            return "invalid_grant", "issuer_not_found"
        if claims["sub"] != self._user_id:
            return "invalid_grant", "user_not_found"
        if not {"signature", "impersonation"} <= set(str(claims.get("scope", "")).split()):
            return "invalid_grant", "invalid_scope"
        return None if self._account.consented else ("consent_required", "")

    async def _tell(self, request: Request) -> Response:
        if not self.is_good(request):
            return JSONResponse({"error": "invalid_token"}, 401)
        base = f"{request.url.scheme}://{request.url.netloc}"
        account = {
            "account_id": self._account_id, "is_default": True, "account_name": "Seller", "base_uri": base,
        }  # fmt: skip
        return JSONResponse({"sub": self._user_id, "name": "Sam Rivers", "accounts": [account]})


def _refused(error: str, description: str = "") -> Response:
    more = {"error_description": description} if description else {}
    return JSONResponse({"error": error, **more}, 400)
