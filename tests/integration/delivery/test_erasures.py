"""What the log of deliveries keeps of an article that was erased: nothing, in whatever form it was told."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.integration.alerts.desk import NOON
from tests.integration.alerts.desk import Desk as AlertDesk
from tests.integration.delivery.conftest import Desk
from tests.integration.delivery.receiver import Arrival, status
from tests.locks import wait_for_a_blocked_transaction
from wirewatch.clock import system_clock
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.models import Policy, StoryFacts, Template
from wirewatch.store import deliveries, erasures, messages, revisions, stories
from wirewatch.store.receipts import Receipt
from worker.delivery.schedule import HELD_BACK_SECONDS
from worker.pipeline import STAGES
from worker.stage import Record

SECRET = "The night ferry ran aground on a sandbank near Valdoria."
TEMPLATE = Template("News", "They say: {{ story.title }} So there.")
PATHS = ("/full", "/thin", "/people")


def tell_all(desk: Desk) -> str:
    """One article that a full, a thin and a channel endpoint are to be told of. -> its id."""
    desk.add_endpoint("/full")
    desk.add_endpoint("/thin", content="thin")
    desk.add_endpoint("people", f"json://127.0.0.1:{desk.receiver.port}/people", kind="apprise", template=TEMPLATE)
    (receipt,) = receive(desk.database, [Submission(text=SECRET, title="Ferry", source_name="The Fjord Post")])
    assert isinstance(receipt, Receipt)
    alerts = AlertDesk(desk.database)
    watch_id = alerts.watch(Policy(settle_seconds=0))
    with desk.database.transaction() as tx:
        story_id = stories.create(tx, SECRET)
        stories.update_facts(tx, {story_id: StoryFacts(SECRET, (receipt.id,), ("A",), 1, NOON, NOON)})
        placed = {"id": int(receipt.id), "story_id": int(story_id)}
        tx.execute(text("UPDATE articles SET story_id = :story_id WHERE id = :id"), placed)
    alerts.match(receipt.id, watch_id, words=SECRET)
    alerts.run()
    return receipt.id


def erase(desk: Desk, article_id: str) -> None:
    with desk.database.transaction() as tx:
        erasures.erase_article(tx, article_id)


def log_of(desk: Desk) -> str:
    """Everything that is kept about deliveries and their tries, as text."""
    with desk.database.transaction() as tx:
        bodies = tx.execute(
            text("SELECT convert_from(body, 'UTF8'), convert_from(rendered, 'UTF8'), reason FROM deliveries")
        )
        attempts = tx.execute(text("SELECT error, excerpt FROM attempts"))
        return repr([*bodies, *attempts])


def last(desk: Desk, path: str) -> Arrival:
    return desk.receiver.at(path)[-1]


def test_what_was_told_and_answered_is_forgotten(desk: Desk) -> None:
    article_id = tell_all(desk)
    desk.receiver.always = {
        "/full": status(200, body=SECRET.encode()),
        "/thin": f"HTTP/1.1 {SECRET}\r\n\r\n".encode(),
        "/people": status(200),
    }
    desk.run()
    assert all(SECRET.encode() in last(desk, path).body for path in PATHS)
    assert log_of(desk).count(SECRET) >= 6

    erase(desk, article_id)

    assert SECRET not in log_of(desk)


def test_what_is_still_to_be_sent_is_sent_without_it_under_its_id(desk: Desk) -> None:
    article_id = tell_all(desk)
    desk.receiver.plans |= {path: [status(500)] for path in PATHS}
    desk.run()
    told = {path: last(desk, path) for path in PATHS}
    erase(desk, article_id)
    desk.clock.move(seconds=6)
    desk.run()

    for path in PATHS:
        assert len(desk.receiver.at(path)) == 2
        assert SECRET.encode() in told[path].body
        assert SECRET.encode() not in last(desk, path).body
        if path != "/people":
            assert last(desk, path).id == told[path].id
            desk.verify(last(desk, path))
    assert b"They say:  So there." in last(desk, "/people").body


def erase_first(desk: Desk, article_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erase the article at the moment when what was made of a body is about to be kept."""
    keep = deliveries.keep_rendered
    erased = list[Any]()

    def kept(tx: Transaction, rendered: Any) -> frozenset[str]:
        if not erased:
            erased.append(rendered)
            erase(desk, article_id)
        return keep(tx, rendered)

    monkeypatch.setattr(deliveries, "keep_rendered", kept)


