"""What a check finds in a subject."""

from abc import ABC, abstractmethod
from typing import ClassVar, Final, NamedTuple

from wirewatch.models import EvidenceKind, Field
from wirewatch.query.subject import Subject

MAX_HITS: Final = 20

AnyOf = frozenset[str]
"""Index terms (see index.py) of which at least one is in every subject that a check can match."""


class Hit(NamedTuple):
    """A span that satisfied a check; without field and offsets where the fact stands in no text.

    `meaning` says in words why it counts where the span does not show it. A tuple, because it is made fast.
    """

    field: Field | None
    start: int | None
    end: int | None
    text: str
    ref_id: str | None = None
    meaning: str | None = None


class Check(ABC):
    """One clause, resolved against the catalogue."""

    __slots__ = ()

    kind: ClassVar[EvidenceKind] = "term"

    @abstractmethod
    def find(self, subject: Subject) -> list[Hit]:
        """Up to MAX_HITS spans; none means that the clause is not satisfied."""

    def holds(self, subject: Subject) -> bool:
        """Whether `find` would find anything; overridden where that is known sooner."""
        return bool(self.find(subject))

    @abstractmethod
    def needs(self) -> tuple[AnyOf, ...]:
        """Necessary conditions in terms of the index, any one of which may be used to find the watch."""

    @property
    def is_exact(self) -> bool:
        """Whether the check holds wherever all its `needs` are fulfilled, so that nothing is left to decide."""
        return False


def span(
    subject: Subject, field: Field, start: int, end: int, ref_id: str | None = None, meaning: str | None = None
) -> Hit:
    return Hit(field, start, end, subject.words(field).text[start:end], ref_id, meaning)
