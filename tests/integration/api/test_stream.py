"""The stream of alerts over a real connection: in order, without a gap, and never ahead of a running transaction."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text

from api.app import build_app
from api.stream import Event, UpdateStream
from tests.factories import BOOTSTRAP_KEY, bearer
from tests.integration.api.scene import Scene, make_scene, tell, tell_in
from wirewatch.client import StreamEvent, parse_events
from wirewatch.db import Database
from wirewatch.settings import Settings
from wirewatch.store import watches
from wirewatch.store.views.alerts import Position

TIMEOUT_SECONDS = 20


@pytest.fixture
def address(database: Database, settings: Settings) -> Iterator[str]:
    """The API in a real server."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build_app(database, settings), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(TIMEOUT_SECONDS)
    assert not thread.is_alive()


@pytest.fixture
def other_scene(database: Database, scene: Scene) -> Scene:
    return make_scene(database, number=2)


@contextmanager
def stream(address: str, last_event_id: str | None = None) -> Iterator[Iterator[StreamEvent]]:
    headers = bearer(BOOTSTRAP_KEY) | ({"Last-Event-ID": last_event_id} if last_event_id else {})
    url = f"{address}/v1/alerts/stream"
    with httpx.stream("GET", url, headers=headers, timeout=TIMEOUT_SECONDS) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield parse_events(response.iter_lines())


def take(events: Iterator[StreamEvent], count: int) -> list[dict[str, Any]]:
    taken = []
    for _ in range(count):
        event = next(events)
        assert event.event == "update"
        alert = json.loads(event.data)
        assert (event.id or "").endswith(f"-{alert['update']['id']}")
        taken.append(alert)
    return taken


def test_an_update_is_told_as_soon_as_it_is_committed(address: str, database: Database, scene: Scene) -> None:
    with stream(address) as events:
        started = time.monotonic()
        tell(database, scene.alert_id, 2, scene.article_id)
        alert = take(events, 1)[0]
        assert time.monotonic() - started < 1.5  # woken, not found by a tick

    assert (alert["id"], alert["watch_name"], alert["story_id"]) == (scene.alert_id, "Ports", scene.story_id)
    assert alert["update"]["seq"] == 2
    assert [update["seq"] for update in alert["updates"]] == [1, 2]
    assert alert["evidence"][0]["text"] == "Port"


def test_a_reader_who_comes_back_is_told_what_was_missed(address: str, database: Database, scene: Scene) -> None:
    with stream(address) as events:
        tell(database, scene.alert_id, 2, scene.article_id)
        last = take(events, 1)[0]["update"]["id"]
    for seq in range(3, 8):
        tell(database, scene.alert_id, seq, scene.article_id)

    with stream(address, last) as events:
        assert [alert["update"]["seq"] for alert in take(events, 5)] == [3, 4, 5, 6, 7]
        tell(database, scene.alert_id, 8, scene.article_id)
        assert take(events, 1)[0]["update"]["seq"] == 8


def test_nothing_is_skipped_that_an_older_transaction_commits_later(
    scene: Scene, other_scene: Scene, address: str, database: Database
) -> None:
    with stream(address) as events:
        with database.transaction() as slow:
            first = tell_in(slow, scene.alert_id, 2, scene.article_id)
            # Committed first, although its transaction began later: it must wait its turn.
            tell(database, other_scene.alert_id, 2, other_scene.article_id)
            time.sleep(0.3)
        told = take(events, 2)

    assert [alert["id"] for alert in told] == [scene.alert_id, other_scene.alert_id]
    assert told[0]["update"]["id"] == first


def test_many_readers_are_told_the_same(address: str, database: Database, scene: Scene) -> None:
    with ExitStack() as open_streams:
        readers = [open_streams.enter_context(stream(address)) for _ in range(5)]
        for seq in range(2, 12):
            tell(database, scene.alert_id, seq, scene.article_id)
        for events in readers:
            assert [alert["update"]["seq"] for alert in take(events, 10)] == list(range(2, 12))


def test_a_reader_whose_missed_updates_were_deleted_waits_for_the_next_one(
    scene: Scene, other_scene: Scene, address: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stream(address), database.transaction() as tx:  # by now the server has begun, behind both scenes
        seen = str(tx.execute(text("SELECT min(id) FROM updates")).scalar())
        watches.delete(tx, other_scene.watch_id)
    reads = list[Position]()
    read = UpdateStream._read

    def counted(self: UpdateStream, position: Position) -> list[Event]:
        reads.append(position)
        return read(self, position)

    monkeypatch.setattr(UpdateStream, "_read", counted)
    with stream(address, seen) as events:
        time.sleep(0.5)
        assert len(reads) < 10, "it asked for the deleted update again and again"
        tell(database, scene.alert_id, 2, scene.article_id)
        assert take(events, 1)[0]["update"]["seq"] == 2


def test_an_unknown_last_event_begins_now(address: str, database: Database, scene: Scene) -> None:
    for odd in ("nonsense", "999999"):
        with stream(address, odd) as events:
            tell(database, scene.alert_id, 2 if odd == "nonsense" else 3, scene.article_id)
            assert len(take(events, 1)) == 1


def test_a_listener_that_was_cut_off_comes_back_and_misses_nothing(
    address: str, database: Database, scene: Scene
) -> None:
    with stream(address) as events:
        with database.transaction() as tx:
            cut = text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = :name"
            )
            assert tx.execute(cut, {"name": database.url.rpartition("/")[2]}).all() == [(True,)]
        tell(database, scene.alert_id, 2, scene.article_id)
        assert take(events, 1)[0]["update"]["seq"] == 2
