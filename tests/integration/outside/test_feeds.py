"""Looking at the world for people who add feeds: a real site on loopback, through the service."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text

from ingest import discovery, parts
from ingest.app import build_app
from ingest.pages import fetch
from tests.factories import BOOTSTRAP_KEY, bearer, make_key
from wirewatch.db import Database
from wirewatch.settings import Settings

SENTENCES = " ".join(f"The night ferry sails {n} minutes later because of ice, the port said." for n in range(30))
ITEMS = "".join(
    f"<item><guid>item-{n}</guid><link>{{url}}/story</link><title>Ferry {n}</title><description>Late ...</description>"
    f"<pubDate>Mon, 0{n} Mar 2026 10:00:00 GMT</pubDate></item>"
    for n in (1, 2)
)
FEED = f"<rss version='2.0'><channel><title>Harbour</title><language>en</language>{ITEMS}<item/></channel></rss>"
NEWS = "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>{url}/story</loc></url></urlset>"
PAGES = {
    "/": ("text/html", "<html><link rel=alternate type=application/rss+xml href=/feed.xml><a href=/about>about</a>"),
    "/feed.xml": ("application/rss+xml", FEED),
    "/bare": ("text/html", "<html><body>nothing here</body></html>"),
    "/robots.txt": ("text/plain", "Sitemap: {url}/index.xml\nUser-agent: *\nDisallow: /no"),
    "/index.xml": ("text/xml", "<sitemapindex><sitemap><loc>{url}/news.xml</loc></sitemap></sitemapindex>"),
    "/news.xml": ("text/xml", NEWS),
    "/plain.xml": ("text/xml", "<urlset><url><loc>{url}/story</loc></url></urlset>"),
    "/plain-index.xml": ("text/xml", "<sitemapindex><sitemap><loc>{url}/plain.xml</loc></sitemap></sitemapindex>"),
    "/story": (
        "text/html",
        f"<html><title>Ferry</title><body><article><p>{SENTENCES}</p></article></body>",
    ),
    "/picture": ("image/png", "\x89PNG"),
}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = PAGES.get(self.path, ("", ""))
            self.send_response(200 if kind else 404)
            self.send_header("content-type", kind or "text/html")
            raw = body.replace("{url}", url).encode("latin-1")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "GAP_SECONDS", 0.0)
    monkeypatch.setattr(fetch, "GAP_SECONDS", 0.0)


@pytest.fixture(scope="module")
def client(shared_database: Database) -> Iterator[TestClient]:
    settings = Settings(bootstrap_key=SecretStr(BOOTSTRAP_KEY), egress_allow=(ip_network("127.0.0.0/8"),))
    app = build_app(shared_database, settings)
    with TestClient(app, raise_server_exceptions=False, headers=bearer(BOOTSTRAP_KEY)) as made:
        yield made


def ask(client: TestClient, call: str, **body: Any) -> Any:
    response = client.post(f"/v1/feeds/{call}", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_feeds_of_a_page_are_found_and_read(client: TestClient, site: str) -> None:
    found = ask(client, "discover", url=f"{site}/")["feeds"]
    assert [(feed["url"].removeprefix(site), feed["kind"], feed["found_as"]) for feed in found] == [
        ("/feed.xml", "feed", "link"),
        ("/news.xml", "sitemap", "sitemap"),
    ]
    assert (found[0]["title"], found[0]["latest_at"]) == ("Harbour", "2026-03-02T10:00:00Z")


def test_an_address_that_is_a_feed_is_found_as_itself(client: TestClient, site: str) -> None:
    (feed,) = ask(client, "discover", url=f"{site}/feed.xml")["feeds"]
    assert feed["found_as"] == "itself"
    (sitemap,) = ask(client, "discover", url=f"{site}/index.xml")["feeds"]
    assert sitemap["url"] == f"{site}/news.xml"


@pytest.mark.parametrize("path", ["/plain.xml", "/plain-index.xml"])
def test_a_sitemap_without_news_is_offered_to_who_gives_its_address(client: TestClient, site: str, path: str) -> None:
    (found,) = ask(client, "discover", url=site + path)["feeds"]
    assert (found["url"], found["kind"], found["found_as"]) == (site + path, "sitemap", "itself")


def test_the_entries_of_an_index_are_those_of_its_sitemaps(
    client: TestClient, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GAP_SECONDS", 0.0)
    found = ask(client, "check", url=f"{site}/index.xml", kind="sitemap")
    assert (found["error"], [entry["url"] for entry in found["entries"]]) == (None, [f"{site}/story"])


def test_a_page_without_links_leads_to_the_usual_places(client: TestClient, site: str) -> None:
    found = ask(client, "discover", url=f"{site}/bare")
    assert {feed["found_as"] for feed in found["feeds"]} == {"path", "sitemap"}


def test_where_nothing_is_the_notes_say_so(client: TestClient, site: str) -> None:
    found = ask(client, "discover", url=f"{site}/missing")
    assert found["feeds"] == []
    assert "404" in found["notes"][0]


def test_a_dry_run_shows_what_would_be_read_and_stores_nothing(
    client: TestClient, site: str, shared_database: Database
) -> None:
    found = ask(client, "check", url=f"{site}/feed.xml", full_text="auto")

    assert (found["error"], found["title"], found["lang"]) == (None, "Harbour", "en")
    assert [entry["identity"] for entry in found["entries"]][:2] == ["item-1", "item-2"]
    assert found["entries"][0]["published_at"] == "2026-03-01T10:00:00Z"
    assert found["entries"][0]["text_from"] == "page"
    assert (found["page"]["state"], found["page"]["text_characters"]) == ("read", len(SENTENCES))
    assert any("ETag" in warning for warning in found["warnings"])
    with shared_database.transaction() as tx:
        assert tx.execute(text("SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM feeds)")).scalar() == 0


def test_without_full_text_nothing_but_the_feed_is_asked_for(client: TestClient, site: str) -> None:
    found = ask(client, "check", url=f"{site}/feed.xml")
    assert found["page"] is None
    assert any("cut short" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("path", "kind", "error"),
    [("/", "feed", "web page"), ("/missing", "feed", "404"), ("/picture", "feed", "no feed"), ("/", "json", "JSON")],
)
def test_what_is_no_feed_is_said_in_words(client: TestClient, site: str, path: str, kind: str, error: str) -> None:
    assert error in ask(client, "check", url=site + path, kind=kind)["error"]


@pytest.mark.parametrize("call", ["check", "discover"])
@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "http://[::1]/"])
def test_no_request_goes_to_a_private_address(client: TestClient, call: str, url: str) -> None:
    response = client.post(f"/v1/feeds/{call}", json={"url": url})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/url"


def test_the_key_needs_the_scope_write(client: TestClient, shared_database: Database) -> None:
    headers = bearer(make_key(shared_database, "ingest", "read"))
    assert client.post("/v1/feeds/check", json={"url": "http://a.example/"}, headers=headers).status_code == 403
