"""The seed corpus through every stage: which texts are copies, which tell one story, and what is told of them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.pipeline import accept, make_context, run_until_done
from wirewatch.db import Database
from wirewatch.models import Policy, Watch
from wirewatch.seeding import SeedArticle, read_corpus, read_watches
from wirewatch.store import watches

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


def read_seeds() -> list[SeedArticle]:
    return [part for part in read_corpus([SEEDS / "articles"]) if isinstance(part, SeedArticle)]


def read(database: Database, query: str) -> list[Any]:
    with database.transaction() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


@pytest.mark.parametrize("batch", [1, 64])
def test_the_corpus_gives_the_stories_and_alerts_it_was_written_for(database: Database, batch: int) -> None:
    with database.transaction() as tx:
        for one in read_watches(SEEDS / "watches.yml"):
            watches.create(tx, Watch("", one["name"], one["query"], Policy(settle_seconds=0)))
    articles = read_seeds()
    names = dict(zip(accept(database, articles), (article.path.stem for article in articles), strict=True))
    run_until_done(make_context(database), batch=batch)

    stories: dict[int, set[str]] = {}
    for article_id, story_id in read(database, "SELECT id, story_id FROM articles"):
        stories.setdefault(story_id, set()).add(names[str(article_id)])
    copies = {names[str(id_)] for (id_,) in read(database, "SELECT id FROM articles WHERE duplicate_of IS NOT NULL")}
    event = max(stories.values(), key=len)

    assert len(copies) == 5
    assert all("wire" in name or "reprint" in name or name.startswith("vladivostok") for name in copies)
    assert sum(name.startswith("vladivostok") for name in event) >= 16
    assert all(name.startswith("vladivostok") for name in event)
    for story in stories.values():
        kinds = {kind for kind in ("iran-russia", "russia-iran") if any(kind in name for name in story)}
        assert len(kinds) <= 1, f"two directions of supply in one story: {sorted(story)}"
    alerts = dict(
        read(database, "SELECT w.name, count(a.id) FROM watches w LEFT JOIN alerts a ON a.watch_id = w.id GROUP BY 1")
    )
    assert all(alerts.values()), f"a starter watch that is never alerted: {alerts}"
    assert read(database, "SELECT count(*) FROM messages") == [(0,)]
