"""After a lone message its process goes on with what follows; the ledger holds that as it holds all work."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from ingest.receive import receive
from tests.factories import submission
from tests.integration.ledger.conftest import MarkStage, expire_leases, ids, rows
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.messages import Message
from wirewatch.store import messages
from worker import ledger
from worker.pipeline import PIPELINE, QUEUES, own_stages
from worker.stage import Context, Record, Stage, stage

Post = Callable[[int], list[str]]
HOLDER = "test:1:2"
FIRST = stage("ArticleReceived", MarkStage(), queue="articles")


def own(function: MarkStage) -> Mapping[str, Stage]:
    return {"ArticleChecked": stage("ArticleChecked", function, queue="articles")}


class Last(MarkStage):
    """Nothing follows."""

    def __call__(self, messages: Sequence[Message], context: Context) -> Iterator[Record]:
        for record in super().__call__(messages, context):
            yield record._replace(write=lambda tx, counting: [])


def counts(database: Database) -> tuple[int, int]:
    """-> messages done, and those of them that came without the broker."""
    with database.transaction() as tx:
        done, gone_on = tx.execute(text("SELECT sum(done), sum(gone_on) FROM stage_counts")).one()
    return int(done), int(gone_on)


def test_a_lone_message_is_gone_on_with(database: Database, context: Context, post: Post) -> None:
    (article_id,) = post(1)
    last = Last()
    assert ledger.run(FIRST, ids(database), context, HOLDER, own(last)) == 2
    assert last.runs == [(article_id,)]
    assert rows(database, "ArticleChecked") == []
    assert counts(database) == (2, 1)


def test_what_follows_several_or_a_very_large_text_goes_by_the_broker(
    database: Database, context: Context, post: Post
) -> None:
    post(2)
    assert ledger.run(FIRST, ids(database), context, HOLDER, own(Last())) == 2
    receive(database, [submission(7, text="The tide rose again. " * 20_000)])
    assert ledger.run(FIRST, ids(database), context, HOLDER, own(Last())) == 1
    waiting = rows(database, "ArticleChecked")
    assert [(row.attempts, row.token, row.is_published) for row in waiting] == [(0, None, False)] * 3
    assert counts(database) == (3, 0)


def test_nobody_else_takes_it_meanwhile(database: Database, context: Context, post: Post) -> None:
    post(1)

    def look() -> None:
        (row,) = rows(database, "ArticleChecked")
        assert (row.attempts, row.is_published) == (1, True)
        with database.transaction() as tx:
            assert messages.find_holders(tx, "") == {HOLDER}
            assert messages.sweep(tx, unclaimed_seconds=0) == (0, [])
            claimed = messages.claim(
                tx, "ArticleChecked", [row.id], now=context.clock(), lease_seconds=9, holder="other"
            )
        assert claimed.messages == []

    assert ledger.run(FIRST, ids(database), context, HOLDER, own(Last(before_record=look))) == 2


def test_its_own_fault_counts_as_its_attempt(database: Database, context: Context, post: Post) -> None:
    (article_id,) = post(1)
    assert ledger.run(FIRST, ids(database), context, HOLDER, own(Last(poison=frozenset({article_id})))) == 1
    (row,) = rows(database, "ArticleChecked")
    assert (row.attempts, row.token, row.is_published) == (1, None, False)
    assert "cannot be read" in (row.last_error or "")


def test_the_sweep_finds_it_where_its_process_died(database: Database, context: Context, post: Post) -> None:
    post(1)

    def die() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        ledger.run(FIRST, ids(database), context, HOLDER, own(Last(before_record=die)))
    expire_leases(database)
    with database.transaction() as tx:
        assert messages.sweep(tx, unclaimed_seconds=30) == (1, [])
    (row,) = rows(database, "ArticleChecked")
    assert (row.attempts, row.token, row.is_published) == (1, None, False)
    assert ledger.run(own(Last())["ArticleChecked"], [row.id], context, HOLDER) == 1


class Unsure(Database):
    """Commits, and loses the connection before it can say so."""

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with super().transaction() as tx:
            yield tx
            concluded = tx.execute(text("SELECT EXISTS (SELECT FROM stage_counts)")).scalar_one()
        if concluded and not self.was_lost:
            self.was_lost = True
            raise DatabaseUnavailableError("lost")

    was_lost = False


def test_it_waits_for_the_relay_where_nobody_knows_whether_it_was_recorded(
    database: Database, context: Context, post: Post
) -> None:
    post(1)
    unsure = Unsure(database.url)
    last = Last()
    ledger.run(FIRST, ids(database), replace(context, database=unsure), HOLDER, own(last))
    unsure.close()
    (row,) = rows(database, "ArticleChecked")
    assert (row.attempts, row.token, row.is_published) == (0, None, False)
    assert last.runs == []


def test_a_worker_goes_on_within_its_queues_and_never_with_what_others_see() -> None:
    assert {one.name for one in own_stages(["articles"]).values()} == {"dedupe", "extract"}
    every = own_stages(QUEUES)
    assert "DeliveryDue" not in every
    assert {one.takes for one in PIPELINE if one.subject == "article"} == set(every)
    assert own_stages([""]) == {}
