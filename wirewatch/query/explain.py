"""Why a query matched an article or did not: each clause with its spans, and the first that failed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from wirewatch.models import Evidence
from wirewatch.query.compile import AnyPart, Asked, Compiled, Test, Without
from wirewatch.query.decide import evidence_of
from wirewatch.query.nearest import find_nearest
from wirewatch.query.subject import Subject

# Seeking what is near takes milliseconds, and a query may have hundreds of clauses.
MOST_NEAREST: Final = 20


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """What one clause found.

    `found`: the article has what the clause names; `satisfied`: that is what the query asks (for a clause under NOT,
    that it is absent). `first_failure` marks the clause at which a miss was decided; of an OR whose alternatives all
    failed, the first. `nearest` says in words what of the article came nearest where something was missing.
    """

    clause: str
    position: int
    found: bool
    negated: bool
    first_failure: bool
    evidence: tuple[Evidence, ...]
    nearest: str | None = None

    @property
    def satisfied(self) -> bool:
        return self.found != self.negated


def explain(compiled: Compiled, subject: Subject) -> list[ClauseResult]:
    """Every clause of the query from left to right, decided by the same checks as a live match.

    What came nearest is said of the first failure and of MOST_NEAREST others.
    """
    explained: list[ClauseResult] = []
    sought = 0
    for asked, result in _results(compiled, subject):
        is_missing = not (result.found or result.negated)
        is_sought = is_missing and (result.first_failure or sought < MOST_NEAREST)
        sought += is_sought
        explained.append(replace(result, nearest=find_nearest(asked, subject)) if is_sought else result)
    return explained


def find_only_failure(compiled: Compiled, subject: Subject) -> ClauseResult | None:
    """The clause that alone kept the article out, where another found something; seeking what is near takes time."""
    results = list(_results(compiled, subject))
    failed = [(asked, result) for asked, result in results if not result.satisfied]
    if len(failed) != 1 or not any(result.found and not result.negated for _, result in results):
        return None
    ((asked, result),) = failed
    return result if result.negated else replace(result, nearest=find_nearest(asked, subject))


def _results(compiled: Compiled, subject: Subject) -> Iterator[tuple[Asked, ClauseResult]]:
    failure = None if compiled.root.holds(subject) else _first_failure(compiled.root, subject, wanted=True)
    for asked, negated in _asked(compiled.root):
        yield asked, _result(asked, negated, subject, asked is failure)


def _result(asked: Asked, negated: bool, subject: Subject, first_failure: bool) -> ClauseResult:
    evidence = tuple(evidence_of(asked, hit, subject) for hit in asked.check.find(subject))
    return ClauseResult(
        clause=asked.clause.source,
        position=asked.clause.position,
        found=bool(evidence),
        negated=negated,
        first_failure=first_failure,
        evidence=evidence,
    )


def _asked(test: Test, negated: bool = False) -> Iterator[tuple[Asked, bool]]:
    if isinstance(test, Asked):
        yield test, negated
    elif isinstance(test, Without):
        yield from _asked(test.part, not negated)
    else:
        for part in test.parts:
            yield from _asked(part, negated)


def _first_failure(test: Test, subject: Subject, *, wanted: bool) -> Asked:
    """The clause that made the test come out other than wanted; the test is known to have done so."""
    if isinstance(test, Asked):
        return test
    if isinstance(test, Without):
        return _first_failure(test.part, subject, wanted=not wanted)
    if isinstance(test, AnyPart) and wanted:
        return _first_failure(test.parts[0], subject, wanted=True)
    failed = next(part for part in test.parts if part.holds(subject) != wanted)
    return _first_failure(failed, subject, wanted=wanted)
