"""What is refused before a query reaches the parser, so that no input can make it slow."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from wirewatch.errors import QueryError

MAX_BYTES: Final = 16 * 1024
MAX_CLAUSES: Final = 500
MAX_SYMBOLS: Final = 2_000
# Fuzzy words and regular expressions: each takes a while to read.
MAX_COSTLY: Final = 20
MAX_DEPTH: Final = 30

_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TYPOGRAPHIC_QUOTES: Final = str.maketrans("“”„‟«»＂", '"""""""')
# The lexical grammar of luqum, only as finely as counting needs it.
_SYMBOL: Final = re.compile(
    r"""(?P<quoted>"(?:[^\\"]|\\.)*")|(?P<regex>/(?:[^\\/]|\\.)*/)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<word>(?:[^\s:^~(){}[\]/"+\-\\<>]|\\.)(?:[^\s:^\\~(){}[\]]|\\.)*)|(?P<stray>")|(?P<other>[^\s])""",
    re.DOTALL,
)
_OPERATORS: Final = frozenset(("AND", "OR", "NOT", "TO"))


def check(query: str) -> str:
    """The query as the parser may read it (same length, straight quotes), or QueryError.

    Bounds bytes, clauses, symbols, costly clauses and depth; one pass of one regular expression without backtracking.
    """
    _check_characters(query)
    query = query.translate(_TYPOGRAPHIC_QUOTES)
    if not query.strip():
        raise QueryError("the query is empty", 0, "write at least one word, for example Kinzhal")
    opened: list[int] = []
    clauses = 0
    symbols = list(_SYMBOL.finditer(query))
    for count, match in enumerate(symbols, start=1):
        kind, position = match.lastgroup, match.start()
        clauses += kind in ("quoted", "regex") or (kind == "word" and match[0] not in _OPERATORS)
        if count > MAX_SYMBOLS or clauses > MAX_CLAUSES:
            raise QueryError(f"more than {MAX_CLAUSES} clauses", position, "split the watch into several")
        if kind == "stray" or (kind == "word" and '"' in match[0].replace('\\"', "")):
            raise QueryError("a quotation mark has no partner", query.index('"', position), 'write "two words"')
        _track_depth(kind, position, opened)
    if opened:
        raise QueryError("a parenthesis is not closed", opened[-1], "add )")
    if len(costly := list(_costly(symbols))) > MAX_COSTLY:
        detail = f"more than {MAX_COSTLY} fuzzy words and regular expressions"
        raise QueryError(detail, costly[MAX_COSTLY], "split the watch into several")
    return query


def _costly(symbols: Sequence[re.Match[str]]) -> Iterator[int]:
    """The positions of fuzzy words and regular expressions."""
    for symbol, following in zip_longest(symbols, (after[0] for after in symbols[1:])):
        if symbol.lastgroup == "regex" or (symbol.lastgroup == "word" and following == "~"):
            yield symbol.start()


def _check_characters(query: str) -> None:
    if len(query) > MAX_BYTES or len(query.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise QueryError("the query is longer than 16 kB", MAX_BYTES, "split the watch into several")
    if hidden := _HIDDEN.search(query):
        raise QueryError(f"character U+{ord(hidden[0]):04X} cannot stand in a query", hidden.start(), "remove it")
    if mark := _BIDI.search(query):
        name = unicodedata.name(mark[0], "direction mark").lower()
        raise QueryError(f"a hidden {name} could make the query read differently", mark.start(), "remove it")


def _track_depth(kind: str | None, position: int, opened: list[int]) -> None:
    if kind == "open":
        opened.append(position)
        if len(opened) > MAX_DEPTH:
            raise QueryError(f"parentheses are nested more than {MAX_DEPTH} deep", position, "simplify the query")
    elif kind == "close":
        if not opened:
            raise QueryError("a parenthesis closes what was not opened", position, "remove ) or add (")
        opened.pop()
