"""The syntax tree of the watch language. One tree serves live matching, backtest, explanation and search."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wirewatch.models import EntityType

Where = Literal["any", "title", "text"]
Spelling = Literal["word", "phrase", "exact"]
FieldName = Literal["source", "domain", "lang"]
ClaimRole = Literal["supplier", "recipient", "item", "status", "stage", "kind", "by"]
Figure = Literal["independent_sources", "sources", "articles"]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A leaf: `source` is what was written (with its field), `position` where in the query."""

    source: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordClause(Clause):
    """One word or phrase: `word` also in plural and compounds, `phrase` letter by letter, `exact` as spelled."""

    where: Where
    value: str
    spelling: Spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class NearClause(Clause):
    """All words of `value`, in any order, with at most `distance` other words among them."""

    where: Where
    value: str
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WildcardClause(Clause):
    """Fixed token keys, then one token described by a pattern in which * and ? stand for any characters."""

    where: Where
    before: tuple[str, ...]
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzyClause(Clause):
    """One word with at most `distance` letters inserted, left out, replaced or swapped."""

    where: Where
    key: str
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegexClause(Clause):
    where: Where
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClause(Clause):
    """A mention of an entity, given by id or any of its names; `type` None means any type."""

    type: EntityType | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicClause(Clause):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPart(Clause):
    role: ClaimRole
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimClause(Clause):
    """One single claim that satisfies the whole condition; the condition's leaves are `ClaimPart`."""

    condition: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldClause(Clause):
    field: FieldName
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedClause(Clause):
    """Published at or after `low` and before `high`; None leaves that side open."""

    low: datetime | None
    high: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryClause(Clause):
    """A figure of the article's story between `low` and `high`, both included; None leaves that side open."""

    figure: Figure
    low: int | None
    high: int | None


Leaf = (
    WordClause
    | NearClause
    | WildcardClause
    | FuzzyClause
    | RegexClause
    | NameClause
    | TopicClause
    | ClaimPart
    | ClaimClause
    | FieldClause
    | PublishedClause
    | StoryClause
)
Node = And | Or | Not | Leaf


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood; `warnings` say in words what its writer may not have meant."""

    text: str
    root: Node
    warnings: tuple[str, ...] = ()


def leaves(node: Node) -> Iterator[Leaf]:
    """The clauses from left to right; a claim is one clause."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def uses_story(query: Query) -> bool:
    """Can facts of the story change the decision, so that other articles of it must be matched again?"""
    return any(isinstance(leaf, StoryClause) for leaf in leaves(query.root))
