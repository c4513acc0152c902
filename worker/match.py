"""Decide every live watch on each article in its story; the index says which watches are worth deciding."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import articles, matches
from worker.matching import match_watches, read_subjects
from worker.matching.ended import find_ended
from worker.stage import Context, Record


def match(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    with context.database.statements() as tx:
        held = matches.find_held(tx, [message.subject_id for message in messages])
        known, subjects = read_subjects(tx, [message.subject_id for message in messages])
    index = context.catalogue.index()
    found = {id_: match_watches(one, index, held.read_at) for id_, one in subjects.items()}
    ended = find_ended(held, found, known, context.catalogue.find_compiled)

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        current = sorted(counting, key=int)
        over = matches.end_all(tx, [one for one in ended if one.article_id in counting])
        matches.upsert_all(tx, [one for article_id in current for one in found[article_id]])
        articles.mark_stage(tx, current, "matched")
        return [NewMessage("WatchMatched", id_, known[id_].version) for id_ in current if found[id_] or id_ in over]

    yield Record(messages, write)
