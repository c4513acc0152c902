"""Stories merged and split, claims rejected: what was done, by whom and when, and what later processing heeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Claim
from wirewatch.sql import Sql
from wirewatch.store.ids import number_of

EventKind = Literal["merged", "split", "claim_rejected", "claim_restored"]


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """`by` is the name of a key, or `cluster` where the pipeline did it; `other_story_id` is gone or came of it."""

    id: str
    kind: EventKind
    story_id: str
    other_story_id: str | None
    article_ids: tuple[str, ...]
    claim_ids: tuple[str, ...]
    by: str
    note: str
    created_at: datetime


_INSERT_EVENT = Sql("""
    INSERT INTO story_events (kind, story_id, other_story_id, article_ids, claim_ids, by, note)
    VALUES (:kind, :story_id, :other_id, CAST(:article_ids AS bigint[]), CAST(:claim_ids AS text[]), :by, :note)
""")

_MOVE_ALL = Sql("""
    WITH moved AS (UPDATE vectors SET story_id = :into_id WHERE story_id = :from_id),
    redirected AS (UPDATE stories SET merged_into = :into_id WHERE merged_into = :from_id),
    gone AS (
        UPDATE stories SET merged_into = :into_id, article_count = 0, facts = '{}', updated_at = clock_timestamp()
        WHERE id = :from_id
    ), told AS (UPDATE story_events SET story_id = :into_id WHERE story_id = :from_id),
    apart AS (DELETE FROM story_splits WHERE :from_id IN (story_id, other_id) RETURNING story_id, other_id),
    kept_apart AS (
        INSERT INTO story_splits (story_id, other_id)
        SELECT DISTINCT LEAST(:into_id, other), GREATEST(:into_id, other)
        FROM (SELECT CASE WHEN story_id = :from_id THEN other_id ELSE story_id END AS other FROM apart) AS one
        WHERE other <> :into_id ON CONFLICT DO NOTHING
    )
    UPDATE articles SET story_id = :into_id WHERE story_id = :from_id RETURNING id
""")

_MOVE = Sql("""
    WITH moved AS (UPDATE vectors SET story_id = :into_id WHERE article_id = ANY(:ids))
    UPDATE articles SET story_id = :into_id WHERE id = ANY(:ids)
""")

_KEEP_APART = Sql("INSERT INTO story_splits (story_id, other_id) VALUES (:first, :second) ON CONFLICT DO NOTHING")

_ARE_KEPT_APART = Sql("SELECT 1 FROM story_splits WHERE story_id = :first AND other_id = :second")

_WAS_MERGED_BY_OTHERS = Sql("""
    SELECT 1 FROM story_events WHERE story_id = :id AND kind = 'merged' AND by <> :by LIMIT 1
""")

_GET_VERSIONS = Sql("SELECT id, version FROM articles WHERE id = ANY(:ids) ORDER BY id")

# The claim itself and what says the same in the same words: copies, and what is extracted again.
_SAME_CLAIM = """
    {claim} ->> 'quote' = {other} ->> 'quote' AND {claim} ->> 'supplier' IS NOT DISTINCT FROM {other} ->> 'supplier'
    AND {claim} ->> 'recipient' IS NOT DISTINCT FROM {other} ->> 'recipient'
"""

_FIND_CLAIM = text("""
    SELECT claim FROM articles a JOIN analyses n ON n.article_id = a.id, jsonb_array_elements(n.claims) AS claim
    WHERE a.story_id = :story_id AND claim ->> 'id' = :claim_id
""")

_REJECT = text(f"""
    WITH said AS (
        SELECT a.id AS article_id, c.claim FROM articles a JOIN analyses n ON n.article_id = a.id,
            jsonb_array_elements(n.claims) AS c (claim)
        WHERE a.story_id = :story_id AND {_SAME_CLAIM.format(claim="c.claim", other="CAST(:claim AS jsonb)")}
    ), rejected AS (
        INSERT INTO claim_rejections (article_id, claim_id, quote, supplier, recipient, claim, by, note)
        SELECT article_id, claim ->> 'id', claim ->> 'quote', claim ->> 'supplier', claim ->> 'recipient', claim, :by,
            :note FROM said ORDER BY article_id ON CONFLICT DO NOTHING
    )
    UPDATE analyses SET claims = (
        SELECT COALESCE(jsonb_agg(one ORDER BY place), '[]')
        FROM jsonb_array_elements(analyses.claims) WITH ORDINALITY AS each (one, place)
        WHERE NOT EXISTS (SELECT 1 FROM said WHERE said.article_id = analyses.article_id AND said.claim = one)
    ) WHERE article_id IN (SELECT article_id FROM said)
    RETURNING article_id, (SELECT array_agg(claim ->> 'id') FROM said WHERE said.article_id = analyses.article_id)
