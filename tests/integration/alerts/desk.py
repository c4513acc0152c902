"""Articles that match watches, put down as the stages before `alert` leave them, and the stages from there on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from wirewatch.store import matches, stories, watches
from wirewatch.store.matches import Match
from wirewatch.store.views import alerts as views
from wirewatch.store.views.alerts import AlertView
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
    with database.transaction() as tx:
        tx.execute(text("TRUNCATE watches, stories, articles, endpoints, deliveries, messages CASCADE"))
    return database


class Desk:
    """`now` is what time it is for the stages."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOON
        outgoing = Outgoing(
            (ip_network("127.0.0.0/8"),), SecretBox.from_keys(Fernet.generate_key().decode()), "http://127.0.0.1"
        )
        self.context = Context(database, Catalogue("none"), lambda: self.now, outgoing)

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
        return id_

    def match(self, article_id: str, *watch_ids: str, words: str = "Mortars") -> None:
        """The article matches these watches now, and no other."""
        with self.database.transaction() as tx:
            version, story_id = tx.execute(
                text("SELECT version, story_id FROM articles WHERE id = :id"), {"id": int(article_id)}
            ).one()
            held = matches.find_held(tx, [article_id])
            ended = sorted({watch for watch, _ in held.pairs} - set(watch_ids), key=int)
            spans = (Evidence("mortars", "term", article_id, "text", 0, 7, words),)
            matches.end_all(tx, [Match(id_, article_id, version, str(story_id), ()) for id_ in ended])
            matches.upsert_all(tx, [Match(id_, article_id, version, str(story_id), spans) for id_ in watch_ids])
            outbox.put(tx, [NewMessage("WatchMatched", article_id, version)])

    def report(self, story_id: str, *watch_ids: str, status: ClaimStatus | None = None, item: str = "mortars") -> str:
        """One more article of the story, worked through."""
        article_id = self.article(story_id, status, item)
        self.match(article_id, *watch_ids)
        self.run()
        return article_id

    def revise(
        self, article_id: str, *watch_ids: str, status: ClaimStatus | None = None, words: str = "Mortars"
    ) -> None:
        """A new version of the article, worked through."""
        with self.database.transaction() as tx:
            tx.execute(text("UPDATE articles SET version = version + 1 WHERE id = :id"), {"id": int(article_id)})
            self._analyse(tx, article_id, status, "mortars")
        self.match(article_id, *watch_ids, words=words)
        self.run()

    def move(self, article_id: str, story_id: str, *watch_ids: str) -> None:
        with self.database.transaction() as tx:
            tx.execute(
                text("UPDATE articles SET story_id = :story_id WHERE id = :id"),
                {"id": int(article_id), "story_id": int(story_id)},
            )
        self.match(article_id, *watch_ids)
        self.run()

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.run()

    def run(self) -> None:
        done = 1
        while done:
            done = sum(self._run_stage(name) for name in BEHIND_MATCH)

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

    def _run_stage(self, name: str) -> int:
        stage = STAGES[name]
        with self.database.transaction() as tx:
            waiting = tx.execute(
                text("""
                    SELECT id FROM messages WHERE type = :type AND quarantined_at IS NULL
                      AND (due_at IS NULL OR due_at <= :now) ORDER BY id
                """),
                {"type": stage.takes, "now": self.now},
            )
            ids = list(waiting.scalars())
        return ledger.run(stage, ids, self.context, "test:1") if ids else 0

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
