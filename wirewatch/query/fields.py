"""The fields of the watch language: which there are, and the clause that each makes of a value."""

import string
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, cast, get_args

import re2
from luqum import tree

from wirewatch.errors import QueryError
from wirewatch.models import ClaimStage, ClaimStatus, EntityType
from wirewatch.query import syntax, values
from wirewatch.query.subject import latin_tokens
from wirewatch.text import keys

MAX_REGEX_CHARS: Final = 500
MAX_REGEX_BYTES: Final = 1 << 20
_FIGURES: Final = get_args(syntax.Figure)
_NAME_TYPES: Final[dict[str, EntityType | None]] = {
    "entity": None, "person": "person", "org": "org", "place": "place", "weapon": "weapon",
}  # fmt: skip
_ROLES: Final = get_args(syntax.ClaimRole)
_EMPTY_RANGE: Final = ("the range is empty, nothing can match", "put the smaller value first")
_OPERATOR_WORDS: Final = frozenset(("and", "or", "not", "&&", "||"))
# A pattern that is content with one of these, mostly single characters, finds something in every article.
_EVERYWHERE: Final = ("", *string.ascii_lowercase, *string.digits, *" .,-", "the ")


@dataclass(frozen=True, slots=True)
class Place:
    """A value in the query: the field it stands in ("" for none), what was written, and where."""

    field: str
    source: str
    position: int

    @property
    def where(self) -> syntax.Where:
        return cast(syntax.Where, self.field or "any")

    def error(self, detail: str, hint: str) -> QueryError:
        return QueryError(detail, self.position, hint)


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


def read_words(item: tree.Item, place: Place) -> syntax.Leaf:
    """A clause about the words of the title or text."""
    if isinstance(item, tree.Phrase):
        return _read_word(values.unescape(item.value[1:-1]), "phrase", place)
    if isinstance(item, tree.Proximity):
        return _read_near(item, place)
    if isinstance(item, tree.Fuzzy):
        return _read_fuzzy(item, place)
    if isinstance(item, tree.Regex):
        return _read_regex(item.value[1:-1], place)
    if not isinstance(item, tree.Word):
        raise place.error("a range needs a field with a date or a number", "write for example published:>2024-05-31")
    raw = item.value
    if raw.startswith("="):
        return _read_word(values.unescape(raw[1:]), "exact", place)
    if values.has_wildcard(raw):
        before, pattern = values.wildcard(raw, place.position)
        return syntax.WildcardClause(
            source=place.source, position=place.position, where=place.where, before=before, pattern=pattern
        )
    if raw in _OPERATOR_WORDS:
        operator = {"&&": "AND", "||": "OR"}.get(raw, raw.upper())
        raise place.error(f"{raw!r} is not an operator", f'write {operator}, or "{raw}" for the word')
    return _read_word(values.unescape(raw), "word", place)


def _read_word(value: str, spelling: syntax.Spelling, place: Place) -> syntax.WordClause:
    if not keys(value):
        raise place.error("here is no letter or digit to look for", 'write a word or a "phrase"')
    return syntax.WordClause(
        source=place.source, position=place.position, where=place.where, value=value, spelling=spelling
    )


def _read_near(item: tree.Proximity, place: Place) -> syntax.NearClause:
    value, distance = values.unescape(item.term.value[1:-1]), int(item.degree)
    if len(keys(value)) < 2:
        raise place.error("nearness needs at least two words", 'write for example "missile deal"~5')
    if distance > values.MAX_DISTANCE:
        raise place.error(f"the distance is larger than {values.MAX_DISTANCE} words", "use AND for words far apart")
    return syntax.NearClause(
        source=place.source, position=place.position, where=place.where, value=value, distance=distance
    )


def _read_fuzzy(item: tree.Fuzzy, place: Place) -> syntax.FuzzyClause:
    tokens = latin_tokens(values.unescape(item.term.value))
    if len(tokens) != 1 or len(tokens[0].key) < 4 or not tokens[0].key.isalpha():
        raise place.error("fuzzy search needs one word of at least four letters", "write for example Kinzhal~1")
    key = tokens[0].key
    longest = 2 if len(key) >= 7 else 1
    # luqum counts "word~" as 0.5; Lucene took that for "as far as the length of the word allows".
    distance = longest if item._implicit_degree else item.degree
    if distance not in (1, 2) or distance > longest:
        raise place.error(f"{key!r} allows a distance of {'1 or 2' if longest == 2 else 'only 1'}", f"write {key}~1")
    return syntax.FuzzyClause(
        source=place.source, position=place.position, where=place.where, key=key, distance=int(distance)
    )


def compile_regex(pattern: str) -> "re2._Regexp":
    """RE2 only: linear time, no look-around or back-references; letters in either case unless (?-i)."""
    options = re2.Options()
    options.max_mem, options.log_errors, options.case_sensitive = MAX_REGEX_BYTES, False, False
    return re2.compile(pattern, options)


def _read_regex(raw: str, place: Place) -> syntax.RegexClause:
    pattern = raw.replace("\\/", "/")
    if not pattern or len(pattern) > MAX_REGEX_CHARS:
        raise place.error("a regular expression has 1 to 500 characters", "write for example /su-?(30|35)/")
    try:
        expression = compile_regex(pattern)
        everywhere = any(expression.search(probe) for probe in _EVERYWHERE)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise place.error(
            f"the regular expression is refused: {reason[:100]}", "RE2 syntax: no look-around, no back-references"
        ) from None
    if everywhere:
        raise place.error(
            "the regular expression finds something in every article", "name some letters that must occur"
        )
    return syntax.RegexClause(source=place.source, position=place.position, where=place.where, pattern=pattern)


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
