"""The reference page is true: every row of its tables is run."""

from pathlib import Path

import pytest

from tests.unit.query.factories import NAMES, TEXT, TITLE, subject
from wirewatch.errors import QueryError
from wirewatch.query import compile_query, decide, parse
from wirewatch.query.fields import FIELDS

PAGE = (Path(__file__).parents[3] / "docs" / "watch-language.md").read_text()
MATCHING, REFUSED = PAGE.split("## What is refused")


def rows(part: str) -> list[tuple[str, str]]:
    lines = (line for line in part.splitlines() if line.startswith("| `"))
    cells = (line.strip("| ").rsplit(" | ", 1) for line in lines)
    return [(query.strip("`"), answer) for query, answer in cells]


@pytest.mark.parametrize(("query", "evidence"), rows(MATCHING))
def test_examples_match_as_the_page_says(query: str, evidence: str) -> None:
    decision = decide(compile_query(parse(query), NAMES), subject())
    found = "; ".join(item.text for item in decision.evidence) if decision.matched else "no match"
    assert found == evidence


@pytest.mark.parametrize(("query", "words"), rows(REFUSED))
def test_refusals_read_as_the_page_says(query: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert words in str(caught.value)


def test_the_page_shows_the_article_that_is_tested() -> None:
    quoted = [line.removeprefix("> ") for line in PAGE.splitlines() if line.startswith("> ")]
    assert quoted == [TITLE, TEXT]


def test_every_field_is_on_the_page() -> None:
    assert [field for field in FIELDS if f"{field}:" not in PAGE] == []
