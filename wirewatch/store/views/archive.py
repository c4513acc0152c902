"""The archive, gone through from the newest article backwards: which articles a query can match at all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.query.prefilter import Necessary
from wirewatch.query.subject import publisher_terms
from wirewatch.store.views.articles import ArticleFilter, conditions_of


def get_bounds(tx: Transaction, wanted: ArticleFilter) -> tuple[int, int, int]:
    """-> the lowest and highest id of the articles that the filter lets through, and how many there are."""
    where, given = conditions_of(wanted)
    query = f"SELECT min(a.id), max(a.id), count(*) FROM articles a WHERE {where}"  # noqa: S608 (constants)
    lowest, highest, count = tx.execute(text(query), given).one()
    return lowest or 0, highest or 0, count


def find_possible(
    tx: Transaction, wanted: ArticleFilter, necessary: Sequence[Necessary], *, lowest: int, below: int
) -> list[tuple[int, int]]:
    """The articles with ids from `lowest` to under `below` that fulfil all: (id, bytes stored), newest first.

    Conditions on what was found in an article hold for its current version alone.
    """
    where, given = conditions_of(wanted)
    parts = [where, "a.id >= :lowest AND a.id < :below"]
    given |= {"lowest": lowest, "below": below}
    for number, condition in enumerate(necessary):
        part, values = _sql(tx, condition, number)
        parts.append(part)
        given |= values
    query = (
        "SELECT a.id, pg_column_size(a.text) FROM articles a LEFT JOIN analyses n ON n.article_id = a.id "  # noqa: S608
        f"WHERE {' AND '.join(parts)} ORDER BY a.id DESC"
    )
    return [(int(id_), int(size)) for id_, size in tx.execute(text(query), given)]


def _sql(tx: Transaction, condition: Necessary, number: int) -> tuple[str, dict[str, Any]]:
    """One condition as SQL and its values, named by `number`."""
    given: dict[str, Any] = {}
    parts: list[str] = []
    for name, column in (("entity_ids", "n.entity_ids"), ("topic_ids", "n.topic_ids")):
        if values := getattr(condition, name):
            given[f"{name}{number}"] = list(values)
            parts.append(f"{column} && CAST(:{name}{number} AS text[])")
    if condition.claims:
        parts.append("n.claims <> '[]'")
    if condition.publishers:
        given[f"sources{number}"] = _publishers(tx, condition.publishers)
        parts.append(f"a.source_id = ANY(:sources{number})")
    if condition.pattern:
        given[f"pattern{number}"] = condition.pattern
        parts.append(f"(a.text ~ :pattern{number} OR a.title ~ :pattern{number})")
    return f"({' OR '.join(parts)})", given


def _publishers(tx: Transaction, terms: Sequence[str]) -> list[int]:
    rows = tx.execute(text("SELECT id, name, domain FROM sources"))
    return [id_ for id_, name, domain in rows if not publisher_terms(name, domain).isdisjoint(terms)]
