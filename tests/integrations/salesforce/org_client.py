"""A caller of the simulated org, in this process: as a program that logged in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx2
import jwt

from integrations.kit.simulator.application import application_of
from integrations.salesforce.simulator.simulator import USERNAME, SalesforceSimulator

AUDIENCE = "https://login.salesforce.com"
LOGIN = "/services/oauth2/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class OrgClient:
    """Calls with the token that it got, and shows answers as they are."""

    def __init__(self, **options: str) -> None:
        self.simulator = SalesforceSimulator.made_of(options, None)
        transport = httpx2.ASGITransport(app=application_of(self.simulator))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:1")

    def assertion(self, **claims: Any) -> str:
        given = {
            "iss": self.simulator.options.client_id, "sub": USERNAME, "aud": AUDIENCE,
            "exp": int(self.simulator.now().timestamp()) + 120,
        }  # fmt: skip
        return jwt.encode({**given, **claims}, self.simulator.state.private_key, algorithm="RS256")

    async def token(self, **form: str) -> httpx2.Response:
        return await self.http.post(LOGIN, data=form)

    async def login(self) -> None:
        answer = await self.token(grant_type=JWT_BEARER, assertion=self.assertion())
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return await self.http.request(method, f"/services/data/v68.0/{path}", json=body, headers=headers)

    async def keyed(self, method: str, name: str, field: str, key: str, body: Any = None) -> httpx2.Response:
        return await self.call(method, f"sobjects/{name}/{field}/{quote(key, safe='')}", body)

    async def query(self, soql: str, *, deleted: bool = False) -> httpx2.Response:
        path = "/services/data/v68.0/queryAll" if deleted else "/services/data/v68.0/query"
        return await self.http.get(path, params={"q": soql})
