"""How sure the reading is that a match rests on."""

from collections.abc import Sequence

from wirewatch.models import Analysis, Evidence


def score_of(evidence: Sequence[Evidence], analysis: Analysis) -> float:
    """-> 0 to 1: of each clause the surest evidence counts, of the clauses the least sure.

    A name counts as sure as it was linked, a topic as its score; words, fields and claims were read or not: 1.
    """
    by_clause: dict[str, float] = {}
    for one in evidence:
        by_clause[one.clause] = max(by_clause.get(one.clause, 0.0), _sureness(one, analysis))
    return min(by_clause.values(), default=1.0)


def _sureness(evidence: Evidence, analysis: Analysis) -> float:
    if evidence.kind == "topic":
        return max((topic.score for topic in analysis.topics if topic.id == evidence.ref_id), default=1.0)
    if evidence.kind == "entity":
        place = (evidence.field, evidence.start, evidence.end)
        here = (one.score for one in analysis.mentions if (one.field, one.start, one.end) == place)
        return max(here, default=1.0)
    return 1.0
