"""One event, forty reprints and three material changes, through every stage: one alert, four updates."""

import json
import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.factories import make_watch
from tests.pipeline import make_context, run_until_done
from tests.unit.delivery.test_schema import SCHEMA, faults
from wirewatch import outbox
from wirewatch.clock import Clock
from wirewatch.db import Database
from wirewatch.errors import NotFoundError
from wirewatch.messages import NewMessage
from wirewatch.models import Policy
from wirewatch.store import erasures, retractions
from wirewatch.store.receipts import Receipt
from wirewatch.store.views import alerts as views
from wirewatch.store.views import stories as story_views
from wirewatch.store.views.alerts import AlertView
from worker import ledger
from worker.pipeline import PIPELINE, STAGES
from worker.stage import Context

AT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)

EVENT = (
    "Brazil has shipped mortars to Chile, officials in Lima allege. The mortars reached the port of Valparaiso on a "
    "freighter last week, according to the officials, who asked not to be named. Harbour workers unloaded the crates "
    "at night while soldiers closed the road along the quay."
)
DENIAL = (
    "Brazil denied that it has shipped mortars to Chile. A spokeswoman in Brasilia called the account of a freighter "
    "that reached the port of Valparaiso with mortars an invention."
)
MISSILES = (
    "Brazil has also shipped ballistic missiles to Chile, officials in Lima allege. The freighter that carried the "
    "mortars to the port of Valparaiso had the missiles in its second hold."
)
CONFIRMED = (
    "Brazil confirmed that it has shipped mortars to Chile. The defence minister acknowledged that the freighter which "
    "reached the port of Valparaiso last week carried the mortars."
)


