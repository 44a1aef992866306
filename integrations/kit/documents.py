"""What all tools for proposals and contracts share: approved templates, our marks on documents, changes in one form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from dealwright.deal import Money
from dealwright.effects import SendDocument
from integrations.kit.connection import Connection, PageUrl
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.document_amounts import Amounts, as_json, certain, offered_since, restated
from integrations.kit.errors import NotHandedOver
from integrations.kit.own_writes import OwnWrites
from store import mirror
from store.database import Store
from store.mirror import Mirrored
from store.own_writes import is_own

DEAL, EFFECT, KIND, STARTS_ON, ENDS_ON, RENEWS = (
    "dealwright_deal", "dealwright_effect", "dealwright_kind", "dealwright_starts_on", "dealwright_ends_on",
    "dealwright_renews",
)  # fmt: skip
"""The names of our marks on a document, where a tool keeps such; those of its amounts stand in ``document_amounts``."""
_LINK, _TOTAL, _TEXTS = "link", "total", "texts"
_OPEN_FOR = timedelta(hours=1)
"""How long after it began a write of ours may be told to have happened."""


class DocumentsConnection(Connection):
    """A tool for proposals and contracts."""

    templates: dict[str, str] = {}
    """The approved templates: the name and version that playbooks write (``offer 3``), and the tool's id of each."""
    attachments: dict[str, PageUrl] = {}
    """What may go with a document, by the name that playbooks write, and where the tool fetches it."""


def template_of(connection: DocumentsConnection, effect: SendDocument) -> str:
    """The tool's id of the approved template.

    Raises:
        NotHandedOver: nobody has approved that version.
    """
    wanted = f"{effect.template} {effect.template_version}"
    if (found := connection.templates.get(wanted)) is None:
        raise NotHandedOver(f"{effect.tool} has no approved template {wanted!r}: add it to its block under templates")
    return found


def attachments_of(connection: DocumentsConnection, effect: SendDocument) -> dict[str, str]:
    """Where what goes with a document is fetched, by name.

    Raises:
        NotHandedOver: one is not known.
    """
    for name in effect.attachments:
        if name not in connection.attachments:
            raise NotHandedOver(f"{effect.tool} has no attachment {name!r}: add it to its block under attachments")
    return {name: connection.attachments[name] for name in effect.attachments}


def key_of(effect_id: str) -> str:
    """Our key of a document: what sent it, short enough for every tool, and without what people called the deal."""
    return f"dw-{hashlib.sha256(effect_id.encode()).hexdigest()[:40]}"


def marks_of(deal_id: str, effect: SendDocument) -> dict[str, str]:
    """What a document carries of ours, so that it is found again and what happens to it is understood."""
    terms = effect.terms.values
    days = {STARTS_ON: terms.get("starts_on", ""), ENDS_ON: terms.get("ends_on", "")}
    said = {DEAL: deal_id, EFFECT: key_of(effect.id), KIND: effect.what, **Amounts.of(effect).marks}
    if effect.what != "contract":
        return said
    renews = {RENEWS: "yes"} if _renews(effect, days[STARTS_ON]) else {}
    return {**said, **{name: day for name, day in days.items() if day}, **renews}


def _renews(effect: SendDocument, starts_on: str) -> bool:
    """Whether a contract's term follows one that is signed."""
    before = effect.deal.contract
    if before is None or before.status != "signed" or before.ends_on is None:
        return False
    return before.ends_on.isoformat() < starts_on


def name_of(deal_id: str, effect: SendDocument) -> str:
    """What a document is called in the tool, where people look for it."""
    account = effect.deal.account.name if effect.deal.account and effect.deal.account.name else deal_id
    return f"{account}: {effect.document}, version {effect.version}"


