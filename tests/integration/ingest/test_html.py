"""HTML that is sent: the article of a whole page, all text of a fragment."""

import json
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text

from wirewatch.db import Database

SENTENCES = [f"The night ferry sails {n} minutes later because of ice, the port said in notice {n}." for n in range(12)]
FRAME = "<nav><a href=/>Home</a><a href=/sport>Sport</a></nav><div class=sidebar><p>Most read: ten harbours</p></div>"
HEAD = (
    "<head><title>Ferry delayed</title><meta name=author content='Ada Brook'>"
    "<meta property='article:published_time' content='2026-03-02T10:15:00Z'></head>"
)


def page(body: str) -> str:
    return (
        f"<!DOCTYPE html><html lang=en>{HEAD}<body>{FRAME}{body}<footer>Imprint and terms of use</footer></body></html>"
    )


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def test_of_a_page_the_article_is_taken(client: TestClient, database: Database) -> None:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    sent = {"html": page(f"<article>{paragraphs}</article>"), "url": "https://harbour.example/1"}

    assert client.post("/v1/articles", json=sent).status_code == 202
    assert client.post("/v1/articles", json=[sent]).json()["items"][0]["status"] == "known"

    stored = rows(database, "SELECT title, author, text, declared_lang, published_at::date::text FROM articles")
    assert stored == [("Ferry delayed", "Ada Brook", "\n\n".join(SENTENCES), "en", "2026-03-02")]


def test_what_was_said_with_the_page_comes_first(client: TestClient, database: Database) -> None:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    client.post("/v1/articles", json={"html": page(paragraphs), "title": "My title", "lang": "de"})
    assert rows(database, "SELECT title, declared_lang FROM articles") == [("My title", "de")]


def test_of_fragments_and_small_pages_nothing_is_left_out(client: TestClient, database: Database) -> None:
    fragments = [
        "<p>One.</p><ul><li>Two.</li></ul><table><tr><td>Three.</td></tr></table>",
        "<html><body><p>One.</p><div>Two.</div><p>Three.</p></body></html>",
        "<html><head><title>x</title></head><body>One. Two. Three.</body></html>",
    ]
    lines = "\n".join(json.dumps({"html": one, "external_id": one}) for one in fragments)

    client.post("/v1/articles", content=lines, headers={"Content-Type": "application/x-ndjson"})

    stored = rows(database, "SELECT text FROM articles ORDER BY id")
    assert [" ".join(found.split()) for (found,) in stored] == ["One. Two. Three."] * 3


def test_a_page_made_to_harm_is_read_as_a_fragment(client: TestClient, database: Database) -> None:
    sent = {"html": "<html><body><p>One.</p>" + "<p>" * 200_000 + "Two.</body></html>"}
    assert client.post("/v1/articles", json=sent).status_code == 202
    assert rows(database, "SELECT text FROM articles") == [("One.\n\nTwo.",)]
