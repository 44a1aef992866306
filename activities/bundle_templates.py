"""The templates of playbooks' bundles, as messages are made of them. Each bundle is read once in a process."""

from __future__ import annotations

from integrations.kit.errors import NotHandedOver
from integrations.mail.rendering import Templates
from store import bundles
from store.database import Store
from store.errors import UnknownBundle

_BUNDLES_KEPT = 64


class BundleTemplates:
    """Templates by the hash of their bundle."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Templates] = {}

    async def of(self, bundle: str) -> Templates:
        """The templates of a bundle.

        Raises:
            NotHandedOver: the store does not have the bundle; it may get it.
        """
        if bundle not in self._kept:
            try:
                files = await bundles.load(self._store, bundle)
            except UnknownBundle as error:
                raise NotHandedOver(str(error)) from error
            if len(self._kept) >= _BUNDLES_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[bundle] = Templates(files)
        return self._kept[bundle]
