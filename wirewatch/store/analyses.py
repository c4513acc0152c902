"""What `extract` found in the current version of each article."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Analysis

_UPSERT = text("""
    INSERT INTO analyses (article_id, version, lang, mentions, topics, claims, entity_ids, topic_ids)
    SELECT (row ->> 'article_id')::bigint, (row ->> 'version')::int, row ->> 'lang', row -> 'mentions', row -> 'topics',
           row -> 'claims', ARRAY(SELECT jsonb_array_elements_text(row -> 'entity_ids')),
           ARRAY(SELECT jsonb_array_elements_text(row -> 'topic_ids'))
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
    ON CONFLICT (article_id) DO UPDATE
    SET version = excluded.version, lang = excluded.lang, mentions = excluded.mentions, topics = excluded.topics,
        claims = excluded.claims, entity_ids = excluded.entity_ids, topic_ids = excluded.topic_ids
    WHERE analyses.version <= excluded.version
""")

_GET = text("SELECT article_id, lang, mentions, topics, claims FROM analyses WHERE article_id = ANY(:ids)")


def upsert(tx: Transaction, found: Sequence[tuple[str, int, Analysis]]) -> None:
    """Store (article id, version, analysis) of each; an older version never replaces a newer one."""
    rows = [
        {
            "article_id": id_,
            "version": version,
            "lang": analysis.lang,
            "mentions": analysis.mentions,
            "topics": analysis.topics,
            "claims": analysis.claims,
            "entity_ids": sorted({mention.entity_id for mention in analysis.mentions if mention.entity_id}),
            "topic_ids": sorted(topic.id for topic in analysis.topics),
        }
        for id_, version, analysis in found
    ]
    tx.execute(_UPSERT, {"rows": msgspec.json.encode(rows).decode()})


def get_many(tx: Transaction, ids: Iterable[str]) -> dict[str, Analysis]:
    """-> the analyses that exist, by article id."""
    found = {}
    for id_, lang, mentions, topics, claims in tx.execute(_GET, {"ids": [int(id_) for id_ in ids]}):
        stored = {"lang": lang, "mentions": mentions, "topics": topics, "claims": claims}
        found[str(id_)] = msgspec.convert(stored, Analysis)
    return found
