"""Raw entities by the decisions of spaCy's own recogniser, taken for all tokens at once.

spaCy's greedy loop goes token by token, and each step takes and gives back the interpreter's lock several times: most
of the recogniser's time. But its state is small. Outside an entity a decision depends on the token alone, so those of a
whole batch are one matrix product; inside it is a choice between going on and ending, made for all entities in step.
The weights are the model's, and so are the results: tests/quality/test_decoding.py compares the two.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.attrs import IS_SPACE
from spacy.language import Language
from spacy.tokens import Doc

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

# What a state consists of: the token, the first token of the open entity, the token before.
_FEATURES = 3
_NONE = -1
_RECOGNISER = "ner"


class RawEntity(NamedTuple):
    """What the model says of `paragraph[start:end]`, before any correction."""

    start: int
    end: int
    label: str


class Moves(NamedTuple):
    """The columns of the scores that begin, continue, end or alone are an entity of each label, and the one of none."""

    labels: tuple[str, ...]
    begin: Ints
    inside: Ints
    last: Ints
    unit: Ints
    out: int


class Decoder:
    """The recogniser of one spaCy pipeline, from the words' vectors to the entities."""

    def __init__(self, recogniser: Any, moves: Moves) -> None:
        model = recogniser.model
        self._ops = model.ops
        self._vectors, self._lower = model.get_ref("tok2vec"), model.get_ref("lower")
        self._pieces: int = self._lower.get_dim("nP")
        self._bias: Floats = self._lower.get_param("b").reshape(-1)
        self._weights: Floats = model.get_ref("upper").get_param("W")
        self._shift: Floats = model.get_ref("upper").get_param("b")
        self._moves = moves

    def entities(self, docs: Sequence[Doc]) -> list[tuple[RawEntity, ...]]:
        """The entities of tokenized documents, in order."""
        filled = [doc for doc in docs if len(doc)]
        if not filled:
            return [()] * len(docs)
        vectors: Floats = self._vectors.predict(filled)
        features: Floats = self._lower.predict(vectors).reshape(len(vectors) + 1, _FEATURES, -1)
        bounds = [0, *accumulate(map(len, filled))]
        is_last = np.zeros(len(vectors), dtype=np.bool_)
        is_last[np.array(bounds[1:]) - 1] = True
        is_space = np.concatenate([doc.to_array([IS_SPACE]).reshape(-1) for doc in filled]).astype(np.bool_)
        labels, ends = self._begin(features, is_last, is_space)
        self._end(features, is_last, labels, ends)
        found: list[list[RawEntity]] = [[] for _ in filled]
        place = 0
        for start, end, label in _without_overlaps(labels, ends):
            while start >= bounds[place + 1]:
                place += 1
            doc, first = filled[place], bounds[place]
            until = doc[end - 1 - first]
            found[place].append(RawEntity(doc[start - first].idx, until.idx + len(until), self._moves.labels[label]))
        remaining = iter(found)
        return [tuple(next(remaining)) if len(doc) else () for doc in docs]

    def _begin(self, features: Floats, is_last: Flags, is_space: Flags) -> tuple[Ints, Ints]:
        """Per token the label of the entity that it would begin (or _NONE), and its end where that is the token's own
        (or _NONE): what the recogniser decides where no entity is open."""
        moves = self._moves
        scores = self._scores(features[1:, 0] + (features[0, 1] + features[0, 2]))
        begin = np.where((is_last | is_space)[:, None], -np.inf, scores[:, moves.begin])
        unit = np.where(is_space[:, None], -np.inf, scores[:, moves.unit])
        begun, alone = begin.argmax(axis=1), unit.argmax(axis=1)
        rows = np.arange(len(scores))
        best_begin, best_unit = begin[rows, begun], unit[rows, alone]
        is_unit = best_unit > best_begin
        labels = np.where(is_unit, alone, begun)
        labels[np.maximum(best_unit, best_begin) <= scores[:, moves.out]] = _NONE
        return labels, np.where(is_unit, rows + 1, _NONE)

    def _end(self, features: Floats, is_last: Flags, labels: Ints, ends: Ints) -> None:
        """Write the ends of the entities that have none yet."""
        starts = np.flatnonzero((labels != _NONE) & (ends == _NONE))
        at = starts + 1
        while len(starts):
            # features[0] stands for no token: token i is in row i + 1.
            scores = self._scores(features[at + 1, 0] + features[starts + 1, 1] + features[at, 2])
            rows = np.arange(len(starts))
            own = labels[starts]
            goes_on = (scores[rows, self._moves.inside[own]] >= scores[rows, self._moves.last[own]]) & ~is_last[at]
            ends[starts[~goes_on]] = at[~goes_on] + 1
            starts, at = starts[goes_on], at[goes_on] + 1

    def _scores(self, summed: Floats) -> Floats:
        hidden = (summed + self._bias).reshape(len(summed), -1, self._pieces).max(axis=2)
        # Not numpy's product: its library starts threads, which costs more than so small a matrix.
        scores: Floats = self._ops.gemm(hidden, self._weights, trans2=True)
        return scores + self._shift


def find_decoder(nlp: Language) -> Decoder | None:
    """A decoder for the pipeline's recogniser, if it is built the way that is understood here and reads its words
    itself; others (a transformer's, a beam search) are left to spaCy."""
    if _RECOGNISER not in nlp.pipe_names:
        return None
    recogniser: Any = nlp.get_pipe(_RECOGNISER)
    model = recogniser.model
    is_greedy = recogniser.cfg.get("beam_width") == 1 and not model.attrs["unseen_classes"] and model.attrs["has_upper"]
    is_own = not any("listener" in node.name for node in model.walk())
    if not (is_greedy and is_own and model.get_ref("lower").get_dim("nF") == _FEATURES):
        return None
    names = [recogniser.moves.get_class_name(column) for column in range(recogniser.moves.n_moves)]
    labels = tuple(name.removeprefix("B-") for name in names if name.startswith("B-"))
    columns = (np.array([names.index(kind + label) for label in labels]) for kind in ("B-", "I-", "L-", "U-"))
    begin, inside, last, unit = columns
    return Decoder(recogniser, Moves(labels, begin, inside, last, unit, names.index("O")))


def _without_overlaps(labels: Ints, ends: Ints) -> Iterator[tuple[int, int, int]]:
    """(start, end, label) from left to right; inside an entity none begins."""
    free = 0
    for start in np.flatnonzero(labels != _NONE).tolist():
        if start >= free:
            free = int(ends[start])
            yield start, free, int(labels[start])
