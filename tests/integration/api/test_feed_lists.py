"""Lists of feeds as OPML, and the choice of text for each publisher."""

import pytest
from fastapi.testclient import TestClient

from wirewatch.opml import parse_opml

OPML = {"Content-Type": "text/x-opml"}
LIST = b"""<opml version="2.0"><body>
  <outline text="Wires"><outline text="Harbour" xmlUrl="https://lists.example/a"/></outline>
  <outline text="Private" xmlUrl="http://10.0.0.1/feed"/>
  <outline text="File" xmlUrl="file:///etc/passwd"/>
  <outline text="Long" xmlUrl="https://lists.example/%s"/>
  <outline text="Last" xmlUrl="https://lists.example/b"/>
</body></opml>""" % (b"x" * 9000)


def test_a_list_comes_in_and_goes_out_again(client: TestClient) -> None:
    done = client.post("/v1/feeds/import?full_text=auto&tag=imported", content=LIST, headers=OPML)

    assert done.status_code == 200, done.text
    assert [item["status"] for item in done.json()["items"]] == ["created", "refused", "refused", "refused", "created"]
    assert (done.json()["created"], done.json()["refused"]) == (2, 3)
    feed = client.get(f"/v1/feeds/{done.json()['items'][0]['id']}").json()
    assert (feed["name"], feed["tags"], feed["full_text"]) == ("Harbour", ["imported", "Wires"], "auto")

    again = client.post("/v1/feeds/import", content=LIST, headers=OPML).json()
    assert (again["created"], again["known"]) == (0, 2)

    exported = client.get("/v1/feeds/export")
    assert exported.headers["content-type"].startswith("text/x-opml")
    listed = {feed.url: feed.tags for feed in parse_opml(exported.content)}
    assert listed["https://lists.example/a"] == ("imported", "Wires")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", OPML, 422),
        (b"<html></html>", OPML, 422),
        (b'<!DOCTYPE o [<!ENTITY a "b">]><opml/>', OPML, 422),
        (b"<opml/>", {"Content-Type": "application/json"}, 415),
        (b" " * (17 * 1024 * 1024), OPML, 413),
    ],
)
def test_what_is_no_list_is_refused(client: TestClient, body: bytes, headers: dict[str, str], status: int) -> None:
    response = client.post("/v1/feeds/import", content=body, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_the_text_of_a_domain_is_chosen_and_forgotten(client: TestClient) -> None:
    made = client.put("/v1/domains/www.harbour.example", json={"text_from": "page"})
    assert made.status_code == 200
    assert made.json()["domain"] == "harbour.example"
    assert client.put("/v1/domains/harbour.example", json={"text_from": "feed"}).status_code == 200
    assert [item["text_from"] for item in client.get("/v1/domains").json()["items"]] == ["feed"]
    assert client.delete("/v1/domains/harbour.example").status_code == 204
    assert client.delete("/v1/domains/harbour.example").status_code == 404


@pytest.mark.parametrize(
    ("domain", "body"), [("a b", {"text_from": "page"}), ("a.example", {"text_from": "x"}), ("a.example", {})]
)
def test_a_choice_that_means_nothing_is_refused(client: TestClient, domain: str, body: dict[str, str]) -> None:
    assert client.put(f"/v1/domains/{domain}", json=body).status_code in (404, 422)
