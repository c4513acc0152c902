"""Deciding a query on one article: yes or no, with the spans that made it yes."""

from dataclasses import dataclass

from wirewatch.models import Evidence
from wirewatch.query.compile import All, AnyPart, Asked, Compiled, Test, Without
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
    evidence = _judge(compiled.root, subject)
    return _MISSED if evidence is None else Decision(matched=True, evidence=tuple(evidence))


def _judge(test: Test, subject: Subject) -> list[Evidence] | None:
    """The evidence of a test that holds (possibly none), or None."""
    if isinstance(test, Asked):
        hits = test.check.find(subject)
        return [evidence_of(test, hit, subject) for hit in hits] if hits else None
    if isinstance(test, Without):
        return [] if _judge(test.part, subject) is None else None
    if isinstance(test, All):
        return _judge_all(test, subject)
    return _judge_any(test, subject)


def _judge_all(test: All, subject: Subject) -> list[Evidence] | None:
    evidence: list[Evidence] = []
    for part in test.parts:
        found = _judge(part, subject)
        if found is None:
            return None
        evidence.extend(found)
    return evidence


def _judge_any(test: AnyPart, subject: Subject) -> list[Evidence] | None:
    # Every alternative is asked, so that the evidence shows all that is there.
    found = [evidence for part in test.parts if (evidence := _judge(part, subject)) is not None]
    return [item for evidence in found for item in evidence] if found else None


def holds(test: Test, subject: Subject) -> bool:
    return _judge(test, subject) is not None


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
    )
