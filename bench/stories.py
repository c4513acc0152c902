"""`python -m bench.stories`: how well articles find their stories, fed in order through the real stages.

Articles are received one after the other, read, and placed on a real PostgreSQL of this run, by the stage functions of
the workers; term weights are learnt from the articles before, with one set of parameters for all sets. The labelled
sets lie beside the repository. Measured by B-cubed and by pairs. `--decisions` leaves out the store and reads each
article once: the same decisions, for choosing parameters.
"""

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench import scoring
from bench.machine import describe_machine
from bench.scoring import Json, Score
from ingest.receive import Submission, receive
from tests.pipeline import make_context, run_until_done
from wirewatch import migrate
from wirewatch.data import load_entities, load_items, load_topics
from wirewatch.db import Database
from wirewatch.models import Analysis, Article
from wirewatch.settings import Settings
from wirewatch.stack.servers import embedded_servers
from wirewatch.store.receipts import Receipt
from worker.extraction import Document, Extractor
from worker.stage import Context
from worker.stories.place import Neighbourhood, Placed
from worker.stories.vector import TermStatistics, vector_of

FOLDER = scoring.SHARED / "eval"
BASIL, ECB = "stories_basil.jsonl", "stories_ecbplus.jsonl"
SHUFFLES = 10
SHORT_ARTICLES = 45
BATCH = 32
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
# All tables that hold what articles left behind; the catalogue stays.
_EMPTY = text("TRUNCATE articles, stories, terms, counters, messages, sources RESTART IDENTITY CASCADE")

console = Console(width=120)

Figures = tuple[float, float, float]


class Outcome(NamedTuple):
    """Of one feeding of a set."""

    bcubed: Figures
    pairs: Figures


