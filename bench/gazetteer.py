"""`python -m bench.gazetteer`: what a hundred thousand known names cost, to load and while articles are read."""

import random
import string
from collections.abc import Iterator, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table

from bench import scoring, texts
from bench.evaluate import BATCH, cpu_seconds
from bench.machine import describe_machine
from wirewatch.data import load_entities, load_items, load_topics
from wirewatch.models import Entity
from wirewatch.settings import Settings
from wirewatch.text import tokenize
from worker.extraction import Document, Extractor
from worker.extraction.gazetteer import Gazetteer
from worker.extraction.model import LanguageModel

MADE_ENTITIES = 50_000
ARTICLES = 200
RUNS = 3
MOST_LOAD_SECONDS, MOST_SHARE = 2.0, 0.05

console = Console()


def main() -> int:
    entities = (*load_entities(), *made_entities(MADE_ENTITIES))
    names = sum(1 + len(e.aliases) + len(e.short_names) + len(e.demonyms) + len(e.metonyms) for e in entities)
    load_seconds = min(cpu_seconds(partial(Gazetteer.build, entities)) for _ in range(RUNS))
    articles, kind = read_articles()
    reading, cutting, finding = measure(entities, articles)
    table = Table(title=f"Gazetteer of {names} names, {len(articles)} {kind} articles: {describe_machine()}")
    for column in ("measure", "figure", "at most"):
        table.add_column(column)
    table.add_row("CPU seconds to load", f"{load_seconds:.2f}", f"{MOST_LOAD_SECONDS}")
    table.add_row("CPU seconds to read the articles, all in all", f"{reading:.2f}", "")
    table.add_row("of that finding known names", f"{finding / reading:.1%}", f"{MOST_SHARE:.0%}")
    table.add_row("cutting into folded words, which topics need too", f"{cutting / reading:.1%}", "")
    console.print(table)
    return 0 if load_seconds <= MOST_LOAD_SECONDS and finding / reading <= MOST_SHARE else 1


def made_entities(count: int) -> Iterator[Entity]:
    """Persons with two names each, whose words many share."""
    chosen = random.Random(3)
    words = ["".join(chosen.choices(string.ascii_lowercase, k=7)).title() for _ in range(30_000)]
    for number in range(count):
        name, alias = (f"{chosen.choice(words)} {chosen.choice(words)}" for _ in range(2))
        yield Entity(f"made-{number}", name, "person", aliases=(alias,))


def read_articles() -> tuple[list[str], str]:
    """-> texts, and what they are: newswire where it lies beside the repository, else made up."""
    if scoring.NEWSWIRE.exists():
        return [row["text"] for row in scoring.read_lines(scoring.NEWSWIRE)[:ARTICLES]], "newswire"
    return [body["text"] for body in texts.articles(ARTICLES, seed=5)], "made-up"


def measure(entities: Sequence[Entity], articles: Sequence[str]) -> tuple[float, float, float]:
    """-> CPU seconds for reading all articles, for cutting them into words, and for finding the names in these."""
    model = LanguageModel(Settings().model)
    extractor = Extractor(entities, load_topics(), load_items(), model=model)
    extractor.warm_up()
    documents = [Document(str(number), 1, "", text) for number, text in enumerate(articles)]
    reading = cpu_seconds(
        lambda: [extractor.analyse(documents[at : at + BATCH]) for at in range(0, len(documents), BATCH)]
    )
    gazetteer = Gazetteer.build(entities)
    words = [tokenize(text) for text in articles]
    cutting = min(cpu_seconds(lambda: [tokenize(text) for text in articles]) for _ in range(RUNS))
    finding = min(
        cpu_seconds(lambda: [gazetteer.find(cut, text) for cut, text in zip(words, articles, strict=True)])
        for _ in range(RUNS)
    )
    return reading, cutting, finding


if __name__ == "__main__":
    raise SystemExit(main())
