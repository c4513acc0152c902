"""Each worker process's copy of the entities, topics and watches, no older than the work it has claimed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wirewatch.data import load_items
from wirewatch.db import Database, Transaction
from wirewatch.models import Entity, Topic, Watch
from wirewatch.query import CatalogueNames, Compiled
from wirewatch.query.index import WatchIndex
from wirewatch.store import entities, revisions, topics, vectors
from worker.copies import agencies_among
from worker.matching.live import LiveWatches

if TYPE_CHECKING:
    from worker.extraction import Extractor, LanguageModel

# The commonest terms tell where a watch is not to be filed; what is not among them is rare.
COUNTED_TERMS = 20_000


class Catalogue:
    """Loads on the first refresh; what is costly (the model, given by name) is made when a stage first asks for it."""

    def __init__(self, model: "str | LanguageModel", others: Mapping[str, str] | None = None) -> None:
        """`others` are models of other languages than English: ISO 639-1 code -> package."""
        self._model, self._others = model, others or {}
        self._known: dict[str, int] = {}
        self._entities: tuple[Entity, ...] = ()
        self._topics: tuple[Topic, ...] = ()
        self._agencies: tuple[Entity, ...] = ()
        self._extractor: Extractor | None = None
        self._extractor_is_stale = False
        self._countries: dict[str, str] = {}
        self._live = LiveWatches(CatalogueNames((), ()))

    def refresh(self, database: Database, wanted: Mapping[str, int]) -> None:
        """Read again what has changed since; `wanted` are the revisions that the claim transaction saw."""
        stale = {kind for kind, revision in wanted.items() if self._known.get(kind, -1) < revision}
        if not stale:
            return
        with database.transaction() as tx:
            current = revisions.get_revisions(tx)
            if stale & {"entities", "topics"}:
                self._set_names(tx)
            if stale & {"entities", "topics", "watches"}:
                self._live.refresh(tx)
        self._known = current

    def load(self, database: Database) -> None:
        """Load what is read from the database: names and watches."""
        with database.transaction() as tx:
            current = revisions.get_revisions(tx)
        self.refresh(database, current)

    def preload(self, database: Database) -> None:
        """Load everything that the first message would otherwise wait for."""
        self.load(database)
        self.extractor().warm_up()

    def extractor(self) -> "Extractor":
        if self._extractor is None:
            # Imports spaCy: only a process that reads articles pays for it.
            from worker.extraction import Extractor, LanguageModel, Languages

            english = LanguageModel(self._model) if isinstance(self._model, str) else self._model
            languages = Languages(english, self._others)
            self._extractor = Extractor(self._entities, self._topics, load_items(), model=languages)
        elif self._extractor_is_stale:
            self._extractor = self._extractor.with_catalogue(self._entities, self._topics)
        self._extractor_is_stale = False
        return self._extractor

    def agencies(self) -> tuple[Entity, ...]:
        """-> the news agencies whose texts other outlets print."""
        return self._agencies

    def countries(self) -> Mapping[str, str]:
        """-> the country of each place; of a state, its own id."""
        return self._countries

    def watches(self) -> Mapping[str, Watch]:
        """-> the enabled watches by id."""
        return self._live.by_id

    def index(self) -> WatchIndex:
        """-> the enabled watches, resolved against the current entities and topics."""
        return self._live.index

    def find_compiled(self, watch_id: str) -> Compiled | None:
        """-> an enabled watch that was understood, resolved against the current entities and topics."""
        return self._live.index.find(watch_id)

    def story_watches(self) -> Mapping[str, Compiled]:
        """-> the watches that ask about the story (`story.*`), and so may match an article later than it arrived."""
        return self._live.asking_story

    def _set_names(self, tx: Transaction) -> None:
        known, topics_ = entities.list_all(tx), topics.list_all(tx)
        # Names mean something else now: every watch is resolved again.
        self._live = self._live.renamed(CatalogueNames(known, topics_), _shares(tx))
        self._entities, self._topics = known, topics_
        self._agencies = agencies_among(known)
        self._countries = {entity.id: entity.country or entity.id for entity in known if entity.type == "place"}
        self._extractor_is_stale = True


def _shares(tx: Transaction) -> dict[str, float]:
    """The share of articles that hold a term, as the index of watches calls terms."""
    shares = vectors.get_common_terms(tx, COUNTED_TERMS)
    return {f"e:{term[1:]}" if term.startswith("@") else term: share for term, share in shares.items()}
