"""Resolving a query against the catalogue, once, so that deciding needs nothing but the article."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from wirewatch.query import claims, facts, hits, patterns, words
from wirewatch.query.names import Names
from wirewatch.query.subject import Subject, latin_tokens
from wirewatch.query.syntax import (
    And,
    ClaimClause,
    ClaimPart,
    FieldClause,
    FuzzyClause,
    Leaf,
    NameClause,
    NearClause,
    Node,
    Not,
    Or,
    PublishedClause,
    Query,
    RegexClause,
    StoryClause,
    TopicClause,
    Where,
    WildcardClause,
    WordClause,
    leaves,
)
from wirewatch.query.terms import compile_regex
from wirewatch.text import clitic_forms, fold_name, number_forms


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Test", ...]

    def holds(self, subject: Subject) -> bool:
        for part in self.parts:  # noqa: SIM110 - a generator costs more than what it asks
            if not part.holds(subject):
                return False
        return True


@dataclass(frozen=True, slots=True)
class AnyPart:
    parts: tuple["Test", ...]

    def holds(self, subject: Subject) -> bool:
        for part in self.parts:  # noqa: SIM110 - a generator costs more than what it asks
            if part.holds(subject):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Without:
    part: "Test"

    def holds(self, subject: Subject) -> bool:
        return not self.part.holds(subject)


@dataclass(frozen=True, slots=True)
class Asked:
    """A clause as written, and the check that decides it."""

    clause: Leaf
    check: hits.Check

    def holds(self, subject: Subject) -> bool:
        return self.check.holds(subject)


Test = All | AnyPart | Without | Asked


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to be decided. `warnings` add to those of the query what the catalogue does not know."""

    query: Query
    root: Test
    warnings: tuple[str, ...]


def compile_query(query: Query, names: Names) -> Compiled:
    """Resolve every name in the query. Never raises for a name that is unknown: that is a warning."""
    unknown = tuple(text for leaf in leaves(query.root) for text in _unknown(leaf, names))
    return Compiled(query, _test(query.root, names), query.warnings + unknown)


def _test(node: Node, names: Names) -> Test:
    if isinstance(node, And):
        return All(tuple(_test(part, names) for part in node.parts))
    if isinstance(node, Or):
        return AnyPart(tuple(_test(part, names) for part in node.parts))
    if isinstance(node, Not):
        return _test(node.part.part, names) if isinstance(node.part, Not) else Without(_test(node.part, names))
    return Asked(node, _check(node, names))


def _check(leaf: Leaf, names: Names) -> hits.Check:
    match leaf:
        case WordClause():
            return _phrase(leaf, names)
        case NearClause():
            near = tuple(token.key for token in latin_tokens(leaf.value))
            return words.NearCheck(leaf.where, near, leaf.distance)
        case WildcardClause():
            return patterns.WildcardCheck(leaf.where, leaf.before, leaf.pattern)
        case FuzzyClause():
            return patterns.FuzzyCheck(leaf.where, leaf.key, leaf.distance)
        case RegexClause():
            return patterns.RegexCheck(leaf.where, compile_regex(leaf.pattern))
        case NameClause():
            ids = names.entity_ids(leaf.name, leaf.type)
            return _mention(ids, _inside(ids, leaf, names), fold_name(leaf.name), leaf.name, leaf.type)
        case TopicClause():
            topics = names.topics(leaf.name)
            return facts.TopicCheck(frozenset(topic.id for topic in topics) or frozenset({leaf.name}), topics)
        case ClaimClause():
            return claims.ClaimCheck(_claim_test(leaf.condition, names), tuple(_claim_parts(leaf.condition, names)))
        case FieldClause():
            return facts.FieldCheck(leaf.field, leaf.value)
        case PublishedClause():
            return facts.PublishedCheck(leaf.low, leaf.high)
        case StoryClause():
            return facts.StoryCheck(leaf.figure, leaf.low, leaf.high)
        case ClaimPart():
            raise AssertionError("parts of a claim stand inside a claim")


