"""The tools for documents whose contract is tested: one entry each, with what its simulator calls things.

A new one needs an entry here; how it is connected, made and read its entry in the registry says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from integrations.kit.documents import EFFECT

Standing: TypeAlias = Literal["draft", "out", "agreed", "over"]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A document as it stands in a simulator."""

    id: str
    standing: Standing
    sendings: int
    """How often the buyer got it."""
    terms: dict[str, str]
    marks: dict[str, str]
    """What it carries of ours."""


@dataclass(frozen=True, kw_only=True)
class DocumentTool:
    """One tool, and what is its own of what all such tools do."""

    name: str
    called: str
    """What its simulator calls a document where somebody does something with it."""
    shown: Callable[[Any], Iterator[Shown]]
    """All documents in its simulator's state."""
    makes: str
    """The call that makes a document, as ``switch(only=…)`` takes it; likewise those that send it and take it back."""
    sends: str
    withdraws: str
    spoils: str
    """What an administrator does after which it tells us of nothing any more."""
    besides: str
    """Another call of a sending, which may fail as well."""
    attaches: bool = True
    """Whether files can go with a document."""
    links: bool = False
    """Whether it brings documents to nobody, so that the deal's own message needs their address."""
    signs: str = "sign"
    """What a buyer does who agrees."""
    voids: str = "void"
    """What one of our own people does who takes a document back in the tool."""
    tells_signatures: bool = True
    """Whether it tells of each signature, also where one is all."""
    reads_openings: bool = True
    """Whether reading finds that a document was opened, where no webhook came."""
    edits: Callable[[dict[str, str]], tuple[dict[str, Any], ...]] | None = None
    """What one of our own people does, one thing after the other, so that the document says other terms to the buyer.
    None where the tool tells nothing of it."""
    says_expired: bool = True
    """Whether it says of a document without an expiry of ours that it has expired, and was not declined."""
    by_webhook: frozenset[str] = frozenset({"decline", "expire", "void"})
    """Of what ends a document otherwise than by agreement, what it tells by webhook; the rest is found by reading."""


def _pandadoc(state: Any) -> Iterator[Shown]:
    standing: dict[str, Standing] = {
        "document.uploaded": "draft", "document.draft": "draft", "document.sent": "out", "document.viewed": "out",
        "document.completed": "agreed", "document.voided": "over", "document.declined": "over",
    }  # fmt: skip
    for one in state["documents"].values():
        yield Shown(
            id=one["id"], standing=standing[one["status"]], sendings=one["sendings"], terms=one["tokens"],
            marks=one["metadata"],
        )  # fmt: skip


def _docusign(state: Any) -> Iterator[Shown]:
    standing: dict[str, Standing] = {
        "created": "draft", "sent": "out", "delivered": "out", "completed": "agreed", "voided": "over",
        "declined": "over", "deleted": "over",
    }  # fmt: skip
    for one in state["envelopes"].values():
        yield Shown(
            id=one["id"], standing=standing[one["status"]], sendings=one["sendings"],
            terms=one["signers"][0]["tabs"], marks=one["custom_fields"],
        )  # fmt: skip


def _qwilr(state: Any) -> Iterator[Shown]:
    standing: dict[str, Standing] = {
        "draft": "draft", "live": "out", "accepting": "out", "accepted": "agreed", "disabled": "over",
        "declined": "over",
    }  # fmt: skip
    for one in state["pages"].values():
        yield Shown(
            id=one["id"], standing=standing[one["status"]], sendings=one["settings"], terms=one["substitutions"],
            marks=one["metadata"],
        )  # fmt: skip


PANDADOC = DocumentTool(
    name="pandadoc", called="document", shown=_pandadoc, makes="POST /public/v1/documents$", sends="/send$",
    withdraws="/status$", besides="/attachments$", spoils="disable",
    edits=lambda terms: ({"do": "edit", "tokens": terms}, {"do": "send"}),
)  # fmt: skip
DOCUSIGN = DocumentTool(
    name="docusign", called="envelope", shown=_docusign, makes="POST .*/envelopes$",
    sends="PUT .*/envelopes/[^/]+$", withdraws="PUT .*/envelopes/[^/]+$", besides="PUT .*/documents$",
    spoils="disable", edits=lambda terms: ({"do": "correct", "tabs": terms},),
)  # fmt: skip
QWILR = DocumentTool(
    name="qwilr", called="page", shown=_qwilr, makes="POST /v1/pages$", sends="PUT /v1/pages/",
    withdraws="PUT /v1/pages/", besides="GET /v1/pages/", spoils="unsubscribe", signs="accept", voids="disable",
    attaches=False, links=True, tells_signatures=False, reads_openings=False, by_webhook=frozenset(),
    says_expired=False,
)  # fmt: skip
DOCUMENT_TOOLS = (PANDADOC, DOCUSIGN, QWILR)


def tool_named(name: str) -> DocumentTool:
    """The entry of a tool."""
    return next(one for one in DOCUMENT_TOOLS if one.name == name)


def made_for(tool: DocumentTool, state: Any, key: str) -> list[Shown]:
    """The documents of a simulator that carry our key."""
    return [one for one in tool.shown(state) if one.marks.get(EFFECT) == key]
