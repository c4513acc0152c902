"""Deciding a query on one article: yes or no, with the spans that made it yes."""

from collections.abc import Iterator
from dataclasses import dataclass

from wirewatch.models import Evidence
from wirewatch.query.compile import All, AnyPart, Asked, Compiled, Test
from wirewatch.query.hits import Hit
from wirewatch.query.subject import Subject


@dataclass(frozen=True, slots=True)
class Decision:
    """Evidence comes from the clauses that speak for the match, in the order of the query."""

    matched: bool
    evidence: tuple[Evidence, ...] = ()


_MISSED = Decision(matched=False)


def decide(compiled: Compiled, subject: Subject) -> Decision:
    """Does this ONE article, with its story's facts, satisfy the query? NOT looks at this article only."""
    return prove(compiled, subject) if compiled.root.holds(subject) else _MISSED


def prove(compiled: Compiled, subject: Subject) -> Decision:
    """The decision on an article that is known to match."""
    return Decision(matched=True, evidence=tuple(_evidence(compiled.root, subject)))


def _evidence(test: Test, subject: Subject) -> Iterator[Evidence]:
    """What speaks for a test that holds: of alternatives, all that hold; nothing for what must be missing."""
    if isinstance(test, Asked):
        for hit in test.check.find(subject):
            yield evidence_of(test, hit, subject)
    elif isinstance(test, All):
        for part in test.parts:
            yield from _evidence(part, subject)
    elif isinstance(test, AnyPart):
        for part in test.parts:
            if part.holds(subject):
                yield from _evidence(part, subject)


def evidence_of(asked: Asked, hit: Hit, subject: Subject) -> Evidence:
    return Evidence(
        clause=asked.clause.source,
        kind=asked.check.kind,
        article_id=subject.article.id,
        field=hit.field,
        start=hit.start,
        end=hit.end,
        text=hit.text,
        ref_id=hit.ref_id,
        meaning=hit.meaning,
    )
