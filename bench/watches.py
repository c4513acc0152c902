"""`python -m bench.watches`: what it costs to find which of many watches an article matches, beside a percolator.

One core, CPU time of this process. Both sides get the same articles in turn, already cut into words, and must find the
same watches. What the peer cannot express (phrases, nearness, fuzzy words, claims, stories) is measured for us alone.

The index has seen other articles before, as it has in a worker; each measured article is new to it and comes once.
"""

import argparse
import gc
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import TypeVar

from mokaccino import Document, Percolator
from rich.console import Console
from rich.table import Table

from bench.machine import describe_machine
from bench.texts import articles
from bench.watch_shapes import WORD_FIELD, Vocabulary, boolean_shapes, language_queries, made_up_analysis
from wirewatch.data import load_entities, load_topics
from wirewatch.models import Article
from wirewatch.query import CatalogueNames, Decision, Subject, compile_query, parse
from wirewatch.query.decide import prove
from wirewatch.query.index import WatchIndex

NEWSWIRE = Path(__file__).resolve().parents[2] / "shared" / "eval" / "ner_newswire.jsonl"
WORDS_EACH = 560
# So many articles, of which the last are measured.
ARTICLES, MEASURED = 500, 100
SIZES = (1_000, 10_000, 100_000)
LANGUAGE_SHARE = 0.25
FLOOR_RATIO = 1.0
MILLION, MILLION_MS, MILLION_BYTES = 1_000_000, 5.0, 2 * 2**30

T = TypeVar("T")
console = Console()


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU per article: to know the matching watches, with their evidence, and the peer's."""

    watches: int
    matches: float
    candidates: float
    ours_ms: float
    evidence_ms: float
    peer_ms: float

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.peer_ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="how many watches")
    parser.add_argument("--alone", type=int, help="so many watches besides, for us alone: how fast, and how large")
    parser.add_argument("--million", action="store_true", help="also a million watches, for us alone (minutes)")
    options = parser.parse_args()
    vocabulary, subjects = read_world()
    costs: list[Cost] = []
    mixed: list[Alone] = []
    for size in options.sizes:
        costs.append(compare(vocabulary, subjects, size))
        mixed.append(measure_alone(vocabulary, subjects, size, LANGUAGE_SHARE))
        # Whoever stops the run at a larger size has seen the smaller.
        console.print(costs[-1], mixed[-1])
    report(costs, mixed, read_cost(subjects))
    good = all(cost.ratio <= FLOOR_RATIO for cost in costs if cost.watches >= SIZES[-1])
    if options.alone:
        print_alone(measure_alone(vocabulary, subjects, options.alone, 0.0))
    if options.million:
        million = measure_alone(vocabulary, subjects, MILLION, 0.0)
        print_alone(million)
        good = good and million.ms <= MILLION_MS and million.resident_bytes <= MILLION_BYTES
    console.print("" if good else "FAILED: a figure is under its floor.")
    return 0 if good else 1


def read_world() -> tuple[Vocabulary, list[Subject]]:
    """Articles of 560 words cut from running text, and what watches on them are made of."""
    words = " ".join(read_texts()).split()
    texts = [" ".join(words[at : at + WORDS_EACH]) for at in range(0, len(words) - WORDS_EACH, WORDS_EACH)]
    counted = Counter(key for text in texts for key in set(plain_keys(text)))
    names = [line.strip().lower() for line in _names().splitlines() if line.strip().isalpha() and line.isascii()]
    vocabulary = Vocabulary(
        [word for word, _ in counted.most_common()],
        [name for name in names if len(name) > 3],
        [entity.id for entity in load_entities() if entity.id.replace("-", "").isalnum()],
        [topic.id for topic in load_topics()],
    )
    chosen = random.Random(7).sample(range(len(texts)), min(ARTICLES, len(texts)))
    return vocabulary, [subject_of(vocabulary, texts[number], number) for number in chosen]


def read_texts() -> list[str]:
    if NEWSWIRE.exists():
        return [json.loads(line)["text"] for line in NEWSWIRE.read_text(encoding="utf-8").splitlines()]
    console.log(f"{NEWSWIRE.name} is missing here: measuring made-up texts instead")
    return [str(body["text"]) for body in articles(3000)]


def _names() -> str:
    folder = files("worker.extraction") / "data"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in ("surnames.txt", "places.txt"))


def plain_keys(text: str) -> list[str]:
    subject = Subject(Article("0", 1, "", text), made_up_analysis(EMPTY, text, 0))
    return [key for key in subject.text.places if len(key) > 2 and key.isalpha() and key.isascii()]


EMPTY = Vocabulary((), (), tuple(str(number) for number in range(99)), ("x", "y"))


def subject_of(vocabulary: Vocabulary, text: str, seed: int) -> Subject:
    return Subject(Article(str(seed), 1, "", text, "en"), made_up_analysis(vocabulary, text, seed))


def frequencies(subjects: Sequence[Subject]) -> dict[str, float]:
    held = Counter(term for subject in subjects for term in subject.terms())
    return {term: count / len(subjects) for term, count in held.items()}


