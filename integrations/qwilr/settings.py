"""What an installation says of its Qwilr account: the block ``qwilr`` of the connections file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.playbook.language.fields import Word
from dealwright.values.recorded import Given, Name
from integrations.kit.connection import BaseUrl, Secret, WebhookUrl
from integrations.kit.documents import DocumentsConnection

SOURCE = "qwilr"
"""Under which links, mirrored values and events of Qwilr are kept."""


class QuotedPage(Given):
    """An approved version that is made of saved blocks, of which one is a quote: its lines are filled with terms."""

    blocks: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    """Qwilr's ids of the saved blocks, in their order."""
    quote: Name
    """Which of them is the quote."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    """The currency of that block: Qwilr's API cannot set it."""
    lines: Annotated[dict[Word, Name], Field(min_length=1, max_length=30)]
    """The terms that are amounts, and what the line of each says."""

    @model_validator(mode="after")
    def _the_quote_is_on_the_page(self) -> Self:
        if self.quote not in self.blocks:
            raise BadValue(f"the quote {self.quote!r} is none of the page's blocks", "name it under blocks as well")
        return self


class QwilrConnection(DocumentsConnection):
    """One Qwilr account. ``webhook_secrets`` is the secret at the end of ``webhook_url``: Qwilr signs nothing."""

    key: Secret
    """An access token of its API. It may do everything in the account: Qwilr knows no smaller one."""
    base_url: BaseUrl = "https://api.qwilr.com/v1"
    webhook_url: WebhookUrl | None = None
    """Where Qwilr sends webhooks: ``DEALWRIGHT_PUBLIC_URL`` with ``/webhooks/qwilr/<secret>``. With it the
    subscriptions are made, looked at, and made anew where one is missing."""
    quotes: dict[str, QuotedPage] = {}
    """The approved versions that are made of saved blocks with a quote, by name and version (``offer 3``)."""
    tag: Name = "dealwright"
    """The tag of pages that are made here. Those with it are read beside the webhooks, whoever made them."""
    owner_id: Annotated[str, Field(pattern="^[a-z0-9]{24}$")] | None = None
    """Who owns the pages in Qwilr; without it, whoever made the token."""

    @model_validator(mode="after")
    def _a_version_is_made_in_one_way(self) -> Self:
        if both := sorted(self.templates.keys() & self.quotes.keys()):
            raise BadValue(f"{both[0]!r} stands under templates and under quotes", "take one of them out")
        return self
