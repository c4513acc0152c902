"""Stories: their facts, their members, and what joins and parts them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Claim, Statement, StoryFacts
from wirewatch.sql import Sql

# Held by whoever places articles or changes facts: one at a time.
LOCK = "stories"


class StoryMember(NamedTuple):
    """What an article gives to its story's facts; `opening` is how its text begins. One that was taken back gives no
    claims. `linked_origins` are the origins of articles of the story of which it is a copy, or shares sentences with.
    """

    article_id: str
    title: str
    opening: str
    source: str | None
    seen_at: datetime | None
    duplicate_of: str | None
    entity_ids: Sequence[str] = ()
    topic_ids: Sequence[str] = ()
    claims: tuple[Claim, ...] = ()
    linked_origins: Sequence[str] = ()
    statements: Sequence[Statement] = ()

    @property
    def origin(self) -> str:
        return self.source or f"#{self.article_id}"


class Link(NamedTuple):
    """An article whose text comes from that of `article_id`, or the other way round; `story_id` is the other's."""

    article_id: str
    other_id: str
    story_id: str | None
    origin: str


_LINKED = """
    SELECT l.article_id, l.other_id FROM lineages l WHERE l.article_id {ids}
    UNION SELECT l.other_id, l.article_id FROM lineages l WHERE l.other_id {ids}
    UNION SELECT d.id, d.duplicate_of FROM articles d WHERE d.id {ids} AND d.duplicate_of IS NOT NULL
    UNION SELECT d.duplicate_of, d.id FROM articles d WHERE d.duplicate_of {ids}
"""

# No text and no mentions: a story of a thousand articles is folded again when one of them changes.
_MEMBERS = Sql(f"""
    SELECT a.story_id, a.id, a.title, left(a.text, 200), COALESCE(s.name, s.domain),
        COALESCE(a.published_at, a.first_seen_at), a.duplicate_of, COALESCE(n.entity_ids, '{{}}'),
        COALESCE(n.topic_ids, '{{}}'), CASE WHEN a.retracted_at IS NULL THEN COALESCE(n.claims, '[]') ELSE '[]' END,
        ARRAY(
            SELECT DISTINCT COALESCE(os.name, os.domain, '#' || o.id) FROM ({_LINKED.format(ids="= a.id")}) AS linked
            JOIN articles o ON o.id = linked.other_id LEFT JOIN sources os ON os.id = o.source_id
            WHERE o.story_id = a.story_id ORDER BY 1
        ),
        COALESCE(v.statements, '[]')
    FROM articles a
    LEFT JOIN sources s ON s.id = a.source_id
    LEFT JOIN analyses n ON n.article_id = a.id
    LEFT JOIN vectors v ON v.article_id = a.id
    WHERE a.story_id = ANY(:ids) ORDER BY a.id
""")  # noqa: S608 (constants)

_ORIGINS = text("""
    SELECT a.id, a.story_id, COALESCE(s.name, s.domain, '#' || a.id)
    FROM articles a LEFT JOIN sources s ON s.id = a.source_id WHERE a.story_id = ANY(:ids)
""")

_LINKS = Sql(f"""
    SELECT linked.article_id, o.id, o.story_id, COALESCE(s.name, s.domain, '#' || o.id)
    FROM ({_LINKED.format(ids="= ANY(:ids)")}) AS linked
    JOIN articles o ON o.id = linked.other_id LEFT JOIN sources s ON s.id = o.source_id
    ORDER BY linked.article_id, o.id
""")  # noqa: S608 (constants)

# What _rows encodes.
_ROWS = """
    jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (
        id bigint, title text, first timestamptz, last timestamptz, articles int, independent int, conflicts boolean,
        facts jsonb)
"""

_CREATE = Sql(f"""
    INSERT INTO stories (title, first_seen_at, last_seen_at, article_count, independent_sources, has_conflicts, facts)
    SELECT title, first, last, articles, independent, conflicts, facts
    FROM {_ROWS}
    ORDER BY new.id RETURNING id
""")  # noqa: S608 (constants)

_GET_MEMBERS = Sql("SELECT story_id, id FROM articles WHERE story_id = ANY(:ids) ORDER BY id")

_GET_FACTS = Sql("SELECT id, facts FROM stories WHERE id = ANY(:ids) AND article_count > 0")

_UPDATE_FACTS = Sql(f"""
    UPDATE stories SET title = new.title, first_seen_at = new.first, last_seen_at = new.last,
        article_count = new.articles, independent_sources = new.independent, has_conflicts = new.conflicts,
        facts = new.facts, revision = revision + 1, updated_at = clock_timestamp()
    FROM {_ROWS}
    WHERE stories.id = new.id
""")  # noqa: S608 (constants)

_ERASE = text("""
    DELETE FROM stories s WHERE id = ANY(:ids) AND merged_into IS NULL
        AND (:with_told OR NOT EXISTS (SELECT FROM alerts a WHERE a.story_id = s.id AND a.last_seq > 0))
""")

