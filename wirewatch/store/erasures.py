"""Taking an article out again, with everything that quotes it."""

from dataclasses import replace

from sqlalchemy import text

from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.messages import NewMessage
from wirewatch.models import StoryFacts
from wirewatch.store import stories
from wirewatch.store.articles import ARTICLE_MESSAGES
from wirewatch.store.ids import number_of

_ERASE = text("DELETE FROM articles WHERE id = :id RETURNING story_id")

# Versions, analysis, fingerprints and matches go with the article; a worker that holds such a message records nothing.
_FORGET_WORK = text("DELETE FROM messages WHERE type = ANY(:types) AND subject_id = :id")

_FORGET_EVIDENCE = text("""
    UPDATE alerts SET article_ids = array_remove(article_ids, :id), updated_at = clock_timestamp(),
        evidence = (SELECT COALESCE(jsonb_agg(e ORDER BY place), '[]')
                    FROM jsonb_array_elements(evidence) WITH ORDINALITY AS one (e, place)
                    WHERE e ->> 'article_id' <> CAST(:id AS text))
    WHERE :id = ANY(article_ids)
""")


def without_article(facts: StoryFacts, article_id: str) -> StoryFacts:
    """The facts with nothing that quotes the article; what the others say together is found out by a stage."""
    claims = tuple(claim for claim in facts.claims if not claim.id.startswith(f"{article_id}."))
    left = {claim.id for claim in claims}
    return replace(
        facts,
        article_ids=tuple(id_ for id_ in facts.article_ids if id_ != article_id),
        claims=claims,
        conflicts=tuple(conflict for conflict in facts.conflicts if left.issuperset(conflict.claim_ids)),
    )


def erase_article(tx: Transaction, article_id: str) -> None:
    """Its story is told to look at itself again, and goes too where no article is left. Raises NotFoundError."""
    number = number_of(article_id, "article")
    # First, as a worker's record begins with its message and then writes to the article: neither waits for the other.
    tx.execute(_FORGET_WORK, {"types": list(ARTICLE_MESSAGES), "id": number})
    erased = tx.execute(_ERASE, {"id": number}).first()
    if erased is None:
        raise NotFoundError("no article with this id")
    tx.execute(_FORGET_EVIDENCE, {"id": number})
    story_id = str(erased.story_id) if erased.story_id else None
    if story_id is None:
        return
    if stories.get_members(tx, [story_id]):
        for facts in stories.get_facts(tx, [story_id]).values():
            stories.update_facts(tx, story_id, without_article(facts, article_id))
        outbox.put(tx, [NewMessage("StoryChanged", story_id, payload={"erased": [article_id]})])
    else:
        stories.erase(tx, [story_id])
