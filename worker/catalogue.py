"""Each worker process's copy of the entities, topics and watches, no older than the work it has claimed."""

from collections.abc import Mapping

from wirewatch.data import load_items
from wirewatch.db import Database
from wirewatch.models import Entity, Topic, Watch
from wirewatch.query import CatalogueNames, Compiled, WatchIndex, compile_query
from wirewatch.store import entities, revisions, topics, watches
from worker.extraction import Extractor


class Catalogue:
    """Loads on the first refresh; what is costly (model, watch index) is made when a stage first asks for it."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._known: dict[str, int] = {}
        self._entities: tuple[Entity, ...] = ()
        self._topics: tuple[Topic, ...] = ()
        self._watches: dict[str, Watch] = {}
        self._extractor: Extractor | None = None
        self._extractor_is_stale = False
        self._names: CatalogueNames | None = None
        self._index: WatchIndex | None = None
        self._compiled: dict[str, Compiled] = {}

    def refresh(self, database: Database, wanted: Mapping[str, int]) -> None:
        """Read again what has changed since; `wanted` are the revisions that the claim transaction saw."""
        stale = {kind for kind, revision in wanted.items() if self._known.get(kind, -1) < revision}
        if not stale:
            return
        with database.transaction() as tx:
            current = revisions.get_revisions(tx)
            if stale & {"entities", "topics"}:
                self._entities, self._topics = entities.list_all(tx), topics.list_all(tx)
                self._names, self._extractor_is_stale = None, True
            self._watches = {watch.id: watch for watch in watches.list_all(tx, enabled_only=True)}
        self._index = None
        self._known = current

    def preload(self, database: Database) -> None:
        with database.transaction() as tx:
            current = revisions.get_revisions(tx)
        self.refresh(database, current)
        self.extractor()

    def extractor(self) -> Extractor:
        if self._extractor is None:
            self._extractor = Extractor(self._entities, self._topics, load_items(), model=self._model)
        elif self._extractor_is_stale:
            self._extractor = self._extractor.with_catalogue(self._entities, self._topics)
        self._extractor_is_stale = False
        return self._extractor

    def watches(self) -> Mapping[str, Watch]:
        """-> the enabled watches by id."""
        return self._watches

    def index(self) -> WatchIndex:
        """The live watches, compiled against the current entities and topics."""
        if self._index is None:
            names = self.names()
            self._compiled = {id_: compile_query(watch.query, names) for id_, watch in self._watches.items()}
            self._index = WatchIndex(self._compiled)
        return self._index

    def watches_of_stories(self) -> tuple[str, ...]:
        """-> the watches that ask about the story (`story.*`), and so may match an article later than it arrived."""
        return tuple(id_ for id_, compiled in self.compiled().items() if compiled.uses_story)

    def compiled(self) -> Mapping[str, Compiled]:
        self.index()
        return self._compiled

    def names(self) -> CatalogueNames:
        if self._names is None:
            self._names = CatalogueNames(self._entities, self._topics)
        return self._names
