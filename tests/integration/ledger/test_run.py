"""claim / compute / record: what counts, once, whatever happens between two steps."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from ingest.receive import receive
from tests.factories import submission
from tests.integration.ledger.conftest import MarkStage, expire_leases, ids, rows, stages_of
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.messages import MAX_ATTEMPTS, Message, NewMessage, Published
from wirewatch.store import messages
from worker import ledger
from worker.relay import GATHER_SECONDS, QUEUED
from worker.stage import Context, Record, Stage, stage

Post = Callable[[int], list[str]]
WORKER = "test:1:"
HOLDER = f"{WORKER}2"


def marking(function: MarkStage) -> Stage:
    return stage("ArticleReceived", function, queue="articles")


def test_a_run_writes_its_effects_and_the_messages_that_follow(
    database: Database, context: Context, post: Post
) -> None:
    article_ids = post(3)

    done = ledger.run(marking(MarkStage()), ids(database), context, HOLDER)

    assert done == 3
    assert rows(database) == []
    assert [row.subject_id for row in rows(database, "ArticleChecked")] == article_ids
    assert set(stages_of(database).values()) == {"checked"}


def test_a_second_run_changes_nothing(database: Database, context: Context, post: Post) -> None:
    post(3)
    published = ids(database)
    ledger.run(marking(MarkStage()), published, context, HOLDER)
    function = MarkStage()

    assert ledger.run(marking(function), published, context, HOLDER) == 0
    assert function.runs == []
    assert len(rows(database, "ArticleChecked")) == 3


@pytest.mark.parametrize(("acts_outside", "waits"), [(False, "off"), (True, "on")])
def test_only_a_stage_that_acts_outside_waits_for_the_disk(
    database: Database, context: Context, post: Post, acts_outside: bool, waits: str
) -> None:
    post(1)
    seen = []

    def look(messages: Sequence[Message], context: Context) -> Iterator[Record]:
        def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
            seen.append(tx.execute(text("SHOW synchronous_commit")).scalar_one())
            return []

        yield Record(messages, write)

    hasty = Database(database.url, pool_size=1, waits_for_disk=False)
    looking = stage("ArticleReceived", look, queue="articles", acts_outside=acts_outside)
    ledger.run(looking, ids(database), replace(context, database=hasty), HOLDER)
    hasty.close()

    assert seen == [waits]


def test_two_workers_on_one_message_run_it_once(database: Database, context: Context, post: Post) -> None:
    post(1)
    both_started = threading.Barrier(2, timeout=10)
    functions = [MarkStage(), MarkStage()]
    published = ids(database)

    def work(function: MarkStage) -> None:
        both_started.wait()
        ledger.run(marking(function), published, context, HOLDER)

    threads = [threading.Thread(target=work, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert sum(len(function.runs) for function in functions) == 1
    assert len(rows(database, "ArticleChecked")) == 1


def test_a_worker_that_outlived_its_lease_writes_nothing(database: Database, context: Context, post: Post) -> None:
    """The slow worker computes, loses its lease, another does the work, and only then the slow one records."""
    post(2)
    published = ids(database)
    quick = MarkStage()

    def overtake() -> None:
        expire_leases(database)
        assert ledger.run(marking(quick), published, context, "test:2") == 2

    assert ledger.run(marking(MarkStage(before_record=overtake)), published, context, HOLDER) == 0
    assert len(quick.runs) == 1
    assert len(rows(database, "ArticleChecked")) == 2


def test_a_worker_killed_between_claim_and_record_is_swept(database: Database, context: Context, post: Post) -> None:
    post(1)
    published = ids(database)
    with database.transaction() as tx:
        messages.claim(tx, "ArticleReceived", published, now=context.clock(), lease_seconds=30, holder=HOLDER)
    assert ledger.run(marking(MarkStage()), published, context, HOLDER) == 0, "its lease still stands"

    expire_leases(database)
    with database.transaction() as tx:
        swept, quarantined = messages.sweep(tx, unclaimed_seconds=30)

    assert (swept, quarantined) == (1, [])
    assert ledger.run(marking(MarkStage()), published, context, HOLDER) == 1
    assert len(rows(database, "ArticleChecked")) == 1


def test_a_worker_killed_before_the_record_committed_leaves_no_trace(
    database: Database, context: Context, post: Post
) -> None:
    """Everything of a record is written in one transaction: rolled back, the message still stands."""
    article_ids = post(1)
    function = MarkStage(poison_record=frozenset(article_ids))

    assert ledger.run(marking(function), ids(database), context, HOLDER) == 0

    (row,) = rows(database)
    assert (row.attempts, row.token, row.is_published) == (1, None, False)
    assert rows(database, "ArticleChecked") == []
    assert stages_of(database) == {article_ids[0]: "received"}


def publish(tx: Transaction, now: datetime) -> list[Published]:
    return messages.publish(tx, {"ArticleReceived": 10}, now, queued=QUEUED, gather_seconds=GATHER_SECONDS)


def test_an_id_lost_by_the_broker_is_published_again(database: Database, context: Context, post: Post) -> None:
    post(1)
    now = context.clock()
    with database.transaction() as tx:
        assert len(publish(tx, now)) == 1
        assert publish(tx, now) == []
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET published_at = clock_timestamp() - interval '1 min'"))
        swept, _ = messages.sweep(tx, unclaimed_seconds=30)
        assert swept == 1
        assert len(publish(tx, now)) == 1


def test_a_poison_article_in_a_batch_is_quarantined_and_the_others_are_not(
    database: Database, context: Context, post: Post
) -> None:
    article_ids = post(64)
    poison = article_ids[17]
    function = MarkStage(poison=frozenset({poison}))
    later = context.clock()

    def clock() -> datetime:
        return later

    moved = Context(context.database, context.catalogue, clock, context.outgoing)
    ledger.run(marking(function), ids(database), moved, HOLDER)
    assert all(row.attempts == 1 and not row.is_quarantined for row in rows(database))

    for _ in range(MAX_ATTEMPTS):
        later += timedelta(hours=1)
        for message_id in ids(database):
            ledger.run(marking(function), [message_id], moved, HOLDER)

    (row,) = rows(database)
    assert (row.subject_id, row.attempts, row.is_quarantined) == (poison, MAX_ATTEMPTS, True)
    assert row.last_error is not None
    assert "this text cannot be read" in row.last_error
    assert len(rows(database, "ArticleChecked")) == 63
    assert stages_of(database)[poison] == "quarantined"


def test_a_failed_message_waits_longer_each_time() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    waits = [(ledger.retry_at(attempts, now) - now).total_seconds() for attempts in range(1, MAX_ATTEMPTS + 1)]
    assert waits == sorted(waits)
    assert waits[0] >= 1


def test_a_worker_that_keeps_dying_on_a_message_quarantines_it(
    database: Database, context: Context, post: Post
) -> None:
    post(1)
    published = ids(database)
    for _ in range(MAX_ATTEMPTS):
        with database.transaction() as tx:
            assert messages.claim(
                tx, "ArticleReceived", published, now=context.clock(), lease_seconds=30, holder=HOLDER
            ).messages
        expire_leases(database)
        with database.transaction() as tx:
            messages.sweep(tx, unclaimed_seconds=30)

    (row,) = rows(database)
    assert row.is_quarantined
    assert row.last_error is not None
    assert "worker died" in row.last_error


def test_a_quarantined_message_is_tried_again_on_demand(database: Database, context: Context, post: Post) -> None:
    post(1)
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET attempts = 5, quarantined_at = clock_timestamp()"))
    (message_id,) = ids(database)
    assert ledger.run(marking(MarkStage()), [message_id], context, HOLDER) == 0

    with database.transaction() as tx:
        assert messages.retry_quarantined(tx, message_id) is not None
        assert messages.retry_quarantined(tx, message_id) is None

    assert ledger.run(marking(MarkStage()), [message_id], context, HOLDER) == 1


def test_loss_of_the_database_is_no_fault_of_the_message(database: Database, context: Context, post: Post) -> None:
    post(1)

    def lose() -> None:
        raise DatabaseUnavailableError("terminating connection due to administrator command")

    assert ledger.run(marking(MarkStage(before_record=lose)), ids(database), context, HOLDER) == 0

    (row,) = rows(database)
    assert (row.attempts, row.token, row.is_published) == (0, None, False)


def test_a_killed_connection_counts_as_loss_of_the_database(database: Database, context: Context, post: Post) -> None:
    post(1)

    def kill_every_connection() -> None:
        with database.transaction() as tx:
            tx.execute(
                text("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                """)
            )

    assert ledger.run(marking(MarkStage(before_record=kill_every_connection)), ids(database), context, HOLDER) in (0, 1)
    assert all(row.attempts == 0 for row in rows(database))


