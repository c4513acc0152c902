"""A story changed: fold its facts again, and decide the watches that ask about the story on all its articles."""

from collections.abc import Iterator, Sequence

from wirewatch.db import Transaction, lock_in_transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import matches, stories
from wirewatch.stories.refresh import refresh_facts
from worker.matching import decide_watches, read_subjects
from worker.stage import Context, Record


def rematch(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    asking = context.catalogue.story_watches()
    with context.database.statements() as tx:
        read_at = matches.read_time(tx)
        members = stories.get_members(tx, {message.subject_id for message in messages}) if asking else {}
        known, subjects = read_subjects(tx, [id_ for ids in members.values() for id_ in ids])
    found = {id_: decide_watches(one, asking, read_at) for id_, one in subjects.items()}

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        # An article may have been erased: what it said must not stand in the story any more.
        lock_in_transaction(tx, stories.LOCK)
        refresh_facts(tx, counting)
        current = [id_ for story_id in counting for id_ in members.get(story_id, ()) if found.get(id_)]
        matches.upsert_all(tx, [one for id_ in current for one in found[id_]])
        return [NewMessage("WatchMatched", id_, known[id_].version) for id_ in current]

    yield Record(messages, write)
