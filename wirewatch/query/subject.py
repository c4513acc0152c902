"""One article as queries look at it: prepared once, asked by many watches."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, KeysView
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from wirewatch.models import Analysis, Article, Field, Mention, StoryFacts
from wirewatch.query.syntax import Where
from wirewatch.text import Token, fold_name, keys, tokenize, transliterate

PREFIX_LENGTH = 4
# Marks of the terms that a subject knows by itself, see `conditions`.
KINDS = "qjentcfdl"
TEXT_KINDS = "qj"
SHORTEST_FUZZY = 4
_MIN_TRANSLITERATED = 3
_MIN_COMPOUND = 6


@dataclass(frozen=True)
class Words:
    """The tokens of one field and where each key stands. `compounds`: "air-strike" also under "airstrike"."""

    text: str
    tokens: list[Token]
    places: dict[str, list[int]]
    compounds: dict[str, list[int]]

    @cached_property
    def _sorted_keys(self) -> list[str]:
        return sorted(self.places)

    @cached_property
    def _keys_by_length(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for key in self.places:
            found.setdefault(len(key), []).append(key)
        return found

    @cached_property
    def _listed_keys(self) -> str:
        return "\n".join(["", *self.places])

    def has_prefix(self, prefix: str) -> bool:
        """Whether a key begins so; asked far more often than which."""
        return f"\n{prefix}" in self._listed_keys

    def possibly_near(self, word: str, distance: int) -> Iterable[str]:
        """Keys that may be so near, by their length."""
        lengths = range(len(word) - distance, len(word) + distance + 1)
        return chain.from_iterable(self._keys_by_length.get(length, ()) for length in lengths)

    def keys_with_prefix(self, prefix: str) -> Iterator[str]:
        ordered = self._sorted_keys
        for i in range(bisect_left(ordered, prefix), len(ordered)):
            if not ordered[i].startswith(prefix):
                return
            yield ordered[i]


Keys = set[str] | KeysView[str]


class Present(NamedTuple):
    """The keys and compounds that stand in a field, or in any."""

    keys: Keys
    compounds: Keys


@dataclass(frozen=True)
class Subject:
    """What a query is decided on: ONE article with its analysis, and its story's facts where it has a story."""

    article: Article
    analysis: Analysis
    story: StoryFacts | None = None
    title: Words = field(init=False)
    text: Words = field(init=False)
    fields: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", _words(self.article.title))
        object.__setattr__(self, "text", _words(self.article.text))
        # A text that begins with its title would otherwise be found twice.
        title = self.article.title.strip()
        repeated = not title or self.article.text.lstrip().startswith(title)
        object.__setattr__(self, "fields", ("text",) if repeated else ("title", "text"))

    def within(self, where: Where) -> tuple[Field, ...]:
        return self.fields if where == "any" else (where,)

    def words(self, name: Field) -> Words:
        return self.title if name == "title" else self.text

    @cached_property
    def present(self) -> dict[Where, Present]:
        title, text = (Present(words.places.keys(), words.compounds.keys()) for words in (self.title, self.text))
        both = Present(title.keys | text.keys, title.compounds | text.compounds)
        return {"title": title, "text": text, "any": both if len(self.fields) == 2 else text}

    @cached_property
    def mentions_by_entity(self) -> dict[str, list[Mention]]:
        found: dict[str, list[Mention]] = {}
        for mention in self.analysis.mentions:
            if mention.entity_id:
                found.setdefault(mention.entity_id, []).append(mention)
        return found

    @cached_property
    def mentions_by_name(self) -> dict[str, list[Mention]]:
        """Keyed by the folded canonical name, of known and unknown entities."""
        found: dict[str, list[Mention]] = {}
        for mention in self.analysis.mentions:
            found.setdefault(_folded(mention.name), []).append(mention)
        return found

    def terms(self, kinds: str = KINDS) -> set[str]:
        """Every term of these kinds, see `conditions`; the keys of words always."""
        marked = {f"{kind}:{value}" for kind in kinds for value in self.terms_of(kind)}
        return marked.union(self.terms_of(""))

    def terms_of(self, kind: str) -> Iterable[str]:
        """The terms of one kind without its mark, see `conditions`; some may come twice."""
        match kind:
            case "":
                return chain(self.title.places, self.text.places)
            case "q":
                return set(map(_beginning, chain(self.title.places, self.text.places)))
            case "j":
                return chain(self.title.compounds, self.text.compounds)
            case "e":
                return self.mentions_by_entity
            case "n":
                return self.mentions_by_name
            case "t":
                return [topic.id for topic in self.analysis.topics]
            case "c":
                return ("",) if self.analysis.claims else ()
            case "l":
                return beginnings_of_language(self.lang)
            case _:
                written = publisher_terms(self.article.source_name, self.article.source_domain)
                return [value for own, value in map(kind_and_value, written) if own == kind]

    @property
    def lang(self) -> str:
        """What the article is said to be written in, else what it was read as; empty where nobody knows."""
        return (self.article.lang or self.analysis.lang or "").lower()

    @cached_property
    def is_whole(self) -> bool:
        """Whether every term of its title is one of the article; not where a text begins with half of its words."""
        if "title" in self.fields:
            return True
        title, text = self.title, self.text
        return title.places.keys() <= text.places.keys() and title.compounds.keys() <= text.compounds.keys()


def kind_and_value(term: str) -> tuple[str, str]:
    """A term's mark, empty for the key of a word, and what it says."""
    return (term[0], term[2:]) if term[1:2] == ":" else ("", term)


def text_terms(title: str, text: str) -> set[str]:
    """The terms that follow from title and text alone."""
    return Subject(Article("", 0, title, text), Analysis(None)).terms(TEXT_KINDS)


_beginning = itemgetter(slice(PREFIX_LENGTH))
_folded = lru_cache(maxsize=16_384)(fold_name)


def beginnings_of_language(lang: str) -> list[str]:
    """A language with each it is a kind of: "en-us" and "en"."""
    parts = lang.split("-")
    return ["-".join(parts[:length]) for length in range(1, len(parts) + 1)] if lang else []


def publisher_terms(name: str | None, domain: str | None) -> set[str]:
    """The terms of the words of a source's name and domain, and of the domain with each it belongs to."""
    domain = (domain or "").lower()
    labels = domain.split(".")
    names = {"f:" + key for key in (*keys(name or ""), *keys(domain))}
    return names | {"d:" + ".".join(labels[i:]) for i in range(len(labels))}


def latin_tokens(text: str) -> list[Token]:
    """Tokens whose Cyrillic words are keyed in Latin letters, so that a word is found whichever script was used.

    Words of one or two letters keep their script: "с" (from) is no S.
    """
    tokens = tokenize(text)
    if text.isascii():
        return tokens
    return [token if token.key.isascii() else token._replace(key=_latin_key(token.key)) for token in tokens]


def _latin_key(key: str) -> str:
    if len(key) < _MIN_TRANSLITERATED or not all("\u0400" <= char <= "\u052f" for char in key):
        return key
    return transliterate(key) or key


def _words(text: str) -> Words:
    tokens = latin_tokens(text)
    places: dict[str, list[int]] = {}
    compounds: dict[str, list[int]] = {}
    for i, token in enumerate(tokens):
        places.setdefault(token.key, []).append(i)
        if token.joined and i and _is_compound(tokens[i - 1].key, token.key):
            compounds.setdefault(tokens[i - 1].key + token.key, []).append(i - 1)
    return Words(text, tokens, places, compounds)


def _is_compound(left: str, right: str) -> bool:
    return len(left) + len(right) >= _MIN_COMPOUND and left.isalpha() and right.isalpha()
