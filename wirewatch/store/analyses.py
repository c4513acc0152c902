"""What `extract` found in the current version of each article."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Analysis, Claim
from wirewatch.sql import Sql

_UPSERT = Sql("""
    INSERT INTO analyses (article_id, version, lang, mentions, topics, claims, entity_ids, topic_ids)
    SELECT (row ->> 'article_id')::bigint, (row ->> 'version')::int, row ->> 'lang', row -> 'mentions', row -> 'topics',
           CASE WHEN row -> 'claims' = '[]' THEN '[]' ELSE (
               SELECT COALESCE(jsonb_agg(claim ORDER BY place), '[]')
               FROM jsonb_array_elements(row -> 'claims') WITH ORDINALITY AS one (claim, place)
               WHERE NOT EXISTS (
                   SELECT 1 FROM claim_rejections r
                   WHERE r.article_id = (row ->> 'article_id')::bigint AND r.quote = claim ->> 'quote'
                     AND r.supplier IS NOT DISTINCT FROM claim ->> 'supplier'
                     AND r.recipient IS NOT DISTINCT FROM claim ->> 'recipient'
               )
           ) END,
           ARRAY(SELECT jsonb_array_elements_text(row -> 'entity_ids')),
           ARRAY(SELECT jsonb_array_elements_text(row -> 'topic_ids'))
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS row
    ON CONFLICT (article_id) DO UPDATE
    SET version = excluded.version, lang = excluded.lang, mentions = excluded.mentions, topics = excluded.topics,
        claims = excluded.claims, entity_ids = excluded.entity_ids, topic_ids = excluded.topic_ids
    WHERE analyses.version <= excluded.version
""")


def upsert(tx: Transaction, found: Sequence[tuple[str, int, Analysis]]) -> None:
    """Store (article id, version, analysis) of each; an older version never replaces a newer one.

    Claims that an analyst rejected are left out, wherever in the article the same words say the same.
    """
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
    _UPSERT.run(tx, {"rows": msgspec.json.encode(rows).decode()})


def get_claims(tx: Transaction, ids: Iterable[str]) -> dict[str, tuple[Claim, ...]]:
    """-> the claims of those articles that make any and were not taken back."""
    rows = tx.execute(
        text("""
            SELECT article_id, claims FROM analyses JOIN articles ON articles.id = article_id
            WHERE article_id = ANY(:ids) AND claims <> '[]' AND retracted_at IS NULL
        """),
        {"ids": [int(id_) for id_ in ids]},
    )
    return {str(id_): msgspec.convert(claims, tuple[Claim, ...]) for id_, claims in rows}
