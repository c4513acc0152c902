"""What a check finds in a subject."""

from dataclasses import dataclass
from typing import Final, Protocol

from wirewatch.models import EvidenceKind, Field
from wirewatch.query.subject import Subject

MAX_HITS: Final = 20

AnyOf = frozenset[str]
"""Index terms (see index.py) of which at least one is in every subject that a check can match."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A span that satisfied a check; without field and offsets where the fact stands in no text."""

    field: Field | None
    start: int | None
    end: int | None
    text: str
    ref_id: str | None = None


class Check(Protocol):
    """One clause, resolved against the catalogue."""

    @property
    def kind(self) -> EvidenceKind: ...

    def find(self, subject: Subject) -> list[Hit]:
        """Up to MAX_HITS spans; none means that the clause is not satisfied."""
        ...

    def needs(self) -> tuple[AnyOf, ...]:
        """Necessary conditions in terms of the index, any one of which may be used to find the watch."""
        ...


def span(subject: Subject, field: Field, start: int, end: int, ref_id: str | None = None) -> Hit:
    return Hit(field, start, end, subject.words(field).text[start:end], ref_id)
