"""`make eval`: quality against labelled data, each measure with its floor (bench/floors.toml)."""

import argparse
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from spacy.language import Language

from bench import claims, copies, golden, scoring, stories
from bench.machine import describe_machine
from bench.scoring import Counts, Json, Score, Span, score
from tests.renaming import load_cast, rename
from wirewatch.data import load_entities, load_items, load_topics
from wirewatch.models import Analysis, Entity
from wirewatch.settings import Settings
from wirewatch.topics import ARMS_TRANSFERS
from worker.extraction import Document, Extractor
from worker.extraction.model import LanguageModel, load_pipeline

SHORT_ARTICLES = 60
SPEED_ARTICLES = 100
REPRINTS = 0.6
BATCH = 32
ERROR_KINDS = 12
SCORE_BANDS = ((0.5, 0.7), (0.7, 0.9), (0.9, 1.01))
LABELS = {"GPE": "LOC", "FAC": "LOC"}

console = Console(width=160)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every section needs."""

    extractor: Extractor
    scorer: Any
    floors: Mapping[str, Mapping[str, float]]
    short: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help=f"golden file and the first {SHORT_ARTICLES} newswire articles"
    )
    options = parser.parse_args()
    if missing := scoring.missing_data():
        console.print(f"Nothing measured: {', '.join(path.name for path in missing)} not found under {scoring.SHARED}.")
        return 0
    floors = scoring.read_floors()
    extractor = Extractor(load_entities(), load_topics(), load_items(), model=Settings().model)
    bench = Bench(extractor, scoring.load_scorer(), floors, options.short)
    console.print(f"{describe_machine()}; model {Settings().model}")
    scores = [line for section in SECTIONS for line in section(bench)]
    under = [line for line in scores if not line.holds]
    for line in under:
        console.print(
            f"[red]{line.name}: {line.judged} {getattr(line, line.judged):.3f} is under its floor {line.floor}[/]"
        )
    return 1 if under else 0


def measure_newswire(bench: Bench) -> list[Score]:
    """Exact spans and labels, by the shared scorer."""
    rows = scoring.read_lines(scoring.NEWSWIRE)[: SHORT_ARTICLES if bench.short else None]
    analyses = analyse(bench.extractor, [Document(row["id"], 1, "", row["text"]) for row in rows])
    found = [[{"start": m.start, "end": m.end, "label": m.label} for m in analysis.mentions] for analysis in analyses]
    texts = [row["text"] for row in rows]
    gold = [row["entities"] for row in rows]
    counts: dict[str, Counts] = bench.scorer.entity_counts(zip(texts, gold, found, strict=True))
    floor = bench.floors["newswire"]["micro_f1"]
    scores = [score(f"newswire {name}", c, floor if name == "micro" else None) for name, c in sorted(counts.items())]
    show(f"Newswire entities, {len(rows)} articles", scores)
    labels = frozenset(counts) - {"micro"}
    spans = (
        [as_spans(bench, text, row, labels) for text, row in zip(texts, side, strict=True)] for side in (gold, found)
    )
    show_errors(scoring.worst_errors(texts, *spans))
    return scores


def as_spans(bench: Bench, text: str, row: Iterable[Json], labels: frozenset[str]) -> list[Span]:
    spans = []
    for entity in row:
        label = entity.get("type") or LABELS.get(entity["label"], entity["label"])
        if label in labels:
            start, end = bench.scorer.trim(text, entity["start"], entity["end"])
            spans.append((start, end, label))
    return spans


def measure_golden(bench: Bench) -> list[Score]:
    """The labelled documents as they are, and with another cast whose entities are added as a user would add them."""
    cast = load_cast()
    added = (*load_entities(), *(msgspec.convert(body, Entity) for body in cast.entities))
    renamed = bench.extractor.with_catalogue(added, load_topics())
    casts = {
        "golden": golden.judge_golden(bench.extractor, load_entities()),
        "renamed": golden.judge_golden(renamed, added, lambda text: rename(text, cast)),
    }
    scores = [line for name, verdicts in casts.items() for line in score_golden(name, verdicts, bench.floors["golden"])]
    show("Golden seeds, and the same with another cast", scores)
    for name, verdicts in casts.items():
        for v in verdicts:
            missed, wrong = v.missed or "nothing", v.wrong or "nothing"
            console.print(f"  {name} {v.document}: missed {missed}; linked beyond the labels {wrong}")
    return scores


def score_golden(name: str, verdicts: Sequence[golden.Verdict], floors: Mapping[str, float]) -> list[Score]:
    found, right = golden.recall(verdicts), golden.precision(verdicts)
    topics = 1 - sum(bool(v.missing_topics) for v in verdicts) / len(verdicts)
    return [
        Score(f"{name} entities", right, found, 2 * right * found / (right + found), floors["must_entities"], "recall"),
        Score(
            f"{name} linked", right, found, 2 * right * found / (right + found), floors["linked_precision"], "precision"
        ),
        Score(f"{name} topics", topics, topics, topics, floors["topics"], "recall"),
    ]


def measure_topics(bench: Bench) -> list[Score]:
    """Is a passage about arms transfers? Passages whose claims are all optional count neither way."""
    rows = [row for row in scoring.read_lines(scoring.CLAIMS) if row["label"] != "optional_only"]
    analyses = analyse(bench.extractor, [Document(row["id"], 1, "", row["text"]) for row in rows])
    given = [{topic.id: topic.score for topic in analysis.topics} for analysis in analyses]
    about = [ARMS_TRANSFERS in topics for topics in given]
    gold = [row["label"] == "claim" for row in rows]
    true = sum(a and g for a, g in zip(about, gold, strict=True))
    scores = [score("topic arms-transfers", (true, sum(about), sum(gold)), bench.floors["topics"]["arms_transfers_f1"])]
    rated = [(topics[ARMS_TRANSFERS], g) for topics, g in zip(given, gold, strict=True) if ARMS_TRANSFERS in topics]
    scores.append(rate_scores(rated, bench.floors["topics"]["scores_kept"]))
    show(f"Topic of {len(rows)} passages", scores)
    for row, is_about, is_gold in zip(rows, about, gold, strict=True):
        if is_about != is_gold:
            console.print(f"  {'missed' if is_gold else 'wrong'}: {' '.join(row['text'].split())[:140]}")
    return scores


def rate_scores(rated: Sequence[tuple[float, bool]], floor: float) -> Score:
    """Does a topic's score promise too much? In each of SCORE_BANDS the share of passages that are right beside the
    mean score; the measure is 1 less the largest shortfall."""
    shortfalls = [0.0]
    for low, high in SCORE_BANDS:
        band = [(score, is_right) for score, is_right in rated if low <= score < high]
        if band:
            promised, kept = (sum(column) / len(band) for column in zip(*band, strict=True))
            console.print(f"  scores from {low} to {high}: mean {promised:.2f}, right {kept:.2f} of {len(band)}")
            shortfalls.append(promised - kept)
    worst = 1 - max(shortfalls)
    return Score("topic scores: promises kept", worst, worst, worst, floor)


def measure_claims(bench: Bench) -> list[Score]:
    """Who supplies what to whom and with what standing, by the shared scorer."""
    scores = claims.measure_claims(bench.extractor, bench.scorer, bench.floors["claims"])
    show("Claims: labelled documents, the same with another cast, labelled passages", scores)
    return scores


def measure_copies(bench: Bench) -> list[Score]:
    """Edited articles are to be copies, other reports of the same events not."""
    sets = dict(list(copies.SETS.items())[:1]) if bench.short else copies.SETS
    return copies.measure_copies(bench.floors["copies"], sets)


def measure_stories(bench: Bench) -> list[Score]:
    """Labelled events fed through the real stages, on a database of this run."""
    scores = stories.measure_stories(bench.short, bench.floors["stories"])
    show("Stories", scores)
    return scores


def measure_speed(bench: Bench) -> list[Score]:
    """Extraction beside spaCy's own NER alone on the same texts, one thread, in one run, alternating."""
    distinct = [row["text"] for row in scoring.read_lines(scoring.NEWSWIRE)[-SPEED_ARTICLES:]]
    floors = bench.floors["speed"]
    nlp = load_pipeline(Settings().model)
    scores = []
    for name, texts in {"distinct": distinct, "reprints": with_reprints(distinct)}.items():
        extractor = Extractor(load_entities(), load_topics(), load_items(), model=LanguageModel(Settings().model))
        raw, whole = time_beside(nlp, extractor, texts)
        per_word = 1e6 / sum(len(text.split()) for text in texts)
        alone, everything = raw * per_word, whole * per_word
        console.print(f"{name}: {alone:.0f} ms a thousand words for NER alone, {everything:.0f} ms for everything")
        ratio = raw / whole
        scores.append(Score(f"speed beside NER alone, {name}", ratio, ratio, ratio, floors[name]))
    show(f"Speed; of the stream with reprints {REPRINTS:.0%} has been there before", scores)
    return scores


