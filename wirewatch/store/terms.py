"""The terms of what articles say, by which queries find them. Every article has a row; a trigger sees to that.

Where folding, or what a term is, changes from one version of the project to the next, stored terms say nothing any
more: a migration then empties them (`UPDATE article_terms SET terms = NULL`), and they are read again by and by.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.query.prefilter import number_terms
from wirewatch.query.subject import text_terms
from wirewatch.sql import Sql, spell_numbers

# Articles that are under way are read by the pipeline.
_UNREAD = text("""
    SELECT a.id, a.version, a.title, a.text FROM article_terms t JOIN articles a ON a.id = t.article_id
    WHERE t.terms IS NULL AND a.stage IN ('extracted', 'clustered', 'matched')
    ORDER BY t.article_id DESC LIMIT :limit
""")

_PUT = Sql("""
    UPDATE article_terms t SET terms = CAST(new.terms AS integer[])
    FROM unnest(CAST(:ids AS bigint[]), CAST(:versions AS integer[]), CAST(:terms AS text[]))
         AS new (id, version, terms)
    WHERE t.article_id = new.id AND t.version = new.version
""")


class ArticleTerms(NamedTuple):
    """The numbers of the terms of one version."""

    article_id: str
    version: int
    numbers: Collection[int]


def read_terms(article_id: str, version: int, title: str, body: str) -> ArticleTerms:
    return ArticleTerms(article_id, version, number_terms(text_terms(title, body)))


def put(tx: Transaction, found: Sequence[ArticleTerms]) -> None:
    """Store the terms of each article that is still at that version."""
    rows = sorted(found, key=lambda one: int(one.article_id))
    _PUT.run(
        tx,
        {
            "ids": [int(one.article_id) for one in rows],
            "versions": [one.version for one in rows],
            "terms": [spell_numbers(sorted(one.numbers)) for one in rows],
        },
    )


def find_unread(tx: Transaction, limit: int) -> list[ArticleTerms]:
    """The terms of the newest articles that went through the pipeline without them, before there were any."""
    return [
        read_terms(str(id_), version, title, body)
        for id_, version, title, body in tx.execute(_UNREAD, {"limit": limit})
    ]
