"""The fields of the watch language: which there are, and the clause that each makes of a value."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Final, cast, get_args

from luqum import tree

from wirewatch.errors import QueryError
from wirewatch.models import ClaimStage, ClaimStatus, EntityType
from wirewatch.query import syntax, values
from wirewatch.query.terms import read_words
from wirewatch.query.values import Place
from wirewatch.text import keys

_FIGURES: Final = get_args(syntax.Figure)
_NAME_TYPES: Final[dict[str, EntityType | None]] = {
    "entity": None, "person": "person", "org": "org", "place": "place", "weapon": "weapon",
}  # fmt: skip
_ROLES: Final = get_args(syntax.ClaimRole)
_EMPTY_RANGE: Final = ("the range is empty, nothing can match", "put the smaller value first")
Reader = Callable[[tree.Item, Place], syntax.Leaf]


def read_field(name: str, position: int) -> str:
    """The canonical name of a field, or a refusal with the nearest one."""
    lowered = name.lower()
    if lowered in FIELDS or lowered == "claim":
        return lowered
    near = get_close_matches(lowered, [*FIELDS, "claim"], 1)
    hint = f"did you mean {near[0]!r}?" if near else "to search for a colon, put the words in quotes"
    raise QueryError(f"unknown field {name[:40]!r}", position, hint)


def read_role(name: str, position: int) -> str:
    return values.choice(name, _ROLES, "part of a claim", position)


def plain_value(item: tree.Item, place: Place) -> str:
    """The text of a word or phrase that must not hold wildcards or be empty."""
    if isinstance(item, tree.Phrase):
        value = values.unescape(item.value[1:-1])
    elif isinstance(item, tree.Word):
        if values.has_wildcard(item.value):
            raise place.error(f"{place.field}: takes no wildcard", "write the whole name, in quotes if it has spaces")
        value = values.unescape(item.value)
    else:
        raise place.error(f"{place.field}: takes a word or a phrase in quotes", f'write {place.field}:"two words"')
    if not keys(value):
        raise place.error(f"{place.field}: has no value", f"write {place.field}:name")
    return value


def _read_name(item: tree.Item, place: Place) -> syntax.NameClause:
    return syntax.NameClause(
        source=place.source, position=place.position, type=_NAME_TYPES[place.field], name=plain_value(item, place)
    )


def _read_topic(item: tree.Item, place: Place) -> syntax.TopicClause:
    return syntax.TopicClause(source=place.source, position=place.position, name=plain_value(item, place))


def _read_fact(item: tree.Item, place: Place) -> syntax.FieldClause:
    field = cast(syntax.FieldName, place.field)
    return syntax.FieldClause(source=place.source, position=place.position, field=field, value=plain_value(item, place))


def _bounds(item: tree.Item, place: Place) -> tuple[str | None, bool, str | None, bool]:
    """(low, low included, high, high included) of a range, a comparison or one value; None is open."""
    if isinstance(item, tree.Range):
        return _bound(item.low, place), item.include_low, _bound(item.high, place), item.include_high
    if isinstance(item, tree.From):
        return _bound(item.a, place), item.include, None, False
    if isinstance(item, tree.To):
        return None, False, _bound(item.a, place), item.include
    value = _bound(item, place)
    return value, True, value, True


def _bound(item: tree.Item, place: Place) -> str | None:
    if not isinstance(item, tree.Word | tree.Phrase):
        raise place.error(f"{place.field}: takes a value or a range", f"write {place.field}:[low TO high]")
    value = values.unescape(item.value.strip('"'))
    return None if value == "*" else value


def _read_published(item: tree.Item, place: Place) -> syntax.PublishedClause:
    low, low_included, high, high_included = _bounds(item, place)
    start = end = None
    if low is not None:
        start = values.interval(low, place.position)[0 if low_included else 1]
    if high is not None:
        end = values.interval(high, place.position)[1 if high_included else 0]
    if start and end and start >= end:
        raise place.error(*_EMPTY_RANGE)
    if (start, end) == (None, None):
        raise place.error("an open range says nothing", "write for example published:>2024-05-31")
    return syntax.PublishedClause(source=place.source, position=place.position, low=start, high=end)


def _read_figure(item: tree.Item, place: Place) -> syntax.StoryClause:
    low, low_included, high, high_included = _bounds(item, place)
    least = None if low is None else values.number(low, place.position) + (not low_included)
    most = None if high is None else values.number(high, place.position) - (not high_included)
    if least is not None and most is not None and least > most:
        raise place.error(*_EMPTY_RANGE)
    if (least, most) == (None, None):
        raise place.error("an open range says nothing", f"write for example {place.field}:>2")
    figure = cast(syntax.Figure, place.field.removeprefix("story."))
    return syntax.StoryClause(source=place.source, position=place.position, figure=figure, low=least, high=most)


def read_claim_part(item: tree.Item, place: Place) -> syntax.ClaimPart:
    value = plain_value(item, place)
    if place.field == "status":
        value = values.choice(value, get_args(ClaimStatus), "status", place.position)
    elif place.field == "stage":
        value = values.choice(value, get_args(ClaimStage), "stage", place.position)
    elif place.field == "kind":
        value = values.choice(value, ("arms_transfer",), "kind of claim", place.position)
    role = cast(syntax.ClaimRole, place.field)
    return syntax.ClaimPart(source=place.source, position=place.position, role=role, value=value)


FIELDS: Final[dict[str, Reader]] = {
    "title": read_words,
    "text": read_words,
    "source": _read_fact,
    "domain": _read_fact,
    "lang": _read_fact,
    **dict.fromkeys(_NAME_TYPES, _read_name),
    "topic": _read_topic,
    "published": _read_published,
    **{f"story.{figure}": _read_figure for figure in _FIGURES},
}
