"""`python -m bench.claims`: arms-transfer claims against labelled passages and the labelled documents."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from rich.console import Console

from bench import scoring
from bench.scoring import Json, Score, score
from tests.renaming import load_cast, rename
from wirewatch.data import load_entities, load_items, load_topics
from wirewatch.models import Claim, Entity
from wirewatch.settings import Settings
from worker.extraction import Document, Extractor

FIELDS = ("supplier", "recipient", "status", "quote", "start", "end")

Name = Callable[[str | None], str | None]
Recast = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A labelled text: `required` and optional claims as the scorer reads them, and what was found."""

    id: str
    text: str
    gold: list[Json]
    found: tuple[Claim, ...]

    def predictions(self) -> list[Json]:
        return [{field: getattr(claim, field) for field in FIELDS} for claim in self.found]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Counts over passages: (true, counted, required), directions swapped, and the passages with errors."""

    counts: tuple[int, int, int]
    swapped: int
    errors: tuple[Passage, ...]


def measure_claims(extractor: Extractor, scorer: Any, floors: Mapping[str, float]) -> list[Score]:
    """Score claims on the labelled documents, the same with another cast, and the labelled passages.

    `floors` (bench/floors.toml): must_recall, precision, passages_lenient, passages_strict.
    """
    cast = load_cast()
    known = tuple(load_entities())
    recast_known = (*known, *(msgspec.convert(body, Entity) for body in cast.entities))
    recast = extractor.with_catalogue(recast_known, load_topics())
    name = resolver(known, scorer)
    sets = {
        "golden": (golden_passages(extractor), name, True),
        "golden recast": (golden_passages(recast, lambda t: rename(t, cast)), resolver(recast_known, scorer), True),
        "passages": (dev_passages(extractor), name, True),
        "passages strict": (dev_passages(extractor), name, False),
    }
    return [
        line
        for key, (passages, names, lenient) in sets.items()
        for line in lines(key, judge(passages, scorer, names, lenient), floors)
    ]


def lines(key: str, judged: Judgement, floors: Mapping[str, float]) -> Iterator[Score]:
    if key.startswith("golden"):
        yield score(f"claims {key}: must", judged.counts, floors["must_recall"], "recall")
    else:
        floor = floors["passages_strict" if key.endswith("strict") else "passages_lenient"]
        yield score(f"claims {key}", judged.counts, floor)
    if not key.endswith("strict"):
        yield score(f"claims {key}: precision", judged.counts, floors["precision"], "precision")
        right = float(judged.swapped == 0)
        yield Score(f"claims {key}: no direction swapped", right, right, right, 1.0)


def judge(passages: Iterable[Passage], scorer: Any, name: Name, lenient: bool) -> Judgement:
    totals, swapped, errors = [0, 0, 0], 0, []
    for passage in passages:
        *counts, wrong_way = scorer.claim_counts(passage.text, passage.gold, passage.predictions(), lenient, name)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        swapped += wrong_way
        if wrong_way or len(set(counts)) > 1:
            errors.append(passage)
    return Judgement((totals[0], totals[1], totals[2]), swapped, tuple(errors))


def resolver(entities: Iterable[Entity], scorer: Any) -> Name:
    """Names as entities: every alias and metonym of an entity is the entity."""
    by_name: dict[str | None, str] = {}
    for entity in entities:
        for form in (entity.name, *entity.aliases, *entity.metonyms):
            by_name.setdefault(scorer.canonical(form), entity.name)

    def resolve(name: str | None) -> str | None:
        plain: str | None = scorer.canonical(name)
        return by_name.get(plain, plain)

    return resolve


def golden_passages(extractor: Extractor, recast: Recast = lambda text: text) -> list[Passage]:
    documents = scoring.read_golden()
    texts = {key: recast((scoring.SEEDS / key).read_text("utf-8")) for key in documents}
    gold = {key: [*golden_claims(documents[key]["claims"], recast)] for key in documents}
    return read(extractor, texts, gold)


def golden_claims(claims: Mapping[str, list[Json]], recast: Recast) -> Iterator[Json]:
    for key, optional in (("must", False), ("may", True)):
        for claim in claims.get(key, []):
            sides = {side: recast(claim[side]) if claim[side] else None for side in ("supplier", "recipient")}
            others = {
                f"{side}_alt": [recast(n) if n else None for n in claim.get(f"{side}_alt", [])]
                for side in ("supplier", "recipient")
            }
            yield {**claim, **sides, **others, "quote": recast(claim["quote"]), "optional": optional}


def dev_passages(extractor: Extractor) -> list[Passage]:
    rows = scoring.read_lines(scoring.CLAIMS)
    return read(extractor, {row["id"]: row["text"] for row in rows}, {row["id"]: row["claims"] for row in rows})


def read(extractor: Extractor, texts: Mapping[str, str], gold: Mapping[str, list[Json]]) -> list[Passage]:
    analyses = extractor.analyse([Document(key, 1, "", text) for key, text in texts.items()])
    return [
        Passage(key, text, gold[key], found.claims) for (key, text), found in zip(texts.items(), analyses, strict=True)
    ]


def show_errors(console: Console, passages: Sequence[Passage]) -> None:
    for passage in passages:
        console.print(f"[bold]{passage.id}[/]")
        for claim in passage.gold:
            if not claim.get("optional"):
                sides = f"{claim['supplier']} -> {claim['recipient']}"
                console.print(f"  labelled {sides} {claim['status']}: {claim['quote']}", highlight=False)
        for found in passage.found:
            sides = f"{found.supplier} -> {found.recipient}"
            console.print(f"  found    {sides} {found.status}: {found.quote[:120]}", highlight=False)


def main() -> int:
    console = Console(width=160)
    if missing := scoring.missing_data():
        console.print(f"Nothing measured: {', '.join(path.name for path in missing)} not found.")
        return 0
    scorer = scoring.load_scorer()
    extractor = Extractor(load_entities(), load_topics(), load_items(), model=Settings().model)
    scores = measure_claims(extractor, scorer, scoring.read_floors()["claims"])
    show_errors(console, judge(dev_passages(extractor), scorer, resolver(load_entities(), scorer), True).errors)
    for line in scores:
        held = "" if line.holds else "  UNDER ITS FLOOR"
        console.print(
            f"{line.name:45} precision {line.precision:.3f} recall {line.recall:.3f} F1 {line.f1:.3f}{held}",
            highlight=False,
        )
    return int(any(not line.holds for line in scores))


if __name__ == "__main__":
    raise SystemExit(main())
