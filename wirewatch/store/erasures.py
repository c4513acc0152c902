"""Taking articles out again, with everything that quotes them: on demand, and those that have reached an age."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import text

from wirewatch import outbox
from wirewatch.db import Transaction, lock_in_transaction, share_in_transaction
from wirewatch.errors import NotFoundError
from wirewatch.messages import NewMessage
from wirewatch.models import StoryFacts
from wirewatch.store import articles, fingerprints, stories, vectors
from wirewatch.store.articles import ARTICLE_MESSAGES
from wirewatch.store.deliveries import FORGOTTEN
from wirewatch.store.ids import number_of
from wirewatch.store.redaction import Redaction
from wirewatch.stories.claims import article_of

# Held alone while quotations are taken out, and together by all who may quote an article in what is sent.
QUOTING = "quoting"
# Bodies held in memory at once while quotations are taken out of them.
BODIES_AT_ONCE = 100

# Versions, analysis, fingerprints, lineage, vectors and matches go with the article.
_ERASE = text("DELETE FROM articles WHERE id = ANY(:ids) RETURNING id, story_id, title")

# A worker that holds such a message records nothing.
_FORGET_WORK = text("DELETE FROM messages WHERE type = ANY(:types) AND subject_id = ANY(:ids)")

_FORGET_EVIDENCE = text("""
    UPDATE alerts SET updated_at = clock_timestamp(),
        article_ids = ARRAY(SELECT one FROM unnest(article_ids) WITH ORDINALITY AS o (one, place)
                            WHERE one <> ALL(:ids) ORDER BY place),
        evidence = (SELECT COALESCE(jsonb_agg(e ORDER BY place), '[]')
                    FROM jsonb_array_elements(evidence) WITH ORDINALITY AS one (e, place)
                    WHERE e ->> 'article_id' <> ALL(CAST(:ids AS text[])))
    WHERE story_id = ANY(:story_ids) AND article_ids && CAST(:ids AS bigint[])
    RETURNING id
""")

_TEXTS = text("""
    SELECT article_id, title, text FROM article_versions WHERE article_id = ANY(:ids)
""")

_STORIES = text("SELECT DISTINCT story_id FROM articles WHERE id = ANY(:ids) AND story_id IS NOT NULL")

# A body quotes the articles of its alerts and the facts of their stories.
_TOLD = text("""
    SELECT DISTINCT d.id FROM deliveries d
    JOIN delivery_updates du ON du.delivery_id = d.id
    JOIN updates u ON u.id = du.update_id
    JOIN alerts a ON a.id = u.alert_id
    WHERE a.story_id = ANY(:story_ids) OR u.article_ids && CAST(:ids AS bigint[])
    ORDER BY d.id
""")

_BODIES = text("SELECT id, body FROM deliveries WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")

# What was made of a body, for an endpoint that is sent less or people who read text, is made anew should it be needed.
_REDACT = text("""
    UPDATE deliveries d SET body = new.body, rendered = NULL, redacted_at = clock_timestamp()
    FROM unnest(CAST(:ids AS bigint[]), CAST(:bodies AS bytea[])) AS new (id, body) WHERE d.id = new.id
""")

# What a receiver answered may echo what it was sent, and what a service or a parser complains of may quote that.
_FORGET_REASONS = text("""
    UPDATE deliveries d SET reason = :forgotten
    WHERE id = ANY(:ids) AND EXISTS (SELECT FROM attempts a WHERE a.delivery_id = d.id AND a.error = d.reason)
""")

_FORGET_ANSWERS = text("""
    UPDATE attempts SET excerpt = NULL, error = CASE WHEN error IS NOT NULL THEN :forgotten END
    WHERE delivery_id = ANY(:ids) AND (excerpt IS NOT NULL OR error IS NOT NULL)
""")

# Ids grow in the order of acceptance: the oldest articles are the first rows.
_EXPIRED = text("""
    SELECT id FROM (SELECT id, first_seen_at FROM articles ORDER BY id LIMIT :limit) AS oldest
    WHERE first_seen_at < :before