def compare(vocabulary: Vocabulary, subjects: Sequence[Subject], size: int) -> Cost:
    """Both on the same watches. Raises SystemExit where they find different ones."""
    names, index, peer = CatalogueNames((), ()), WatchIndex(frequencies(subjects)), Percolator()
    for number, shape in enumerate(boolean_shapes(vocabulary, size, seed=size)):
        index.add(str(number), compile_query(parse(shape.ours), names))
        peer.add_query_id(shape.peers, number)
    index.pack()
    peer = peer.optimized()
    gc.collect()
    gc.freeze()
    ours, proven, theirs, found = 0.0, 0.0, 0.0, 0
    new = new_after_others(index, subjects)
    for subject in new:
        taken, mine = timed(index.matching, subject)
        ours += taken
        proven += timed(partial(prove_all, index, mine), subject)[0]
        taken, percolated = timed(lambda subject: peer.percolate_list(document_of(subject)), subject)
        theirs += taken
        found += len(mine)
        if mine != {str(number) for number in percolated}:
            raise SystemExit(f"the two disagree about {mine ^ {str(number) for number in percolated}}")
    each = len(new)
    candidates = sum(len(index.candidates(subject)) for subject in new)
    return Cost(size, found / each, candidates / each, ours / each, (ours + proven) / each, theirs / each)


def timed(decide: Callable[[Subject], T], subject: Subject) -> tuple[float, T]:
    """-> milliseconds of CPU, and what was decided."""
    started = time.process_time()
    decided = decide(subject)
    return (time.process_time() - started) * 1000, decided


def prove_all(index: WatchIndex, watch_ids: Iterable[str], subject: Subject) -> list[Decision]:
    found = map(index.find, watch_ids)
    return [prove(compiled, subject) for compiled in found if compiled]


def new_after_others(index: WatchIndex, subjects: Sequence[Subject]) -> list[Subject]:
    """The last articles, of which nothing is known yet, after the others went through the index."""
    for subject in subjects[:-MEASURED]:
        index.matches(subject)
    return [Subject(subject.article, subject.analysis) for subject in subjects[-MEASURED:]]


def document_of(subject: Subject) -> Document:
    document = Document()
    for key in subject.text.places:
        document.add_value(WORD_FIELD, key)
    for id_ in subject.mentions_by_entity:
        document.add_value("entity", id_)
    for topic in subject.analysis.topics:
        document.add_value("topic", topic.id)
    return document


@dataclass(frozen=True, slots=True)
class Alone:
    """Milliseconds of CPU per article to know the matching watches, and with their evidence."""

    watches: int
    matches: float
    ms: float
    evidence_ms: float
    resident_bytes: int


def measure_alone(vocabulary: Vocabulary, subjects: Sequence[Subject], size: int, share: float) -> Alone:
    """Watches of every shape of the language, `share` of them of those that the peer has not."""
    names, index = CatalogueNames(load_entities(), load_topics()), WatchIndex(frequencies(subjects))
    others = int(size * share)
    queries = (shape.ours for shape in boolean_shapes(vocabulary, size - others, seed=size + 1))
    for number, query in enumerate(chain(queries, language_queries(vocabulary, others, seed=size + 2))):
        index.add(str(number), compile_query(parse(query), names))
    index.pack()
    gc.collect()
    gc.freeze()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    ours, proven, found = 0.0, 0.0, 0
    new = new_after_others(index, subjects)
    for subject in new:
        taken, mine = timed(index.matching, subject)
        ours += taken
        proven += timed(partial(prove_all, index, mine), subject)[0]
        found += len(mine)
    each = len(new)
    return Alone(size, found / each, ours / each, (ours + proven) / each, resident)


def read_cost(subjects: Sequence[Subject]) -> float:
    """Milliseconds to cut an article into words, paid once however many watches there are."""
    started = time.process_time()
    for subject in subjects:
        Subject(subject.article, subject.analysis)
    return (time.process_time() - started) * 1000 / len(subjects)


def print_alone(alone: Alone) -> None:
    console.print(
        f"{alone.watches:,} watches: {alone.ms:.2f} ms per article, {alone.evidence_ms:.2f} ms with the evidence of "
        f"{alone.matches:.0f} matches, "
        f"{alone.resident_bytes / 2**30:.2f} GiB resident (aims for a million: {MILLION_MS:.0f} ms, 2 GiB)"
    )


def report(costs: Sequence[Cost], mixed: Sequence[Alone], reading_ms: float) -> None:
    table = Table(title=f"Matching, CPU ms per article of {WORDS_EACH} words: {describe_machine()}")
    for column in ("watches", "matches", "candidates", "ours", "with evidence", "mokaccino", "ours / mokaccino"):
        table.add_column(column, justify="right")
    for cost in costs:
        table.add_row(
            f"{cost.watches:,}", f"{cost.matches:.1f}", f"{cost.candidates:.1f}", f"{cost.ours_ms:.3f}",
            f"{cost.evidence_ms:.3f}", f"{cost.peer_ms:.3f}", f"{cost.ratio:.2f}",
        )  # fmt: skip
    console.print(table)
    for one in mixed:
        console.print(
            f"every shape, {one.watches:,} watches: {one.ms:.3f} ms, {one.evidence_ms:.3f} ms with the evidence of "
            f"{one.matches:.1f} matches"
        )
    console.print(f"cutting an article into words, once: {reading_ms:.3f} ms; floor at 100,000: {FLOOR_RATIO}")


if __name__ == "__main__":
    raise SystemExit(main())
