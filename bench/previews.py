"""`python -m bench.previews`: how long a preview takes over a hundred thousand stored articles."""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from api.preview import BUDGET_SECONDS, Backtest, Preview, preview
from bench.machine import describe_machine
from bench.watches import WORDS_EACH, read_texts
from wirewatch.data import load_entities, load_topics
from wirewatch.db import Database, psycopg_url
from wirewatch.migrate import upgrade
from wirewatch.models import Policy
from wirewatch.query import CatalogueNames, compile_query, parse
from wirewatch.stack.servers import embedded_servers
from wirewatch.store import terms
from worker.reading import Reading

ARTICLES = 100_000
FLOOR_SECONDS = 10.0
REWRITTEN = 2_000
# A name that one article in a thousand speaks of, in one of its spellings.
RARE, EVERY = ("Kinzhal", "Kinjal", "Кинжал", "Kin\u00adzhal"), 1000
QUERIES = (
    "Kinzhal",
    "weapon:Kinzhal AND topic:missiles",
    "Kinzhal AND (Oslo OR Moscow) AND NOT football",
    '"prime minister" AND Kinzhal',
    "claim:(supplier:Russia) AND Kinzhal",
    "Kinz*",
    "lang:fr",
    "story.sources:>1",
)
# Too common to be decided on every article: the answer is about the newest part, and says so.
COMMON = ("said", "minister OR government", "/govern(or|ment)s?/", '"prime minister" OR president*')

console = Console()


@dataclass(frozen=True, slots=True)
class Taken:
    query: str
    seconds: float
    found: Preview


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES, help="how many articles are stored")
    parser.add_argument("--archive", type=Path, help="a folder that keeps the archive: filled at first, then measured")
    parser.add_argument("--fill", action="store_true", help="only fill the archive, which takes longer than measuring")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as temporary,
        embedded_servers(options.archive or Path(temporary), lambda _: None) as servers,
    ):
        database = Database(servers.database_url)
        upgrade(database)
        if count_articles(database) != options.articles:
            fill(servers.database_url, options.articles)
        if options.fill:
            database.close()
            return 0
        writing_ms = write_terms(database)
        sizes = measure_sizes(database)
        taken = [measure(database, query, seconds=60.0) for query in QUERIES]
        common = [measure(database, query, seconds=BUDGET_SECONDS) for query in COMMON]
        database.close()
    console.print(
        f"terms of one article, read and written: {writing_ms:.2f} ms; with their index {sizes[1]:,} bytes each, "
        f"beside {sizes[0]:,} of articles and analyses"
    )
    return report(taken, common, options.articles)


def fill(url: str, count: int) -> None:
    """Articles cut from running text, their analyses and terms, loaded by COPY."""
    chosen, words = random.Random(3), " ".join(read_texts()).replace("\0", "").split()
    with psycopg.connect(psycopg_url(url)) as connection, ProcessPoolExecutor(2) as pool:
        article = "COPY articles (identity, title, text, content_hash, stage, lang, first_seen_at) FROM STDIN"
        made = list(_articles(chosen, words, count))
        with connection.cursor().copy(article) as rows:
            for row in made:
                rows.write_row(row)
        connection.execute("CREATE TEMPORARY TABLE read (id bigint, terms integer[])")
        with connection.cursor().copy("COPY read FROM STDIN") as rows:
            for number, terms_ in enumerate(pool.map(_terms_of, made, chunksize=500), 1):
                rows.write_row((number, terms_))
        # An index is made faster than it grows.
        (index,) = connection.execute("SELECT pg_get_indexdef('ix_article_terms_terms'::regclass)").fetchone() or ("",)
        connection.execute("DROP INDEX ix_article_terms_terms")
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("UPDATE article_terms SET terms = read.terms FROM read WHERE article_id = read.id")
        connection.execute(index)
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


def _terms_of(row: tuple[object, ...]) -> list[int]:
    return sorted(terms.read_terms("", 1, str(row[1]), str(row[2])).numbers)


def write_terms(database: Database) -> float:
    """Milliseconds to read the terms of one article of many, and to write them into the full index."""
    with database.transaction() as tx:
        again = text("UPDATE article_terms SET terms = NULL WHERE article_id IN (SELECT id FROM articles LIMIT :limit)")
        tx.execute(again, {"limit": REWRITTEN})
    started = time.perf_counter()
    backfill = Reading(database, pause_seconds=0.0)
    while backfill.run_round():
        pass
    return (time.perf_counter() - started) * 1000 / REWRITTEN


def count_articles(database: Database) -> int:
    with database.transaction() as tx:
        return int(tx.execute(text("SELECT count(*) FROM articles")).scalar_one())


def measure_sizes(database: Database) -> list[int]:
    """Bytes for each article: of it with its analysis, and of its terms with their index."""
    with database.transaction() as tx:
        count = count_articles(database)
        size = "pg_total_relation_size('{}')"
        sums = (f"{size.format('articles')} + {size.format('analyses')}", size.format("article_terms"))
        return [tx.execute(text(f"SELECT {one}")).scalar_one() // count for one in sums]


def measure(database: Database, query: str, seconds: float) -> Taken:
    names, now = CatalogueNames(load_entities(), load_topics()), datetime.now(UTC)
    asked = Backtest(compile_query(parse(query), names), Policy(), now - timedelta(days=30), now, seconds=seconds)
    started = time.perf_counter()
    with database.transaction() as tx:
        told = list(preview(tx, asked))
    found = told[-1]
    assert isinstance(found, Preview)
    return Taken(query, time.perf_counter() - started, found)


def report(taken: Sequence[Taken], common: Sequence[Taken], articles: int) -> int:
    table = Table(title=f"Preview over {articles:,} articles: {describe_machine()}")
    for column in ("query", "seconds", "scanned", "matches", "estimated"):
        table.add_column(column, justify="left" if column == "query" else "right")
    for one in (*taken, *common):
        counts = (one.found.scanned, one.found.matches, one.found.estimated_matches)
        table.add_row(one.query, f"{one.seconds:.2f}", *(f"{count:,}" for count in counts))
    console.print(table)
    good = all(one.seconds <= FLOOR_SECONDS for one in (*taken, *common)) and all(one.found.complete for one in taken)
    console.print("" if good else f"FAILED: a preview took longer than {FLOOR_SECONDS:.0f} s.")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