class Feeder:
    """Feeds articles through the stages, on a database that is emptied before each set."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def place(self, rows: Sequence[Json]) -> dict[str, str]:
        """-> the story of each article, as it stands when the last one is placed."""
        database = self._context.database
        with database.transaction() as tx:
            tx.execute(_EMPTY)
        ids: dict[str, str] = {}
        for at in range(0, len(rows), BATCH):
            answers = receive(database, [_submission(row) for row in rows[at : at + BATCH]])
            known = zip(rows[at : at + BATCH], answers, strict=True)
            ids.update({answer.id: row["id"] for row, answer in known if isinstance(answer, Receipt)})
            run_until_done(self._context)
        with database.transaction() as tx:
            return {ids[str(id_)]: str(story) for id_, story in tx.execute(text("SELECT id, story_id FROM articles"))}


@contextmanager
def feeder() -> Iterator[Feeder]:
    """With a PostgreSQL of its own in a throw-away directory."""
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as directory,
        embedded_servers(Path(directory), lambda _: None) as servers,
    ):
        database = Database(servers.database_url)
        migrate.upgrade(database)
        yield Feeder(make_context(database))
        database.close()


def measure_stories(short: bool, floors: Mapping[str, float]) -> list[Score]:
    """Each set through the stages; `short`: only the first events of one, which takes seconds."""
    with feeder() as feed:
        basil = judge(scoring.read_lines(FOLDER / BASIL)[: SHORT_ARTICLES if short else None], feed)
        scores = _scores("BASIL in order of date", [basil], floors["basil_f1"])
        if short:
            return scores
        rows = scoring.read_lines(FOLDER / ECB)
        runs = [judge(shuffled(rows, seed), feed) for seed in range(SHUFFLES)]
    values = [run.bcubed[2] for run in runs]
    steady = 1.0 - (max(values) - min(values))
    return [
        *scores,
        *_scores(f"ECB+ mean of {SHUFFLES} shuffles", runs, floors["ecbplus_f1"]),
        Score("ECB+ one less the spread of F1", steady, steady, steady, 1.0 - floors["ecbplus_spread"]),
    ]


def _scores(name: str, runs: Sequence[Outcome], floor: float) -> list[Score]:
    return [
        Score(f"{name}, B-cubed", *_mean([run.bcubed for run in runs]), floor),
        Score(f"{name}, pairs", *_mean([run.pairs for run in runs])),
    ]


def _mean(figures: Sequence[Figures]) -> Figures:
    precision, recall, f1 = (mean(values) for values in zip(*figures, strict=True))
    return precision, recall, f1


def judge(rows: Sequence[Json], feed: Feeder) -> Outcome:
    gold = {row["id"]: str(row["story"]) for row in rows}
    found = feed.place(rows)
    bcubed: Figures = scoring.load_scorer().bcubed(gold, found)
    return Outcome(bcubed, pairwise(gold, found))


def pairwise(gold: Mapping[str, str], found: Mapping[str, str]) -> Figures:
    """Precision, recall and F1 of the pairs of articles that stand in one story."""

    def pairs(stories: Mapping[str, str]) -> set[tuple[str, str]]:
        return {(a, b) for a, b in combinations(sorted(gold), 2) if stories.get(a, a) == stories.get(b, b)}

    wanted, got = pairs(gold), pairs(found)
    score = scoring.score("pairs", (len(wanted & got), len(got), len(wanted)))
    return score.precision, score.recall, score.f1


def shuffled(rows: Sequence[Json], seed: int) -> list[Json]:
    return random.Random(seed).sample(rows, len(rows))


def _submission(row: Json) -> Submission:
    published = row.get("published_at")
    return Submission(
        title=row["title"],
        text=row["text"],
        published_at=_time(published) if published else None,
        source_name=row.get("source") or "one",
        external_id=row["id"],
    )


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def decide_all(rows: Sequence[Json], extractor: Extractor) -> dict[str, str]:
    """-> the story of each article by the placing decisions alone, without merging stories."""
    countries = {entity.id: entity.country or entity.id for entity in load_entities() if entity.type == "place"}
    held: Counter[str] = Counter()
    near, placed = Neighbourhood(TermStatistics(0, held)), dict[str, str]()
    for row, analysis in zip(rows, _analyse(rows, extractor), strict=True):
        article = Article(row["id"], 1, row["title"], row["text"])
        published = row.get("published_at")
        vector = vector_of(article, analysis, _time(published) if published else UNDATED, countries)
        near.statistics = TermStatistics(len(placed), held)
        story = near.find_story(vector) or f"story {len(placed)}"
        near.add([Placed(vector, story)])
        placed[row["id"]] = story
        held.update(vector.counts.keys())
    return placed


def _analyse(rows: Sequence[Json], extractor: Extractor) -> Iterable[Analysis]:
    documents = [Document(row["id"], 1, row["title"], row["text"]) for row in rows]
    for at in range(0, len(documents), BATCH):
        yield from extractor.analyse(documents[at : at + BATCH])


def show(scores: Sequence[Score]) -> None:
    table = Table("measure", "precision", "recall", "F1", "floor", title=f"Stories: {describe_machine()}")
    for one in scores:
        floor = "" if one.floor is None else f"{one.floor:.2f}"
        table.add_row(one.name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", floor)
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help=f"the first {SHORT_ARTICLES} articles of BASIL")
    parser.add_argument("--decisions", action="store_true", help="without the store")
    options = parser.parse_args()
    if not FOLDER.is_dir():
        console.print(f"Nothing measured: {FOLDER} not found.")
        return 0
    if options.decisions:
        extractor = Extractor(load_entities(), load_topics(), load_items(), model=Settings().model)
        for name in (BASIL, ECB):
            rows = scoring.read_lines(FOLDER / name)
            gold = {row["id"]: row["story"] for row in rows}
            figures = scoring.load_scorer().bcubed(gold, decide_all(rows, extractor))
            console.print(name, *(f"{figure:.3f}" for figure in figures))
        return 0
    scores = measure_stories(options.short, scoring.read_floors()["stories"])
    show(scores)
    return 0 if all(one.holds for one in scores) else 1


if __name__ == "__main__":
    raise SystemExit(main())
