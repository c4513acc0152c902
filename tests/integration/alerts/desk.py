"""Articles that match watches, put down as the stages before `alert` leave them, and the stages from there on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_network
from typing import Any

import msgspec
from cryptography.fernet import Fernet
from sqlalchemy import text

from wirewatch import outbox
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.models import Claim, ClaimStatus, Evidence, Policy, StoryFacts, Watch
from wirewatch.secretbox import SecretBox
from wirewatch.store import erasures, matches, stories, watches
from wirewatch.store.matches import Match
from wirewatch.store.views import alerts as views
from wirewatch.store.views.alerts import AlertView
from wirewatch.stories import corrections
from wirewatch.stories.refresh import refresh_facts
from worker import ledger
from worker.catalogue import Catalogue
from worker.pipeline import STAGES
from worker.stage import Context, Outgoing

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
BEHIND_MATCH = ("alert", "settle", "replan", "release")

_ARTICLE = text("""
    INSERT INTO articles (identity, title, text, content_hash, stage, story_id)
    VALUES (decode(md5(random()::text), 'hex'), 'Mortars', 'Mortars for Chile.', '', 'matched', :story_id) RETURNING id
""")


def emptied(database: Database) -> Database:
    """By row: to truncate makes a new file for each table and index, which takes many times as long."""
    with database.transaction() as tx:
        for table in ("messages", "deliveries", "watches", "articles", "stories", "endpoints"):
            tx.execute(text(f"DELETE FROM {table}"))
    return database


@cache
def catalogue_of(database_url: str) -> Catalogue:
    """One for all tests of a database: to load the names takes longer than most of them."""
    return Catalogue("none")


class Desk:
    """`now` is what time it is for the stages.

    `counts_sources`: each article is an independent source of its story; otherwise all are one.
    """

    def __init__(self, database: Database, *, counts_sources: bool = False) -> None:
        self.database, self.now, self.counts_sources = database, NOON, counts_sources
        outgoing = Outgoing(
            (ip_network("127.0.0.0/8"),), SecretBox.from_keys(Fernet.generate_key().decode()), "http://127.0.0.1"
        )
        self.context = Context(database, catalogue_of(database.url), lambda: self.now, outgoing)

    def endpoint(self, name: str = "desk", *, enabled: bool = True) -> str:
        with self.database.transaction() as tx:
            made = tx.execute(
                text("""
                    INSERT INTO endpoints (name, url, shown_url, secrets, enabled)
                    VALUES (:name, '', '', '[]', :enabled) RETURNING id
                """),
                {"name": name, "enabled": enabled},
            )
            return str(made.scalar_one())

    def watch(self, policy: Policy, endpoint_ids: tuple[str, ...] | None = None, **fields: Any) -> str:
        with self.database.transaction() as tx:
            return watches.create(tx, Watch("", "Arms", "mortars", policy, endpoint_ids, **fields)).watch.id

    def change(self, watch_id: str, **fields: Any) -> None:
        """As the API does it."""
        with self.database.transaction() as tx:
            known = watches.lock(tx, watch_id).watch
            watches.update(tx, replace(known, **fields), fields)
            outbox.put(tx, [NewMessage("WatchChanged", watch_id)])
        self.run()

    def story(self) -> str:
        with self.database.transaction() as tx:
            story_id = stories.create(tx, "Mortars for Chile")
            stories.update_facts(tx, {story_id: StoryFacts("Mortars for Chile", ("1",), ("A",), 1, NOON, NOON)})
            tx.execute(text("UPDATE stories SET article_count = 1 WHERE id = :id"), {"id": int(story_id)})
        return story_id

    def article(self, story_id: str, status: ClaimStatus | None = None, item: str = "mortars") -> str:
        with self.database.transaction() as tx:
            id_ = str(tx.execute(_ARTICLE, {"story_id": int(story_id)}).scalar_one())
            self._analyse(tx, id_, status, item)
            if self.counts_sources:
                refresh_facts(tx, [story_id])
        return id_

    def match(self, article_id: str, *watch_ids: str, words: str = "Mortars", score: float = 1.0) -> None:
        """The article matches these watches now, and no other."""
        with self.database.transaction() as tx:
            version, story_id = tx.execute(
                text("SELECT version, story_id FROM articles WHERE id = :id"), {"id": int(article_id)}
            ).one()
            held = matches.find_held(tx, [article_id])
            ended = sorted({watch for watch, _ in held.pairs} - set(watch_ids), key=int)
            spans = (Evidence("mortars", "term", article_id, "text", 0, 7, words),)
            matches.end_all(tx, [Match(id_, article_id, version, str(story_id), ()) for id_ in ended])
            found = [Match(id_, article_id, version, str(story_id), spans, score) for id_ in watch_ids]
            matches.upsert_all(tx, found)
            outbox.put(tx, [NewMessage("WatchMatched", article_id, version)])

    def report(
        self,
        story_id: str,
        *watch_ids: str,
        status: ClaimStatus | None = None,
        item: str = "mortars",
        score: float = 1.0,
    ) -> str:
        """One more article of the story, worked through."""
        article_id = self.article(story_id, status, item)
        self.match(article_id, *watch_ids, score=score)
        self.run()
        return article_id

    def revise(
        self,
        article_id: str,
        *watch_ids: str,
        status: ClaimStatus | None = None,
        words: str = "Mortars",
        score: float = 1.0,
    ) -> None:
        """A new version of the article, worked through."""
        with self.database.transaction() as tx:
            tx.execute(text("UPDATE articles SET version = version + 1 WHERE id = :id"), {"id": int(article_id)})
            self._analyse(tx, article_id, status, "mortars")
        self.match(article_id, *watch_ids, words=words, score=score)
        self.run()

    def move(self, article_id: str, story_id: str, *watch_ids: str) -> None:
        with self.database.transaction() as tx:
            tx.execute(
                text("UPDATE articles SET story_id = :story_id WHERE id = :id"),
                {"id": int(article_id), "story_id": int(story_id)},
            )
            if self.counts_sources:
                refresh_facts(tx, [story_id])
        self.match(article_id, *watch_ids)
        self.run()

    def merge(self, story_id: str, other_id: str) -> str:
        """-> the story that lives on."""
        with self.database.transaction() as tx:
            into, follow = corrections.merge(tx, story_id, other_id, by="test")
        self._match_again(follow)
        return into

    def split(self, story_id: str, article_ids: Sequence[str]) -> str:
        """-> the new story."""
        with self.database.transaction() as tx:
            made, follow = corrections.split(tx, story_id, article_ids, by="test")
        self._match_again(follow)
        return made

    def _match_again(self, follow: Sequence[NewMessage]) -> None:
        """As the match stage does it: what matched still does."""
        for one in follow:
            if one.type == "ArticlePlaced":
                with self.database.transaction() as tx:
                    held = matches.find_held(tx, [one.subject_id]).pairs
                self.match(one.subject_id, *sorted((watch for watch, _ in held), key=int))
        self.run()

    def erase(self, article_id: str) -> None:
        with self.database.transaction() as tx:
            erasures.erase_article(tx, article_id)
            # No stage before `alert` runs here.
            tx.execute(text("DELETE FROM messages WHERE type IN ('StoryChanged', 'ArticleReceived')"))
        self.run()

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.run()

    def run(self) -> None:
        while waiting := self._waiting():
            for name in BEHIND_MATCH:
                if ids := waiting.get(STAGES[name].takes):
                    ledger.run(STAGES[name], ids, self.context, "test:1")

    def alerts(self) -> list[AlertView]:
        with self.database.transaction() as tx:
            return views.show(tx, views.find_ids(tx, views.AlertFilter(), before=None, limit=100))

    def deliveries(self, state: str = "pending") -> list[list[str]]:
        """The reasons of the updates in each delivery of the state."""
        found = self.rows(f"""
            SELECT d.id, array_remove(array_agg(u.reason ORDER BY u.id), NULL) FROM deliveries d
            LEFT JOIN delivery_updates du ON du.delivery_id = d.id LEFT JOIN updates u ON u.id = du.update_id
            WHERE d.state = '{state}' GROUP BY d.id ORDER BY d.id
        """)
        return [reasons for _, reasons in found]

    def rows(self, query: str) -> Sequence[Any]:
        with self.database.transaction() as tx:
            return [tuple(row) for row in tx.execute(text(query))]

    def bodies(self) -> list[Any]:
        return [json.loads(body) for (body,) in self.rows("SELECT body FROM deliveries WHERE body <> '' ORDER BY id")]

    def _waiting(self) -> dict[str, list[int]]:
        """The messages that are due, by type."""
        query = """
            SELECT type, array_agg(id ORDER BY id) FROM messages
            WHERE type = ANY(:types) AND quarantined_at IS NULL AND (due_at IS NULL OR due_at <= :now) GROUP BY type
        """
        with self.database.transaction() as tx:
            types = [STAGES[name].takes for name in BEHIND_MATCH]
            found = tx.execute(text(query), {"types": types, "now": self.now})
            return {type_: ids for type_, ids in found}  # noqa: C416 (typed)

    def _analyse(self, tx: Any, article_id: str, status: ClaimStatus | None, item: str) -> None:
        claims = []
        if status is not None:
            by = ("Brazil",) if status == "denied" else ()
            claims.append(
                Claim(
                    *(f"{article_id}.1.0", "arms_transfer", "Brazil", "brazil", "Chile", "chile", (item,), None, None),
                    *(status, by, "Mortars for Chile.", 0, 18, "text"),
                )
            )
        tx.execute(
            text("""
                INSERT INTO analyses (article_id, version, claims)
                SELECT id, version, CAST(:claims AS jsonb) FROM articles WHERE id = :id
                ON CONFLICT (article_id) DO UPDATE SET version = excluded.version, claims = excluded.claims
            """),
            {"id": int(article_id), "claims": msgspec.json.encode(claims).decode()},
        )
