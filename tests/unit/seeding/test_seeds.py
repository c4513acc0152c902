"""The corpus that a first run loads holds what its README says."""

import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from luqum.parser import parser

from wirewatch.seeding import SeedArticle, SeedError, read_corpus, read_endpoints, read_watches

SEEDS = Path(__file__).parents[3] / "seeds"
REPRINTED = "vladivostok-00"


@pytest.fixture(scope="module")
def articles() -> dict[str, dict[str, Any]]:
    found = list(read_corpus([SEEDS / "articles"]))
    assert [item for item in found if isinstance(item, SeedError)] == []
    return {item.path.stem: item.body for item in found if isinstance(item, SeedArticle)}


def test_every_article_is_whole_and_short(articles: dict[str, dict[str, Any]]) -> None:
    assert len(articles) >= 46
    for name, body in articles.items():
        assert body.keys() >= {"title", "text", "url", "published_at", "source", "lang"}, name
        assert 75 <= len(body["text"].split()) <= 250, name
        assert body["url"].startswith(f"https://www.{body['source']['domain']}/"), name
    assert len({body["url"] for body in articles.values()}) == len(articles)


def test_the_event_is_told_by_many_outlets_and_reprinted_by_five(articles: dict[str, dict[str, Any]]) -> None:
    told = {name: body for name, body in articles.items() if name.startswith("vladivostok-")}
    own = {body["source"]["name"] for name, body in told.items() if name[12] in "01"}
    reprints = {body["source"]["name"] for name, body in told.items() if name[12] == "2"}
    assert len(own) >= 9
    assert len(reprints) == 5
    assert not own & reprints
    wire = next(body["text"] for name, body in told.items() if name.startswith(REPRINTED))
    lead = wire.split("\n\n")[1][40:120]
    assert sum(lead in body["text"] for body in told.values()) == 6


@pytest.mark.parametrize(
    "trap",
    [
        "\u0422u-160",
        "\u0422u-22\u041c3",
        "Kinjal",
        "Khinzhal",
        "Shaposhnikovwhere",
        "Kin\u00adzhal",
        "Jong\u2011un",
        "Marshal Shaposhnikov",
        "Admiral Shaposhnikov",
        "Choïgou",
    ],
)
def test_a_trap_is_still_there(articles: dict[str, dict[str, Any]], trap: str) -> None:
    trap = unicodedata.normalize("NFC", trap)
    assert any(trap in body["text"] for name, body in articles.items() if name.startswith("vladivostok-"))


def test_one_article_gives_last_names_only(articles: dict[str, dict[str, Any]]) -> None:
    text = articles["vladivostok-03-northern-dispatch"]["text"]
    assert "Kim" in text
    assert not any(first in text for first in ("Jong", "Sergei", "Vladimir", "Nikolai"))


def test_stories_differ_and_some_have_two_outlets(articles: dict[str, dict[str, Any]]) -> None:
    outlets: dict[str, set[str]] = defaultdict(set)
    for name, body in articles.items():
        outlets[name.partition("-0")[0].partition("-2")[0]].add(body["source"]["name"])
    assert len(outlets) >= 1 + 4 + 18
    assert all(len(outlets[story]) >= 3 for story in ("iran-drones-russia", "russia-jets-iran"))
    assert sum(len(names) >= 2 for names in outlets.values()) >= 8


def test_starter_watches_can_be_parsed() -> None:
    watches = read_watches(SEEDS / "watches.yml")
    assert len({watch["name"] for watch in watches}) == len(watches) >= 8
    for watch in watches:
        parser.parse(watch["query"])


def test_example_endpoints_are_off() -> None:
    assert [endpoint["enabled"] for endpoint in read_endpoints(SEEDS / "endpoints.yml")] == [False, False]
