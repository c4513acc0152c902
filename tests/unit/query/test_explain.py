"""Explaining: every clause with its spans; for a miss, the clause that decided it and what came nearest."""

import pytest

from tests.unit.query.factories import NAMES, subject
from wirewatch.query import ClauseResult, compile_query, explain, parse


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
