"""Which deal an object of another tool belongs to. Its id names its kind: ``deal:123``, ``contact:55``, ``task:9``."""

from __future__ import annotations

from sqlalchemy import delete, select

from store.database import Store
from store.intake import link, linked_deal
from store.tables import crm_links

__all__ = ["deal_of", "link", "objects_of", "unlink"]

deal_of = linked_deal


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


async def unlink(store: Store, source: str, object_id: str) -> None:
    """Say that an object belongs to no deal any more.

    Raises:
        StoreAway: the database does not answer.
    """
    this = (crm_links.c.source == source, crm_links.c.object_id == object_id)
    async with store.writing() as connection:
        await connection.execute(delete(crm_links).where(*this))
