"""The archive, gone through from the newest article backwards: which articles a query can match at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.query.facts import FieldCheck, PublishedCheck, StoryCheck
from wirewatch.query.prefilter import Condition, Necessary
from wirewatch.query.subject import publisher_terms
from wirewatch.query.syntax import Figure
from wirewatch.store.views.articles import ArticleFilter, conditions_of
from wirewatch.store.views.times import utc_or_none


def get_bounds(tx: Transaction, wanted: ArticleFilter) -> tuple[int, int, int]:
    """-> the lowest and highest id of the articles that the filter lets through, and how many there are."""
    where, given = conditions_of(wanted)
    query = f"SELECT min(a.id), max(a.id), count(*) FROM articles a WHERE {where}"  # noqa: S608 (constants)
    lowest, highest, count = tx.execute(text(query), given).one()
    return lowest or 0, highest or 0, count


def find_seen_at(tx: Transaction, id_: int) -> datetime | None:
    """When the oldest article from this id on was first seen."""
    query = text("SELECT first_seen_at FROM articles WHERE id >= :id ORDER BY id LIMIT 1")
    return utc_or_none(tx.execute(query, {"id": id_}).scalar_one_or_none())


def find_possible(
    tx: Transaction, wanted: ArticleFilter, necessary: Sequence[Condition], *, lowest: int, below: int
) -> list[tuple[int, int]]:
    """The articles with ids from `lowest` to under `below` that fulfil all: (id, bytes stored), newest first.

    One whose words were not read yet is among them, whatever the conditions say of words.
    """
    where, given = conditions_of(wanted)
    parts = [where, "a.id >= :lowest AND a.id < :below"]
    given |= {"lowest": lowest, "below": below}
    for number, condition in enumerate(necessary):
        if isinstance(condition, Necessary):
            part, values = _any_of(tx, condition)
        elif isinstance(condition, StoryCheck):
            part, values = _of_story(condition)
        else:
            part, values = _of_article(condition)
        parts.append(part.format(number))
        given |= {f"{name}{number}": value for name, value in values.items()}
    query = (
        "SELECT a.id, pg_column_size(a.text) FROM articles a LEFT JOIN analyses n ON n.article_id = a.id "  # noqa: S608
        f"WHERE {' AND '.join(parts)} ORDER BY a.id DESC"
    )
    # PostgreSQL thinks that looking through all arrays costs less than an index (measured: a hundred times as much).
    tx.execute(text("SET LOCAL enable_seqscan = off"))
    found = [(int(id_), int(size)) for id_, size in tx.execute(text(query), given)]
    tx.execute(text("SET LOCAL enable_seqscan TO DEFAULT"))
    return found


# As a query reads it: what the publisher or the reader of the article says, else what its analysis does.
_LANG = """lower(COALESCE(NULLIF(COALESCE(a.lang, a.declared_lang), ''), n.lang, '') COLLATE "C")"""
_FIGURES: dict[Figure, str] = {
    "independent_sources": "(facts ->> 'independent_sources')::bigint",
    "sources": "jsonb_array_length(facts -> 'sources')",
    "articles": "COALESCE(NULLIF((facts ->> 'article_count')::bigint, 0), jsonb_array_length(facts -> 'article_ids'))",
}

# SQL in which {0} stands for the number of the condition, and its values.
_Sql = tuple[str, dict[str, Any]]


def _any_of(tx: Transaction, condition: Necessary) -> _Sql:
    given: dict[str, Any] = {}
    parts: list[str] = []
    if condition.terms:
        given["terms"] = list(condition.terms)
        parts.append("SELECT article_id FROM article_terms WHERE terms && CAST(:terms{0} AS integer[])")
        parts.append("SELECT article_id FROM article_terms WHERE terms IS NULL")
    for name in ("entity_ids", "topic_ids"):
        if values := getattr(condition, name):
            given[name] = list(values)
            parts.append(f"SELECT article_id FROM analyses WHERE {name} && CAST(:{name}{{0}} AS text[])")  # noqa: S608
    if condition.claims:
        parts.append("SELECT article_id FROM analyses WHERE claims <> '[]'")
    if condition.publishers:
        given["sources"] = _publishers(tx, condition.publishers)
        parts.append("SELECT id FROM articles WHERE source_id = ANY(:sources{0})")
    return f"a.id IN ({' UNION ALL '.join(parts)})", given


def _of_story(check: StoryCheck) -> _Sql:
    figure = _FIGURES[check.figure]
    given = {name: value for name, value in (("low", check.low), ("high", check.high)) if value is not None}
    bounds = [f"{figure} {'>=' if name == 'low' else '<='} :{name}{{0}}" for name in given]
    # An article without a story is in none of these.
    held = " AND ".join(["article_count > 0", *bounds])
    return f"a.story_id IN (SELECT id FROM stories WHERE {held})", given  # noqa: S608 (constants)


def _of_article(check: FieldCheck | PublishedCheck) -> _Sql:
    if isinstance(check, FieldCheck):
        # PostgreSQL and Python agree about small letters in ASCII alone.
        same = f"{_LANG} = :lang{{0}} OR starts_with({_LANG}, :lang{{0}} || '-') OR {_LANG} !~ '^[ -~]*$'"
        return f"({same})", {"lang": check.value.lower()}
    given = {name: value for name, value in (("low", check.low), ("high", check.high)) if value is not None}
    return " AND ".join(f"a.published_at {'>=' if name == 'low' else '<'} :{name}{{0}}" for name in given), given


def _publishers(tx: Transaction, terms: Sequence[str]) -> list[int]:
    rows = tx.execute(text("SELECT id, name, domain FROM sources"))
    return [id_ for id_, name, domain in rows if not publisher_terms(name, domain).isdisjoint(terms)]
