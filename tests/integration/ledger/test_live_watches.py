"""The watches of a worker process follow every change, and read only what has changed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.factories import make_watch
from wirewatch.db import Database
from wirewatch.models import Analysis, Article, Entity
from wirewatch.query import Query, Subject, parse
from wirewatch.store import entities, revisions, watches
from worker.catalogue import Catalogue
from worker.matching import live

WATCHES = 300


def on(words: str) -> Subject:
    return Subject(Article("1", 1, "", words), Analysis("en"))


def refresh(catalogue: Catalogue, database: Database) -> None:
    """As a claim does."""
    with database.transaction() as tx:
        wanted = revisions.get_revisions(tx)
    catalogue.refresh(database, wanted)


@contextmanager
def counted_parses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    seen: list[str] = []

    def counting(query: str) -> Query:
        seen.append(query)
        return parse(query)

    with monkeypatch.context() as patch:
        patch.setattr(live, "parse", counting)
        yield seen


def test_every_change_is_followed_and_nothing_else_is_parsed_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [make_watch(database, name=f"w{n}", query=f"word{n}") for n in range(WATCHES)]
    with database.transaction() as tx:
        # All of it longer ago than what is read again in case of a clock set back.
        tx.execute(text("UPDATE watches SET updated_at = updated_at - interval '1 hour'"))
    fresh = Catalogue("none")
    refresh(fresh, database)
    with counted_parses(monkeypatch) as parsed:
        with database.transaction() as tx:
            changed = watches.lock(tx, ids[0]).watch
            watches.update(tx, replace(changed, query="zeppelin"), ["query"])
            off = watches.lock(tx, ids[1]).watch
            watches.update(tx, replace(off, enabled=False), ["enabled"])
            watches.delete(tx, ids[2])
        made = make_watch(database, name="new", query="dirigible")
        refresh(fresh, database)
    assert parsed == ["zeppelin", "dirigible"]
    assert set(fresh.index().matching(on("word0 word1 word2 word3 zeppelin dirigible"))) == {ids[0], ids[3], made}
    assert set(fresh.watches()) == {*ids, made} - {ids[1], ids[2]}


def test_a_change_is_live_within_half_a_second(database: Database) -> None:
    catalogue = Catalogue("none")
    for n in range(WATCHES):
        make_watch(database, name=f"w{n}", query=f'"word{n}" AND other{n}')
    refresh(catalogue, database)
    started = time.perf_counter()
    made = make_watch(database, name="new", query="dirigible")
    refresh(catalogue, database)
    assert set(catalogue.index().matching(on("dirigible"))) == {made}
    assert time.perf_counter() - started < 2.0, "the bar of the measure; a quiet machine takes milliseconds"


def test_names_that_change_their_meaning_need_no_parsing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue("none")
    watch = make_watch(database, name="w", query="story.sources:>1 AND Zorblat")
    refresh(catalogue, database)
    with counted_parses(monkeypatch) as parsed:
        with database.transaction() as tx:
            entities.create(tx, Entity("zorblat", "Zorblat", "weapon", aliases=("Zorblatt",), origin="user"))
        refresh(catalogue, database)
    assert parsed == []
    assert set(catalogue.story_watches()) == {watch}
    assert set(catalogue.index().candidates(on("One Zorblatt flew."))) == {watch}
