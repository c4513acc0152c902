"""Which watches each article matches now, and the spans that prove it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Claim, Evidence
from wirewatch.sql import Sql

# Why a watch is not told yet of what joined an alert that settles; the only such reason that passes by itself.
COLLECTED = "changes are being collected"


class Match(NamedTuple):
    """`score`: how sure the reading is that it rests on, 0 to 1. `decided_at`: when that was read on which it rests, by
    the database's clock; None: now.
    """

    watch_id: str
    article_id: str
    version: int
    story_id: str | None
    evidence: tuple[Evidence, ...]
    score: float = 1.0
    decided_at: datetime | None = None


class Judged(NamedTuple):
    """A match as the alert stage finds it, with the story where its article stands now.

    `holds` False: it held once. `alert_id`, `alert_story_id`: the alert in which the article stands, and its story;
    `heard_version`, `heard_as`: what of the article the alert knows; `told`: whether the watch was told of it;
    `untold`: why not. `claims`: what the article says now; none where it was taken back.
    """

    match: Match
    holds: bool
    alert_id: str | None
    alert_story_id: str | None
    heard_version: int | None
    heard_as: int | None
    told: bool
    untold: str | None
    independent_sources: int
    claims: tuple[Claim, ...]


class Hearing(NamedTuple):
    """What the alert now knows of a matching article; None and False leave that as it is. `untold`: why its watch is
    not told of it; None: it is.
    """

    watch_id: str
    article_id: str
    alert_id: str | None
    heard_version: int | None = None
    heard_as: int | None = None
    told: bool = False
    untold: str | None = None


class Held(NamedTuple):
    """Which watches hold for which articles by what is stored, and when that was read, by the database's clock."""

    read_at: datetime
    pairs: frozenset[tuple[str, str]]


_UPSERT = text("""
    INSERT INTO matches (watch_id, article_id, version, story_id, evidence, score, decided_at)
    SELECT m.watch_id, m.article_id, m.version, m.story_id, CAST(m.evidence AS jsonb), m.score,
        COALESCE(m.decided_at, clock_timestamp())
    FROM unnest(CAST(:watches AS bigint[]), CAST(:articles AS bigint[]), CAST(:versions AS int[]),
                CAST(:stories AS bigint[]), CAST(:evidence AS text[]), CAST(:scores AS real[]),
                CAST(:decided AS timestamptz[]))
         AS m (watch_id, article_id, version, story_id, evidence, score, decided_at)
    JOIN watches w ON w.id = m.watch_id
    ORDER BY m.watch_id, m.article_id
    ON CONFLICT (watch_id, article_id) DO UPDATE SET version = excluded.version, story_id = excluded.story_id,
        evidence = excluded.evidence, score = excluded.score, decided_at = excluded.decided_at, holds = true,
        matched_at = clock_timestamp()
    WHERE (matches.version, matches.decided_at) <= (excluded.version, excluded.decided_at)
""")

_FIND_HELD = Sql("""
    SELECT now(), ARRAY(SELECT watch_id || ' ' || article_id FROM matches WHERE holds AND article_id = ANY(:ids))
""")

_END = text("""
    UPDATE matches m SET holds = false, version = e.version, decided_at = COALESCE(e.decided_at, clock_timestamp())
    FROM unnest(CAST(:watches AS bigint[]), CAST(:articles AS bigint[]), CAST(:versions AS int[]),
                CAST(:decided AS timestamptz[])) AS e (watch_id, article_id, version, decided_at)
    WHERE m.watch_id = e.watch_id AND m.article_id = e.article_id AND m.holds
        AND (m.version, m.decided_at) < (e.version, COALESCE(e.decided_at, clock_timestamp()))
    RETURNING m.article_id
""")

_GET = text("""
    SELECT m.watch_id, m.article_id, m.version, a.story_id, m.evidence
    FROM matches m JOIN articles a ON a.id = m.article_id
    WHERE m.article_id = ANY(:ids) AND m.holds ORDER BY m.article_id, m.watch_id
""")

# Locked: of two runs that meet on one article, the second sees what the first made known.
_GET_JUDGED = text("""
    SELECT m.watch_id, m.article_id, m.version, a.story_id, m.evidence, m.score, m.holds, m.alert_id,
        al.story_id AS alert_story_id, m.heard_version, m.heard_as, m.told, m.untold,
        COALESCE(s.independent_sources, 1) AS independent_sources,
        CASE WHEN a.retracted_at IS NULL THEN COALESCE(n.claims, '[]') ELSE '[]' END AS claims
    FROM matches m
    JOIN articles a ON a.id = m.article_id
    LEFT JOIN analyses n ON n.article_id = a.id
    LEFT JOIN stories s ON s.id = a.story_id
    LEFT JOIN alerts al ON al.id = m.alert_id
    WHERE m.article_id = ANY(:ids) ORDER BY m.watch_id, m.article_id FOR UPDATE OF m
""")

_GET_EVIDENCE = text("""
    SELECT m.watch_id, m.article_id, m.evidence FROM matches m
    JOIN unnest(CAST(:watches AS bigint[]), CAST(:articles AS bigint[])) AS wanted (watch_id, article_id)
        USING (watch_id, article_id)
    WHERE m.holds
""")