def test_a_stopping_worker_gives_its_leases_back(database: Database, context: Context, post: Post) -> None:
    post(2)
    with database.transaction() as tx:
        messages.claim(tx, "ArticleReceived", ids(database)[:1], now=context.clock(), lease_seconds=30, holder=HOLDER)
        messages.claim(
            tx, "ArticleReceived", ids(database)[1:], now=context.clock(), lease_seconds=30, holder="other:1"
        )
    with database.transaction() as tx:
        assert messages.release_worker(tx, WORKER) == 1

    given_back, kept = rows(database)
    assert (given_back.attempts, given_back.token, given_back.is_published) == (0, None, False)
    assert kept.token is not None


def test_the_leases_of_the_dead_end_at_once_and_the_attempt_counts(
    database: Database, context: Context, post: Post
) -> None:
    post(2)
    with database.transaction() as tx:
        messages.claim(tx, "ArticleReceived", ids(database)[:1], now=context.clock(), lease_seconds=90, holder=HOLDER)
        messages.claim(
            tx, "ArticleReceived", ids(database)[1:], now=context.clock(), lease_seconds=90, holder="other:1:2"
        )
    with database.transaction() as tx:
        assert messages.find_holders(tx, WORKER) == {HOLDER}
        assert messages.end_leases(tx, [HOLDER]) == 1
    with database.transaction() as tx:
        assert messages.sweep(tx, unclaimed_seconds=30) == (1, [])

    swept, kept = rows(database)
    assert (swept.attempts, swept.token, swept.is_published) == (1, None, False)
    assert kept.token is not None


