"""Pages as Qwilr's API shows them.

Read leniently: what the address of a page and the entries of an acceptance are called was not verified, so the likely
names are all taken (``docs/integrations/qwilr.md``).
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

OPEN = frozenset({"live", "accepting"})
"""How a page stands that the buyer can open and accept. ``accepting``: one of several has accepted."""
CLOSED = frozenset({"draft", "disabled", "declined"})
"""How a page stands that nobody can accept. A page with link expiry turns ``declined`` when its days are over."""
ACCEPTED = "accepted"
_LINKS = ("share", "shareUrl", "public", "publicUrl", "live", "liveUrl", "page", "pageUrl", "url")


def _or_nothing(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """What is written otherwise than it was thought to be counts as not said: the page's standing still counts."""
    try:
        return read(value)
    except ValidationError:
        return None


_T = TypeVar("_T")
_Said = Annotated[_T | None, WrapValidator(_or_nothing)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Accepter(_Model):
    """Somebody who accepts a page."""

    email: str | None = None
    name: str | None = None
    accepted_at: AwareDatetime | None = Field(None, validation_alias=AliasChoices("acceptedAt", "signedAt", "date"))
    accepted: bool | None = None

    @property
    def has_accepted(self) -> bool:
        """Whether they have, as far as the page tells."""
        return self.accepted if self.accepted is not None else self.accepted_at is not None


class _Acceptance(_Model):
    accepters: tuple[Accepter, ...] = ()


class Expiry(_Model):
    """When the link of a page stops working: so many days after it was published."""

    enabled: bool = False
    days: int | None = None


class Page(_Model):
    """A page. Lists show neither its acceptance nor, unless asked to, its metadata."""

    id: str
    status: str
    """``draft``, ``live``, ``accepting``, ``accepted``, ``disabled`` or ``declined``."""
    tags: _Said[tuple[str, ...]] = ()
    metadata: _Said[dict[str, JsonValue]] = None
    links: _Said[dict[str, JsonValue]] = None
    url: _Said[str] = None
    expiry: _Said[Expiry] = None
    acceptance: _Said[_Acceptance] = None

    @property
    def marks(self) -> dict[str, str]:
        """What it carries of ours."""
        return {name: str(value) for name, value in (self.metadata or {}).items()}

    @property
    def link(self) -> str | None:
        """Where the buyer opens it."""
        found = [(self.links or {}).get(name) for name in _LINKS]
        return next((one for one in (*found, self.url) if isinstance(one, str) and one.startswith("http")), None)

    @property
    def accepters(self) -> tuple[Accepter, ...]:
        """Whoever accepts it, as far as it tells."""
        return self.acceptance.accepters if self.acceptance is not None else ()


class PageList(_Model):
    """A part of a list of pages."""

    listed: tuple[JsonValue, ...] = Field((), validation_alias=AliasChoices("pages", "data", "items", "results"))
    next_cursor: str | None = Field(None, validation_alias=AliasChoices("nextCursor", "next_cursor"))

    @property
    def pages(self) -> tuple[Page, ...]:
        """Those that can be read. One that cannot keeps no other from being read."""
        found = (_page(one) for one in self.listed)
        return tuple(one for one in found if one is not None)


def _page(listed: JsonValue) -> Page | None:
    try:
        return Page.model_validate(listed)
    except ValidationError:
        return None


class Subscription(_Model):
    """Where one kind of event goes."""

    id: str
    event: str
    url: str = Field("", validation_alias=AliasChoices("targetUrl", "target_url", "url"))


class SubscriptionList(_Model):
    """All subscriptions."""

    subscriptions: tuple[Subscription, ...] = Field(
        (), validation_alias=AliasChoices("webhooks", "subscriptions", "data", "items", "results")
    )

    @classmethod
    def of(cls, listed: list[JsonValue]) -> SubscriptionList | None:
        """A list that stands there without anything around it; None where an entry cannot be read."""
        try:
            return cls.model_validate({"webhooks": listed})
        except ValidationError:
            return None
