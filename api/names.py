"""The API's copy of the catalogue, for reading the names in queries."""

from threading import Lock

from wirewatch.db import Transaction
from wirewatch.query import CatalogueNames
from wirewatch.store import entities, revisions, topics


class CatalogueCache:
    """Names as of the latest revision; read again only when something has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[int, int] | None = None
        self._names = CatalogueNames(())

    def names(self, tx: Transaction) -> CatalogueNames:
        current = revisions.get_revisions(tx)
        revision = (current["entities"], current["topics"])
        with self._lock:
            if self._known != revision:
                self._names = CatalogueNames(entities.list_all(tx), topics.list_all(tx))
                self._known = revision
            return self._names