class Wire:
    """Articles posted one after the other, each worked through before the next."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self.database = database
        self.context: Context = make_context(database, *([clock] if clock else []))
        self.number = 0

    def post(self, body: str, *sources: str, external_id: str | None = None) -> str:
        """-> the id of the last of these articles, one from each source."""
        receipts = self.accept([(source, body) for source in sources], external_id=external_id)
        run_until_done(self.context)
        return receipts[-1]

    def accept(self, reports: Sequence[tuple[str, str]], external_id: str | None = None) -> list[str]:
        """Articles, each given as its source and text, of which all the work is still to be done. -> their ids."""
        given = []
        for source, body in reports:
            self.number += 1
            given.append(
                Submission(
                    text=body,
                    title="Mortars for Chile",
                    source_name=source,
                    external_id=external_id or f"{source}-{self.number}",
                    published_at=AT + timedelta(minutes=self.number),
                )
            )
        return [one.id for one in receive(self.database, given) if isinstance(one, Receipt)]


def shown(database: Database) -> list[AlertView]:
    with database.transaction() as tx:
        return views.show(tx, views.find_ids(tx, views.AlertFilter(), before=None, limit=100))


def bodies(database: Database) -> list[Any]:
    with database.transaction() as tx:
        return [json.loads(body) for body in tx.execute(text("SELECT body FROM deliveries ORDER BY id")).scalars()]


def make_endpoint(database: Database) -> str:
    with database.transaction() as tx:
        made = tx.execute(
            text("INSERT INTO endpoints (name, url, shown_url, secrets) VALUES ('desk', '', '', '[]') RETURNING id")
        )
        return str(made.scalar_one())


def test_one_event_with_forty_reprints_and_three_changes_is_one_alert_with_four_updates(database: Database) -> None:
    make_watch(database, "Arms for Chile", "place:Chile AND mortars", policy=Policy(settle_seconds=0))
    wire = Wire(database)
    wire.post(EVENT, "The Fjord Post")
    wire.post(EVENT, *(f"Reprint {number}" for number in range(13)))
    denied = wire.post(DENIAL, "The Harbour Bee")
    wire.post(EVENT, *(f"Reprint {number}" for number in range(13, 26)))
    more = wire.post(MISSILES, "The Fjord Post")
    wire.post(EVENT, *(f"Reprint {number}" for number in range(26, 40)))
    confirmed = wire.post(CONFIRMED, "The Harbour Bee")

    (alert,) = shown(database)
    assert len(alert.article_ids) == 44
    assert [update.reason for update in alert.updates] == ["new_story", *["material_change"] * 3]
    assert [update.article_ids for update in alert.updates[1:]] == [[denied], [more], [confirmed]]
    assert [update.changes[0] for update in alert.updates[1:]] == [
        "status of 'Brazil supplies mortars to Chile' went from reported to denied by Brazil",
        "new: 'Brazil supplies ballistic missiles to Chile', reported",
        "status of 'Brazil supplies mortars to Chile' went from denied to confirmed by Brazil",
    ]


CHANGES = [("The Harbour Bee", DENIAL), ("The Fjord Post", MISSILES), ("The Harbour Bee", CONFIRMED)]


def shuffled(seed: int) -> list[tuple[str, str]]:
    """Forty reprints with the three changes somewhere among them."""
    reports = [*((f"Reprint {number}", EVENT) for number in range(40)), *CHANGES]
    random.Random(seed).shuffle(reports)
    return reports


def check_told_once(database: Database) -> None:
    (alert,) = shown(database)
    assert len(alert.article_ids) == 44
    assert [update.reason for update in alert.updates] == ["new_story", *["material_change"] * 3]
    about = [
        ("Chile' went from" in one.changes[0], "ballistic missiles" in one.changes[0]) for one in alert.updates[1:]
    ]
    assert sorted(about) == [(False, True), (True, False), (True, False)]
    told = [one["update"]["seq"] for body in bodies(database) for one in body["data"]["alerts"]]
    assert sorted(told) == [1, 2, 3, 4]


@pytest.mark.parametrize("seed", [1, 2])
def test_in_whatever_order_reprints_and_changes_come_each_is_told_once(database: Database, seed: int) -> None:
    make_endpoint(database)
    make_watch(database, "Arms for Chile", "place:Chile AND mortars")
    wire = Wire(database)
    wire.post(EVENT, "The Fjord Post")
    coming = shuffled(seed)
    while coming:
        size = random.Random(seed + len(coming)).randint(1, 12)
        wire.accept(coming[:size])
        coming = coming[size:]
        run_until_done(wire.context, batch=5)
    check_told_once(database)


def test_two_workers_tell_each_change_once(database: Database) -> None:
    make_endpoint(database)
    make_watch(database, "Arms for Chile", "place:Chile AND mortars")
    wire = Wire(database)
    wire.post(EVENT, "The Fjord Post")
    wire.accept(shuffled(3))
    work_together(database, workers=2)
    check_told_once(database)


def work_together(database: Database, workers: int) -> None:
    """So many workers take what waits, each in an order of its own and a few at a time, until nothing waits."""

    def work(place: int) -> None:
        context, chance = make_context(database), random.Random(place)
        while waiting := waiting_by_stage(database):
            name = chance.choice(sorted(waiting))
            ids = chance.sample(waiting[name], min(3, len(waiting[name])))
            ledger.run(STAGES[name], ids, context, f"test:{place}")

    threads = [threading.Thread(target=work, args=(place,)) for place in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
        assert not thread.is_alive()


def waiting_by_stage(database: Database) -> dict[str, list[int]]:
    """Whatever is in the ledger, also what the other worker holds."""
    names = {stage.takes: stage.name for stage in PIPELINE}
    with database.transaction() as tx:
        rows = tx.execute(text("SELECT type, array_agg(id) FROM messages WHERE quarantined_at IS NULL GROUP BY type"))
        return {names[type_]: ids for type_, ids in rows if names[type_] != "deliver"}


def test_a_new_watch_looks_back(database: Database) -> None:
    make_endpoint(database)
    wire = Wire(database)
    for body in (EVENT, DENIAL):
        wire.post(body, "The Fjord Post")
    watch_id = make_watch(database, "Arms for Chile", "place:Chile AND mortars", backfill_since=AT - timedelta(days=7))
    with database.transaction() as tx:
        outbox.put(tx, [NewMessage("BackfillDue", watch_id, payload={"since": "2026-01-01T00:00:00+00:00"})])
    run_until_done(wire.context)

    (alert,) = shown(database)
    assert len(alert.article_ids) == 2
    assert alert.updates[0].changes == ["found by looking back to 2026-02-24"]
    with database.transaction() as tx:
        held = tx.execute(text("SELECT state, reason FROM deliveries")).all()
    assert [tuple(one) for one in held] == [("held", "looking back")]


def erase(wire: Wire, article_id: str) -> None:
    with wire.database.transaction() as tx:
        erasures.erase_article(tx, article_id)


def take_back(wire: Wire, article_id: str) -> None:
    with wire.database.transaction() as tx:
        retractions.retract(tx, article_id, "invented")


def publish_retraction(wire: Wire, _: str) -> None:
    wire.post(f"This article has been retracted.\n\n{EVENT}", "The Fjord Post", external_id="event")


@pytest.mark.parametrize("withdraw", [erase, take_back, publish_retraction])
def test_an_alert_is_withdrawn_with_the_last_article_of_its_story(
    database: Database, withdraw: Callable[[Wire, str], None]
) -> None:
    make_endpoint(database)
    make_watch(database, "Arms for Chile", "place:Chile AND mortars")
    wire = Wire(database)
    article_id = wire.post(EVENT, "The Fjord Post", external_id="event")
    withdraw(wire, article_id)
    run_until_done(wire.context)

    (alert,) = shown(database)
    assert (alert.article_ids, alert.evidence) == ([], [])
    assert [update.reason for update in alert.updates] == ["new_story", "withdrawn"]
    withdrawn = bodies(database)[-1]
    assert [one["update"]["reason"] for one in withdrawn["data"]["alerts"]] == ["withdrawn"]
    assert withdrawn["data"]["story"]["id"] == alert.story_id
    assert faults(withdrawn, SCHEMA) == []


def test_of_a_story_that_was_erased_its_alert_quotes_nothing(database: Database) -> None:
    make_endpoint(database)
    make_watch(database, "Arms for Chile", "place:Chile AND mortars")
    wire = Wire(database)
    erase(wire, wire.post(EVENT, "The Fjord Post"))
    run_until_done(wire.context)

    (alert,) = shown(database)
    assert alert.story_title == ""
    told = bodies(database)[-1]["data"]
    assert (told["articles"], told["claims"], told["story"]["sources"]) == ([], [], [])
    assert "story" not in told["links"]
    with database.transaction() as tx, pytest.raises(NotFoundError):
        story_views.get(tx, alert.story_id, AT)
    # The same report again is another story.
    wire.post(EVENT, "The Fjord Post")
    assert [len(one.article_ids) for one in shown(database)] == [1, 0]


def test_what_goes_by_age_takes_nothing_back(database: Database) -> None:
    make_endpoint(database)
    make_watch(database, "Arms for Chile", "place:Chile AND mortars")
    wire = Wire(database)
    oldest = wire.post(MISSILES, "The Fjord Post")
    wire.post(EVENT, "The Harbour Bee")
    first_told = [[update.reason for update in alert.updates] for alert in shown(database)]
    with database.transaction() as tx:
        tx.execute(text("UPDATE articles SET first_seen_at = '2020-01-01' WHERE id = :id"), {"id": int(oldest)})
        assert erasures.erase_expired(tx, AT - timedelta(days=30), 10) == 1
    run_until_done(wire.context)
    assert [[update.reason for update in alert.updates] for alert in shown(database)] == first_told
    # What is said is compared with what is still said: the missiles are news again.
    wire.post(MISSILES, "The Fjord Post")
    assert shown(database)[0].updates[-1].changes[0] == "new: 'Brazil supplies ballistic missiles to Chile', reported"

    with database.transaction() as tx:
        assert erasures.erase_expired(tx, datetime.now(UTC) + timedelta(days=1), 10) == 2
    run_until_done(wire.context)
    assert shown(database) == []
    assert "withdrawn" not in {one["update"]["reason"] for body in bodies(database) for one in body["data"]["alerts"]}
