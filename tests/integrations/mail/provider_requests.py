"""Requests of providers, as they reach a reader."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

from integrations.kit.proof.request import WebhookRequest

TOOLS = Path(__file__).parents[1]


def recorded(tool: str, name: str) -> str:
    return (TOOLS / tool / "samples" / f"{name}.json").read_text()


def request(body: bytes | str, content_type: str = "application/json", **headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    url = "https://deals.seller.test/webhooks/x"
    return WebhookRequest(method="POST", url=url, headers={"content-type": content_type, **named}, body=content)


def json_request(document: object) -> WebhookRequest:
    return request(json.dumps(document))


def form_request(fields: dict[str, str]) -> WebhookRequest:
    return request(urlencode(fields), "application/x-www-form-urlencoded")


def multipart(fields: dict[str, str], files: dict[str, bytes] | None = None) -> WebhookRequest:
    parts = [f'--xX\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    for name, content in (files or {}).items():
        head = f'--xX\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return request(b"".join(parts) + b"--xX--\r\n", "multipart/form-data; boundary=xX")
