"""An index of watches: which of them an article matches.

As in percolators, a watch is filed under its rarest necessary terms: conditions of the form "at least one of these
terms is in the article" that follow from the query. What the index leaves out cannot match. Most queries say no more
than such conditions do, and are decided by them; the others are decided exactly by the tests of the query.

Terms and watches are numbered, and most of the filing is arrays of numbers: a look-up reads little memory, and the
processes of a worker share what was packed before they were forked. Which terms an article holds is told by the
vocabulary.
"""

from array import array
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from wirewatch.query.compile import Compiled
from wirewatch.query.conditions import conditions, cost, typical_share
from wirewatch.query.decide import Decision, prove
from wirewatch.query.hits import AnyOf
from wirewatch.query.packed import COLUMNS, Numbers, Packed
from wirewatch.query.subject import Subject
from wirewatch.query.vocabulary import ALWAYS, NEVER, Vocabulary

# More alternatives than this are not worth filing a watch under each pair of terms.
_MAX_PAIRED: Final = 8
# A watch that was removed, one that has to be asked, one that matches every whole subject that finds it.
_GONE, _ASKED, _CERTAIN = range(3)
FEW: Final = 2_000
_NO_WATCHES: Final[Numbers] = np.zeros(0, np.int32)


class _Question(NamedTuple):
    """What is left to ask of a whole subject that was found under a watch's terms, in numbers of terms.

    `rest`: of each at least one must be there; `none` must be missing; `decides`: that is all.
    """

    rest: tuple[tuple[int, ...], ...]
    none: tuple[int, ...]
    decides: bool

    def is_denied(self, held: set[int]) -> bool:
        return not held.isdisjoint(self.none) or any(held.isdisjoint(condition) for condition in self.rest)


