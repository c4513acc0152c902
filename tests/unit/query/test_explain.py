"""Explaining: every clause with its spans; for a miss, the clause that decided it and what came nearest."""

import pytest

from tests.unit.query.factories import NAMES, TOPICS, subject
from wirewatch.models import Topic, TopicCue
from wirewatch.query import CatalogueNames, ClauseResult, compile_query, explain, parse
from wirewatch.query.explain import MOST_NEAREST


def explained(query: str) -> list[ClauseResult]:
    return explain(compile_query(parse(query), NAMES), subject())


def test_a_match_shows_every_clause_in_order() -> None:
    results = explained("person:kim AND (missile OR Madrid) AND NOT Lisbon")
    assert [(r.clause, r.found, r.negated, r.satisfied) for r in results] == [
        ("person:kim", True, False, True),
        ("missile", True, False, True),
        ("Madrid", False, False, False),
        ("Lisbon", False, True, True),
    ]
    assert [r.first_failure for r in results] == [False] * 4
    assert results[0].evidence[0].text == "Kim Jong-un"


@pytest.mark.parametrize(
    ("query", "failed"),
    [
        ("Oslo AND Madrid AND Lisbon", "Madrid"),
        ("Oslo AND NOT Tirana", "Tirana"),
        ("Oslo AND (Madrid OR Lisbon)", "Madrid"),
        ("Oslo AND NOT (Madrid OR Tirana)", "Tirana"),
        ("Oslo AND NOT (missile AND Tirana)", "missile"),
        ("missile AND claim:(supplier:Iran)", "claim:(supplier:Iran)"),
    ],
)
def test_a_miss_names_the_first_clause_that_failed(query: str, failed: str) -> None:
    assert [r.clause for r in explained(query) if r.first_failure] == [failed]


def test_a_clause_that_excluded_the_article_shows_where() -> None:
    result = explained("Oslo AND NOT Tirana")[1]
    assert (result.negated, result.satisfied) == (True, False)
    assert [item.text for item in result.evidence] == ["Tirana"]


def test_the_nearest_words_are_offered() -> None:
    assert explained("Kinzhall")[0].nearest == "Kinzhal"
    assert explained('person:"Pavel Orlov"')[0].nearest == "Pavel Orlan"
    assert explained("person:kim")[0].nearest is None


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        ('"crate"', "crates"),
        ('"Kinzhal missile"', "Kinzhal missiles"),
        ('"officials said"', "officials in Oslo said"),
        ('"Kinzhal Tirana"~3', "Kinzhal and Tirana, 34 words apart"),
        ('"missiles Oslo"~1', "missiles to Iran, officials in Oslo"),
        ("S-40", "S-400s"),
        ("title:Kinzhal", "Kinzhal in the text"),
        ("text:ships", "Ships in the title"),
        ("offical*", "officials"),
        ('entity:"Vladivostock"', "Vladivostok"),
        ("topic:sanctions", "nothing in the article speaks for it"),
        ("lang:fr", "lang is en"),
        ("domain:other.example", "it comes from Harbour Daily, news.harbour.example"),
        ("published:>2024-06", "published 2024-05-31T14:00:00+00:00"),
        ("story.sources:>4", "sources is 2"),
        ("/z{5}/", None),
        (
            "claim:(supplier:Russia AND recipient:Vladivostok AND (status:confirmed OR status:planned))",
            "Russia to Iran: Kinzhal missiles, reported; recipient is Iran, not Vladivostok; "
            "status is reported, not confirmed or planned",
        ),
        (
            "claim:(supplier:Russia AND item:missiles AND NOT status:reported AND NOT status:denied)",
            "Russia to Iran: Kinzhal missiles, reported; status is reported, which is excluded",
        ),
    ],
)
def test_what_came_nearest(query: str, nearest: str | None) -> None:
    (result,) = explained(query)
    assert not result.found
    assert result.nearest == nearest


def test_a_topic_below_its_threshold_shows_its_score_and_what_speaks_for_it() -> None:
    topics = [
        Topic("harbours", "Harbours", (TopicCue("ship"), TopicCue("crate"), TopicCue("pier")), threshold=0.6),
        *TOPICS,
    ]
    results = explain(compile_query(parse("topic:harbours"), CatalogueNames((), topics)), subject())
    assert results[0].nearest == "0.50 of 0.60 by “Ships”; “crates”"


def test_of_hundreds_of_missing_clauses_few_are_looked_for_and_the_first_failure_is() -> None:
    results = explained("(" + " OR ".join(["Vladivostock"] * 300) + " OR Oslo) AND Kinzhall")
    assert sum(result.nearest is not None for result in results) == MOST_NEAREST + 1
    assert (results[-1].first_failure, results[-1].nearest) == (True, "Kinzhal")
