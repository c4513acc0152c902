"""Reading updates behind a cursor, and alerts as files."""

import csv
import io
import json
import threading
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.integration.api.scene import Scene, make_scene, tell, tell_in
from wirewatch import migrate
from wirewatch.db import Database
from wirewatch.store import watches


def pull(client: TestClient, after: str, limit: int = 100) -> tuple[list[dict[str, Any]], str]:
    answer = client.get("/v1/alerts", params={"after": after, "limit": limit})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"], answer.json()["next"]


def test_each_update_is_read_once_in_pages(client: TestClient, database: Database, scene: Scene) -> None:
    for seq in range(2, 12):
        tell(database, scene.alert_id, seq, scene.article_id)
    seen, after = list[int](), "0"
    while True:
        items, following = pull(client, after, limit=3)
        if not items:
            break
        seen += [item["update"]["seq"] for item in items]
        assert all(len(item["updates"]) == item["update"]["seq"] for item in items)
        after = following
    assert seen == list(range(1, 12))
    assert following == after
    tell(database, scene.alert_id, 12, scene.article_id)
    assert [item["update"]["seq"] for item in pull(client, after)[0]] == [12]


def test_nothing_is_read_past_a_transaction_that_still_runs(
    client: TestClient, database: Database, scene: Scene
) -> None:
    """Updates are committed in the reverse order of their ids; a reader between the commits misses none."""
    scenes = [make_scene(database, number) for number in range(2, 6)]
    _, after = pull(client, "0")
    told, commit = list[str](), [threading.Event() for _ in scenes]
    began = [threading.Event() for _ in scenes]

    def write(place: int) -> None:
        with database.transaction() as tx:
            told.append(tell_in(tx, scenes[place].alert_id, 2, scenes[place].article_id))
            began[place].set()
            commit[place].wait(20)

    threads = []
    for place in range(len(scenes)):
        threads.append(threading.Thread(target=write, args=(place,)))
        threads[-1].start()
        assert began[place].wait(20)
    read = list[str]()
    for place in reversed(range(len(scenes))):
        commit[place].set()
        threads[place].join(20)
        items, after = pull(client, after)
        read += [item["update"]["id"] for item in items]
        assert (read == []) == (place > 0), "read past a transaction that still ran"
    assert read == told == sorted(told, key=int)


def test_a_dump_in_a_cluster_with_lower_transactions_is_read_on_where_it_was_left(
    client: TestClient, database: Database, scene: Scene
) -> None:
    for seq in range(2, 6):
        tell(database, scene.alert_id, seq, scene.article_id)
    with database.transaction() as tx:  # as it was written in the cluster that the dump was made of
        tx.execute(text("UPDATE updates SET written_by = written_by + 1000000"))
        places = tx.execute(text("SELECT written_by || '-' || id FROM updates ORDER BY id")).scalars().all()
    tell(database, scene.alert_id, 6, scene.article_id)
    unread = [item["update"]["seq"] for item in pull(client, "0")[0]]
    assert unread == [6], "the fault did not strike"

    migrate.upgrade(database)

    for after, expected in (("0", [1, 2, 3, 4, 5, 6]), (places[2], [4, 5, 6]), (places[-1], [6])):
        items, following = pull(client, after)
        assert [item["update"]["seq"] for item in items] == expected
        assert pull(client, following)[0] == []
    tell(database, scene.alert_id, 7, scene.article_id)
    migrate.upgrade(database)
    assert [item["update"]["seq"] for item in pull(client, following)[0]] == [7]


def test_a_cursor_outlives_the_update_it_stands_behind(client: TestClient, database: Database, scene: Scene) -> None:
    other = make_scene(database, 2)
    _, after = pull(client, "0")
    with database.transaction() as tx:
        watches.delete(tx, other.watch_id)
    tell(database, scene.alert_id, 2, scene.article_id)
    assert [item["update"]["seq"] for item in pull(client, after)[0]] == [2]


def test_an_events_id_and_an_updates_id_are_cursors_too(client: TestClient, scene: Scene) -> None:
    items, after = pull(client, "0")
    assert pull(client, items[-1]["update"]["id"])[0] == []
    assert pull(client, after)[0] == []
    for odd in ("nonsense", "99999", "1-", "-", "0x1"):
        answer = client.get("/v1/alerts", params={"after": odd})
        assert answer.status_code == 422, odd
        assert answer.json()["errors"][0]["pointer"] == "/after"
    assert client.get("/v1/alerts", params={"after": "0", "state": "open"}).status_code == 422


def test_alerts_as_files(client: TestClient, database: Database, scene: Scene) -> None:
    other = make_scene(database, 2)
    with database.transaction() as tx:
        tx.execute(text("UPDATE watches SET name = '=HYPERLINK(1)' WHERE id = :id"), {"id": int(other.watch_id)})
    lines = client.get("/v1/alerts/export").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [other.alert_id, scene.alert_id]
    answer = client.get("/v1/alerts/export", params={"format": "csv", "watch_id": other.watch_id})
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="alerts.csv"' in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["id"], row["watch_name"], row["evidence"]) == (other.alert_id, "'=HYPERLINK(1)", "Port")
    assert client.get("/v1/alerts/export", params={"since": "2999-01-01T00:00:00Z"}).text == ""
    assert client.get("/v1/alerts/export", params={"format": "xml"}).status_code == 422
    assert client.get("/v1/alerts/export", params={"since": "soon"}).status_code == 422
