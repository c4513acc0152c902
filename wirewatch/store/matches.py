"""Which watches each article matches now, and the spans that prove it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Evidence


class Match(NamedTuple):
    watch_id: str
    article_id: str
    version: int
    story_id: str | None
    evidence: tuple[Evidence, ...]


_UPSERT = text("""
    INSERT INTO matches (watch_id, article_id, version, story_id, evidence)
    SELECT m.watch_id, m.article_id, m.version, m.story_id, CAST(m.evidence AS jsonb)
    FROM unnest(CAST(:watches AS bigint[]), CAST(:articles AS bigint[]), CAST(:versions AS int[]),
                CAST(:stories AS bigint[]), CAST(:evidence AS text[]))
         AS m (watch_id, article_id, version, story_id, evidence)
    JOIN watches w ON w.id = m.watch_id
    ON CONFLICT (watch_id, article_id) DO UPDATE SET version = excluded.version, story_id = excluded.story_id,
        evidence = excluded.evidence, matched_at = clock_timestamp()
    WHERE matches.version <= excluded.version
""")

_GET = text("""
    SELECT m.watch_id, m.article_id, m.version, a.story_id, m.evidence
    FROM matches m JOIN articles a ON a.id = m.article_id
    WHERE m.article_id = ANY(:ids) ORDER BY m.article_id, m.watch_id
""")


def upsert_all(tx: Transaction, matches: Sequence[Match]) -> None:
    """Store each match; one of a watch deleted meanwhile is passed over."""
    ordered = sorted(matches, key=lambda match: (int(match.watch_id), int(match.article_id)))
    tx.execute(
        _UPSERT,
        {
            "watches": [int(match.watch_id) for match in ordered],
            "articles": [int(match.article_id) for match in ordered],
            "versions": [match.version for match in ordered],
            "stories": [match.story_id and int(match.story_id) for match in ordered],
            "evidence": [msgspec.json.encode(match.evidence).decode() for match in ordered],
        },
    )


def delete_outdated(tx: Transaction, article_id: str, version: int, keep: Iterable[str]) -> None:
    """Of the watches that older versions of the article matched, this one matches only those in `keep`.

    What is known of this version already was found by a look at its story that may be newer than the caller's.
    """
    tx.execute(
        text("""
            DELETE FROM matches
            WHERE article_id = :id AND version < :version AND watch_id <> ALL(CAST(:keep AS bigint[]))
        """),
        {"id": int(article_id), "version": version, "keep": [int(id_) for id_ in keep]},
    )


def get_matches(tx: Transaction, article_ids: Iterable[str]) -> list[Match]:
    """-> the matches of these articles with the story each article stands in now, by article, then watch."""
    rows = tx.execute(_GET, {"ids": [int(id_) for id_ in article_ids]})
    return [
        Match(
            str(watch),
            str(article),
            version,
            str(story) if story else None,
            msgspec.convert(found, tuple[Evidence, ...]),
        )
        for watch, article, version, story, found in rows
    ]
