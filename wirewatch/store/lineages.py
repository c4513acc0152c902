"""Pairs of articles of which one comes from the other, or both from a third, with the sentences that show it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from wirewatch.db import Transaction
from wirewatch.models import SharedSentence
from wirewatch.sql import Sql


class Lineage(NamedTuple):
    """`article_id` was accepted after `other_id`; the sentences begin with the place in `article_id`'s text.

    `agency_id` names the agency that the texts credit, where they do.
    """

    article_id: str
    other_id: str
    agency_id: str | None
    sentences: tuple[SharedSentence, ...]


_FORGET = Sql("DELETE FROM lineages WHERE article_id = ANY(:ids) OR other_id = ANY(:ids)")

_UPSERT = Sql("""
    INSERT INTO lineages (article_id, other_id, agency_id, sentences)
    SELECT id, other, agency, CAST(sentences AS jsonb) FROM unnest(
        CAST(:ids AS bigint[]), CAST(:others AS bigint[]), CAST(:agencies AS text[]), CAST(:sentences AS text[])
    ) AS new (id, other, agency, sentences) ORDER BY id, other
    ON CONFLICT (article_id, other_id) DO UPDATE SET agency_id = excluded.agency_id, sentences = excluded.sentences
""")


def replace_all(tx: Transaction, renewed: Iterable[str], new: Sequence[Lineage]) -> None:
    """Store the pairs; first forget all pairs of the articles in `renewed`, whose text has changed."""
    forgotten = [int(id_) for id_ in renewed]
    if forgotten:
        _FORGET.run(tx, {"ids": forgotten})
    if new:
        columns = {
            "ids": [int(one.article_id) for one in new],
            "others": [int(one.other_id) for one in new],
            "agencies": [one.agency_id for one in new],
            "sentences": [msgspec.json.encode(one.sentences).decode() for one in new],
        }
        _UPSERT.run(tx, columns)