def test_a_message_of_an_older_version_is_superseded(database: Database, context: Context, post: Post) -> None:
    (article_id,) = post(1)
    receive(database, [submission(0, text="The harbour is closed until further notice, the port authority said.")])

    ledger.run(marking(MarkStage()), ids(database), context, HOLDER)

    assert rows(database) == []
    (follow,) = rows(database, "ArticleChecked")
    assert follow.subject_id == article_id
    with database.transaction() as tx:
        counted = tx.execute(text("SELECT stage, done, superseded FROM stage_counts")).one()
    assert tuple(counted) == ("mark", 1, 1)


def test_a_message_of_an_erased_article_is_superseded(database: Database, context: Context, post: Post) -> None:
    post(1)
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM articles"))

    ledger.run(marking(MarkStage()), ids(database), context, HOLDER)

    assert rows(database) == []
    assert rows(database, "ArticleChecked") == []


def test_a_message_that_is_not_due_is_left_alone(database: Database, context: Context, post: Post) -> None:
    post(1)
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET due_at = clock_timestamp() + interval '1 h'"))

    assert ledger.run(marking(MarkStage()), ids(database), context, HOLDER) == 0
    moved = Context(
        context.database, context.catalogue, lambda: datetime.now(UTC) + timedelta(hours=2), context.outgoing
    )
    assert ledger.run(marking(MarkStage()), ids(database), moved, HOLDER) == 1


def test_messages_that_a_stage_does_not_record_are_given_back(database: Database, context: Context, post: Post) -> None:
    post(1)

    class Idle(MarkStage):
        def __call__(self, messages, context):  # type: ignore[no-untyped-def]
            return iter(())

    ledger.run(marking(Idle()), ids(database), context, HOLDER)

    (row,) = rows(database)
    assert (row.attempts, row.token) == (0, None)


@pytest.mark.parametrize("type_", ["SomethingNewer"])
def test_an_unknown_message_type_waits(database: Database, context: Context, post: Post, type_: str) -> None:
    """During a rolling upgrade an old relay meets the messages of a newer one."""
    post(1)
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET type = :type"), {"type": type_})
        assert publish(tx, context.clock()) == []
    (row,) = rows(database, type_)
    assert (row.attempts, row.is_quarantined) == (0, False)