_EMPTY = text("""
    UPDATE stories SET title = '', first_seen_at = NULL, last_seen_at = NULL, article_count = 0,
        independent_sources = 0, has_conflicts = false, facts = '{}', updated_at = clock_timestamp()
    WHERE id = ANY(:ids)
""")


def create(tx: Transaction, title: str) -> str:
    """-> the id of a new story; its facts follow in the same transaction."""
    return create_all(tx, [StoryFacts(title, (), (), 0, None, None)])[0]


def create_all(tx: Transaction, new: Sequence[StoryFacts]) -> list[str]:
    """-> the ids of new stories with these facts, in order."""
    made = _CREATE.rows(tx, {"rows": _rows(enumerate(new))}) if new else []
    return [str(id_) for (id_,) in sorted(made)]


def find_links(tx: Transaction, article_ids: Iterable[str]) -> list[Link]:
    """-> the copies of these articles, what they are copies of, and what shares sentences with them."""
    rows = _LINKS.rows(tx, {"ids": sorted(int(id_) for id_ in article_ids)})
    return [Link(str(id_), str(other), str(story) if story else None, origin) for id_, other, story, origin in rows]


def get_members(tx: Transaction, story_ids: Iterable[str]) -> dict[str, list[str]]:
    """-> the article ids of each story, in order of acceptance."""
    rows = _GET_MEMBERS.rows(tx, {"ids": [int(id_) for id_ in story_ids]})
    members: dict[str, list[str]] = {}
    for story, article in rows:
        members.setdefault(str(story), []).append(str(article))
    return members


def get_titles(tx: Transaction, story_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """-> the titles of the articles of each story that has any, by article, in order of acceptance."""
    rows = tx.execute(
        text("SELECT story_id, id, title FROM articles WHERE story_id = ANY(:ids) ORDER BY id"),
        {"ids": [int(id_) for id_ in story_ids]},
    )
    titles: dict[str, dict[str, str]] = {}
    for story, article, title in rows:
        titles.setdefault(str(story), {})[str(article)] = title
    return titles


def read_members(tx: Transaction, story_ids: Iterable[str]) -> dict[str, list[StoryMember]]:
    """-> what the articles of each story give to its facts, in order of acceptance."""
    members: dict[str, list[StoryMember]] = {}
    for row in _MEMBERS.rows(tx, {"ids": [int(id_) for id_ in story_ids]}):
        story, article, title, opening, source, seen, original, entities, topics, claims, linked, stated = row
        member = StoryMember(
            str(article),
            title,
            opening,
            source,
            seen,
            str(original) if original else None,
            entities,
            topics,
            msgspec.convert(claims, tuple[Claim, ...]),
            linked,
            msgspec.convert(stated, tuple[Statement, ...]),
        )
        members.setdefault(str(story), []).append(member)
    return members


def get_origins(tx: Transaction, story_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """-> the story and the origin (its source, or itself) of each article of these stories."""
    rows = tx.execute(_ORIGINS, {"ids": [int(id_) for id_ in story_ids]})
    return {str(article): (str(story), origin) for article, story, origin in rows}


def get_facts(tx: Transaction, story_ids: Iterable[str]) -> dict[str, StoryFacts]:
    """-> the facts of the stories that exist."""
    rows = _GET_FACTS.rows(tx, {"ids": [int(id_) for id_ in story_ids]})
    return {str(id_): msgspec.convert(facts, StoryFacts) for id_, facts in rows}


def update_facts(tx: Transaction, changed: Mapping[str, StoryFacts]) -> None:
    """Store the facts of each story."""
    if changed:
        _UPDATE_FACTS.run(tx, {"rows": _rows((int(id_), changed[id_]) for id_ in sorted(changed, key=int))})


def _rows(facts_of: Iterable[tuple[int, StoryFacts]]) -> str:
    rows = [
        {
            "id": id_,
            "title": facts.title,
            "first": facts.first_seen_at,
            "last": facts.last_seen_at,
            "articles": facts.article_count or len(facts.article_ids),
            "independent": facts.independent_sources,
            "conflicts": bool(facts.conflicts),
            "facts": facts,
        }
        for id_, facts in facts_of
    ]
    return msgspec.json.encode(rows).decode()


def erase(tx: Transaction, story_ids: Iterable[str], *, with_told: bool) -> None:
    """Stories whose last article was erased go too; one that was merged still leads to the other.

    `with_told`: also those of which a watch was told, with their alerts. Otherwise nothing but their ids stays, so that
    the alerts can be withdrawn.
    """
    ids = sorted(int(id_) for id_ in story_ids)
    tx.execute(_ERASE, {"ids": ids, "with_told": with_told})
    tx.execute(_EMPTY, {"ids": ids})
