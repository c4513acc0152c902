"""Where copies of a text meet (worker/copies says what the numbers are)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from wirewatch.db import Transaction
from wirewatch.sql import Sql, spell_numbers

COUNTER = "fingerprints"
# Of a text that thousands print, the earliest and the latest few are enough; this article itself may be one of them.
EQUALS = 3
# Holders of one band, or of one sentence, that are looked at; what so many share is called common below.
HOLDERS = 60
# One key of a sentence is shared by chance: of 142,311 pairs of newswire texts 68 share one, and one pair more than
# two. An equal sentence shares three, and three that are nearly equal hardly ever fewer than two.
FEWEST_KEYS = 2
# One that is met by common sentences, or by one key besides, must share so many keys: more than a publisher's closing
# lines have.
COMMON_KEYS = 7
# Of those with which no more than one or two sentences are shared, the earliest few show where these come from.
WEAK_KEYS, WEAK = 6, 4


# Known copies of one original that are looked at beside it: the others of a text that forty outlets print say the same.
SIBLINGS = 2


class StoredFingerprint(NamedTuple):
    article_id: str
    version: int
    folded_hash: bytes
    bands: Sequence[int]
    sentences: Sequence[int]


class Candidate(NamedTuple):
    """`other` may share its text with `article_id`; `original` is what `other` is already known to copy; `at` is when
    it was published, or first seen.
    """

    article_id: str
    other: str
    original: str | None
    equal: bool
    at: datetime | None


class Met(NamedTuple):
    """Whom fingerprints meet; `common` are those of their sentence keys that HOLDERS or more others hold, of which
    `unnoted` are not noted as such; `recorded` is the counter's value then.
    """

    candidates: list[Candidate]
    common: frozenset[int]
    unnoted: frozenset[int]
    recorded: int


# Raising the counter is the lock: fingerprints are recorded one transaction at a time, in the order of its values.
_UPSERT = Sql("""
    WITH raised AS (
        INSERT INTO counters (name, value) VALUES (:counter, 1)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value
    ), stored AS (
        INSERT INTO fingerprints (article_id, version, folded_hash, bands, sentences)
        SELECT new.id, new.version, new.hash, CAST(new.bands AS bigint[]), CAST(new.sentences AS bigint[])
        FROM raised CROSS JOIN unnest(
            CAST(:ids AS bigint[]), CAST(:versions AS integer[]), CAST(:hashes AS bytea[]), CAST(:bands AS text[]),
            CAST(:sentences AS text[])
        ) AS new (id, version, hash, bands, sentences)
        ON CONFLICT (article_id) DO UPDATE SET version = excluded.version, folded_hash = excluded.folded_hash,
            bands = excluded.bands, sentences = excluded.sentences
        WHERE fingerprints.version <= excluded.version
    )
    SELECT value FROM raised
""")

# One statement for a batch. Each key is looked up by itself, and what is shared is counted on the way. An inverted
# index reads all holders of a key, whatever the LIMIT (measured at 100,000 articles: 17 of 18 ms went for a publisher's
# closing line); so keys that very many hold are noted, and their holders looked up there.
_CANDIDATES = Sql("""
    WITH wanted AS (
        SELECT w.id, w.hash, CAST(w.bands AS bigint[]) AS bands, CAST(w.sentences AS bigint[]) AS sentences
        FROM unnest(
            CAST(:ids AS bigint[]), CAST(:hashes AS bytea[]), CAST(:bands AS text[]), CAST(:sentences AS text[])
        ) AS w (id, hash, bands, sentences)
    ), equals AS (
        SELECT w.id, f.article_id AS other FROM wanted w CROSS JOIN LATERAL (
            (SELECT article_id FROM fingerprints WHERE folded_hash = w.hash ORDER BY article_id LIMIT :equals)
            UNION
            (SELECT article_id FROM fingerprints WHERE folded_hash = w.hash ORDER BY article_id DESC LIMIT :equals)
        ) f
    ), alike AS (
        SELECT w.id, f.article_id AS other FROM wanted w CROSS JOIN LATERAL (
            SELECT article_id FROM fingerprints WHERE bands && w.bands LIMIT :holders
        ) f
    ), quoting AS (
        SELECT w.id, k.key, f.article_id AS other, c.key IS NOT NULL AS is_noted,
            count(*) OVER (PARTITION BY w.id, k.key) AS holders
        FROM wanted w CROSS JOIN LATERAL unnest(w.sentences) AS k (key)
        LEFT JOIN common_sentences c ON c.key = k.key CROSS JOIN LATERAL (
            (SELECT article_id FROM fingerprints WHERE c.key IS NULL AND sentences && ARRAY[k.key] LIMIT :holders)
            UNION ALL SELECT unnest(c.holders)
        ) f
    ), met AS (
        SELECT id, other, true AS equal, true AS counts, 1000 AS shared FROM equals
        UNION ALL SELECT id, other, false, true, 100 FROM alike
        UNION ALL SELECT id, other, false, NOT is_noted AND holders < :holders, 1 FROM quoting
    ), ranked AS (
        SELECT id, other, bool_or(equal) AS equal,
            row_number() OVER (PARTITION BY id ORDER BY sum(shared) DESC, other) AS place,
            sum(shared) > :weak_keys AS strong,
            row_number() OVER (PARTITION BY id, sum(shared) > :weak_keys ORDER BY other) AS turn
        FROM met WHERE other <> id GROUP BY id, other
        HAVING sum(shared) FILTER (WHERE counts) >= :fewest_keys OR sum(shared) >= :common_keys
    ), known AS (
        SELECT r.id, r.other, a.duplicate_of, r.equal, COALESCE(a.published_at, a.first_seen_at) AS at, r.place,
            row_number() OVER (PARTITION BY r.id, a.duplicate_of ORDER BY r.place) AS sibling
        FROM ranked r JOIN articles a ON a.id = r.other WHERE r.place <= :limit AND (r.strong OR r.turn <= :weak)
    )
    SELECT id, other, duplicate_of, equal, at, place FROM known
    WHERE equal OR duplicate_of IS NULL OR sibling <= :siblings
    UNION ALL SELECT DISTINCT NULL::bigint, key, NULL::bigint, is_noted, NULL::timestamptz, 0::bigint
    FROM quoting WHERE is_noted OR holders >= :holders
    UNION ALL SELECT NULL, value, NULL, NULL, NULL, NULL FROM counters WHERE name = :counter
    ORDER BY 1, 6
