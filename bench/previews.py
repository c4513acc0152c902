"""`python -m bench.previews`: how long a preview takes over a hundred thousand stored articles."""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from api.preview import Backtest, Preview, preview
from bench.machine import describe_machine
from bench.watches import WORDS_EACH, read_texts
from wirewatch.data import load_entities, load_topics
from wirewatch.db import Database, psycopg_url
from wirewatch.migrate import upgrade
from wirewatch.models import Policy
from wirewatch.query import CatalogueNames, compile_query, parse
from wirewatch.stack.servers import embedded_servers

ARTICLES = 100_000
FLOOR_SECONDS = 10.0
# A name that one article in a thousand speaks of, in one of its spellings.
RARE, EVERY = ("Kinzhal", "Kinjal", "Кинжал", "Kin\u00adzhal"), 1000
QUERIES = (
    "Kinzhal",
    "weapon:Kinzhal AND topic:missiles",
    "Kinzhal AND (Oslo OR Moscow) AND NOT football",
    '"prime minister" AND Kinzhal',
    "claim:(supplier:Russia) AND Kinzhal",
)

console = Console()


@dataclass(frozen=True, slots=True)
class Taken:
    query: str
    seconds: float
    found: Preview


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES, help="how many articles are stored")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as directory,
        embedded_servers(Path(directory), lambda _: None) as servers,
    ):
        database = Database(servers.database_url)
        upgrade(database)
        fill(servers.database_url, options.articles)
        taken = [measure(database, query) for query in QUERIES]
        database.close()
    return report(taken, options.articles)


def fill(url: str, count: int) -> None:
    """Articles cut from running text and their analyses, loaded by COPY."""
    chosen, words = random.Random(3), " ".join(read_texts()).replace("\0", "").split()
    with psycopg.connect(psycopg_url(url)) as connection:
        article = "COPY articles (identity, title, text, content_hash, stage, lang, first_seen_at) FROM STDIN"
        with connection.cursor().copy(article) as rows:
            for row in _articles(chosen, words, count):
                rows.write_row(row)
        connection.execute(
            _ANALYSES, {"every": EVERY, "mentions": json.dumps([MENTION]), "topics": json.dumps([TOPIC])}
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


_ANALYSES = """
    INSERT INTO analyses (article_id, version, lang, mentions, topics, entity_ids, topic_ids)
    SELECT id, 1, 'en', CASE WHEN mod(id, %(every)s) = 0 THEN %(mentions)s::jsonb ELSE '[]' END,
           CASE WHEN mod(id, 10) = 0 THEN %(topics)s::jsonb ELSE '[]' END,
           CASE WHEN mod(id, %(every)s) = 0 THEN ARRAY['kinzhal'] ELSE ARRAY[]::text[] END,
           CASE WHEN mod(id, 10) = 0 THEN ARRAY['missiles'] ELSE ARRAY[]::text[] END
    FROM articles
"""
MENTION = {
    "entity_id": "kinzhal", "name": "Kinzhal", "type": "weapon", "label": "WEAPON", "text": "", "start": 0, "end": 0,
    "field": "text", "score": 0.9,
}  # fmt: skip
TOPIC = {"id": "missiles", "score": 0.9, "evidence": []}


def _articles(chosen: random.Random, words: list[str], count: int) -> Iterator[tuple[object, ...]]:
    now = datetime.now(UTC)
    for number in range(1, count + 1):
        start = chosen.randrange(len(words) - WORDS_EACH)
        some = words[start : start + WORDS_EACH]
        if number % EVERY == 0:
            some[chosen.randrange(WORDS_EACH)] = chosen.choice(RARE)
        seen_at = now - timedelta(days=29) * (1 - number / count)
        key = number.to_bytes(8, "big")
        yield key, " ".join(some[:8]), " ".join(some), key, "matched", "en", seen_at


def measure(database: Database, query: str) -> Taken:
    names, now = CatalogueNames(load_entities(), load_topics()), datetime.now(UTC)
    asked = Backtest(compile_query(parse(query), names), Policy(), now - timedelta(days=30), now, seconds=60.0)
    started = time.perf_counter()
    with database.transaction() as tx:
        told = list(preview(tx, asked))
    found = told[-1]
    assert isinstance(found, Preview)
    return Taken(query, time.perf_counter() - started, found)


def report(taken: Sequence[Taken], articles: int) -> int:
    table = Table(title=f"Preview over {articles:,} articles: {describe_machine()}")
    for column in ("query", "seconds", "scanned", "matches"):
        table.add_column(column, justify="left" if column == "query" else "right")
    for one in taken:
        table.add_row(one.query, f"{one.seconds:.2f}", f"{one.found.scanned:,}", f"{one.found.matches:,}")
    console.print(table)
    good = all(one.seconds <= FLOOR_SECONDS and one.found.complete for one in taken)
    console.print("" if good else f"FAILED: a preview took longer than {FLOOR_SECONDS:.0f} s.")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
