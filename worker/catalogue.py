"""Each worker process's copy of the entities, topics and watches, no older than the work it has claimed."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import structlog

from wirewatch.data import load_items
from wirewatch.db import Database
from wirewatch.errors import QueryError
from wirewatch.models import Entity, Topic, Watch
from wirewatch.query import CatalogueNames, Compiled, WatchIndex, compile_query, parse, uses_story
from wirewatch.store import entities, revisions, topics, watches

if TYPE_CHECKING:
    from worker.extraction import Extractor
    from worker.extraction.model import LanguageModel

log = structlog.get_logger()


class Catalogue:
    """Loads on the first refresh; what is costly (the model, given by name) is made when a stage first asks for it."""

    def __init__(self, model: "str | LanguageModel") -> None:
        self._model = model
        self._known: dict[str, int] = {}
        self._entities: tuple[Entity, ...] = ()
        self._topics: tuple[Topic, ...] = ()
        self._extractor: Extractor | None = None
        self._extractor_is_stale = False
        self._names = CatalogueNames((), ())
        self._countries: dict[str, str] = {}
        self._watches: dict[str, Watch] = {}
        self._compiled: dict[str, Compiled] = {}
        self._index = WatchIndex()

    def refresh(self, database: Database, wanted: Mapping[str, int]) -> None:
        """Read again what has changed since; `wanted` are the revisions that the claim transaction saw."""
        stale = {kind for kind, revision in wanted.items() if self._known.get(kind, -1) < revision}
        if not stale:
            return
        with database.transaction() as tx:
            current = revisions.get_revisions(tx)
            if stale & {"entities", "topics"}:
                self._set_names(entities.list_all(tx), topics.list_all(tx))
            self._set_watches(watches.list_all(tx, enabled_only=True))
        self._known = current

    def preload(self, database: Database) -> None:
        """Load everything that the first message would otherwise wait for."""
        with database.transaction() as tx:
            current = revisions.get_revisions(tx)
        self.refresh(database, current)
        self.extractor().warm_up()

    def extractor(self) -> "Extractor":
        if self._extractor is None:
            # Imports spaCy: only a process that reads articles pays for it.
            from worker.extraction import Extractor

            self._extractor = Extractor(self._entities, self._topics, load_items(), model=self._model)
        elif self._extractor_is_stale:
            self._extractor = self._extractor.with_catalogue(self._entities, self._topics)
        self._extractor_is_stale = False
        return self._extractor

    def entities(self) -> tuple[Entity, ...]:
        return self._entities

    def countries(self) -> Mapping[str, str]:
        """-> the country of each place; of a state, its own id."""
        return self._countries

    def watches(self) -> Mapping[str, Watch]:
        """-> the enabled watches by id."""
        return self._watches

    def index(self) -> WatchIndex:
        """-> the enabled watches, resolved against the current entities and topics."""
        return self._index

    def story_watches(self) -> dict[str, Compiled]:
        """-> the watches that ask about the story (`story.*`), and so may match an article later than it arrived."""
        return {id_: compiled for id_, compiled in self._compiled.items() if uses_story(compiled.query)}

    def _set_names(self, known: tuple[Entity, ...], topics_: tuple[Topic, ...]) -> None:
        self._entities, self._topics = known, topics_
        self._names = CatalogueNames(known, topics_)
        self._countries = {entity.id: entity.country or entity.id for entity in known if entity.type == "place"}
        self._extractor_is_stale = True
        # Names mean something else now: every watch is resolved again.
        self._watches, self._compiled, self._index = {}, {}, WatchIndex()

    def _set_watches(self, enabled: Iterable[Watch]) -> None:
        new = {watch.id: watch for watch in enabled}
        for gone in self._watches.keys() - new.keys():
            self._index.remove(gone)
            self._compiled.pop(gone, None)
        for id_, watch in new.items():
            known = self._watches.get(id_)
            if known is None or known.query != watch.query:
                self._file(watch)
        self._watches = new

    def _file(self, watch: Watch) -> None:
        try:
            compiled = compile_query(parse(watch.query), self._names)
        except QueryError as error:
            # Refused when it was saved, or saved by a version that understood more: the other watches go on.
            log.error("watch not understood", watch=watch.id, error=str(error))
            self._index.remove(watch.id)
            self._compiled.pop(watch.id, None)
            return
        self._compiled[watch.id] = compiled
        self._index.add(watch.id, compiled)
