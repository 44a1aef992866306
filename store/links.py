"""Which deal an object of another tool belongs to. Its id names its kind: ``deal:123``, ``contact:55``, ``task:9``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select

from store.database import Store
from store.intake import link, linked_deal
from store.tables import crm_links, finished_deals

__all__ = ["Link", "deal_of", "link", "list_links", "objects_of", "of_open_deals", "unlink"]

deal_of = linked_deal


class Link(BaseModel):
    """An object of another tool, and the deal that it belongs to."""

    model_config = ConfigDict(frozen=True)

    source: str
    object_id: str
    """Its kind and its id: ``deal:9001``."""
    deal_id: str


async def objects_of(store: Store, deal_id: str, source: str, kind: str) -> list[str]:
    """The objects of a kind that belong to a deal, in order, without the name of their kind (``123`` of ``deal:123``).

    Raises:
        StoreAway: the database does not answer.
    """
    of_deal = (crm_links.c.deal_id == deal_id, crm_links.c.source == source)
    ids = select(crm_links.c.object_id).where(*of_deal, crm_links.c.object_id.startswith(f"{kind}:", autoescape=True))
    async with store.reading() as connection:
        found = await connection.scalars(ids.order_by(crm_links.c.object_id))
        return [object_id.partition(":")[2] for object_id in found]


async def objects_after(store: Store, source: str, kind: str, after: str, *, limit: int) -> list[str]:
    """The objects of a kind that belong to any deal, in order, from behind one on, without the name of their kind.

    Raises:
        StoreAway: the database does not answer.
    """
    named = crm_links.c.object_id
    this = (crm_links.c.source == source, named.startswith(f"{kind}:", autoescape=True), named > f"{kind}:{after}")
    async with store.reading() as connection:
        found = await connection.scalars(select(named).where(*this).order_by(named).limit(limit))
        return [object_id.partition(":")[2] for object_id in found]


async def list_links(
    store: Store, *, deal_id: str | None = None, source: str | None = None, limit: int = 100
) -> list[Link]:
    """Links, of one deal or one source if that is asked for, by source and object.

    Raises:
        StoreAway: the database does not answer.
    """
    wanted = select(crm_links).order_by(crm_links.c.source, crm_links.c.object_id).limit(limit)
    for column, value in ((crm_links.c.deal_id, deal_id), (crm_links.c.source, source)):
        wanted = wanted if value is None else wanted.where(column == value)
    async with store.reading() as connection:
        rows = await connection.execute(wanted)
        return [Link(source=row.source, object_id=row.object_id, deal_id=row.deal_id) for row in rows]


async def of_open_deals(store: Store, source: str, kind: str, *, after: str, limit: int) -> list[Link]:
    """Links of a source's objects of a kind to deals that are not finished, by object, from the one after ``after`` on.

    Raises:
        StoreAway: the database does not answer.
    """
    finished = select(finished_deals.c.deal_id)
    wanted = select(crm_links).where(
        crm_links.c.source == source,
        crm_links.c.object_id.startswith(f"{kind}:", autoescape=True),
        crm_links.c.object_id > after,
        crm_links.c.deal_id.not_in(finished),
    )
    async with store.reading() as connection:
        rows = await connection.execute(wanted.order_by(crm_links.c.object_id).limit(limit))
        return [Link(source=row.source, object_id=row.object_id, deal_id=row.deal_id) for row in rows]


async def unlink(store: Store, source: str, object_id: str) -> bool:
    """Say that an object belongs to no deal any more. Returns whether it belonged to one.

    Raises:
        StoreAway: the database does not answer.
    """
    this = (crm_links.c.source == source, crm_links.c.object_id == object_id)
    async with store.writing() as connection:
        gone = await connection.execute(delete(crm_links).where(*this))
    return gone.rowcount > 0
