"""What must be decided one at a time, decided by two workers at once."""

import threading
from collections.abc import Callable

from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.factories import make_watch
from tests.locks import wait_for_a_blocked_transaction
from tests.pipeline import make_context, run_until_done
from tests.texts import FERRY, FERRY_AGAIN
from wirewatch import outbox
from wirewatch.clock import system_clock
from wirewatch.db import Database, DatabaseUnavailableError
from wirewatch.messages import NewMessage
from wirewatch.store import articles, erasures, matches, messages, revisions
from wirewatch.store.matches import Match
from wirewatch.store.receipts import Receipt
from wirewatch.stories import corrections
from worker import ledger
from worker.match import match
from worker.pipeline import STAGES
from worker.stage import Context, Record


def post(database: Database, *texts: str) -> list[str]:
    submissions = [
        Submission(text=body, title="Ferry aground", source_name=f"Outlet {number}", external_id=str(number))
        for number, body in enumerate(texts)
    ]
    return [answer.id for answer in receive(database, submissions) if isinstance(answer, Receipt)]


def read_both(database: Database) -> list[str]:
    """Two reports of one event, about to be placed."""
    ids = post(database, FERRY, FERRY_AGAIN)
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM messages"))
        outbox.put(tx, [NewMessage("ArticleExtracted", id_, 1) for id_ in ids])
    return ids


def assert_one_story(database: Database, ids: list[str]) -> None:
    with database.transaction() as tx:
        found = articles.get_many(tx, ids)
        stories = tx.execute(text("SELECT count(*) FROM stories")).scalar_one()
    assert found[ids[0]].story_id == found[ids[1]].story_id is not None
    assert stories == 1


def waiting(database: Database, type_: str) -> list[int]:
    with database.transaction() as tx:
        return list(
            tx.execute(text("SELECT id FROM messages WHERE type = :type ORDER BY id"), {"type": type_}).scalars()
        )


def at_once(*work: Callable[[], object]) -> None:
    ready = threading.Barrier(len(work), timeout=20)

    def run(one: Callable[[], object]) -> None:
        ready.wait()
        one()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


def run_each_at_once(database: Database, stage: str) -> None:
    """Each waiting message of the stage on a worker of its own, all at the same time."""
    ids = waiting(database, STAGES[stage].takes)
    contexts = [make_context(database) for _ in ids]
    at_once(
        *(
            lambda id_=id_, context=context: ledger.run(STAGES[stage], [id_], context, f"test:{id_}")
            for id_, context in zip(ids, contexts, strict=True)
        )
    )


def test_two_copies_at_once_are_one_original_and_one_copy(database: Database) -> None:
    first, second = post(database, FERRY, FERRY.replace("ninety", "about ninety"))

    run_each_at_once(database, "dedupe")

    with database.transaction() as tx:
        found = articles.get_many(tx, [first, second])
    assert (found[first].duplicate_of, found[second].duplicate_of) == (None, first)


def records(database: Database, stage: str) -> list[tuple[Record, str]]:
    """What each waiting message of the stage comes to, with its article: all looked before any of them wrote."""
    found = []
    for id_ in waiting(database, STAGES[stage].takes):
        context = make_context(database)
        with database.transaction() as tx:
            claim = messages.claim(
                tx, STAGES[stage].takes, [id_], now=system_clock(), lease_seconds=60, holder=f"test:{id_}"
            )
        (record,) = STAGES[stage].function(claim.messages, context)
        found.append((record, claim.messages[0].subject_id))
    return found


def write_the_second_before_the_first_commits(database: Database, both: list[tuple[Record, str]]) -> None:
    """The second has to wait for the first's commit, and then to heed it."""
    faults = list[Exception]()

    def write(record: Record, article_id: str) -> None:
        try:
            with database.transaction() as tx:
                record.write(tx, frozenset({article_id}))
        except DatabaseUnavailableError as error:
            faults.append(error)

    (first, first_id), second = both
    later = threading.Thread(target=write, args=second)
    with database.transaction() as tx:
        first.write(tx, frozenset({first_id}))
        later.start()
        wait_for_a_blocked_transaction(database)
    later.join(timeout=20)
    assert faults == []


