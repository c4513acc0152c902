"""Spellings that a watch must find, and look-alikes that it must not, each with its reason: data in variants/."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from wirewatch.data import load_entities, load_topics
from wirewatch.models import Article
from wirewatch.query import CatalogueNames, Subject, compile_query, decide, parse
from worker.extraction import Document, Extractor

FOLDER = Path(__file__).with_name("variants")
OWN_FLOOR = 0.97
LEAST_OWN = 150
AGREED = 18


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """Every query must find each variant of `matches` and none of `misses`; the second word of each is its reason."""

    queries: list[str]
    sentence: str = "{}"
    matches: list[tuple[str, str]] = []
    misses: list[tuple[str, str]] = []


@dataclass(frozen=True, slots=True)
class Variant:
    """One spelling in its sentence, and what all queries must say of it."""

    queries: tuple[str, ...]
    text: str
    expected: bool
    reason: str


def read_variants(path: Path) -> Iterator[Variant]:
    for entry in msgspec.yaml.decode(path.read_bytes(), type=list[Entry]):
        for expected, rows in ((True, entry.matches), (False, entry.misses)):
            for written, reason in rows:
                text = written if written.endswith(".") and " " in written else entry.sentence.format(written)
                yield Variant(tuple(entry.queries), text, expected, reason)


def judge(extractor: Extractor, variants: list[Variant]) -> list[str]:
    """What was decided wrongly, in words: one line for each variant that any query gets wrong."""
    names = CatalogueNames(load_entities(), load_topics())
    documents = [Document(str(place), 1, "", variant.text) for place, variant in enumerate(variants)]
    faults = []
    for variant, document, analysis in zip(variants, documents, extractor.analyse(documents), strict=True):
        subject = Subject(Article(document.article_id, 1, "", variant.text), analysis)
        wrong = [
            query
            for query in variant.queries
            if decide(compile_query(parse(query), names), subject).matched != variant.expected
        ]
        if wrong:
            missing = "does not find" if variant.expected else "finds"
            faults.append(f"{' and '.join(wrong)} {missing} ({variant.reason}): {variant.text}")
    return faults


def test_the_agreed_variants_are_all_right(extractor: Extractor) -> None:
    variants = list(read_variants(FOLDER / "agreed.yml"))
    assert len(variants) == AGREED
    assert judge(extractor, variants) == []


def test_our_own_variants_reach_their_floor(extractor: Extractor) -> None:
    files = ("persons", "places", "weapons", "organisations", "scripts")
    variants = [variant for name in files for variant in read_variants(FOLDER / f"{name}.yml")]
    assert len(variants) >= LEAST_OWN
    faults = judge(extractor, variants)
    assert len(faults) <= (1 - OWN_FLOOR) * len(variants), "\n".join(faults)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_every_variant_has_its_reason(path: Path) -> None:
    assert all(variant.reason for variant in read_variants(path))