def _phrase(clause: WordClause, names: Names) -> words.PhraseCheck:
    tokens = latin_tokens(clause.value)
    phrase = tuple(token.key for token in tokens)
    if clause.spelling == "exact":
        written = clause.value[tokens[0].start : tokens[-1].end]
        return words.PhraseCheck(clause.where, (words.Form(phrase, phrase[-1:]),), written=written)
    if clause.spelling == "phrase":
        return _exact_phrase(clause.where, phrase)
    others = names.spellings(phrase)
    return _loose_phrase(clause.where, phrase, others, clause.value if others else "")


# The same names and words stand in many watches: their checks are shared.
_mention = lru_cache(maxsize=65_536)(facts.MentionCheck)


@lru_cache(maxsize=65_536)
def _exact_phrase(where: Where, phrase: tuple[str, ...]) -> words.PhraseCheck:
    return words.PhraseCheck(where, (words.Form(phrase, phrase[-1:]),))


@lru_cache(maxsize=65_536)
def _loose_phrase(
    where: Where, phrase: tuple[str, ...], others: tuple[tuple[str, ...], ...], written: str
) -> words.PhraseCheck:
    compound: frozenset[str] = frozenset()
    clitics = clitic_forms(phrase[0])
    last = (*_number_forms(phrase), *(clitics if len(phrase) == 1 else ()))
    if len(phrase) <= 2 and all(len(key) > 1 and key.isalpha() and key.isascii() for key in phrase):
        # "airstrike" also where it is written "air-strike", and the other way round.
        compound = frozenset("".join(phrase[:-1]) + form for form in last)
    meaning = f"another spelling of {written}"
    respelled = (words.Form(other, _number_forms(other), meaning) for other in others)
    glued = (words.Form((first, *phrase[1:]), last) for first in (clitics if len(phrase) > 1 else ()))
    return words.PhraseCheck(where, (words.Form(phrase, last), *glued, *respelled), compound)


def _number_forms(phrase: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((phrase[-1], *number_forms(phrase[-1]))))


def _inside(ids: frozenset[str], clause: NameClause, names: Names) -> frozenset[str]:
    if clause.type != "place":
        return frozenset()
    return frozenset().union(*(names.places_within(id_) for id_ in ids)) - ids


def _claim_test(node: Node, names: Names) -> claims.ClaimTest:
    if isinstance(node, And):
        every = [_claim_test(part, names) for part in node.parts]
        return lambda claim, subject: all(test(claim, subject) for test in every)
    if isinstance(node, Or):
        some = [_claim_test(part, names) for part in node.parts]
        return lambda claim, subject: any(test(claim, subject) for test in some)
    if isinstance(node, Not):
        excluded = _claim_test(node.part, names)
        return lambda claim, subject: not excluded(claim, subject)
    assert isinstance(node, ClaimPart)
    return _part_test(node, names)


def _claim_parts(node: Node, names: Names, *, negated: bool = False) -> Iterator[claims.AskedPart]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _claim_parts(part, names, negated=negated)
    elif isinstance(node, Not):
        yield from _claim_parts(node.part, names, negated=not negated)
    else:
        assert isinstance(node, ClaimPart)
        yield claims.AskedPart(node.role, node.value, negated, _part_test(node, names))


def _part_test(part: ClaimPart, names: Names) -> claims.ClaimTest:
    if part.role in ("supplier", "recipient"):
        return claims.party_test(part.role, names.party_ids(part.value), part.value)
    if part.role == "item":
        return claims.item_test(names.entity_ids(part.value, None), part.value)
    if part.role == "by":
        return claims.speaker_test(part.value)
    return claims.word_test(part.role, part.value)


def _unknown(leaf: Leaf, names: Names) -> list[str]:
    if isinstance(leaf, NameClause) and not names.entity_ids(leaf.name, leaf.type):
        return [f"{leaf.source}: the catalogue knows nobody of this name; only mentions called exactly so will match"]
    if isinstance(leaf, ClaimClause):
        return [text for part in leaves(leaf.condition) for text in _unknown(part, names)]
    if isinstance(leaf, ClaimPart) and leaf.role in ("supplier", "recipient") and not names.party_ids(leaf.value):
        return [f"{leaf.source}: the catalogue knows no such party; only parties called exactly so will match"]
    if isinstance(leaf, TopicClause) and not names.topics(leaf.name):
        return [f"{leaf.source}: there is no such topic"]
    return []