def with_reprints(texts: Sequence[str]) -> list[str]:
    """A stream, REPRINTS of which are texts that were in it before."""
    chosen = random.Random(1)
    stream: list[str] = []
    fresh = list(texts[: round(len(texts) * (1 - REPRINTS))])
    while len(stream) < len(texts):
        is_new = fresh and (not stream or chosen.random() > REPRINTS)
        stream.append(fresh.pop() if is_new else chosen.choice(stream))
    return stream


def time_beside(nlp: Language, extractor: Extractor, texts: Sequence[str]) -> tuple[float, float]:
    """-> CPU seconds of the model's NER alone, and of everything."""
    raw = whole = 0.0
    with nlp.select_pipes(enable=["ner"]):
        for at in range(0, len(texts), BATCH):
            batch = texts[at : at + BATCH]
            documents = [Document(str(at + place), 1, "", text) for place, text in enumerate(batch)]
            raw += cpu_seconds(partial(list, nlp.pipe(batch)))
            whole += cpu_seconds(partial(extractor.analyse, documents))
    return raw, whole


def cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def analyse(extractor: Extractor, documents: Sequence[Document]) -> list[Analysis]:
    return [a for at in range(0, len(documents), BATCH) for a in extractor.analyse(documents[at : at + BATCH])]


def show(title: str, scores: Sequence[Score]) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("measure", "precision", "recall", "F1", "floor"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    for s in scores:
        floor = "" if s.floor is None else f"{s.judged} {s.floor:.2f}"
        table.add_row(s.name, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", floor)
    console.print(table)


def show_errors(errors: Iterator[tuple[str, int, str]]) -> None:
    for kind, times, words in list(errors)[:ERROR_KINDS]:
        console.print(f"  {times:5} {kind}: {words}", highlight=False, soft_wrap=True)


SECTIONS = (
    measure_golden,
    measure_newswire,
    measure_topics,
    measure_claims,
    measure_copies,
    measure_stories,
    measure_speed,
)

if __name__ == "__main__":
    raise SystemExit(main())
