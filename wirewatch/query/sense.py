"""Does a query make sense? What matches everything or nothing is refused; what is probably not meant is warned of."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Final

from wirewatch.errors import QueryError
from wirewatch.query.syntax import (
    And,
    FieldClause,
    NameClause,
    Node,
    Not,
    Or,
    PublishedClause,
    StoryClause,
    WordClause,
    leaves,
)
from wirewatch.text import keys

COMMON_WORDS: Final = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has", "have",
     "he", "her", "his", "in", "is", "it", "its", "new", "no", "not", "of", "on", "or", "said", "say", "says",
     "she", "than", "that", "the", "their", "they", "this", "to", "was", "were", "which", "who", "will",
     "with", "would", "year", "years",)
)  # fmt: skip


def check(root: Node) -> None:
    """Refuse what matches an article for what is missing from it, and what contradicts itself."""
    if not _needs_something(root):
        first = next(leaves(root))
        raise QueryError(
            "this matches nearly every article: it only says what must be missing",
            first.position,
            "add something to look for, as in missile AND NOT test",
        )
    for node in _walk(root):
        if isinstance(node, And):
            _refuse_contradiction(node)
            _refuse_empty(node)


def warnings(root: Node) -> tuple[str, ...]:
    found: list[str] = []
    if _is_broad(root):
        found.append("this matches nearly every article; add a word, a name or a topic")
    for node in _walk(root):
        if isinstance(node, And):
            found.extend(_loose_names(node))
    return tuple(found)


def _needs_something(node: Node) -> bool:
    """Is there something that must be found for the node to match?"""
    if isinstance(node, And):
        return any(map(_needs_something, node.parts))
    if isinstance(node, Or):
        return all(map(_needs_something, node.parts))
    if isinstance(node, Not):
        return isinstance(node.part, Not) and _needs_something(node.part.part)
    return True


def _is_broad(node: Node) -> bool:
    if isinstance(node, And):
        return all(map(_is_broad, node.parts))
    if isinstance(node, Or):
        return any(map(_is_broad, node.parts))
    if isinstance(node, WordClause):
        return set(keys(node.value)) <= COMMON_WORDS
    return isinstance(node, Not | PublishedClause | StoryClause) or (
        isinstance(node, FieldClause) and node.field == "lang"
    )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _walk(part)
    elif isinstance(node, Not):
        yield from _walk(node.part)


def _bare(node: Node) -> Node:
    """The node without where and how it was written, for comparing what it asks."""
    if isinstance(node, And):
        return And(tuple(map(_bare, node.parts)))
    if isinstance(node, Or):
        return Or(tuple(map(_bare, node.parts)))
    if isinstance(node, Not):
        return Not(_bare(node.part))
    return replace(node, source="", position=0)


def _refuse_contradiction(node: And) -> None:
    wanted = {_bare(part) for part in node.parts if not isinstance(part, Not)}
    for part in node.parts:
        if isinstance(part, Not) and _bare(part.part) in wanted:
            first = next(leaves(part))
            raise QueryError(
                f"{first.source} is both wanted and excluded, nothing can match", first.position, "drop one"
            )


def _refuse_empty(node: And) -> None:
    """An article has one language, one date, and its story one count of each kind: what asks for two finds nothing."""
    bounds: dict[str, tuple[float, float]] = {}
    languages: set[str] = set()
    for part in node.parts:
        if isinstance(part, FieldClause) and part.field == "lang":
            languages.add(part.value.lower().partition("-")[0])
        elif isinstance(part, PublishedClause | StoryClause):
            name, low, high = _range(part)
            known = bounds.get(name, (-inf, inf))
            bounds[name] = max(known[0], low), min(known[1], high)
        else:
            continue
        if len(languages) > 1 or any(low > high for low, high in bounds.values()):
            raise QueryError(f"{part.source} leaves nothing that can match", part.position, "write OR, or drop one")


def _range(part: PublishedClause | StoryClause) -> tuple[str, float, float]:
    """What is bounded, and by what."""
    if isinstance(part, StoryClause):
        return part.figure, -inf if part.low is None else part.low, inf if part.high is None else part.high
    low = -inf if part.low is None else part.low.timestamp()
    # The end of a stretch of time is no part of it.
    return "published", low, inf if part.high is None else part.high.timestamp() - 1


def _loose_names(node: And) -> Iterator[str]:
    for left, right in zip(node.parts, node.parts[1:], strict=False):
        if isinstance(left, NameClause) and isinstance(right, WordClause) and right.spelling == "word":
            adjacent = right.position == left.position + len(left.name) + 1 and right.value[:1].isupper()
            if adjacent:
                field = left.source.split(":", 1)[0]
                yield f'only {left.source} is a name here; did you mean {field}:"{left.name} {right.value}"?'
