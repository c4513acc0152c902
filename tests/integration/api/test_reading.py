"""What the stages wrote, in the shapes of the public contract."""

import random
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from ingest.receive import receive
from tests.factories import place, submission
from tests.integration.api.scene import TEXT, Scene, analysis, make_article, make_scene
from wirewatch.db import Database
from wirewatch.store import stories
from wirewatch.store.receipts import Receipt
from wirewatch.store.views import articles


def get(client: TestClient, path: str, **params: Any) -> Any:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def test_an_article_with_what_was_found_in_it(client: TestClient, scene: Scene) -> None:
    article = get(client, f"/v1/articles/{scene.article_id}")

    assert article["source"]["domain"] == "news.example"
    assert (article["lang"], article["stage"], article["story_id"]) == ("en", "clustered", scene.story_id)
    assert article["published_at"] == "2026-03-03T09:30:00Z"
    assert [version["version"] for version in article["versions"]] == [1]
    mention = article["mentions"][0]
    assert set(mention) == {"entity_id", "name", "type", "label", "text", "start", "end", "field", "score"}
    assert TEXT[mention["start"] : mention["end"]] == mention["text"]
    assert article["topics"][0]["evidence"][0] == {"start": 30, "end": 42, "text": "Vessel Group", "field": "text"}
    assert article["claims"][0]["items"] == ["port"]


def test_of_a_new_version_nothing_old_is_shown(client: TestClient, scene: Scene, database: Database) -> None:
    receive(database, [submission(1, text="Another text.")])
    article = get(client, f"/v1/articles/{scene.article_id}")
    assert (article["version"], article["text"], article["stage"]) == (2, "Another text.", "received")
    assert article["mentions"] == article["topics"] == article["claims"] == []
    assert len(article["versions"]) == 2


