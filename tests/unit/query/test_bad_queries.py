"""Whatever is typed as a query: it is read or refused with a position, soon, and nothing else happens."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cost import cost
from tests.unit.query.factories import NAMES, subject
from wirewatch.errors import QueryError
from wirewatch.query import compile_query, decide, parse
from wirewatch.query.guard import MAX_BYTES, MAX_CLAUSES

REFUSED = [
    '"Kim Jong Un',
    'Kim "Jong" "Un',
    "(Kim",
    "Kim)",
    "((Kim)",
    ")(",
    "(" * 1000 + "Kim" + ")" * 1000,
    "(Kim AND " * 1000 + "x" + ")" * 1000,
    "NOT " * 1000 + "Kim",
    "-" * 1000 + "Kim",
    "+" * 500,
    " OR ".join(["x"] * 10_000),
    " ".join(f"w{n}" for n in range(501)),
    " OR ".join(f"/a{n}b{{1,50}}c/" for n in range(400)),
    " ".join(f"word{n}~2" for n in range(400)),
    "x" * 20_000,
    "é" * 9_000,
    "*",
    "**",
    "?",
    "***a",
    "/(a+)+$/",
    "/(a*)*b/ OR *",
    "//",
    "/[/",
    "/(?P<x>a)(?P=x)/",
    "title:",
    "title:()",
    'title:""',
    "entity:",
    'entity:""',
    "entity:*",
    "claim:",
    "claim:()",
    "claim:(supplier:)",
    "claim:(Kim)",
    "published:",
    "published:[TO]",
    "published:[* TO *]",
    "story.sources:",
    "story.sources:many",
    "story.sources:>-1",
    "Kim\u202e",
    "\u2066Kim\u2069",
    "Kim\u200f",
    "Kim\x00",
    "Kim\ud800",
    "",
    "   ",
    "\n\t",
    "AND",
    "OR",
    "NOT",
    "AND OR NOT",
    "Kim AND",
    "AND Kim",
    "Kim OR OR Un",
    "^",
    "~",
    "~5",
    "Kim^2",
    "Kim~9",
    '"a b"~999',
    "[a TO b]",
    "{1 TO 2}",
    ">5",
    "field:[a TO",
    "a:b:c:d",
    "weapn:x",
    "::",
    ":",
    "\\",
    "Kim\\",
    "<script>alert(1)</script>",
    "1' OR '1'='1",
    "'; DROP TABLE watches; --",
    'Kim"; --',
    "text:(a OR b",
    "_exists_:title",
    "*:*",
    "title:*",
    "_query_:{!lucene}",
    "{!xmlparser v='<a/>'}",
    "${jndi:ldap://x}",
    "published:[2024-13-45 TO 2024-01-01]",
    "published:>99999",
    "lang:en AND lang:fr",
    "published:<2020 AND published:>2021",
    "story.sources:>5 AND story.sources:<3",
    "Kim AND NOT Kim",
    "NOT Kim",
    "-Kim",
    "NOT (a AND b)",
]


# What reads like an attack, or like syntax, and is only words.
WORDS = ["%00", '"a b"~1e9', "DROP TABLE watches", "SELECT 1"]


@pytest.mark.parametrize("query", REFUSED, ids=range(len(REFUSED)))
def test_refused_with_position_and_reason(query: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    error = caught.value
    assert 0 <= error.position <= max(len(query), MAX_BYTES)
    assert error.detail
    assert error.hint


@pytest.mark.parametrize("query", WORDS)
def test_words_are_only_words(query: str) -> None:
    assert not decide(compile_query(parse(query), NAMES), subject()).matched


@pytest.mark.costly
def test_what_is_refused_costs_no_more_than_what_is_read() -> None:
    """Each long query by itself, and all the short ones together."""

    def read(queries: Iterable[str]) -> None:
        for query in queries:
            with suppress(QueryError):
                parse(query)

    largest = " OR ".join(f"word{n}" for n in range(MAX_CLAUSES))
    long = [query for query in REFUSED if len(query) > 200]
    for refused in (*([query] for query in long), set(REFUSED) - set(long)):
        assert cost(partial(read, refused), beside=partial(read, [largest]), enough=1) < 1, refused


@given(st.text(max_size=60) | st.text('"()[]{}/\\~^*?:+-!&|<>=ANDORNT aé\u202e0', max_size=40))
def test_any_text_is_read_or_refused(query: str) -> None:
    with suppress(QueryError):
        decide(compile_query(parse(query), NAMES), subject())