_HEAR = text("""
    UPDATE matches m SET alert_id = COALESCE(h.alert_id, m.alert_id),
        heard_version = COALESCE(h.heard_version, m.heard_version), heard_as = COALESCE(h.heard_as, m.heard_as),
        told = h.told OR m.told, untold = h.untold
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS h (
        watch_id bigint, article_id bigint, alert_id bigint, heard_version int, heard_as bigint, told boolean,
        untold text)
    WHERE m.watch_id = h.watch_id AND m.article_id = h.article_id
""")

_STOP_COLLECTING = text("""
    UPDATE matches m SET untold = :why FROM alerts a
    WHERE a.id = ANY(:ids) AND m.watch_id = a.watch_id AND m.article_id = ANY(a.article_ids) AND m.untold = :collected
""")

_DELETE = text("""
    DELETE FROM matches m USING unnest(CAST(:watches AS bigint[]), CAST(:articles AS bigint[]))
        AS gone (watch_id, article_id)
    WHERE m.watch_id = gone.watch_id AND m.article_id = gone.article_id AND NOT m.holds
""")


def upsert_all(tx: Transaction, matches: Sequence[Match]) -> None:
    """Store each match; one of a watch deleted meanwhile is passed over, and none replaces a later look."""
    if not matches:
        return
    tx.execute(
        _UPSERT,
        {
            "watches": [int(match.watch_id) for match in matches],
            "articles": [int(match.article_id) for match in matches],
            "versions": [match.version for match in matches],
            "stories": [match.story_id and int(match.story_id) for match in matches],
            "evidence": [msgspec.json.encode(match.evidence).decode() for match in matches],
            "scores": [match.score for match in matches],
            "decided": [match.decided_at for match in matches],
        },
    )


def find_held(tx: Transaction, article_ids: Iterable[str]) -> Held:
    """-> (watch, article) of the matches that are stored as holding, and a time: all that was committed before it, they
    and later statements show.
    """
    ((read_at, pairs),) = _FIND_HELD.rows(tx, {"ids": [int(id_) for id_ in article_ids]})
    return Held(read_at, frozenset((watch, article) for watch, article in map(str.split, pairs)))


def read_time(tx: Transaction) -> datetime:
    """-> a time, by the database's clock: all that was committed before it, later statements see."""
    began: datetime = tx.execute(text("SELECT now()")).scalar_one()
    return began


def end_all(tx: Transaction, ended: Sequence[Match]) -> set[str]:
    """These do not hold any more, unless a later look found that they do. -> the articles of those that ended."""
    if not ended:
        return set()
    columns = {
        "watches": [int(match.watch_id) for match in ended],
        "articles": [int(match.article_id) for match in ended],
        "versions": [match.version for match in ended],
        "decided": [match.decided_at for match in ended],
    }
    return {str(id_) for id_ in tx.execute(_END, columns).scalars()}


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


def get_judged(tx: Transaction, article_ids: Iterable[str]) -> list[Judged]:
    """-> all matches of these articles, those that ended too, locked until the transaction ends."""
    return [
        Judged(
            Match(
                str(row.watch_id),
                str(row.article_id),
                row.version,
                str(row.story_id) if row.story_id else None,
                msgspec.convert(row.evidence, tuple[Evidence, ...]),
                row.score,
            ),
            row.holds,
            str(row.alert_id) if row.alert_story_id else None,
            str(row.alert_story_id) if row.alert_story_id else None,
            row.heard_version,
            row.heard_as,
            row.told,
            row.untold,
            row.independent_sources,
            msgspec.convert(row.claims, tuple[Claim, ...]),
        )
        for row in tx.execute(_GET_JUDGED, {"ids": [int(id_) for id_ in article_ids]})
    ]


def get_evidence(tx: Transaction, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[Evidence, ...]]:
    """-> the spans of the matches that hold, by (watch, article)."""
    wanted = list(pairs)
    columns = {"watches": [int(watch) for watch, _ in wanted], "articles": [int(article) for _, article in wanted]}
    rows = tx.execute(_GET_EVIDENCE, columns)
    return {(str(watch), str(article)): msgspec.convert(found, tuple[Evidence, ...]) for watch, article, found in rows}


def hear_all(tx: Transaction, hearings: Sequence[Hearing]) -> None:
    """Note in which alert the articles stand and what it knows of them."""
    if hearings:
        tx.execute(_HEAR, {"rows": msgspec.json.encode([one._asdict() for one in hearings]).decode()})


def stop_collecting(tx: Transaction, alert_ids: Iterable[str], why: str) -> None:
    """These alerts settle no more: what had joined them meanwhile, and was not told, is not told for this reason."""
    if ids := [int(id_) for id_ in alert_ids]:
        tx.execute(_STOP_COLLECTING, {"ids": ids, "why": why, "collected": COLLECTED})


def delete_ended(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> None:
    """Forget (watch, article) matches that ended and that no alert holds any more."""
    if pairs:
        columns = {"watches": [int(watch) for watch, _ in pairs], "articles": [int(article) for _, article in pairs]}
        tx.execute(_DELETE, columns)
