"""What the log of deliveries keeps of an article that was erased: nothing, in whatever form it was told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.integration.alerts.desk import NOON
from tests.integration.alerts.desk import Desk as AlertDesk
from tests.integration.delivery.conftest import Desk
from tests.integration.delivery.receiver import Arrival, status
from wirewatch.db import DatabaseUnavailableError, Transaction
from wirewatch.models import Policy, StoryFacts, Template
from wirewatch.store import deliveries, erasures, stories
from wirewatch.store.receipts import Receipt
from worker.delivery.schedule import HELD_BACK_SECONDS

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
