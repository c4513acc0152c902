"""The user's five documents, and the same five with every person, country and weapon renamed, give the same shape."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
import yaml
from sqlalchemy import text

from tests.factories import make_watch
from tests.pipeline import ORIGINALS, accept, make_context, read_originals, run_until_done
from tests.renaming import SECOND_CAST, Cast, load_cast, rename
from wirewatch.db import Database
from wirewatch.models import Entity, Evidence, SharedSentence, StoryFacts
from wirewatch.seeding import SeedArticle
from wirewatch.store import entities

pytestmark = pytest.mark.skipif(not ORIGINALS.is_dir(), reason=f"the five original documents are not here: {ORIGINALS}")

FIRST = {"person": "Kim Jong Un", "second": "Sergei Shoigu"}


def renamed(article: SeedArticle, cast: Cast) -> SeedArticle:
    body = {key: rename(value, cast) if key in ("title", "text") else value for key, value in article.body.items()}
    return replace(article, body=body)


def add_entities(database: Database) -> None:
    """What a user would add by POST /v1/entities."""
    for values in yaml.safe_load(SECOND_CAST.read_text(encoding="utf-8"))["entities"]:
        with database.transaction() as tx:
            entities.create(tx, msgspec.convert({**values, "origin": "user"}, Entity))


def read(database: Database, query: str, **parameters: Any) -> list[Any]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query), parameters)]


def alerted(database: Database, watch_id: str) -> list[str]:
    """The articles of the watch's only alert."""
    ((article_ids,),) = read(database, "SELECT article_ids FROM alerts WHERE watch_id = :id", id=int(watch_id))
    return [str(id_) for id_ in article_ids]


@pytest.mark.parametrize("cast", ["first", "second"])
def test_five_documents_are_one_story_with_three_alerts(database: Database, cast: str) -> None:
    articles, names = read_originals(), FIRST
    if cast == "second":
        other = load_cast()
        articles = [renamed(article, other) for article in articles]
        names = {role: rename(name, other) for role, name in FIRST.items()}
        add_entities(database)
    person = make_watch(database, "person", f'entity:"{names["person"]}"')
    second = make_watch(database, "second", f'person:"{names["second"]}"')
    topic = make_watch(database, "topic", "topic:arms-transfers")

    article_ids = accept(database, articles)
    run_until_done(make_context(database))

    assert len(article_ids) == 5
    assert read(database, "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL") == [(0,)]
    assert read(database, "SELECT count(*) FROM stories") == [(1,)]
    assert read(database, "SELECT count(*) FROM messages") == [(0,)]
    assert alerted(database, person) == article_ids
    assert alerted(database, topic) == article_ids
    assert alerted(database, second) == [
        id_ for id_ in article_ids if names["second"].split()[1] in text_of(database, id_)
    ]
    assert len(alerted(database, second)) == 4
    check_evidence(database)
    check_conflicts(database)
    check_lineage(database, article_ids)


def text_of(database: Database, article_id: str) -> str:
    ((title, body),) = read(database, "SELECT title, text FROM articles WHERE id = :id", id=int(article_id))
    return f"{title}\n{body}"


def check_evidence(database: Database) -> None:
    """Every span of every match slices to the text that it quotes."""
    fields = {
        str(id_): {"title": title, "text": body}
        for id_, title, body in read(database, "SELECT id, title, text FROM articles")
    }
    found = [
        one
        for (stored,) in read(database, "SELECT evidence FROM matches")
        for one in msgspec.convert(stored, list[Evidence])
    ]
    assert found
    for one in found:
        assert one.field is not None
        assert fields[one.article_id][one.field][one.start : one.end] == one.text
    mentions = read(database, "SELECT article_id, mentions, topics, claims FROM analyses")
    for article_id, *parts in mentions:
        for span in [*parts[0], *(span for topic in parts[1] for span in topic["evidence"])]:
            assert fields[str(article_id)][span["field"]][span["start"] : span["end"]] == span["text"]
        for claim in parts[2]:
            assert fields[str(article_id)][claim["field"]][claim["start"] : claim["end"]] == claim["quote"]


def check_lineage(database: Database, article_ids: list[str]) -> None:
    """The first and the last document share a sentence of an agency, and are not two sources; all others are."""
    ((later, earlier, sentences),) = read(database, "SELECT article_id, other_id, sentences FROM lineages")
    assert [str(earlier), str(later)] == [article_ids[0], article_ids[4]]
    query = "SELECT text FROM articles WHERE id = :id"
    (((ours,),), ((theirs,),)) = (read(database, query, id=id_) for id_ in (later, earlier))
    for one in msgspec.convert(sentences, list[SharedSentence]):
        assert ours[one.start : one.end] == theirs[one.other_start : one.other_end]
    assert read(database, "SELECT independent_sources FROM stories") == [(4,)]


def check_conflicts(database: Database) -> None:
    """One document denies the accusation, and two give one name another rank: the story shows both sides of each."""
    ((facts,),) = read(database, "SELECT facts FROM stories")
    conflicts = msgspec.convert(facts, StoryFacts).conflicts
    assert any({"alleged", "denied"} <= {side.value for side in conflict.sides} for conflict in conflicts)
    (ranks,) = ({side.value for side in conflict.sides} for conflict in conflicts if conflict.kind == "name")
    assert ranks == {"admiral", "marshal"}
    for side in (side for conflict in conflicts for side in conflict.sides):
        told = [text_of(database, id_) for id_ in side.article_ids]
        assert side.quotes
        assert all(any(quote in one for one in told) for quote in side.quotes)
