"""Reading what is said about words: words, phrases, nearness, wildcards, fuzzy words, regular expressions."""

import string
from typing import Final

import re2
from luqum import tree

from wirewatch.query import syntax, values
from wirewatch.query.subject import SHORTEST_FUZZY, latin_tokens
from wirewatch.query.values import Place
from wirewatch.text import keys

MAX_REGEX_CHARS: Final = 500
MAX_REGEX_BYTES: Final = 1 << 20
_OPERATOR_WORDS: Final = frozenset(("and", "or", "not", "&&", "||"))
# A pattern that is content with one of these, mostly single characters, finds something in every article.
_EVERYWHERE: Final = ("", *string.ascii_lowercase, *string.digits, *" .,-", "the ")


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
    if len(tokens) != 1 or len(tokens[0].key) < SHORTEST_FUZZY or not tokens[0].key.isalpha():
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
    return re2.compile(pattern, regex_options())


def regex_options() -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors, options.case_sensitive = MAX_REGEX_BYTES, False, False
    return options


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
