"""The enabled watches of a worker process, indexed; brought up to date by what has changed alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from wirewatch.db import Transaction
from wirewatch.errors import QueryError
from wirewatch.models import Watch
from wirewatch.query import Compiled, Names, compile_query, parse, uses_story
from wirewatch.query.index import WatchIndex
from wirewatch.store import watches
from wirewatch.store.watches import SavedWatch

log = structlog.get_logger()

# Changes are stamped in the order of their commits; this much is read again in case a clock was set back.
OVERLAP = timedelta(minutes=1)


class LiveWatches:
    """Watches by id, resolved against one state of the catalogue of names."""

    def __init__(self, names: Names, frequencies: Mapping[str, float] | None = None) -> None:
        self.names = names
        self.index = WatchIndex(frequencies)
        self.by_id: dict[str, Watch] = {}
        # those that ask about the story (`story.*`), and so may match an article later than it arrived
        self.asking_story: dict[str, Compiled] = {}
        self._changed_at: datetime | None = None

    def refresh(self, tx: Transaction) -> None:
        """Read what has changed since the last time; everything at the first."""
        since = None if self._changed_at is None else self._changed_at - OVERLAP
        for saved in watches.list_changed(tx, since):
            self._take(saved)
        if watches.count_enabled(tx) != len(self.by_id):
            for gone in self.by_id.keys() - watches.list_enabled_ids(tx):
                self._drop(gone)
        # Processes forked from now on share what is packed.
        self.index.pack()

    def renamed(self, names: Names, frequencies: Mapping[str, float]) -> "LiveWatches":
        """The same watches where names mean something else now; their queries are not parsed again."""
        renewed = LiveWatches(names, frequencies)
        renewed.by_id, renewed._changed_at = dict(self.by_id), self._changed_at
        for watch_id, compiled in self.index.compiled():
            renewed._file(watch_id, compile_query(compiled.query, names))
        return renewed

    def _take(self, saved: SavedWatch) -> None:
        watch = saved.watch
        self._changed_at = max(self._changed_at or saved.updated_at, saved.updated_at)
        if not watch.enabled:
            self._drop(watch.id)
            return
        known = self.by_id.get(watch.id)
        self.by_id[watch.id] = watch
        if known is not None and known.query == watch.query:
            return
        try:
            self._file(watch.id, compile_query(parse(watch.query), self.names))
        except QueryError as error:
            # Refused when it was saved, or saved by a version that understood more: the other watches go on.
            log.error("watch not understood", watch=watch.id, error=str(error))
            self._unfile(watch.id)

    def _file(self, watch_id: str, compiled: Compiled) -> None:
        self._unfile(watch_id)
        self.index.add(watch_id, compiled)
        if uses_story(compiled.query):
            self.asking_story[watch_id] = compiled

    def _unfile(self, watch_id: str) -> None:
        self.index.remove(watch_id)
        self.asking_story.pop(watch_id, None)

    def _drop(self, watch_id: str) -> None:
        self.by_id.pop(watch_id, None)
        self._unfile(watch_id)
