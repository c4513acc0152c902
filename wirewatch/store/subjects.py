"""What stages decide on: articles with what was found in them, in one round trip."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from wirewatch.db import Transaction
from wirewatch.models import Analysis, Article
from wirewatch.sql import Sql
from wirewatch.store.articles import ARTICLE_COLUMNS, ARTICLE_TABLES, article_of


class Known(NamedTuple):
    """An article at its current version; `analysis` is empty where it was never read."""

    article: Article
    analysis: Analysis


_GET = Sql(f"""
    SELECT {ARTICLE_COLUMNS}, n.article_id, n.lang, n.mentions, n.topics, n.claims
    FROM {ARTICLE_TABLES} LEFT JOIN analyses n ON n.article_id = a.id
    WHERE a.id = ANY(:ids) ORDER BY a.id
""")  # noqa: S608 (constants)


def get_known(tx: Transaction, ids: Iterable[str]) -> dict[str, Known]:
    """-> the articles that exist, by id."""
    found = {}
    for *columns, analysed, lang, mentions, topics, claims in _GET.rows(tx, {"ids": [int(id_) for id_ in ids]}):
        article = article_of(columns)
        stored = {"lang": lang, "mentions": mentions, "topics": topics, "claims": claims}
        analysis = Analysis(lang=None) if analysed is None else msgspec.convert(stored, Analysis)
        found[article.id] = Known(article, analysis)
    return found