def test_a_copy_that_looked_before_its_original_was_there_is_found_all_the_same(database: Database) -> None:
    ids = post(database, FERRY, FERRY.replace("ninety", "about ninety"))

    write_the_second_before_the_first_commits(database, records(database, "dedupe"))

    with database.transaction() as tx:
        found = articles.get_many(tx, ids)
    assert [found[id_].duplicate_of for id_ in ids] == [None, ids[0]]


def test_an_original_that_looked_before_its_copy_was_there_takes_its_place(database: Database) -> None:
    ids = post(database, FERRY, FERRY.replace("ninety", "about ninety"))

    write_the_second_before_the_first_commits(database, records(database, "dedupe")[::-1])

    with database.transaction() as tx:
        found = articles.get_many(tx, ids)
    assert [found[id_].duplicate_of for id_ in ids] == [None, ids[0]]


def test_the_original_is_the_one_accepted_first_even_if_it_is_checked_last(database: Database) -> None:
    first, second = post(database, FERRY, FERRY.replace("ninety", "about ninety"))
    context = make_context(database)
    for id_ in reversed(waiting(database, "ArticleReceived")):
        ledger.run(STAGES["dedupe"], [id_], context, "test:1")

    with database.transaction() as tx:
        found = articles.get_many(tx, [first, second])
    assert (found[first].duplicate_of, found[second].duplicate_of) == (None, first)


def test_two_workers_at_once_make_one_story_of_one_event(database: Database) -> None:
    ids = read_both(database)

    run_each_at_once(database, "cluster")

    assert_one_story(database, ids)


def test_an_article_that_looked_before_its_story_was_there_joins_it(database: Database) -> None:
    ids = read_both(database)

    write_the_second_before_the_first_commits(database, records(database, "cluster"))

    assert_one_story(database, ids)


def test_an_article_that_looked_before_its_story_was_merged_joins_what_it_was_merged_into(database: Database) -> None:
    (other,) = receive(database, [Submission(text="Four trams ran late after a short frost.", external_id="trams")])
    assert isinstance(other, Receipt)
    placed, late = post(database, FERRY, FERRY_AGAIN)
    context = make_context(database)
    run_all_but(context, late)
    ((record, _),) = records(database, "cluster")
    with database.transaction() as tx:
        found = articles.get_many(tx, [other.id, placed])
        into, gone = (found[id_].story_id or "" for id_ in (other.id, placed))
        corrections.merge(tx, into, gone, by="an analyst")

    with database.transaction() as tx:
        record.write(tx, frozenset({late}))

    with database.transaction() as tx:
        assert articles.get_many(tx, [late])[late].story_id == into != gone


def test_an_article_that_looked_before_its_story_was_erased_founds_one(database: Database) -> None:
    placed, late = post(database, FERRY, FERRY_AGAIN)
    context = make_context(database)
    run_all_but(context, late)
    ((record, _),) = records(database, "cluster")
    with database.transaction() as tx:
        gone = articles.get_many(tx, [placed])[placed].story_id
        erasures.erase_article(tx, placed)

    with database.transaction() as tx:
        record.write(tx, frozenset({late}))

    with database.transaction() as tx:
        assert articles.get_many(tx, [late])[late].story_id not in (None, gone)


def run_all_but(context: Context, article_id: str) -> None:
    """All stages on all articles but this one, which waits to be placed."""
    with context.database.transaction() as tx:
        tx.execute(text("DELETE FROM messages WHERE subject_id = :id"), {"id": int(article_id)})
    run_until_done(context)
    with context.database.transaction() as tx:
        outbox.put(tx, [NewMessage("ArticleExtracted", article_id, 1)])


