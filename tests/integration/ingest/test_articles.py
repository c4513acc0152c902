"""POST /v1/articles on a real database: what is taken, what is known, and what comes after it in the ledger."""

import json
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.factories import article
from wirewatch.db import Database


def post(client: TestClient, body: Any) -> dict[str, Any]:
    response = client.post("/v1/articles", json=body)
    assert response.status_code in (200, 202), response.text
    answer: dict[str, Any] = response.json()
    return answer


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def messages(database: Database) -> list[tuple[Any, ...]]:
    return rows(database, "SELECT type, subject_id::text, subject_version FROM messages ORDER BY id")


def test_an_article_is_stored_with_the_work_that_follows(client: TestClient, database: Database) -> None:
    response = client.post("/v1/articles", json=article(1, lang="en"))

    assert response.status_code == 202
    assert response.json()["status"] == "accepted"
    article_id = response.json()["id"]
    assert messages(database) == [("ArticleReceived", article_id, 1)]
    stored = rows(
        database, "SELECT a.title, a.declared_lang, s.name, s.domain FROM articles a JOIN sources s ON s.id = source_id"
    )
    assert stored == [("Harbour dredging enters week 1", "en", "Example News", "news.example")]
    assert rows(database, "SELECT article_id::text, version FROM article_versions") == [(article_id, 1)]


def test_the_same_article_again_is_known_and_makes_no_work(client: TestClient, database: Database) -> None:
    first = post(client, article(1))
    shared = "https://WWW.news.example:443/articles/1/?utm_source=mail&fbclid=x#top"

    again = post(client, article(1, url=shared))

    assert again == {"id": first["id"], "status": "known"}
    assert len(messages(database)) == 1


def test_a_changed_text_is_a_new_version(client: TestClient, database: Database) -> None:
    first = post(client, article(1))

    changed = post(client, article(1, text="Dredging was stopped on Wednesday."))

    assert changed == {"id": first["id"], "status": "new_version"}
    assert messages(database)[1] == ("ArticleReceived", first["id"], 2)
    kept = rows(database, "SELECT version, text FROM article_versions ORDER BY version")
    assert [version for version, _ in kept] == [1, 2]
    assert kept[1][1] == "Dredging was stopped on Wednesday."


def test_the_source_s_own_id_comes_before_the_address(client: TestClient) -> None:
    first = post(client, article(1, external_id="A-1"))
    moved = post(client, article(1, external_id="A-1", url="https://news.example/moved"))
    other = post(client, article(1, external_id="A-2"))

    assert moved == {"id": first["id"], "status": "known"}
    assert other["status"] == "accepted"


def test_without_address_the_same_text_from_another_source_is_another_article(client: TestClient) -> None:
    here = {"text": "The ferry is late.", "source": {"name": "Harbour Post"}}
    there = {"text": "The ferry is late.", "source": {"name": "Island Mail"}}

    answers = post(client, [here, there, here])["items"]

    assert [answer["status"] for answer in answers] == ["accepted", "accepted", "known"]
    assert answers[0]["id"] == answers[2]["id"] != answers[1]["id"]


def test_a_title_alone_is_an_article(client: TestClient) -> None:
    assert post(client, {"title": "Ferry late again", "url": "https://news.example/h"})["status"] == "accepted"


def test_the_text_is_stored_as_it_was_posted(client: TestClient, database: Database) -> None:
    written = "  Tu\u0301-160\u00ad \r\n\tand \u200b\U0001f6a2  "
    post(client, article(1, text=written))
    assert rows(database, "SELECT text FROM articles") == [(written,)]


def test_html_becomes_text(client: TestClient, database: Database) -> None:
    post(client, {"html": "<p>The ferry is <b>late</b>.</p><script>alert(1)</script>", "title": "Ferry"})
    stored = rows(database, "SELECT text FROM articles")[0][0]
    assert "The ferry is late." in stored
    assert "alert" not in stored


def test_an_array_is_answered_in_its_order_with_a_problem_for_each_bad_item(client: TestClient) -> None:
    bodies = [article(1), {"title": 5}, article(2), {"nonsense": 1, "text": "x"}, [], article(1)]

    items = post(client, bodies)["items"]

    assert [item.get("status") for item in items] == ["accepted", None, "accepted", None, None, "known"]
    assert items[1]["error"]["status"] == 422
    assert items[1]["error"]["errors"][0]["pointer"] == "/title"
    assert items[3]["error"]["errors"][0]["pointer"] == "/nonsense"
    assert items[5]["id"] == items[0]["id"]


def test_versions_of_one_article_in_one_batch_follow_each_other(client: TestClient, database: Database) -> None:
    texts = ["one", "two", "two", "one"]

    items = post(client, [article(1, text=text) for text in texts])["items"]

    assert [item["status"] for item in items] == ["accepted", "new_version", "known", "new_version"]
    assert rows(database, "SELECT version, text FROM articles") == [(3, "one")]


def test_lines_are_answered_in_their_order(client: TestClient) -> None:
    lines = [json.dumps(article(1)), "{bad", "", json.dumps(article(2)), '{"text": NaN}', '"text"']

    response = client.post("/v1/articles", content="\r\n".join(lines), headers={"Content-Type": "application/x-ndjson"})

    assert response.status_code == 200
    items = response.json()["items"]
    assert [item.get("status") or item["error"]["status"] for item in items] == ["accepted", 400, "accepted", 400, 422]


def test_a_hundred_thousand_lines_with_bad_ones_among_them(client: TestClient, database: Database) -> None:
    lines = [json.dumps({"text": f"Ferry {number % 5000} is late."}) for number in range(100_000)]
    lines[7::1000] = ["{"] * 100

    response = client.post("/v1/articles", content="\n".join(lines), headers={"Content-Type": "application/x-ndjson"})

    items = response.json()["items"]
    assert len(items) == 100_000
    assert [number for number, item in enumerate(items) if "error" in item] == list(range(7, 100_000, 1000))
    articles = len(set(lines)) - 1
    assert (
        rows(database, "SELECT count(*) FROM articles")
        == rows(database, "SELECT count(*) FROM messages")
        == [(articles,)]
    )


def test_a_long_text_is_marked_to_be_published_alone(client: TestClient, database: Database) -> None:
    post(client, [article(1, text="word " * 50_000), article(2)])
    assert rows(database, "SELECT large FROM messages ORDER BY id") == [(True,), (False,)]


def test_a_source_first_met_by_address_learns_its_name(client: TestClient, database: Database) -> None:
    post(client, article(1, source=None))
    assert rows(database, "SELECT name FROM sources") == [("news.example",)]
    post(client, article(2))
    assert rows(database, "SELECT name FROM sources") == [("Example News",)]
