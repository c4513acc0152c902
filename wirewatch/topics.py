"""What a document is about: cues found by one pass over its tokens, weighed into a score with evidence."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wirewatch.data import is_upper_case_only
from wirewatch.models import Topic, TopicCue
from wirewatch.text import Token, is_designation_boundary, keys, number_forms

ARMS_TRANSFERS = "arms-transfers"
CLAIM_WEIGHT = 2.0
MAX_EVIDENCE = 50
_OFFSET = 2.0
_REPEAT_FACTOR = 0.5
_REPEATS_COUNTED = 6


class Cue(NamedTuple):
    """One phrase of one topic."""

    topic: int
    phrase: str
    weight: float
    upper_case: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A topic with the spans that speak for it."""

    id: str
    score: float
    evidence: tuple[tuple[int, int], ...]


class TopicFinder:
    """All cues of all topics in one table keyed by folded words."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        self._by_id: Mapping[str, Topic] = {topic.id: topic for topic in self._topics}
        self._cues: dict[tuple[str, ...], list[Cue]] = defaultdict(list)
        self._longest: dict[str, int] = {}
        for number, topic in enumerate(self._topics):
            for cue in topic.cues:
                self._add(number, cue, abs(cue.weight))
            for cue in topic.negative_cues:
                self._add(number, cue, -abs(cue.weight))

    def find(
        self, tokens: Sequence[Token], text: str, entity_types: frozenset[str], claims: Sequence[tuple[int, int]] = ()
    ) -> list[Found]:
        """Topics at or above their threshold, of whose required types an entity is there, best first."""
        weighed = self.weigh(tokens, text, claims)
        return sorted((f for f in weighed if self._holds(f, entity_types)), key=lambda f: (-f.score, f.id))

    def weigh(self, tokens: Sequence[Token], text: str, claims: Sequence[tuple[int, int]] = ()) -> list[Found]:
        """Every topic of which a cue was found, also those below their threshold.

        The score is 1 / (1 + exp(2 - s)), s being the sum of the weights of the distinct cues, the n-th repeat of a cue
        counting half as much as the one before it; claims found in the text add weight to arms transfers.
        """
        spans = self._spans(tokens, text)
        if claims:
            for number, topic in enumerate(self._topics):
                if topic.id == ARMS_TRANSFERS:
                    cue = Cue(number, "", CLAIM_WEIGHT, False)
                    spans.setdefault(number, []).extend((start, end, cue) for start, end in claims)
        return [self._judge(number, cues) for number, cues in spans.items()]

    def _add(self, number: int, cue: TopicCue, weight: float) -> None:
        words = tuple(keys(cue.phrase))
        if not words:
            return
        upper = is_upper_case_only(cue.phrase)
        lasts = {words[-1]} if upper else {words[-1], *number_forms(words[-1])}
        for last in lasts:
            form = (*words[:-1], last)
            self._cues[form].append(Cue(number, cue.phrase, weight, upper))
            self._longest[form[0]] = max(self._longest.get(form[0], 0), len(form))

    def _spans(self, tokens: Sequence[Token], text: str) -> dict[int, list[tuple[int, int, Cue]]]:
        """Per topic its cues in text order, the longest at each place, none overlapping another of its topic."""
        words = [token.key for token in tokens]
        spans: dict[int, list[tuple[int, int, Cue]]] = defaultdict(list)
        ends: dict[int, int] = {}
        for i, word in enumerate(words):
            for j in range(min(len(words), i + self._longest.get(word, 0)), i, -1):
                for cue in self._cues.get(tuple(words[i:j]), ()):
                    start, end = tokens[i].start, tokens[j - 1].end
                    if ends.get(cue.topic, 0) > i or (cue.upper_case and not text[start:end].isupper()):
                        continue
                    if is_designation_boundary(tokens, i, j):
                        spans[cue.topic].append((start, end, cue))
                        ends[cue.topic] = j
        return spans

    def _judge(self, number: int, cues: Sequence[tuple[int, int, Cue]]) -> Found:
        seen = Counter((cue.phrase, cue.weight) for _, _, cue in cues)
        total = sum(weight * _worth(times) for (_, weight), times in seen.items())
        evidence = tuple((start, end) for start, end, cue in cues if cue.weight > 0)
        return Found(self._topics[number].id, 1 / (1 + math.exp(_OFFSET - total)), evidence[:MAX_EVIDENCE])

    def _holds(self, found: Found, entity_types: frozenset[str]) -> bool:
        topic = self._by_id[found.id]
        return found.score >= topic.threshold and entity_types.issuperset(topic.required_entity_types)


def _worth(times: int) -> float:
    """1, 1.5, 1.75, ...: a phrase said again is no new evidence, only some more."""
    return sum(_REPEAT_FACTOR**repeat for repeat in range(min(times, _REPEATS_COUNTED)))
