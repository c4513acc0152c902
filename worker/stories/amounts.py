"""Amounts with a unit that a text states: "120 million euros", "nine months", "magnitude 6.1"."""

import re
from collections.abc import Iterator
from typing import NamedTuple

WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
NUMBER_WORDS = {word: number for number, word in enumerate(WORDS)} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}

SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
UNITS = {
    "dollar": "dollar", "euro": "euro", "pound": "pound", "yen": "yen", "rouble": "rouble", "ruble": "rouble",
    "rupee": "rupee", "yuan": "yuan", "percent": "percent", "%": "percent", "tonne": "tonne", "ton": "tonne",
    "kilometre": "kilometre", "kilometer": "kilometre", "km": "kilometre", "mile": "mile",
    "day": "day", "week": "week", "month": "month", "year": "year",
}  # fmt: skip
MONEY = frozenset({*CURRENCIES.values(), "rouble", "rupee", "yuan"})
# Two amounts are one, told by two, if the larger is not so many times the smaller: sums are estimated and converted.
FAR_MONEY, FAR = 2.0, 1.15

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = rf"(?:[ -]?({'|'.join(SCALES)})\b)?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_PAID = re.compile(rf"([$€£¥]) ?({_DIGITS}){_SCALE}", re.IGNORECASE)
_MEASURED = re.compile(
    rf"(?<![\w.,$€£¥-])({_DIGITS}|{'|'.join(NUMBER_WORDS)}){_SCALE}[ -]?({_UNIT})s?(?!\w)(?! ago| old|-old)",
    re.IGNORECASE,
)
_QUAKE = re.compile(rf"magnitude(?: of)?[ -]({_DIGITS})|({_DIGITS})[ -]magnitude", re.IGNORECASE)


class Amount(NamedTuple):
    """`start` and `end` as of a slice of the text."""

    unit: str
    value: float
    start: int
    end: int


def amounts_in(text: str) -> Iterator[Amount]:
    for found in _PAID.finditer(text):
        yield Amount(CURRENCIES[found[1]], _value(found[2], found[3]), *found.span())
    for found in _MEASURED.finditer(text):
        yield Amount(UNITS[found[3].lower()], _value(found[1], found[2]), *found.span())
    for found in _QUAKE.finditer(text):
        yield Amount("magnitude", _value(found[1] or found[2], None), *found.span())


def are_far_apart(unit: str, one: float, other: float) -> bool:
    """Whether these are two amounts, and not one as two tell it."""
    less, more = sorted((one, other))
    return more >= less * (FAR_MONEY if unit in MONEY else FAR) and more > less


def _value(written: str, scale: str | None) -> float:
    number = NUMBER_WORDS.get(written.lower())
    return (float(written.replace(",", "")) if number is None else number) * (SCALES[scale.lower()] if scale else 1.0)