class WatchIndex:
    """Watches by their rarest necessary terms; `frequencies` are shares of articles that hold a term, where known.

    Not locked: build and change it in one thread, or swap a new one in.
    """

    def __init__(self, frequencies: Mapping[str, float] | None = None, *, few: int = FEW) -> None:
        """So many filings may wait in a small pack of their own; then all are packed together, which sorts them all."""
        self._frequencies, self._few = frequencies or {}, few
        # By number of the watch; a watch that changes gets a new number.
        self._ids: list[str] = []
        self._compiled: list[Compiled | None] = []
        self._states = bytearray()
        self._questions: dict[int, _Question] = {}
        self._numbers: dict[str, int] = {}
        self._vocabulary = Vocabulary()
        self._packed: Packed | None = None
        # What was filed since then, packed when it is first looked up.
        self._latest = array("i")
        self._latest_packed: Packed | None = None

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, watch_id: str, compiled: Compiled) -> None:
        """File a watch, in place of an earlier one with the same id."""
        self.remove(watch_id)
        said = conditions(compiled.root, self._share)
        ranked = sorted(said.some, key=lambda condition: cost(condition, self._share))
        first = self._numbered(ranked.pop(0)) if ranked else (ALWAYS,)
        second = self._taken(ranked, _MAX_PAIRED)
        third = self._taken(ranked, 1)
        none = self._numbered(said.none)
        absent = none if len(none) == 1 else (NEVER,)
        watch = self._numbers[watch_id] = len(self._ids)
        self._ids.append(watch_id)
        self._compiled.append(compiled)
        if said.decides and not ranked and len(none) <= 1:
            self._states.append(_CERTAIN)
        else:
            self._states.append(_ASKED)
            self._questions[watch] = _Question(tuple(map(self._numbered, ranked)), none, said.decides)
        for terms in product(first, second, third, absent):
            self._latest.extend((*terms, watch))
        self._latest_packed = None

    def remove(self, watch_id: str) -> None:
        """Take a watch out; an unknown id is no error."""
        watch = self._numbers.pop(watch_id, None)
        if watch is not None:
            self._states[watch] = _GONE
            self._compiled[watch] = None
            self._questions.pop(watch, None)

    def pack(self) -> None:
        """Get ready to be looked up, which the first look-up would do otherwise: best before a fork."""
        if len(self._latest) > self._few * COLUMNS:
            filings = _rows(self._latest)
            if self._packed:
                filings = np.concatenate([self._packed.filings, filings])
            states = np.frombuffer(self._states, np.uint8)
            self._packed = Packed(len(self._vocabulary), filings[states[filings[:, -1]] != _GONE])
            self._latest, self._latest_packed = array("i"), None
        if self._latest and self._latest_packed is None:
            self._latest_packed = Packed(len(self._vocabulary), _rows(self._latest))

    def find(self, watch_id: str) -> Compiled | None:
        watch = self._numbers.get(watch_id)
        return None if watch is None else self._compiled[watch]

    def compiled(self) -> Iterator[tuple[str, Compiled]]:
        """Every watch that is filed."""
        for watch_id, watch in self._numbers.items():
            if compiled := self._compiled[watch]:
                yield watch_id, compiled

    def candidates(self, subject: Subject) -> set[str]:
        """Every watch that the subject can match, and some that it cannot."""
        found = self._look_up(self._vocabulary.held_by(subject), whole=False)
        return self._ids_of(found[self._states_of(found) != _GONE])

    def matching(self, subject: Subject) -> set[str]:
        """The watches that match the subject."""
        if not subject.is_whole:
            return {id_ for id_ in self.candidates(subject) if self._holds(self._numbers[id_], subject)}
        numbers = self._vocabulary.held_by(subject)
        found = self._look_up(numbers, whole=True)
        states = self._states_of(found)
        held = set(numbers)
        asked = (watch for watch in found[states == _ASKED].tolist() if self._answers(watch, subject, held))
        return self._ids_of(found[states == _CERTAIN]).union(map(self._ids.__getitem__, asked))

    def matches(self, subject: Subject) -> dict[str, Decision]:
        """The watches that match the subject, each with its evidence."""
        found = ((watch_id, self.find(watch_id)) for watch_id in self.matching(subject))
        return {watch_id: prove(compiled, subject) for watch_id, compiled in found if compiled}

    def _look_up(self, held: list[int], *, whole: bool) -> Numbers:
        """The watches found under these terms, each once."""
        self.pack()
        is_held = np.zeros(len(self._vocabulary), np.bool_)
        is_held[held] = True
        parts = [packed.find(is_held, whole=whole) for packed in (self._packed, self._latest_packed) if packed]
        found = np.concatenate([_NO_WATCHES, *parts])
        # In the order of their numbers their ids lie near each other in memory.
        found.sort()
        return found[np.diff(found, prepend=-1) > 0]

    def _states_of(self, watches: Numbers) -> npt.NDArray[np.uint8]:
        states: npt.NDArray[np.uint8] = np.frombuffer(self._states, np.uint8)[watches]
        return states

    def _ids_of(self, watches: Numbers) -> set[str]:
        return set(map(self._ids.__getitem__, watches.tolist()))

    def _answers(self, watch: int, subject: Subject, held: set[int]) -> bool:
        question = self._questions[watch]
        return not question.is_denied(held) and (question.decides or self._holds(watch, subject))

    def _holds(self, watch: int, subject: Subject) -> bool:
        compiled = self._compiled[watch]
        return compiled is not None and compiled.root.holds(subject)

    def _taken(self, ranked: list[AnyOf], longest: int) -> tuple[int, ...]:
        """The numbers of the rarest condition that is no longer than this, which is taken from the list."""
        for condition in ranked:
            if len(condition) <= longest:
                ranked.remove(condition)
                return self._numbered(condition)
        return (ALWAYS,)

    def _numbered(self, condition: AnyOf) -> tuple[int, ...]:
        return tuple(map(self._vocabulary.number, condition))

    def _share(self, term: str) -> float:
        return self._frequencies.get(term) or typical_share(term)


def _rows(filings: "array[int]") -> Numbers:
    return np.array(filings, np.int32).reshape(-1, COLUMNS)
