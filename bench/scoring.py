"""Labelled data that lies beside the repository, and the one scorer that lies with it."""

import importlib.util
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

FLOORS = Path(__file__).with_name("floors.toml")
SHARED = Path(__file__).resolve().parents[2] / "shared"
GOLDEN = SHARED / "golden" / "seeds.json"
NEWSWIRE = SHARED / "eval" / "ner_newswire.jsonl"
CLAIMS = SHARED / "eval" / "claims_dev.jsonl"
SCORER = SHARED / "eval" / "score.py"
SEEDS = SHARED / "seeds"

Json = dict[str, Any]
Counts = tuple[int, int, int]
Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Score:
    """One line of a table: true, predicted and required counts, and the name of its floor where it has one."""

    name: str
    precision: float
    recall: float
    f1: float
    floor: float | None = None
    judged: str = "f1"

    @property
    def holds(self) -> bool:
        return self.floor is None or float(getattr(self, self.judged)) >= self.floor


def read_floors() -> Mapping[str, Mapping[str, float]]:
    """By section of bench/floors.toml, by measure."""
    return tomllib.loads(FLOORS.read_text("utf-8"))


def missing_data() -> list[Path]:
    return [path for path in (GOLDEN, NEWSWIRE, CLAIMS, SCORER, SEEDS) if not path.exists()]


def load_scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SCORER)
    if spec is None or spec.loader is None:
        raise ImportError(str(SCORER))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def score(name: str, counts: Counts, floor: float | None = None, judged: str = "f1") -> Score:
    true, predicted, required = counts
    precision = true / predicted if predicted else 0.0
    recall = true / required if required else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(name, precision, recall, f1, floor, judged)


def worst_errors(
    texts: Iterable[str], gold: Iterable[Iterable[Span]], found: Iterable[Iterable[Span]]
) -> Iterator[tuple[str, int, str]]:
    """The commonest kinds of error in exact spans with their commonest words: (kind, how often, words)."""
    kinds: dict[str, list[str]] = {}
    for text, wanted, got in zip(texts, gold, found, strict=True):
        labels, guesses = ({(s, e): label for s, e, label in spans} for spans in (wanted, got))
        for span in labels.keys() | guesses.keys():
            kind = _error(labels.get(span), guesses.get(span))
            if kind:
                kinds.setdefault(kind, []).append(text[span[0] : span[1]])
    for kind, words in sorted(kinds.items(), key=lambda item: -len(item[1])):
        common = sorted(set(words), key=words.count, reverse=True)[:8]
        yield kind, len(words), ", ".join(" ".join(word.split()) for word in common)


def _error(label: str | None, guess: str | None) -> str | None:
    if label == guess:
        return None
    if label is None:
        return f"{guess} where nothing is labelled"
    return f"{label} missed" if guess is None else f"{label} taken for {guess}"


def read_golden() -> Mapping[str, Json]:
    documents: Mapping[str, Json] = json.loads(GOLDEN.read_text("utf-8"))["documents"]
    return documents