def go_away(desk: Desk, article_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose the database at that moment, once for each form."""
    keep = deliveries.keep_rendered
    lost = list[Any]()

    def kept(tx: Transaction, rendered: Any) -> frozenset[str]:
        if len(lost) < 2:
            lost.append(rendered)
            raise DatabaseUnavailableError("it restarts")
        return keep(tx, rendered)

    monkeypatch.setattr(deliveries, "keep_rendered", kept)


@pytest.mark.parametrize("happens", [erase_first, go_away])
def test_what_could_not_be_made_ready_counts_as_no_try(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Desk, str, pytest.MonkeyPatch], None]
) -> None:
    article_id = tell_all(desk)
    with desk.database.transaction() as tx:
        tx.execute(text("UPDATE endpoints SET enabled = false WHERE content = 'full' AND kind = 'webhook'"))
    happens(desk, article_id, monkeypatch)
    desk.run()
    desk.clock.move(seconds=HELD_BACK_SECONDS * 2)
    desk.run()

    with desk.database.transaction() as tx:
        tries = tx.execute(text("SELECT tries, step FROM deliveries WHERE state = 'sent'")).all()
    assert [tuple(one) for one in tries] == [(1, 1), (1, 1)]
    assert len(desk.receiver.arrivals) == 2
    if happens is erase_first:
        assert SECRET.encode() not in b"".join(arrival.body for arrival in desk.receiver.arrivals)
        assert SECRET not in log_of(desk)


def test_what_echoes_it_after_it_was_erased_is_not_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    article_id = tell_all(desk)
    desk.receiver.always = {
        "/full": status(500, body=SECRET.encode()),
        "/thin": f"HTTP/1.1 {SECRET}\r\n\r\n".encode(),
        "/people": status(200),
    }
    record = deliveries.record_tries
    erased = list[str]()

    def record_late(tx: Transaction, *tried: Any) -> list[str]:
        if not erased:
            erased.append(article_id)
            erase(desk, article_id)
        return record(tx, *tried)

    monkeypatch.setattr(deliveries, "record_tries", record_late)
    desk.run()

    assert SECRET.encode() in last(desk, "/full").body
    assert SECRET not in log_of(desk)
    with desk.database.transaction() as tx:
        reasons = list(tx.execute(text("SELECT reason FROM deliveries WHERE state = 'pending'")).scalars())
    assert "the endpoint answered 500" in reasons


def tell_of_another(desk: Desk, erased_id: str) -> tuple[Record, str]:
    """A second report of the same story, which another watch is about to be told of. -> what the alert stage records,
    and the article.
    """
    (receipt,) = receive(desk.database, [Submission(text="Divers look at the hull.", source_name="The Shore Gazette")])
    assert isinstance(receipt, Receipt)
    alerts = AlertDesk(desk.database)
    watch_id = alerts.watch(Policy(settle_seconds=0))
    with desk.database.transaction() as tx:
        ids = {"id": int(receipt.id), "first": int(erased_id)}
        tx.execute(
            text("UPDATE articles SET story_id = (SELECT story_id FROM articles WHERE id = :first) WHERE id = :id"), ids
        )
    alerts.match(receipt.id, watch_id)
    with desk.database.transaction() as tx:
        due = list(tx.execute(text("SELECT id FROM messages WHERE type = 'WatchMatched'")).scalars())
        claim = messages.claim(tx, "WatchMatched", due, now=system_clock(), lease_seconds=60, holder="test:1")
        alerts.context.catalogue.refresh(desk.database, revisions.get_revisions(tx))
    (record,) = STAGES["alert"].function(claim.messages, alerts.context)
    return record, receipt.id


def erase_by_age(desk: Desk, article_id: str) -> None:
    with desk.database.transaction() as tx:
        long_ago = {"at": datetime.now(UTC) - timedelta(days=400), "id": int(article_id)}
        tx.execute(text("UPDATE articles SET first_seen_at = :at WHERE id = :id"), long_ago)
    with desk.database.transaction() as tx:
        assert erasures.erase_expired(tx, datetime.now(UTC) - timedelta(days=30), 10) == 1


def in_a_thread(work: Callable[[], None]) -> tuple[threading.Thread, list[Exception]]:
    faults = list[Exception]()

    def run() -> None:
        try:
            work()
        except DatabaseUnavailableError as error:
            faults.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, faults


@pytest.mark.parametrize("take_out", [erase, erase_by_age])
def test_what_was_told_before_an_erasing_that_began_earlier_is_found_by_it(
    desk: Desk, take_out: Callable[[Desk, str], None]
) -> None:
    """It waits for those who may quote the article, and then sees what they wrote."""
    article_id = tell_all(desk)
    record, other_id = tell_of_another(desk, article_id)
    with desk.database.transaction() as tx:
        record.write(tx, frozenset({other_id}))
        eraser, faults = in_a_thread(lambda: take_out(desk, article_id))
        wait_for_a_blocked_transaction(desk.database)
    eraser.join(timeout=20)

    assert faults == []
    assert bodies_that_tell_of(desk.database, other_id) == 3
    assert SECRET not in log_of(desk)


def test_what_is_told_while_it_is_erased_does_not_quote_it(desk: Desk) -> None:
    article_id = tell_all(desk)
    record, other_id = tell_of_another(desk, article_id)

    def tell() -> None:
        with desk.database.transaction() as tx:
            record.write(tx, frozenset({other_id}))

    with desk.database.transaction() as tx:
        erasures.erase_article(tx, article_id)
        teller, faults = in_a_thread(tell)
        wait_for_a_blocked_transaction(desk.database)
    teller.join(timeout=20)

    assert faults == []
    assert bodies_that_tell_of(desk.database, other_id) == 3
    assert SECRET not in log_of(desk)


def bodies_that_tell_of(database: Database, article_id: str) -> int:
    with database.transaction() as tx:
        told = tx.execute(
            text("""
                SELECT count(*) FROM deliveries d JOIN delivery_updates du ON du.delivery_id = d.id
                JOIN updates u ON u.id = du.update_id WHERE u.article_ids = ARRAY[CAST(:id AS bigint)]
            """),
            {"id": int(article_id)},
        )
        count: int = told.scalar_one()
    return count