def test_articles_are_listed_newest_first_page_by_page(client: TestClient, database: Database) -> None:
    receive(database, [submission(number) for number in range(7)])
    titles, cursor = [], ""
    while True:
        page = get(client, "/v1/articles", limit=3, cursor=cursor)
        titles += [article["title"] for article in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert titles == [f"Harbour dredging enters week {number}" for number in range(6, -1, -1)]


def test_pages_of_very_long_articles_are_shorter_but_complete(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "PAGE_BYTES", 50_000)
    texts = [random.Random(number).randbytes(15_000).hex() for number in range(4)]
    receive(database, [submission(number, text=text) for number, text in enumerate(texts)])
    pages = [get(client, "/v1/articles")]
    while pages[-1]["next"]:
        pages.append(get(client, "/v1/articles", cursor=pages[-1]["next"]))
    assert len(pages) > 1
    assert sum(len(page["items"]) for page in pages) == 4


def test_articles_are_filtered(client: TestClient, scene: Scene, database: Database) -> None:
    receive(database, [submission(2)])
    for params in (
        {"story_id": scene.story_id},
        {"topic_id": "arms-transfers"},
        {"stage": "clustered"},
        {"lang": "en"},
        {"q": "aldermouth"},
        {"q": 'topic:arms-transfers AND org:"Vessel Group" -dredging'},
    ):
        assert [one["id"] for one in get(client, "/v1/articles", **params)["items"]] == [scene.article_id], params
    assert get(client, "/v1/articles", q="nowhere") == {"items": [], "next": None}
    assert get(client, "/v1/articles", since="2999-01-01T00:00:00Z")["items"] == []


def test_a_search_goes_on_where_its_page_ended(client: TestClient, database: Database) -> None:
    receive(database, [submission(number) for number in range(5)])
    first = get(client, "/v1/articles", q="harbour", limit=2)
    second = get(client, "/v1/articles", q="harbour", limit=3, cursor=first["next"])
    assert len({one["id"] for one in first["items"] + second["items"]}) == 5


def test_a_story(client: TestClient, scene: Scene) -> None:
    story = get(client, f"/v1/stories/{scene.story_id}")
    assert story["article_ids"] == [scene.article_id]
    assert (story["sources"], story["independent_sources"]) == (["Example News"], 1)
    assert story["first_seen_at"] == story["last_seen_at"] == "2026-03-03T09:30:00Z"
    assert story["entities"] == [{"id": "north-korea", "name": "North Korea", "type": "place", "articles": 1}]
    assert story["topics"][0]["id"] == "arms-transfers"
    assert story["claims"] == story["conflicts"] == []
    assert [entry["article_id"] for entry in story["timeline"]] == [scene.article_id]
    assert get(client, "/v1/stories")["items"] == [story]
    assert get(client, "/v1/stories", q="ALDERMOUTH")["items"] == [story]


def test_an_alert_with_its_updates_and_evidence(client: TestClient, scene: Scene) -> None:
    alert = get(client, f"/v1/alerts/{scene.alert_id}")
    assert (alert["watch_id"], alert["story_id"], alert["state"]) == (scene.watch_id, scene.story_id, "open")
    assert (alert["watch_name"], alert["story_title"]) == ("Ports", "Port of Aldermouth sold to Vessel Group")
    assert alert["article_ids"] == [scene.article_id]
    assert set(alert["evidence"][0]) == {
        "clause",
        "kind",
        "article_id",
        "field",
        "start",
        "end",
        "text",
        "ref_id",
        "meaning",
    }
    update = alert["updates"][0]
    assert set(update) == {"id", "seq", "reason", "changes", "article_ids", "created_at"}
    assert (update["seq"], update["reason"], update["article_ids"]) == (1, "new_story", [scene.article_id])
    assert get(client, "/v1/alerts", state="open", watch_id=scene.watch_id)["items"] == [alert]
    assert get(client, "/v1/alerts", state="dismissed")["items"] == []


def test_an_alert_is_acknowledged_and_opened_again(client: TestClient, scene: Scene) -> None:
    for state in ("acknowledged", "dismissed", "open"):
        answer = client.patch(f"/v1/alerts/{scene.alert_id}", json={"state": state, "reason": "checked"})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert client.patch(f"/v1/alerts/{scene.alert_id}", json={"state": "gone"}).status_code == 422


def test_an_erased_article_is_gone_with_its_quotations(client: TestClient, scene: Scene) -> None:
    assert client.delete(f"/v1/articles/{scene.article_id}").status_code == 204

    assert client.get(f"/v1/articles/{scene.article_id}").status_code == 404
    assert client.delete(f"/v1/articles/{scene.article_id}").status_code == 404
    assert client.get(f"/v1/stories/{scene.story_id}").status_code == 404
    assert get(client, "/v1/stories")["items"] == []
    # It stays to be withdrawn.
    (alert,) = get(client, "/v1/alerts")["items"]
    assert (alert["story_title"], alert["article_ids"], alert["evidence"]) == ("", [], [])
    assert get(client, "/v1/pipeline")["stages"]["settle"]["pending"] == 1


def test_a_story_forgets_an_erased_article_and_is_looked_at_again(
    client: TestClient, scene: Scene, database: Database
) -> None:
    other = make_article(database, 2)
    with database.transaction() as tx:
        place(tx, [other], scene.story_id)
        facts = stories.get_facts(tx, [scene.story_id])[scene.story_id]
        claims = (*analysis(scene.article_id).claims, *analysis(other).claims)
        told = replace(facts, article_ids=(scene.article_id, other), claims=claims)
        stories.update_facts(tx, {scene.story_id: told})

    client.delete(f"/v1/articles/{scene.article_id}")

    story = get(client, f"/v1/stories/{scene.story_id}")
    assert story["article_ids"] == [entry["article_id"] for entry in story["timeline"]] == [other]
    assert [claim["id"] for claim in story["claims"]] == [f"{other}.1.0"]
    alert = get(client, f"/v1/alerts/{scene.alert_id}")
    assert alert["article_ids"] == alert["evidence"] == []
    assert get(client, "/v1/pipeline")["stages"]["rematch"]["pending"] == 1


def test_the_pipeline_counts_what_waits(client: TestClient, database: Database) -> None:
    make_article(database)
    assert get(client, "/v1/pipeline")["pending"] == 0
    receive(database, [submission(number) for number in range(3)])
    pipeline = get(client, "/v1/pipeline")
    assert (pipeline["pending"], pipeline["scheduled"], pipeline["quarantined"]) == (3, 0, 0)
    assert (pipeline["flow"], pipeline["stalled_since"]) == ("ok", None)
    assert pipeline["stages"]["dedupe"]["pending"] == 3


def test_sources_are_listed(client: TestClient, scene: Scene) -> None:
    sources = get(client, "/v1/sources")["items"]
    assert [source["domain"] for source in sources] == ["news.example"]
    assert get(client, f"/v1/sources/{sources[0]['id']}") == sources[0]


def test_a_story_that_was_merged_leads_to_the_one_that_lives_on(
    client: TestClient, scene: Scene, database: Database
) -> None:
    other = make_scene(database, 2)
    with database.transaction() as tx:
        tx.execute(
            text("UPDATE stories SET merged_into = :into WHERE id = :id"),
            {"into": scene.story_id, "id": other.story_id},
        )
    moved = client.get(f"/v1/stories/{other.story_id}", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/stories/{scene.story_id}")
    assert get(client, f"/v1/stories/{other.story_id}")["id"] == scene.story_id
    assert [story["id"] for story in get(client, "/v1/stories")["items"]] == [scene.story_id]


def test_quarantined_work_is_shown_and_tried_again(client: TestClient, database: Database) -> None:
    receipt = receive(database, [submission(1)])[0]
    assert isinstance(receipt, Receipt)
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET quarantined_at = now(), attempts = 5, last_error = 'ValueError: no'"))
        tx.execute(text("UPDATE articles SET stage = 'quarantined'"))

    shown = get(client, "/v1/quarantine")["items"][0]
    assert (shown["type"], shown["stage"], shown["subject_id"]) == ("ArticleReceived", "dedupe", receipt.id)
    assert (shown["attempts"], shown["last_error"]) == (5, "ValueError: no")
    assert get(client, "/v1/pipeline")["quarantined"] == 1

    answer = client.post(f"/v1/quarantine/{shown['id']}/retry")

    assert (answer.status_code, answer.json()["pending"], answer.json()["quarantined"]) == (202, 1, 0)
    assert get(client, f"/v1/articles/{receipt.id}")["stage"] == "received"
    assert get(client, "/v1/quarantine")["items"] == []
    assert client.post(f"/v1/quarantine/{shown['id']}/retry").status_code == 404


def test_to_try_old_work_again_says_nothing_of_a_later_version(client: TestClient, database: Database) -> None:
    (receipt,) = receive(database, [submission(1)])
    assert isinstance(receipt, Receipt)
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET attempts = 5, quarantined_at = now()"))
        tx.execute(text("UPDATE articles SET version = 2, stage = 'matched'"))
    message_id = get(client, "/v1/quarantine")["items"][0]["id"]

    assert client.post(f"/v1/quarantine/{message_id}/retry").status_code == 202

    assert get(client, f"/v1/articles/{receipt.id}")["stage"] == "matched"


def test_work_that_nobody_does_is_a_stall_and_a_waiting_delivery_is_none(
    client: TestClient, database: Database
) -> None:
    with database.transaction() as tx:
        tx.execute(
            text("INSERT INTO messages (type, subject_id, due_at) VALUES ('DeliveryDue', 1, now() + interval '1 hour')")
        )
    pipeline = get(client, "/v1/pipeline")
    assert (pipeline["pending"], pipeline["scheduled"], pipeline["flow"]) == (0, 1, "ok")

    receive(database, [submission(1)])
    with database.transaction() as tx:
        tx.execute(text("UPDATE messages SET created_at = now() - interval '5 minutes'"))
    pipeline = get(client, "/v1/pipeline")
    assert (pipeline["pending"], pipeline["flow"]) == (1, "stalled")
    assert pipeline["stalled_since"].endswith("Z")

    with database.transaction() as tx:
        tx.execute(
            text("UPDATE messages SET leased_until = now() + interval '10 seconds' WHERE type = 'ArticleReceived'")
        )
    assert get(client, "/v1/pipeline")["flow"] == "ok"


def test_an_article_is_taken_back_and_stands_again(client: TestClient, scene: Scene) -> None:
    path = f"/v1/articles/{scene.article_id}"
    assert get(client, path)["retraction"] is None
    answer = client.put(f"{path}/retraction", json={"reason": "the port was never sold"})
    assert answer.status_code == 200, answer.text
    retraction = answer.json()["retraction"]
    assert (retraction["by"], retraction["reason"]) == ("user", "the port was never sold")
    assert client.put(f"{path}/retraction", json={"why": ""}).status_code == 422
    assert client.delete(f"{path}/retraction").status_code == 204
    assert get(client, path)["retraction"] is None
    assert get(client, "/v1/pipeline")["stages"]["cluster"]["pending"] == 2
    for call in (client.put("/v1/articles/999/retraction", json={}), client.delete("/v1/articles/x/retraction")):
        assert call.status_code == 404


def test_each_version_keeps_its_text(client: TestClient, scene: Scene, database: Database) -> None:
    receive(database, [submission(1, text="Another text.")])
    path = f"/v1/articles/{scene.article_id}/versions"
    first, second = get(client, f"{path}/1"), get(client, f"{path}/2")
    assert (first["text"], second["text"], second["version"]) == (TEXT, "Another text.", 2)
    assert first["changes"] is None
    assert [client.get(f"{path}/{version}").status_code for version in ("3", "0", "x")] == [404, 404, 404]