def test_a_slow_match_does_not_undo_what_a_look_at_the_grown_story_found(database: Database) -> None:
    watch_id = make_watch(database, "spreading", "story.articles:>1")
    (article_id,) = post(database, FERRY)
    context = make_context(database)
    for name in ("dedupe", "extract", "cluster"):
        ledger.run(STAGES[name], waiting(database, STAGES[name].takes), context, "test:1")
    with database.transaction() as tx:
        claimed = messages.claim(
            tx,
            "ArticlePlaced",
            [one.id for one in tx.execute(text("SELECT id FROM messages"))],
            now=context.clock(),
            lease_seconds=60,
            holder="slow",
        ).messages
        context.catalogue.refresh(database, revisions.get_revisions(tx))
        story_id = articles.get_many(tx, [article_id])[article_id].story_id
    (record,) = match(claimed, context)  # decided while the story had one article
    with database.transaction() as tx:
        matches.upsert_all(tx, [Match(watch_id, article_id, 1, story_id, ())])  # as rematch does when it has two

    with database.transaction() as tx:
        record.write(tx, frozenset({article_id}))

    with database.transaction() as tx:
        assert [one.watch_id for one in matches.get_matches(tx, [article_id])] == [watch_id]


def test_a_new_version_ends_the_matches_of_the_old_one(database: Database) -> None:
    make_watch(database, "buoys", "buoy")
    (article_id,) = post(database, FERRY)
    context = make_context(database)
    run_until_done(context)
    with database.transaction() as tx:
        assert len(matches.get_matches(tx, [article_id])) == 1

    post(database, FERRY.replace("a buoy", "a lamp"))
    run_until_done(context)

    with database.transaction() as tx:
        assert matches.get_matches(tx, [article_id]) == []


def test_an_article_is_erased_while_a_worker_records_it(database: Database) -> None:
    """Each waits for the other's rows in one order: neither is ended as the victim of a deadlock."""
    (article_id,) = post(database, FERRY)
    faults = list[Exception]()

    def erase() -> None:
        try:
            with database.transaction() as tx:
                erasures.erase_article(tx, article_id)
        except DatabaseUnavailableError as error:
            faults.append(error)

    eraser = threading.Thread(target=erase)
    with database.transaction() as tx:
        claimed = messages.claim(
            tx, "ArticleReceived", range(1, 100), now=system_clock(), lease_seconds=60, holder="test:1"
        ).messages
    with database.transaction() as tx:
        messages.finish(tx, [claimed[0].id], claimed[0].token)
        eraser.start()
        wait_for_a_blocked_transaction(database)
        articles.mark_stage(tx, [article_id], "checked")
    eraser.join(timeout=20)

    assert faults == []
    with database.transaction() as tx:
        assert articles.get_many(tx, [article_id]) == {}


def test_two_workers_at_once_raise_one_alert(database: Database) -> None:
    """The watch and the story meet on two articles at once: one alert, one update, both articles in it."""
    make_watch(database, "ferries", "ferry")
    with database.transaction() as tx:
        tx.execute(text("INSERT INTO stories (title, article_count) VALUES ('Ferry aground', 2)"))
    ids = post(database, FERRY, FERRY + " Divers will inspect the hull.")
    with database.transaction() as tx:
        tx.execute(text("UPDATE articles SET story_id = (SELECT id FROM stories)"))
        tx.execute(text("UPDATE stories SET facts = :facts"), {"facts": FACTS})
        tx.execute(
            text("INSERT INTO matches (watch_id, article_id, version) SELECT w.id, a.id, 1 FROM watches w, articles a")
        )
        tx.execute(text("DELETE FROM messages"))
        outbox.put(tx, [NewMessage("WatchMatched", id_, 1) for id_ in ids])

    run_each_at_once(database, "alert")

    with database.transaction() as tx:
        alerts = [tuple(row) for row in tx.execute(text("SELECT article_ids FROM alerts"))]
        updates = tx.execute(text("SELECT count(*) FROM updates")).scalar_one()
    assert len(alerts) == 1
    assert sorted(str(id_) for id_ in alerts[0][0]) == ids
    assert updates == 1


FACTS = (
    '{"title": "Ferry aground", "article_ids": [], "sources": [], "independent_sources": 1, "first_seen_at": null,'
    ' "last_seen_at": null}'
)


def test_a_duplicate_joins_the_story_of_its_original(database: Database) -> None:
    ids = post(database, FERRY, "Copied: " + FERRY)
    run_until_done(make_context(database))
    with database.transaction() as tx:
        found = articles.get_many(tx, ids)
    assert found[ids[1]].duplicate_of == ids[0]
    assert found[ids[1]].story_id == found[ids[0]].story_id
