"""Decide every live watch on each article in its story; the index says which watches are worth deciding."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import articles, matches
from worker.matching import decide_watches, read_subjects
from worker.stage import Context, Record


def match(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.transaction() as tx:
        known, subjects = read_subjects(tx, [message.subject_id for message in messages])
    index = context.catalogue.index()
    found = {id_: decide_watches(one, known[id_], index.candidates(one)) for id_, one in subjects.items()}

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        current = sorted(counting, key=int)
        for article_id in current:
            keep = [one.watch_id for one in found[article_id]]
            # What was taken back keeps no match, though its version is the same.
            article = known[article_id]
            matches.delete_outdated(tx, article_id, article.version + article.retracted, keep)
        matches.upsert_all(tx, [one for article_id in current for one in found[article_id]])
        articles.mark_stage(tx, current, "matched")
        return [NewMessage("WatchMatched", id_, known[id_].version) for id_ in current if found[id_]]

    yield Record(messages, write)
