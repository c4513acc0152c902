"""`python -m bench.stories`: how well articles find their stories, by the placing decisions alone (no store, no names).

Articles come one by one, weighed by the terms of those before them, as in the stage; the labelled sets lie beside the
repository. Measured by B-cubed precision, recall and F1.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from bench import scoring
from bench.machine import describe_machine
from bench.scoring import Json
from wirewatch.models import Analysis, Article
from worker.stories.place import Neighbourhood, Placed
from worker.stories.vector import TermStatistics, vector_of

SETS = {"BASIL, in order of date": "stories_basil.jsonl", "ECB+, mean of ten shuffles": "stories_ecbplus.jsonl"}
SHUFFLES = 10
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)

console = Console(width=120)


def main() -> int:
    folder = scoring.SHARED / "eval"
    if not folder.is_dir():
        console.print(f"Nothing measured: {folder} not found.")
        return 0
    bcubed = scoring.load_scorer().bcubed
    table = Table("set", "precision", "recall", "B-cubed F1", title=f"Stories: {describe_machine()}")
    for name, file in SETS.items():
        rows = scoring.read_lines(folder / file)
        runs = [rows] if rows[0].get("published_at") else [shuffled(rows, seed) for seed in range(SHUFFLES)]
        found = [bcubed({row["id"]: row["story"] for row in run}, place_all(run)) for run in runs]
        table.add_row(name, *(f"{sum(figures) / len(found):.3f}" for figures in zip(*found, strict=True)))
    console.print(table)
    return 0


def shuffled(rows: Sequence[Json], seed: int) -> list[Json]:
    return random.Random(seed).sample(rows, len(rows))


def place_all(rows: Sequence[Json]) -> dict[str, str]:
    """-> the story of each article, in one pass."""
    held: Counter[str] = Counter()
    near, placed = Neighbourhood(TermStatistics(0, held)), dict[str, str]()
    for row in rows:
        vector = vector_of(Article(row["id"], 1, row["title"], row["text"]), Analysis(lang="en"), seen_at(row))
        near.statistics = TermStatistics(len(placed), held)
        story = near.find_story(vector) or f"story {len(placed)}"
        near.add([Placed(vector, story)])
        placed[row["id"]] = story
        held.update(vector.counts.keys())
    return placed


def seen_at(row: Json) -> datetime:
    published = row.get("published_at")
    return datetime.fromisoformat(published).replace(tzinfo=UTC) if published else UNDATED


if __name__ == "__main__":
    raise SystemExit(main())