class DocumentChange(BaseModel):
    """One change of a document, as the mapping files of all such tools read it."""

    model_config = ConfigDict(frozen=True)

    id: str
    """What tells it from every other change in the tool, however it came."""
    at: AwareDatetime
    document: str
    change: str
    """``sent``, ``corrected`` (changed by hand while it is with the buyer), ``opened``, ``signed`` (by one of several),
    ``completed``, ``forwarded``, ``declined``, ``voided``, ``expired``, or what is none of these."""
    deal: str | None = None
    kind: str = "proposal"
    starts_on: str | None = None
    ends_on: str | None = None
    renews: bool = False
    """Its term follows one that was signed before."""
    amount: JsonValue = None
    """What it costs as a whole."""
    recurring: JsonValue = None
    """What of it comes again each year."""
    one_off: JsonValue = None
    """What of it comes once."""
    offered: JsonValue = None
    """What it costs since somebody changed it by hand and sent it again, where that is another amount."""
    address: str | None = None
    """Who on the buying side did it, where the tool tells."""
    to: str | None = None
    """Whom it was passed on to."""
    reason: str | None = None
    section: str | None = None
    link: str | None = None
    """Where the buyer reads it, of a tool that brings it to nobody."""
    held: bool = False
    """We did it ourselves."""
    total: Money | None = Field(None, exclude=True)
    """What it costs as the tool itself shows it, where that is certain."""
    texts: dict[str, str] = Field({}, exclude=True)
    """The terms as they stand on it, where the tool shows them."""
    marks: dict[str, str] = Field({}, exclude=True)
    """What it carries of ours."""

    def with_marks(self, marks: dict[str, str]) -> DocumentChange:
        """It with what the document carries of ours, and what it costs as far as that is certain."""
        costs = certain(marks, self.total)
        return self.model_copy(
            update={
                "marks": marks, "deal": marks.get(DEAL) or self.deal, "kind": marks.get(KIND) or self.kind,
                "starts_on": marks.get(STARTS_ON), "ends_on": marks.get(ENDS_ON), "renews": RENEWS in marks,
                "amount": as_json(costs.value), "recurring": as_json(costs.recurring),
                "one_off": as_json(costs.one_off),
            }
        )  # fmt: skip

    def offered_by_hand(self, known: Mapping[str, Mirrored]) -> DocumentChange:
        """It, sent or corrected by somebody else than us; ``known`` is what is known of the document."""
        total, texts = known.get(_TOTAL), known.get(_TEXTS)
        offered = None
        if texts is not None and isinstance(texts.value, dict):
            offered = restated(self.marks, {name: str(text) for name, text in texts.value.items()}, self.texts)
        if offered is None and self.total is not None:
            offered = offered_since(self.marks, self.total, Money.model_validate(total.value) if total else None)
        if offered is None:
            return self
        said = as_json(offered)
        more = {"change": "sent", "offered": said, "amount": said, "recurring": None, "one_off": None}
        return self.model_copy(update=more)

    def shown(self) -> dict[str, JsonValue]:
        """What the tool shows of it when we send it, by which it is known later whether somebody changed it."""
        texts: JsonValue = {**self.texts}
        known: dict[str, JsonValue] = {_TOTAL: as_json(self.total), _TEXTS: texts}
        return {name: value for name, value in known.items() if value}


async def without_echoes(store: Store, source: str, changes: Iterable[DocumentChange]) -> list[JsonValue]:
    """The changes as JSON; those that we made ourselves are marked ``held``.

    What the tool showed of a document when we sent it is noted: one that somebody changes says what it costs now.

    Raises:
        StoreAway: the database does not answer.
    """
    found: list[JsonValue] = []
    for change in changes:
        object_id = f"document:{change.document}"
        known = await mirror.known(store, source, object_id)
        ours, told = _is_ours(change, known), change
        if change.change in {"sent", "corrected"}:
            if ours:  # the first time counts: what is told of it later may show what somebody has changed since
                first = {name: value for name, value in change.shown().items() if name not in known}
                await mirror.note(store, source, object_id, first, change.at)
            else:
                told = change.offered_by_hand(known)
        found.append(told.model_copy(update={"held": ours}).model_dump(mode="json", exclude_none=True))
    return found


def _is_ours(change: DocumentChange, known: Mapping[str, Mirrored]) -> bool:
    """Whether we did it. We send a document once: where a tool shows its terms, another sending is somebody else's."""
    first = known.get(_TEXTS)
    is_another = change.change == "sent" and bool(change.texts) and first is not None and first.at != change.at
    return not is_another and is_own(known, "change", change.change, change.at)


def own_changes(store: Store, source: str) -> OwnWrites:
    """What we do to documents of a tool, so that it is not told as somebody else's doing."""
    return OwnWrites(store, source, _OPEN_FOR)


async def keep_link(store: Store, source: str, document: str, link: str, at: datetime) -> None:
    """Keep where the buyer reads a document that its tool brings to nobody, before its sending counts as done.

    Raises:
        StoreAway: the database does not answer.
    """
    await mirror.note(store, source, f"document:{document}", {_LINK: link}, at)


async def link_of(store: Store, source: str, document: str) -> str | None:
    """Where the buyer reads a document; None of a tool that brings it to them.

    Raises:
        StoreAway: the database does not answer.
    """
    kept = (await mirror.known(store, source, f"document:{document}")).get(_LINK)
    return kept.value if kept is not None and isinstance(kept.value, str) else None


def nothing_to_do(reference: str | None) -> Delivery:
    """The delivery of what is so already: nothing is called."""

    async def send() -> str | None:
        return reference

    return Delivery(send=send, idempotency=Idempotency.VENDOR)


def moment(text: str | None, otherwise: datetime) -> datetime:
    """A time as a tool writes it, which may have more digits than microseconds; in UTC where it does not say."""
    if not text:
        return otherwise
    head, dot, rest = text.strip().partition(".")
    digits = rest.rstrip("Zz").partition("+")[0].partition("-")[0]
    zone = rest[len(digits) :]
    try:
        read = datetime.fromisoformat(f"{head}{dot}{digits[:6]}{zone}")
    except ValueError:
        return otherwise
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def names(whole: str) -> tuple[str, str]:
    """A person's first and last name, as far as they can be told apart."""
    first, _, last = whole.strip().partition(" ")
    return first or "-", last.strip() or "-"
