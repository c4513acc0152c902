"""Things that tests need to exist, made by the same code that makes them in production."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from ingest.receive import Submission
from wirewatch.db import Database, Transaction
from wirewatch.models import Policy, Watch
from wirewatch.store import keys, watches

BOOTSTRAP_KEY = "ww_bootstrap_for_tests"


def make_key(database: Database, *scopes: str) -> str:
    """The plaintext of a new key with these scopes."""
    with database.transaction() as tx:
        return keys.create(tx, f"test {'+'.join(scopes)}", scopes)[1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def article(number: int = 1, **fields: Any) -> dict[str, Any]:
    """The body of POST /v1/articles; different numbers are different articles."""
    return {
        "url": f"https://news.example/articles/{number}",
        "title": f"Harbour dredging enters week {number}",
        "text": f"Dredging of the northern harbour entered week {number}, the port authority said on Tuesday.",
        "published_at": "2026-03-03T09:30:00Z",
        "source": {"name": "Example News", "domain": "news.example"},
        **fields,
    }


def place(tx: Transaction, article_ids: Iterable[str], story_id: str) -> None:
    """These articles stand in the story, as if `cluster` had placed them there."""
    query = text("UPDATE articles SET story_id = :story_id, stage = 'clustered' WHERE id = ANY(:ids)")
    tx.execute(query, {"ids": [int(id_) for id_ in article_ids], "story_id": int(story_id)})


def make_watch(database: Database, name: str = "Harbours", query: str = "harbour", **fields: Any) -> str:
    """The id of a new watch that waits for nothing."""
    policy = fields.pop("policy", Policy(settle_seconds=0))
    with database.transaction() as tx:
        return watches.create(tx, Watch("", name, query, policy, **fields)).watch.id


def submission(number: int = 1, **fields: Any) -> Submission:
    """What `ingest.receive` takes; different numbers are different articles."""
    body = article(number)
    return Submission(
        **{
            "title": body["title"],
            "text": body["text"],
            "url": body["url"],
            "source_name": body["source"]["name"],
            "source_domain": body["source"]["domain"],
            **fields,
        }
    )