""")  # noqa: S608 (constants)

_RESTORE = text("""
    WITH wanted AS (
        SELECT r.* FROM claim_rejections r JOIN articles a ON a.id = r.article_id
        WHERE a.story_id = :story_id AND r.claim_id = :claim_id
    )
    DELETE FROM claim_rejections r USING wanted w, articles a
    WHERE a.id = r.article_id AND a.story_id = :story_id AND r.quote = w.quote
      AND r.supplier IS NOT DISTINCT FROM w.supplier AND r.recipient IS NOT DISTINCT FROM w.recipient
    RETURNING r.article_id
""")


def add_event(
    tx: Transaction,
    kind: EventKind,
    story_ids: tuple[str, str | None],
    *,
    article_ids: Iterable[str] = (),
    claim_ids: Iterable[str] = (),
    by: str,
    note: str = "",
) -> None:
    """Note what was done; `story_ids`: the story that it shows in, and the other one."""
    story_id, other_id = story_ids
    _INSERT_EVENT.run(
        tx,
        {
            "kind": kind,
            "story_id": int(story_id),
            "other_id": int(other_id) if other_id else None,
            "article_ids": sorted(int(id_) for id_ in article_ids),
            "claim_ids": sorted(claim_ids),
            "by": by,
            "note": note,
        },
    )


def list_events(tx: Transaction, story_id: str) -> list[StoryEvent]:
    """The latest first."""
    rows = tx.execute(
        text("""
            SELECT id, kind, story_id, other_story_id, article_ids, claim_ids, by, note, created_at FROM story_events
            WHERE :id IN (story_id, other_story_id) ORDER BY id DESC LIMIT 200
        """),
        {"id": number_of(story_id, "story")},
    )
    return [
        StoryEvent(
            str(id_),
            kind,
            str(story),
            str(other) if other else None,
            tuple(str(article) for article in articles),
            tuple(claims),
            by,
            note,
            at,
        )
        for id_, kind, story, other, articles, claims, by, note, at in rows
    ]


def move_all(tx: Transaction, from_id: str, into_id: str) -> list[str]:
    """Make all of one story another's, so that its id leads there; who was kept apart from the one is from the other,
    and the two no more. -> the articles that moved.
    """
    moved = _MOVE_ALL.rows(tx, {"from_id": int(from_id), "into_id": int(into_id)})
    return [str(id_) for (id_,) in sorted(moved)]


def move(tx: Transaction, article_ids: Iterable[str], into_id: str) -> None:
    _MOVE.run(tx, {"ids": sorted(int(id_) for id_ in article_ids), "into_id": int(into_id)})


def keep_apart(tx: Transaction, story_id: str, other_id: str) -> None:
    """The pipeline never merges the two by itself."""
    first, second = sorted((int(story_id), int(other_id)))
    _KEEP_APART.run(tx, {"first": first, "second": second})


def are_kept_apart(tx: Transaction, story_id: str, other_id: str) -> bool:
    first, second = sorted((int(story_id), int(other_id)))
    return bool(_ARE_KEPT_APART.rows(tx, {"first": first, "second": second}))


def was_merged_by_others(tx: Transaction, story_id: str, by: str) -> bool:
    """Whether anybody but `by` has merged what is in this story."""
    return bool(_WAS_MERGED_BY_OTHERS.rows(tx, {"id": int(story_id), "by": by}))


def get_versions(tx: Transaction, article_ids: Iterable[str]) -> list[tuple[str, int]]:
    """-> (article id, current version) of those that exist, in order of acceptance."""
    ids = sorted(int(id_) for id_ in article_ids)
    return [(str(id_), int(version)) for id_, version in _GET_VERSIONS.rows(tx, {"ids": ids})]


def find_claim(tx: Transaction, story_id: str, claim_id: str) -> Claim | None:
    """The claim of an article of this story."""
    found = tx.execute(_FIND_CLAIM, {"story_id": int(story_id), "claim_id": claim_id}).scalar()
    return msgspec.convert(found, Claim) if found else None


def reject(tx: Transaction, story_id: str, claim: Claim, *, by: str, note: str) -> dict[str, list[str]]:
    """Take the claim, and those that say the same in the same words, out of the story's articles for good.

    -> by article, the ids of its claims that went.
    """
    parameters = {
        "story_id": int(story_id),
        "claim": msgspec.json.encode(claim).decode(),
        "by": by,
        "note": note,
    }
    return {str(article): list(claim_ids) for article, claim_ids in tx.execute(_REJECT, parameters)}


def restore(tx: Transaction, story_id: str, claim_id: str) -> Sequence[str]:
    """Forget the rejection. -> the articles that must be read again to find the claim."""
    rows = tx.execute(_RESTORE, {"story_id": int(story_id), "claim_id": claim_id}).scalars()
    return sorted({str(article) for article in rows}, key=int)
