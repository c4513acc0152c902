"""Watches of mixed shapes, made up from the words of real texts and from names, for us and for a peer's percolator."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mokaccino import Query as PeerQuery

from wirewatch.models import Analysis, Mention, TopicScore

Kind = Literal["word", "entity", "topic", "beginning"]
WORD_FIELD = "word"
# Nobody watches for the commonest words of a language.
COMMON_WORDS = 300
MENTIONS, TOPICS_EACH = 12, 2


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition that both sides can decide: a word letter by letter, an entity, a topic, a beginning."""

    kind: Kind
    value: str

    @property
    def ours(self) -> str:
        written = {"word": '"{}"', "entity": "entity:{}", "topic": "topic:{}", "beginning": "{}*"}
        return written[self.kind].format(self.value)

    @property
    def peers(self) -> PeerQuery:
        if self.kind == "beginning":
            return PeerQuery.from_kprefix(WORD_FIELD, self.value)
        return PeerQuery.from_kv(self.kind, self.value)


@dataclass(frozen=True, slots=True)
class Shape:
    """All of `every`, and one of `some` where there are any, and none of `none`."""

    every: tuple[Atom, ...] = ()
    some: tuple[Atom, ...] = ()
    none: tuple[Atom, ...] = ()

    @property
    def ours(self) -> str:
        alternatives = [f"({' OR '.join(atom.ours for atom in self.some)})"] if self.some else []
        return " AND ".join([atom.ours for atom in self.every] + alternatives + [f"NOT {a.ours}" for a in self.none])

    @property
    def peers(self) -> PeerQuery:
        parts = [atom.peers for atom in self.every]
        if self.some:
            parts.append(_joined([atom.peers for atom in self.some], any_of=True))
        parts += [~atom.peers for atom in self.none]
        return _joined(parts, any_of=False)


def _joined(parts: Sequence[PeerQuery], *, any_of: bool) -> PeerQuery:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole | part if any_of else whole & part
    return whole


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What watches are made of: `words` of the texts, the commonest first, `names` that hardly occur, and ids."""

    words: Sequence[str]
    names: Sequence[str]
    entity_ids: Sequence[str]
    topic_ids: Sequence[str]

    @property
    def _common(self) -> int:
        """How many of the words are common; made-up texts have few."""
        return min(COMMON_WORDS, len(self.words) // 2)

    def word(self, chosen: random.Random) -> Atom:
        """Mostly a name, as in most watches; or a word of the texts, now and then a common one."""
        kind = chosen.random()
        if kind < 0.7:
            return Atom("word", chosen.choice(self.names))
        if kind < 0.97:
            return Atom("word", self.words[chosen.randrange(self._common, len(self.words))])
        rank = math.exp(chosen.uniform(math.log(self._common), math.log(len(self.words) - 1)))
        return Atom("word", self.words[int(rank)])

    def entity(self, chosen: random.Random) -> Atom:
        return Atom("entity", chosen.choice(self.entity_ids))

    def topic(self, chosen: random.Random) -> Atom:
        return Atom("topic", chosen.choice(self.topic_ids))

    def beginning(self, chosen: random.Random) -> Atom:
        return Atom("beginning", chosen.choice(self.words)[:7])


def boolean_shapes(vocabulary: Vocabulary, count: int, seed: int) -> Iterator[Shape]:
    """Watches that both sides can decide."""
    chosen = random.Random(seed)

    def words(number: int) -> tuple[Atom, ...]:
        return tuple(vocabulary.word(chosen) for _ in range(number))

    makers = (
        (25, lambda: Shape(every=words(1))),
        (20, lambda: Shape(every=words(2))),
        (8, lambda: Shape(every=words(3))),
        (12, lambda: Shape(some=words(3))),
        (10, lambda: Shape(every=words(1), some=words(3))),
        (8, lambda: Shape(every=words(1), none=words(1))),
        (7, lambda: Shape(every=(vocabulary.entity(chosen), vocabulary.topic(chosen)))),
        (7, lambda: Shape(every=(vocabulary.entity(chosen), vocabulary.word(chosen)))),
        (3, lambda: Shape(every=(vocabulary.beginning(chosen), vocabulary.word(chosen)))),
    )
    weights, chosen_makers = zip(*makers, strict=True)
    for _ in range(count):
        yield chosen.choices(chosen_makers, weights)[0]()


def language_queries(vocabulary: Vocabulary, count: int, seed: int) -> Iterator[str]:
    """Watches of the language's other shapes, which the peer has not."""
    chosen = random.Random(seed)
    makers = (
        lambda a, b: f"{a} {b}",
        lambda a, b: f'"{a} {b}"',
        lambda a, b: f'"{a} {b}"~8',
        lambda a, _: f"{a}~1" if len(a) > 4 else a,
        lambda a, b: f"title:{a} OR ({a} AND {b} AND lang:en)",
        lambda a, _: f"claim:(supplier:Russia AND recipient:Iran) AND {a}",
        lambda a, _: f'place:Russia AND topic:arms-transfers AND "{a}"',
        lambda a, _: f"{a} AND story.independent_sources:>1",
        lambda a, b: f"/{a}.{{1,20}}{b}/",
        lambda a, b: f"{a[:2]}*{a[-1]} AND {b}~" if len(b) > 4 else f"{a[:2]}* AND {b}",
        lambda a, b: f'person:"{a} {b}" OR {a}*',
        lambda a, _: f"title:{a}",
    )
    for _ in range(count):
        first, second = (vocabulary.word(chosen).value for _ in range(2))
        yield chosen.choice(makers)(first, second)


def made_up_analysis(vocabulary: Vocabulary, text: str, seed: int) -> Analysis:
    """Some of the entities and topics, so that clauses about them have something to find."""
    chosen = random.Random(seed)
    mentions = tuple(
        Mention(id_, id_, "other", "PRODUCT", text[:5], 0, 5, "text", 1.0)
        for id_ in chosen.sample(list(vocabulary.entity_ids), MENTIONS)
    )
    topics = chosen.sample(list(vocabulary.topic_ids), min(TOPICS_EACH, len(vocabulary.topic_ids)))
    return Analysis("en", mentions, tuple(TopicScore(id_, 0.9, ()) for id_ in topics))
