"""What a simulated Qwilr account holds."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, JsonValue

JsonObject = dict[str, JsonValue]
EVENTS = frozenset(
    {
        "pageAccepted", "pagePartiallyAccepted", "pagePreviewAccepted", "pageViewed", "pageFirstViewed", "pageSetLive",
        "pageRevivedLive",
    }
)  # fmt: skip
"""All that Qwilr tells of."""
STATUSES = frozenset({"draft", "live", "accepting", "accepted", "disabled", "declined"})


def new_id() -> str:
    """An id as Qwilr makes them: 24 hexadecimal digits."""
    return uuid.uuid4().hex[:24]


class Accepter(BaseModel):
    """Somebody who has accepted a page."""

    email: str
    accepted_at: AwareDatetime

    def shown(self) -> JsonObject:
        """As a page shows them."""
        return {"email": self.email, "name": self.email.partition("@")[0], "acceptedAt": _time(self.accepted_at)}


class Page(BaseModel):
    """A page."""

    id: str
    name: str
    template: str | None
    quoted: dict[str, float] = {}
    """The lines of its quote, and their prices."""
    status: str = "draft"
    substitutions: dict[str, JsonValue] = {}
    metadata: dict[str, str] = {}
    tags: list[str] = []
    owner: str = "5f0000000000000000000001"
    expires_after: int | None = None
    """Days, once it is live."""
    live_since: AwareDatetime | None = None
    views: int = 0
    accepters: list[Accepter] = []
    link: str = "publicUrl"
    """What its address is called."""
    settings: int = 0
    """How often it was set live."""

    def listed(self, expand: set[str]) -> JsonObject:
        """As lists show it: a summary."""
        said: JsonObject = {
            "id": self.id, "name": self.name, "status": self.status, "tags": [*self.tags], "ownerId": self.owner,
            "links": {
                "editorUrl": f"https://app.qwilr.com/#/page/{self.id}",
                self.link: f"https://pages.qwilr.com/{self.slug}",
            },
        }  # fmt: skip
        return {**said, **({"metadata": {**self.metadata}} if "metadata" in expand else {})}

    def shown(self, expand: frozenset[str] = frozenset({"metadata", "acceptance"})) -> JsonObject:
        """As it is shown by itself."""
        accepters: list[JsonValue] = [one.shown() for one in self.accepters]
        more: JsonObject = {"acceptance": {"accepters": accepters}} if "acceptance" in expand else {}
        expiry: JsonObject = {"enabled": self.expires_after is not None, "days": self.expires_after}
        return {**self.listed({*expand}), **more, "expiry": expiry}

    @property
    def slug(self) -> str:
        """What stands in its address."""
        return f"{self.name.split(':')[0].replace(' ', '-') or 'Page'}-{self.id[:12]}"

    def look_at_the_clock(self, now: datetime) -> None:
        """Decline it, and tell nobody, if its days are over."""
        if self.live_since is None or self.expires_after is None or self.status not in {"live", "accepting"}:
            return
        if now >= self.live_since + timedelta(days=self.expires_after):
            self.status = "declined"


class Subscription(BaseModel):
    """Where one kind of event goes."""

    id: str
    event: str
    url: str

    def shown(self) -> JsonObject:
        """As lists show it."""
        return {"id": self.id, "event": self.event, "targetUrl": self.url}


class Account(BaseModel):
    """An account."""

    templates: list[str]
    saved_blocks: dict[str, str] = {"b-cover": "text", "b-price": "quote", "b-accept": "accept"}
    """What each saved block is, by its id."""
    pages: dict[str, Page] = {}
    link: str = "publicUrl"
    """What the addresses of pages are called."""
    subscriptions: dict[str, Subscription] = {}


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
