"""A new watch looks back: decide it on articles that were there before it, the newest first, some in each run."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import articles, matches
from worker.matching import decide_watches, read_subjects
from worker.stage import Context, Record

AT_ONCE = 100
# A watch that matches nearly everything would otherwise raise an alert for each story of a whole archive.
MOST_ARTICLES = 20_000


def backfill(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    for message in messages:
        yield _look_back(message, context)


def _look_back(message: Message, context: Context) -> Record:
    compiled = context.catalogue.find_compiled(message.subject_id)
    since, looked_at = datetime.fromisoformat(message.payload["since"]), int(message.payload.get("looked_at", 0))
    with context.database.statements() as tx:
        read_at = matches.read_time(tx)
        ids = articles.find_matched(tx, since, before=message.payload.get("before"), limit=AT_ONCE) if compiled else []
        known, subjects = read_subjects(tx, ids)
    found = {
        id_: decided
        for id_, subject in subjects.items()
        if compiled and (decided := decide_watches(subject, {message.subject_id: compiled}, read_at))
    }

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        matches.upsert_all(tx, [one for decided in found.values() for one in decided])
        looks_back = {"looks_back": message.subject_id}
        follow = [NewMessage("WatchMatched", id_, known[id_].version, looks_back) for id_ in sorted(found, key=int)]
        if len(ids) == AT_ONCE and looked_at + AT_ONCE < MOST_ARTICLES:
            further = {**message.payload, "before": ids[-1], "looked_at": looked_at + AT_ONCE}
            follow.append(NewMessage("BackfillDue", message.subject_id, payload=further))
        return follow if counting else []

    return Record([message], write)
