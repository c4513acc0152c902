"""Where copies of a text meet (worker/copies says what the numbers are)."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction


class StoredFingerprint(NamedTuple):
    article_id: str
    version: int
    folded_hash: bytes
    bands: Sequence[int]
    sentences: Sequence[int]


class Candidate(NamedTuple):
    """`other` may share its text with `article_id`; `original` is what `other` is already known to copy."""

    article_id: str
    other: str
    original: str | None
    equal: bool


_UPSERT = text("""
    INSERT INTO fingerprints (article_id, version, folded_hash, bands, sentences)
    VALUES (:article_id, :version, :folded_hash, :bands, :sentences)
    ON CONFLICT (article_id) DO UPDATE SET version = excluded.version, folded_hash = excluded.folded_hash,
        bands = excluded.bands, sentences = excluded.sentences
    WHERE fingerprints.version <= excluded.version
""")

_CANDIDATES = text("""
    SELECT other.article_id, a.duplicate_of, other.folded_hash = :folded_hash
    FROM (
        SELECT article_id, folded_hash FROM fingerprints WHERE folded_hash = :folded_hash
        UNION SELECT article_id, folded_hash FROM fingerprints WHERE bands && CAST(:bands AS bigint[])
        UNION SELECT article_id, folded_hash FROM fingerprints WHERE sentences && CAST(:sentences AS bigint[])
    ) AS other
    JOIN articles a ON a.id = other.article_id
    WHERE other.article_id <> :article_id
    ORDER BY other.article_id LIMIT :limit
""")


def upsert_all(tx: Transaction, new: Sequence[StoredFingerprint]) -> None:
    tx.execute(
        _UPSERT,
        [
            {
                "article_id": int(row.article_id),
                "version": row.version,
                "folded_hash": row.folded_hash,
                "bands": list(row.bands),
                "sentences": list(row.sentences),
            }
            for row in new
        ],
    )


def find_candidates(tx: Transaction, wanted: Sequence[StoredFingerprint], limit: int) -> list[Candidate]:
    """-> for each fingerprint at most `limit` articles that share a band, a sentence or all, the earliest first."""
    found = []
    for row in wanted:
        parameters = {
            "article_id": int(row.article_id),
            "folded_hash": row.folded_hash,
            "bands": list(row.bands),
            "sentences": list(row.sentences),
            "limit": limit,
        }
        for other, original, equal in tx.execute(_CANDIDATES, parameters):
            found.append(Candidate(row.article_id, str(other), str(original) if original else None, equal))
    return found