""")

_NOTE_COMMON = Sql("""
    INSERT INTO common_sentences (key, holders)
    SELECT key, ARRAY(
        SELECT article_id FROM (
            -- OFFSET: or else all fingerprints are gone through in order until so many have been found.
            SELECT article_id FROM fingerprints WHERE sentences && ARRAY[key] OFFSET 0
        ) AS f ORDER BY article_id LIMIT :holders
    ) FROM unnest(CAST(:keys AS bigint[])) AS key ORDER BY key
    ON CONFLICT DO NOTHING
""")

_FORGET_COMMON = Sql("DELETE FROM common_sentences WHERE holders && CAST(:ids AS bigint[])")


def upsert_all(tx: Transaction, new: Sequence[StoredFingerprint]) -> int:
    """Store fingerprints, one caller at a time until its transaction ends. -> the counter's new value.

    Statements after this one see the fingerprints of all who were before.
    """
    ((recorded,),) = _UPSERT.rows(tx, {**_columns(new), "versions": [row.version for row in new], "counter": COUNTER})
    return int(recorded)


def find_candidates(tx: Transaction, wanted: Sequence[StoredFingerprint], limit: int) -> Met:
    """-> for each fingerprint at most `limit` articles that share all of it, a band or FEWEST_KEYS of sentences, those
    first that share most; of those with very little in common only the earliest WEAK.
    """
    bounds = {
        "siblings": SIBLINGS,
        "limit": limit,
        "equals": EQUALS,
        "holders": HOLDERS,
        "fewest_keys": FEWEST_KEYS,
        "common_keys": COMMON_KEYS,
        "weak_keys": WEAK_KEYS,
        "weak": WEAK,
        "counter": COUNTER,
    }
    candidates, common, recorded = [], dict[int, bool](), 0
    for id_, other, original, flag, at, place in _CANDIDATES.rows(tx, {**_columns(wanted), **bounds}):
        if id_ is not None:
            candidates.append(Candidate(str(id_), str(other), str(original) if original else None, flag, at))
        elif place is not None:
            common[other] = flag
        else:
            recorded = other
    unnoted = frozenset(key for key, is_noted in common.items() if not is_noted)
    return Met(candidates, frozenset(common), unnoted, recorded)


def note_common(tx: Transaction, keys: Iterable[int]) -> None:
    """Keys that HOLDERS or more articles hold: from now on they lead to the earliest HOLDERS of these."""
    wanted = sorted(keys)
    if wanted:
        _NOTE_COMMON.run(tx, {"keys": wanted, "holders": HOLDERS})


def forget_common(tx: Transaction, article_ids: Iterable[str]) -> None:
    """These articles are erased: what is common is found out anew where they were among the holders."""
    _FORGET_COMMON.run(tx, {"ids": [int(id_) for id_ in article_ids]})


def _columns(rows: Sequence[StoredFingerprint]) -> dict[str, list[object]]:
    return {
        "ids": [int(row.article_id) for row in rows],
        "hashes": [row.folded_hash for row in rows],
        "bands": [spell_numbers(row.bands) for row in rows],
        "sentences": [spell_numbers(row.sentences) for row in rows],
    }