""")


def hold_off(tx: Transaction) -> None:
    """Let nothing be erased until this transaction ends: what it quotes would be stored behind the erasing's back.

    To be called before anything is read that may be quoted.
    """
    share_in_transaction(tx, QUOTING)


def erase_article(tx: Transaction, article_id: str) -> None:
    """Erase the article with all that quotes it. Raises NotFoundError."""
    if not _erase(tx, [number_of(article_id, "article")], by_age=False):
        raise NotFoundError("no article with this id")


def erase_expired(tx: Transaction, before: datetime, limit: int) -> int:
    """Erase, of the `limit` oldest articles, those first seen before that time; nobody is told. -> how many."""
    return _erase(tx, list(tx.execute(_EXPIRED, {"before": before, "limit": limit}).scalars()), by_age=True)


def _erase(tx: Transaction, ids: Sequence[int], *, by_age: bool) -> int:
    """-> how many of these articles there were; nothing that is stored quotes them any more.

    Their stories are told to look at themselves again, and go too where no article is left. Their copies are checked
    again, and the earliest becomes the original of the others. `by_age`: what they said is not taken back by that.
    """
    if not ids:
        return 0
    # First, as a worker's record begins with its message and then writes to the article: neither waits for the other.
    tx.execute(_FORGET_WORK, {"types": list(ARTICLE_MESSAGES), "ids": ids})
    # Then nobody folds what they said into a story again, or quotes them in a delivery that is not seen from here.
    vectors.take_placement(tx)
    lock_in_transaction(tx, QUOTING)
    gone = {str(id_) for id_ in ids}
    copies = [copy for copy in articles.find_copies(tx, gone) if copy[0] not in gone]
    told_of = list(tx.execute(_STORIES, {"ids": ids}).scalars())
    _redact_deliveries(tx, ids, told_of)
    erased = tx.execute(_ERASE, {"ids": ids}).all()
    fingerprints.forget_common(tx, gone)
    poorer = tx.execute(_FORGET_EVIDENCE, {"ids": ids, "story_ids": told_of}).scalars()
    recount = {"recount": "silent" if by_age else "told"}
    outbox.put(tx, [NewMessage("AlertDue", str(id_), payload=recount) for id_ in sorted(poorer)])
    outbox.put(tx, [NewMessage("ArticleReceived", id_, version) for id_, version, _ in copies])
    emptied = _forget_in_stories(tx, gone, {str(row.story_id) for row in erased if row.story_id})
    stories.erase(tx, emptied, with_told=by_age)
    return len(erased)


def without_articles(facts: StoryFacts, gone: Iterable[str], titles: Mapping[str, str]) -> StoryFacts:
    """The facts with nothing that quotes these articles; what the others say together is found out by a stage.

    `titles` of the articles that stay, in the order of acceptance.
    """
    erased = frozenset(gone)
    claims = tuple(claim for claim in facts.claims if article_of(claim) not in erased)
    left = {claim.id for claim in claims}
    known = {" ".join(title.split()) for title in titles.values()}
    return replace(
        facts,
        title=facts.title if facts.title in known else next((one for one in titles.values() if one), ""),
        titles=tuple(title for title in facts.titles if title in known),
        article_ids=tuple(id_ for id_ in facts.article_ids if id_ not in erased),
        article_count=len(titles),
        claims=claims,
        stated=tuple(one for one in facts.stated if erased.isdisjoint(one.article_ids)),
        conflicts=tuple(
            conflict
            for conflict in facts.conflicts
            if left.issuperset(conflict.claim_ids)
            and all(erased.isdisjoint(side.article_ids) for side in conflict.sides)
        ),
    )


def _redact_deliveries(tx: Transaction, ids: Sequence[int], story_ids: Sequence[int]) -> None:
    deliveries = list(tx.execute(_TOLD, {"ids": ids, "story_ids": story_ids}).scalars())
    if not deliveries:
        return
    texts: dict[str, list[str]] = {}
    for article_id, title, body in tx.execute(_TEXTS, {"ids": ids}):
        texts.setdefault(str(article_id), []).extend((title, body))
    redaction = Redaction(texts)
    for start in range(0, len(deliveries), BODIES_AT_ONCE):
        part = deliveries[start : start + BODIES_AT_ONCE]
        read = [(id_, redaction.redact(bytes(body))) for id_, body in tx.execute(_BODIES, {"ids": part})]
        changed = {id_: body for id_, body in read if body is not None}
        if changed:
            tx.execute(_REDACT, {"ids": list(changed), "bodies": list(changed.values())})
            forgotten = {"ids": list(changed), "forgotten": FORGOTTEN}
            tx.execute(_FORGET_REASONS, forgotten)
            tx.execute(_FORGET_ANSWERS, forgotten)


def _forget_in_stories(tx: Transaction, gone: Iterable[str], story_ids: Iterable[str]) -> set[str]:
    """-> the stories in which no article is left."""
    touched = set(story_ids)
    titles = stories.get_titles(tx, touched)
    facts = stories.get_facts(tx, titles)
    stories.update_facts(tx, {id_: without_articles(old, gone, titles[id_]) for id_, old in facts.items()})
    outbox.put(tx, [NewMessage("StoryChanged", id_, payload={"erased": sorted(gone)}) for id_ in sorted(titles)])
    return touched - titles.keys()
