"""What tells an event from one told in the same words: its parties, goods, numbers, places, dates and people."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from wirewatch.models import Analysis, Article, Claim, Mention
from wirewatch.text import Token, fold_name, keys, tokenize
from worker.stories.amounts import NUMBER_WORDS, amounts_in

Kind = Literal[
    "weapon", "item", "place", "country", "person", "ordinal", "count", "amount", "date", "period", "deal", "said",
    "who", "where",
]  # fmt: skip

# The first sentence; of one that never ends, so much.
LEAD_CHARS = 400
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s|\n")
PLACE_LABELS = frozenset({"GPE", "LOC", "FAC", "NORP"})

ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split()
ORDINAL_NUMBERS = {word: number for number, word in enumerate(ORDINALS, 1)}
ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})
# How far the noun of "54th military aid package" may stand from its number.
NOUN_REACH = 4
# Numbered in passing: "the third time", "in the first half".
UNNUMBERED = frozenset(
    "time times year years month week day days half quarter place straight consecutive person".split()
)
# What is numbered behind its name: "Resolution 2231".
NUMBERED = frozenset(
    "resolution flight package article phase stage round regiment chapter game apartment route".split()
)
MONTHS = {
    key: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct"
        "|november nov|december dec".split("|"),
        1,
    )
    for key in names.split()
}
WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
# Before the name of a month or a year these say when; "may" and "march" alone are other words.
WHEN = frozenset("in by for of until till since from last next this early mid late".split())
DESIGNATION_LETTERS = 3
# A number that its teller does not vouch for tells no event from another.
HEDGES = frozenset("about around some nearly almost over than least most up approximately estimated circa".split())


class Argument(NamedTuple):
    """`about` names what is numbered or counted ("package"), or the unit ("month"); of other kinds it is empty."""

    kind: Kind
    value: str
    about: str = ""

    def written(self) -> str:
        return "\t".join(self)

    @staticmethod
    @lru_cache(maxsize=16_384)
    def read(written: str) -> "Argument":
        """Raises msgspec.ValidationError for what `written` did not write."""
        return msgspec.convert(written.split("\t"), Argument)


def arguments_of(article: Article, analysis: Analysis, countries: Mapping[str, str]) -> frozenset[Argument]:
    """What the title and the first sentence say; `countries`: the country of an entity, of a state its own id.

    `said` are the words in which the others were said, so that what remains can be compared; `who` and `where` are the
    people and places of the whole article.
    """
    found: set[Argument] = {Argument("who", name) for name in _people(analysis.mentions)}
    found.update(
        Argument("where", mention.entity_id or fold_name(mention.name)) for mention in _places(analysis.mentions)
    )
    for field, text in (("title", article.title), ("text", article.text[: _lead_end(article.text)])):
        tokens = tokenize(text)
        mentions = [one for one in analysis.mentions if one.field == field and one.end <= len(text)]
        claims = [one for one in analysis.claims if one.field == field and one.start < len(text)]
        found.update(_named(mentions, tokens, countries))
        found.update(_dealt(claims))
        found.update(_numbered(tokens, _inside(tokens, mentions)))
        found.update(_counted(tokens, mentions))
        found.update(_designated(text, tokens, _inside(tokens, mentions)))
        found.update(_dated(tokens))
        found.update(_measured(text, tokens))
    found.update(_timed(tokenize(article.title)))
    return frozenset(found)


def _lead_end(text: str) -> int:
    ended = SENTENCE_END.search(text, 0, LEAD_CHARS)
    return ended.start() if ended else min(len(text), LEAD_CHARS)


def _named(mentions: Sequence[Mention], tokens: Sequence[Token], countries: Mapping[str, str]) -> Iterator[Argument]:
    for mention in mentions:
        words = [token.key for token in _tokens_of(mention, tokens)]
        value = mention.entity_id or " ".join(words)
        if mention.label == "WEAPON" or mention.type == "weapon":
            yield Argument("weapon", value)
        elif mention.label == "PERSON":
            yield from (Argument("person", name) for name in _people([mention]))
        elif mention.label in PLACE_LABELS:
            country = countries.get(mention.entity_id or "")
            if country:
                yield Argument("country", country)
            if mention.label != "NORP" and (country is None or country != mention.entity_id):
                yield Argument("place", value)
        else:
            continue
        yield from (Argument("said", word) for word in words)


def _people(mentions: Iterable[Mention]) -> Iterator[str]:
    """The last names: "Kim Jong Un" and "Sergei Shoigu" are also written "Kim" and "Shoigu"."""
    names = (mention.name.split() for mention in mentions if mention.label == "PERSON")
    return (fold_name(name[-1]) for name in names if name)


def _places(mentions: Iterable[Mention]) -> Iterator[Mention]:
    return (mention for mention in mentions if mention.label in PLACE_LABELS)


def _dealt(claims: Iterable[Claim]) -> Iterator[Argument]:
    for claim in claims:
        yield Argument("deal", f"{claim.supplier_id or ''}>{claim.recipient_id or ''}")
        for item in claim.items:
            yield Argument("item", item)
            yield from (Argument("said", key) for key in keys(item))


def _numbered(tokens: Sequence[Token], inside: frozenset[int]) -> Iterator[Argument]:
    """ "54th aid package", "third regiment", "Resolution 2231"."""
    for at, token in enumerate(tokens):
        number, after = ORDINAL_NUMBERS.get(token.key), at + 1
        if token.key.isdigit() and after < len(tokens) and tokens[after].key in ORDINAL_ENDINGS:
            number, after = int(token.key), after + 1
        nouns = [t.key for t in tokens[after : after + NOUN_REACH]]
        if number is not None and not UNNUMBERED.intersection(nouns[:2]):
            yield Argument("said", token.key)
            yield from (Argument("ordinal", str(number), noun) for noun in nouns if noun.isalpha() and len(noun) > 2)
        if token.key.isdigit() and at and tokens[at - 1].key in NUMBERED and at not in inside:
            yield Argument("ordinal", token.key, tokens[at - 1].key)
            yield Argument("said", token.key)


def _counted(tokens: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[Argument]:
    """ "48 FA-50 jets": a number right before a weapon, without a hedge."""
    for mention in mentions:
        first = bisect_left(tokens, mention.start, key=lambda token: token.start)
        if mention.type != "weapon" or first == 0:
            continue
        word = tokens[first - 1].key
        number = int(word) if word.isdigit() else NUMBER_WORDS.get(word)
        if number is not None and not _is_hedged(tokens, first - 1):
            yield Argument("count", str(number), mention.entity_id or mention.name)
            yield Argument("said", word)


def _designated(text: str, tokens: Sequence[Token], inside: frozenset[int]) -> Iterator[Argument]:
    """Weapons that the catalogue does not know: "CH-92"."""
    for at in range(len(tokens) - 1):
        first, second = tokens[at], tokens[at + 1]
        if at in inside or not (second.joined and second.key.isdigit() and first.key.isalpha()):
            continue
        if (
            len(first.key) <= DESIGNATION_LETTERS
            and text[first.start : first.end].isupper()
            and "-" in text[first.end : second.start]
        ):
            yield Argument("weapon", f"{first.key}-{second.key}")
            yield from (Argument("said", token.key) for token in (first, second))


def _dated(tokens: Sequence[Token]) -> Iterator[Argument]:
    for at, token in enumerate(tokens):
        month = MONTHS.get(token.key)
        for near in (at - 1, at + 1):
            if month and 0 <= near < len(tokens) and tokens[near].key.isdigit() and 1 <= int(tokens[near].key) <= 31:
                yield Argument("date", f"{month}-{int(tokens[near].key)}")
                yield from (Argument("said", word) for word in (token.key, tokens[near].key))
                break


def _measured(text: str, tokens: Sequence[Token]) -> Iterator[Argument]:
    for amount in amounts_in(text):
        first, last = (bisect_left(tokens, at, key=lambda token: token.start) for at in (amount.start, amount.end))
        if not _is_hedged(tokens, first):
            yield Argument("amount", f"{amount.value:g}", amount.unit)
            yield from (Argument("said", token.key) for token in tokens[first:last])


def _is_hedged(tokens: Sequence[Token], number: int) -> bool:
    """Whether one of the two words before says that it is no exact number: "up to", "more than", "about"."""
    return not HEDGES.isdisjoint(token.key for token in tokens[max(number - 2, 0) : number])


def _timed(tokens: Sequence[Token]) -> Iterator[Argument]:
    """The month, year or weekday of a headline; in a text such a word says as often when somebody spoke."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        unit = _unit_of_time(token.key, before.key if before else "")
        if unit:
            yield Argument("period", str(MONTHS.get(token.key, token.key)), unit)
            yield Argument("said", token.key)


def _unit_of_time(word: str, before: str) -> str | None:
    if word in WEEKDAYS:
        return "weekday"
    is_dated = before in WHEN or before.isdigit()
    if word in MONTHS and is_dated:
        return "month"
    return "year" if is_dated and len(word) == 4 and word.isdigit() and word[:2] in ("19", "20") else None


def _tokens_of(mention: Mention, tokens: Sequence[Token]) -> Sequence[Token]:
    first = bisect_left(tokens, mention.start, key=lambda token: token.start)
    return tokens[first : bisect_left(tokens, mention.end, lo=first, key=lambda token: token.start)]


def _inside(tokens: Sequence[Token], mentions: Iterable[Mention]) -> frozenset[int]:
    """The indexes of tokens that belong to a name: the 2 of "Leopard 2" numbers nothing."""
    found: set[int] = set()
    for mention in mentions:
        first = bisect_left(tokens, mention.start, key=lambda token: token.start)
        found.update(range(first, first + len(_tokens_of(mention, tokens))))
    return frozenset(found)
