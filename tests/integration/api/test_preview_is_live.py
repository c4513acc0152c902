"""What the database leaves out cannot match: preview and search decide as live matching, on every article."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from sqlalchemy import text

from api.subjects import Budget, go_through, read_subjects
from ingest.receive import receive
from tests.factories import place, submission
from tests.unit.query.factories import NAMES, STORY
from tests.unit.query.test_index import QUERIES, compiled
from wirewatch.db import Database
from wirewatch.models import Analysis, Mention, TopicScore
from wirewatch.query import Compiled, compile_query, parse
from wirewatch.query.index import WatchIndex
from wirewatch.query.prefilter import necessary_conditions
from wirewatch.store import analyses, articles, erasures, stories, terms
from wirewatch.store.receipts import Receipt
from wirewatch.store.views.archive import find_possible
from wirewatch.store.views.articles import ArticleFilter
from worker import reading

# The words of the queries, as people, typesetters and tricksters write them.
TEXTS = [
    "Kim met a missile crew in Oslo.", "MISSILES and Tu‑160M2 over Oslo", "Т\u0443-160, S\u2013400, DS-400 and S-4000",
    "Кинжал над Осло",
    "Kin\u00adzhal, Kinjal's and Kinzhals", "Ki\u0301nzhal by K\u0456nzhal", "Кinzhal, Kинжaл, Kинжал",
    "ＫＩＮＺＨＡＬ missile 1,200", "an air-strike, air\u2010strikes, airstrike",
    "U.S. and U.S.A. in Sana\u2019a, 1200 and 400",
    "김정은 and 김 정은", "батарея, батареи", "Óslo Ósló OSLO \u200bO\u200bslo",
    "harbour daily, Harbour", "t.co and T-72",
    "ﬁrst oſlo ᴼslo", "O\u0455lo, Os1o, 0slo", "Kim\u00a0Oslo Kim-Oslo KimOslo", "",
    "Tu160 tu 160 TU—160 tu.160", "mi\u200dssile",
]  # fmt: skip


def fill(database: Database) -> list[int]:
    """One article for each text, most with what a reader would have found, and some in stories."""
    langs, dates = (
        (None, "en", "FR-ca", "de"),
        (None, datetime(2024, 5, 31, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)),
    )
    given_ = [
        submission(n, title=TEXTS[-n], text=written or "-", lang=langs[n % 4], published_at=dates[n % 3])
        for n, written in enumerate(TEXTS, 1)
    ]
    ids = [int(answer.id) for answer in receive(database, given_) if isinstance(answer, Receipt)]
    found: list[tuple[str, int, Analysis]] = []
    for n, id_ in enumerate(ids):
        written = TEXTS[n] or "-"
        entity = [("kim-jong-un", "Kim Jong Un"), ("russia", "Russia"), (None, "Pavel Orlan"), ("vladivostok", "V")][
            n % 4
        ]
        mention = Mention(entity[0], entity[1], "person", "PERSON", written[:1], 0, 1, "text", 0.9)
        topics = (TopicScore("sanctions", 0.8, ()),) if n % 3 else ()
        found.append((str(id_), 1, Analysis("en", (mention,) if n % 2 else (), topics)))
    with database.transaction() as tx:
        analyses.upsert(tx, found[::-1][: len(found) * 2 // 3])
        for first, facts in ((0, STORY), (1, replace(STORY, sources=("A",), independent_sources=1, article_count=7))):
            story = stories.create(tx, facts.title)
            stories.update_facts(tx, {story: facts})
            place(tx, map(str, ids[first::3]), story)
        read = [
            terms.read_terms(one.id, one.version, one.title, one.text)
            for one in articles.get_many(tx, map(str, ids)).values()
        ]
        terms.put(tx, [one for n, one in enumerate(read) if n % 5])
        tx.execute(text("UPDATE sources SET name = 'Harbour Daily', domain = 'news.harbour.example'"))
    return ids


def test_search_finds_what_live_matching_finds(shared_database: Database) -> None:
    ids = fill(shared_database)
    with shared_database.transaction() as tx:
        subjects = {subject.article.id: subject for subject in read_subjects(tx, ids)}
    tried: set[str] = set()

    def check(query: Compiled) -> int:
        index = WatchIndex()
        index.add("w", query)
        live = {id_ for id_, subject in subjects.items() if index.matching(subject)}
        with shared_database.transaction() as tx:
            portions = list(go_through(tx, [query], ArticleFilter(), Budget(1000, 60.0)))
        seen = {one.article.id for portion in portions for one in portion.subjects if query.root.holds(one)}
        assert seen == live, query.query.text
        assert portions[-1].down_to <= min(ids)
        return len(live)

    @given(QUERIES)
    def decided_alike(written: str) -> None:
        if written not in tried and (query := compiled(written)):
            tried.add(written)
            check(query)

    decided_alike()
    plain = (
        "Kinzhal",
        "Oslo",
        "missile",
        "airstrike",
        "Tu-160",
        '"S 400"',
        "Sanaa",
        "first",
        "батарея",
        "Mis*",
        "1200",
    )
    assert all(check(compile_query(parse(query), NAMES)) for query in plain)
    facts = (
        "lang:en", "lang:fr", "lang:de", "published:2024", "published:<2024", "story.sources:>1",
        "story.articles:7", "story.independent_sources:1", "(lang:en OR story.sources:>1) AND Oslo",
    )  # fmt: skip
    assert [query for query in facts if not check(compile_query(parse(query), NAMES))] == []


def written(database: Database, *texts: str) -> list[str]:
    answers = receive(database, [submission(n, text=text_) for n, text_ in enumerate(texts, 1)])
    return [answer.id for answer in answers if isinstance(answer, Receipt)]


def read(database: Database, *ids: str) -> None:
    with database.transaction() as tx:
        known = articles.get_many(tx, ids).values()
        terms.put(tx, [terms.read_terms(one.id, one.version, one.title, one.text) for one in known])


def possible(database: Database, query: str) -> list[str]:
    with database.transaction() as tx:
        conditions = necessary_conditions(compile_query(parse(query), NAMES))
        return [str(id_) for id_, _ in find_possible(tx, ArticleFilter(), conditions, lowest=0, below=1_000_000)]


def test_the_database_leaves_out_what_cannot_match(database: Database) -> None:
    first, second, third = written(database, "A missile over Oslo", "Missiles in Madrid", "Football in Oslo")
    read(database, first, second, third)
    assert possible(database, "missile") == [second, first]
    assert possible(database, "missile AND Oslo") == [first]
    assert possible(database, "madr*") == [second]
    assert possible(database, "lang:fr") == possible(database, "story.sources:>1") == []


def test_what_was_not_read_yet_is_never_left_out(database: Database) -> None:
    first, second = written(database, "A missile over Oslo", "Football in Oslo")
    assert possible(database, "missile") == [second, first]
    read(database, first, second)
    assert possible(database, "missile") == [first]
    # A version with other words: what was known of the article says nothing of it, until it was read.
    written(database, "A missile over Oslo", "A missile in Madrid")
    assert possible(database, "missile") == [second, first]
    assert possible(database, "Oslo") == [second, first]
    read(database, second)
    assert possible(database, "missile") == [second, first]
    assert possible(database, "Oslo") == [first]


def test_an_older_version_that_was_read_late_tells_nothing(database: Database) -> None:
    (only,) = written(database, "Football in Oslo")
    with database.transaction() as tx:
        late = terms.read_terms(only, 1, "", "Football in Oslo")
    written(database, "A missile in Oslo")
    with database.transaction() as tx:
        terms.put(tx, [late])
    assert possible(database, "missile") == [only]


def test_articles_from_before_are_read_by_and_by(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = written(database, *(f"Football in Oslo, day {n}" for n in range(5)))
    with database.transaction() as tx:
        articles.mark_stage(tx, ids[:4], "matched")
    monkeypatch.setattr(reading, "BATCH", 3)
    backfill = reading.Reading(database, pause_seconds=0.0)
    assert [backfill.run_round(), backfill.run_round(), backfill.run_round()] == [3, 1, 0]
    # The last one is still under way: the pipeline reads it.
    assert possible(database, "missile") == ids[4:]


def test_an_erased_article_leaves_no_terms(database: Database) -> None:
    (only,) = written(database, "Football in Oslo")
    read(database, only)
    with database.transaction() as tx:
        erasures.erase_article(tx, only)
        assert tx.execute(text("SELECT count(*) FROM article_terms")).scalar() == 0
