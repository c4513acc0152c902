"""Numbers and ranks that articles state, so that different ones of one thing show."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wirewatch.models import Stated, Statement

KEPT_VALUES = 200
SHOWN_ARTICLES = 5
SHOWN_QUOTES = 3


def add_statements(known: Sequence[Stated], told: Iterable[tuple[str, Iterable[Statement]]]) -> tuple[Stated, ...]:
    """`told`: the statements of each article that joins."""
    by_value = {(one.kind, one.about, one.value): one for one in known}
    for article_id, statements in told:
        for statement in statements:
            key = (statement.kind, statement.about, statement.value)
            if key in by_value or len(by_value) < KEPT_VALUES:
                before = by_value.get(key, Stated(*key, (), ()))
                by_value[key] = _with(before, article_id, statement)
    return tuple(by_value.values())


def are_compatible(a: Stated, b: Stated) -> bool:
    """Whether both may be true: the same number; ranks of which one is the short form of the other, or different
    people.
    """
    if a.kind == "number":
        return a.value == b.value
    same_rank = set(a.value.split()) & set(b.value.split())
    other_people = a.given and b.given and not set(a.given) & set(b.given)
    return bool(same_rank or other_people)


def _with(before: Stated, article_id: str, statement: Statement) -> Stated:
    return replace(
        before,
        article_ids=tuple(dict.fromkeys((*before.article_ids, article_id)))[:SHOWN_ARTICLES],
        quotes=tuple(dict.fromkeys((*before.quotes, statement.quote)))[:SHOWN_QUOTES],
        given=tuple(dict.fromkeys((*before.given, *([statement.given] if statement.given else [])))),
    )
