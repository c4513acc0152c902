"""`python -m bench.copies`: are copies found, and only copies, when real articles are edited and told by others?

Each article is changed in controlled ways, and what the change makes is to be its copy. The other articles on the same
event, as they are, are to be none. Keys and decisions are those of the stage; the store is left out, as it only looks
up keys. The labelled articles lie beside the repository.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from rich.console import Console
from rich.table import Table

from bench import scoring
from bench.machine import describe_machine
from bench.scoring import Json, Score
from worker.copies import Fingerprint, Wording, fingerprint, likeness_of, read_wording

FOLDER = scoring.SHARED / "eval"
SETS = {"BASIL": "stories_basil.jsonl", "ECB+": "stories_ecbplus.jsonl"}
# What is shorter has its own rule: only equals are copies.
FEWEST_WORDS = 20
# Some of the labelled texts of one event are themselves copies. Left out as such: those that difflib, which has no part
# in the decision, finds to have this much in common.
COPIED_RATIO = 0.72
SEED = 7

console = Console(width=140)

Change = Callable[[str, random.Random, Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Read:
    """A text as the stage sees it."""

    wording: Wording
    print: Fingerprint


def read(text: str) -> Read:
    wording = read_wording("0", "", text)
    return Read(wording, fingerprint(wording))


def is_copy(a: Read, b: Read) -> bool:
    """Whether the stage would meet the pair, and call it a copy."""
    if a.wording.folded_hash == b.wording.folded_hash:
        return True
    meets = {*a.print.bands, *a.print.sentences} & {*b.print.bands, *b.print.sentences}
    return bool(meets) and likeness_of(a.wording, b.wording) is not None


def edit(share: float) -> Change:
    """Of this share of the words half are replaced, a quarter dropped, and beside a quarter another word put."""

    def change(text: str, chosen: random.Random, vocabulary: Sequence[str]) -> str:
        words = text.split()
        for place in sorted(chosen.sample(range(len(words)), round(share * len(words))), reverse=True):
            kind = chosen.random()
            other = [] if kind < 0.25 else [chosen.choice(vocabulary)]
            words[place : place + 1] = [words[place], *other] if kind > 0.75 else other
        return " ".join(words)

    return change


def drop_paragraphs(text: str, chosen: random.Random, _: Sequence[str]) -> str:
    """Every third paragraph goes; of a text in one paragraph, every third sentence."""
    parts = text.split("\n\n") if "\n\n" in text else text.split(" . ")
    first = chosen.randrange(3)
    return "\n\n".join(part for place, part in enumerate(parts) if place % 3 != first or len(parts) < 3)


def wrap(times: float) -> Change:
    """The text amid this many times as many other words."""

    def change(text: str, chosen: random.Random, vocabulary: Sequence[str]) -> str:
        start, count = chosen.randrange(len(vocabulary)), round(times * len(text.split()) / 2)
        other = [vocabulary[(start + place) % len(vocabulary)] for place in range(2 * count)]
        return f"{' '.join(other[:count])}\n\n{text}\n\n{' '.join(other[count:])}"

    return change


def retitle(text: str, chosen: random.Random, vocabulary: Sequence[str]) -> str:
    """Another first line."""
    start = chosen.randrange(len(vocabulary) - 9)
    return f"{' '.join(vocabulary[start : start + 9])}\n\n{text.partition(chr(10))[2] if chr(10) in text else text}"


def truncate(text: str, _: random.Random, __: Sequence[str]) -> str:
    """What a feed gives: the first 60 words."""
    return " ".join(text.split()[:60]) + " …"


def both(first: Change, second: Change) -> Change:
    return lambda text, chosen, vocabulary: second(first(text, chosen, vocabulary), chosen, vocabulary)


CHANGES: dict[str, Change] = {
    "5 % of words": edit(0.05),
    "15 % of words": edit(0.15),
    "30 % of words": edit(0.30),
    "paragraphs dropped": drop_paragraphs,
    "wrapped in as much other text": wrap(1),
    "wrapped in three times as much": wrap(3),
    "15 % of words, and wrapped": both(edit(0.15), wrap(1)),
    "another title": retitle,
    "truncated to 60 words": truncate,
}


def main() -> int:
    if not FOLDER.is_dir():
        console.print(f"Nothing measured: {FOLDER} not found.")
        return 0
    scores = measure_copies(scoring.read_floors()["copies"])
    under = [line for line in scores if not line.holds]
    for line in under:
        console.print(f"[red]{line.name}: {getattr(line, line.judged):.3f} is under its floor {line.floor}[/]")
    return 1 if under else 0


def measure_copies(floors: Mapping[str, float], sets: Mapping[str, str] = SETS) -> list[Score]:
    vocabulary = [word for row in scoring.read_lines(scoring.NEWSWIRE) for word in row["text"].split()]
    table = Table(title=f"Copies: {describe_machine()}", title_justify="left")
    for column in ("articles", "change", "copies found", "of", "recall"):
        table.add_column(column, justify="left" if column in ("articles", "change") else "right")
    scores = []
    for name, file in sets.items():
        rows = [row for row in scoring.read_lines(FOLDER / file) if len(row["text"].split()) >= FEWEST_WORDS]
        found, made = 0, 0
        for change, apply in CHANGES.items():
            hits, tried = recall_of(rows, apply, vocabulary)
            table.add_row(name, change, str(hits), str(tried), f"{hits / tried:.3f}")
            found, made = found + hits, made + tried
            if change == "15 % of words":
                scores.append(Score(f"copies {name} {change}", 0, hits / tried, 0, floors["recall_15"], "recall"))
        wrong, pairs, copied = mistaken(rows)
        precision = found / (found + len(wrong))
        refused = 1 - len(wrong) / pairs
        scores.append(Score(f"copies {name} same event", precision, 0, 0, floors["precision"], "precision"))
        scores.append(Score(f"copies {name} refused", refused, 0, 0, floors["precision"], "precision"))
        table.add_row(
            name,
            "same event, own words",
            str(len(wrong)),
            str(pairs),
            f"precision {precision:.3f}, refused {refused:.3f}",
        )
        table.add_row(name, f"(copies in the labelled texts, left out: {copied})", "", "", "")
    console.print(table)
    return scores


def recall_of(rows: Sequence[Json], apply: Change, vocabulary: Sequence[str]) -> tuple[int, int]:
    """-> how many changed texts are found to be copies, and how many there are; one that the change left too short for
    the rule of near-copies does not count.
    """
    chosen = random.Random(SEED)
    hits = tried = 0
    for row in rows:
        changed = read(apply(row["text"], chosen, vocabulary))
        if len(changed.wording.words) >= FEWEST_WORDS and " ".join(changed.wording.words):
            tried += 1
            hits += is_copy(read(row["text"]), changed)
    return hits, tried


def mistaken(rows: Sequence[Json]) -> tuple[list[tuple[str, str]], int, int]:
    """-> pairs of one event that are called copies without being any, how many pairs were tried, how many left out."""
    texts = {row["id"]: read(row["text"]) for row in rows}
    wrong, pairs, copied = [], 0, 0
    for a, b in same_event(rows):
        if is_same_text(texts[a].wording.words, texts[b].wording.words):
            copied += 1
            continue
        pairs += 1
        if is_copy(texts[a], texts[b]):
            wrong.append((a, b))
    return wrong, pairs, copied


def same_event(rows: Sequence[Json]) -> Iterator[tuple[str, str]]:
    stories: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        stories[row["story"]].append(row["id"])
    for ids in stories.values():
        yield from combinations(ids, 2)


def is_same_text(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether the shorter text mostly stands in the longer, in long runs of words."""
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks() if block.size > 3) >= COPIED_RATIO * min(
        len(a), len(b)
    )


if __name__ == "__main__":
    raise SystemExit(main())
