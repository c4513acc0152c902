"""With which articles an article shares sentences, as the API shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import SharedSentence

# Of one article, those that were accepted first; a sentence that thousands print is shown with these.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class SharedSpan:
    """A sentence of this article, and where the other article has it, or nearly the same (`similarity` below 1)."""

    start: int
    end: int
    text: str
    other_start: int
    other_end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class LineageView:
    """Another article with the same wording; `agency` is the one that the texts credit, where they name one."""

    article_id: str
    title: str
    source: str | None
    agency: str | None
    sentences: list[SharedSpan]


_LINEAGES = text("""
    SELECT w.id, l.other, l.is_later, l.sentences, a.title, s.name, COALESCE(e.name, l.agency_id)
    FROM unnest(CAST(:ids AS bigint[])) AS w (id) CROSS JOIN LATERAL (
        SELECT other_id AS other, true AS is_later, agency_id, sentences FROM lineages WHERE article_id = w.id
        UNION ALL
        SELECT article_id, false, agency_id, sentences FROM lineages WHERE other_id = w.id
        ORDER BY other LIMIT :limit
    ) l
    JOIN articles a ON a.id = l.other
    LEFT JOIN sources s ON s.id = a.source_id
    LEFT JOIN entities e ON e.id = l.agency_id
    ORDER BY w.id, l.other
""")


def find(tx: Transaction, texts: Mapping[int, str]) -> dict[int, list[LineageView]]:
    """-> by article, the first SHOWN articles that share sentences with it; `texts` by article number."""
    found: dict[int, list[LineageView]] = {}
    for article, other, is_later, sentences, title, source, agency in tx.execute(
        _LINEAGES, {"ids": list(texts), "limit": SHOWN}
    ):
        stored = msgspec.convert(sentences, list[SharedSentence])
        spans = _spans(texts[article], stored, is_later=is_later)
        found.setdefault(article, []).append(LineageView(str(other), title, source, agency, spans))
    return found


def _spans(body: str, stored: Sequence[SharedSentence], *, is_later: bool) -> list[SharedSpan]:
    """Stored sentences begin with the later article's place. Those of a text that has just changed are left out."""
    places = [
        (one.start, one.end, one.other_start, one.other_end) if is_later
        else (one.other_start, one.other_end, one.start, one.end)
        for one in stored
    ]  # fmt: skip
    return [
        SharedSpan(start, end, body[start:end], other_start, other_end, one.similarity)
        for one, (start, end, other_start, other_end) in zip(stored, places, strict=True)
        if end <= len(body)
    ]
