"""What each character is to the tokenizer, and the tables of look-alikes. Data and pure look-ups only."""

import unicodedata
from typing import Final, Literal

CharClass = Literal["a", "s", "0", "u", "m", "i", "-", "'", ".", ",", " ", "!"]
"""letter, the letter s (possessives), digit, letter that is a token by itself, mark, ignorable, dash, apostrophe, dot,
comma, white space, other."""

DASHES: Final = frozenset("-‐‑‒–—―−﹘﹣－⁃")
APOSTROPHES: Final = frozenset("'’‘‛ʼʻʹʽʾʿ′`´＇")
IGNORABLE: Final = frozenset(
    "\u00ad\u0640\u034f\u061c\u180b\u180c\u180d\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
) | {chr(code) for code in range(0xFE00, 0xFE10)}

# Scripts written without spaces between words, and Hangul, whose particles are glued to the noun: there each
# character (with its marks) is a token, so that a name is found inside a run.
_UNIGRAM_RANGES: Final = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1100, 0x115F), (0x3005, 0x3007), (0x3040, 0x30FF),
    (0x3130, 0x318F), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D), (0x20000, 0x323AF),
)  # fmt: skip
# Vowel and final consonant of a decomposed Hangul syllable, and the voicing marks of half-width Katakana.
_MARK_RANGES: Final = ((0x1160, 0x11FF), (0xA960, 0xA97F), (0xD7B0, 0xD7FF), (0xFF9E, 0xFF9F))

# Marks that are accents or optional vowels; vowel signs of Indic scripts are letters in all but name and stay.
_ACCENT_RANGES: Final = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),
)  # fmt: skip

# Letters that no normal form takes apart but readers treat as accented or spelled-out forms of another.
PLAIN_FORMS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ħ": "h", "ŧ": "t",
     "ك": "ک", "ي": "ی", "ى": "ی"}
)  # fmt: skip

_CYRILLIC_TO_LATIN: Final = dict(
    zip("АВЕКМНОРСТУХІЈЅҮԚԜӀавекмнорстухіјѕүԛԝӏһԁ", "ABEKMHOPCTYXIJSYQWIabekmhopctyxijsyqwlhd", strict=True)
)
_GREEK_TO_LATIN: Final = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχμ", "ABEZHIKMNOPTYXabeikvoptuxu", strict=True))
LOOK_ALIKES: Final[dict[tuple[str, str], dict[int, str]]] = {
    ("CYRILLIC", "LATIN"): str.maketrans(_CYRILLIC_TO_LATIN),
    ("GREEK", "LATIN"): str.maketrans(_GREEK_TO_LATIN),
    ("LATIN", "CYRILLIC"): str.maketrans({latin: letter for letter, latin in reversed(_CYRILLIC_TO_LATIN.items())}),
    ("LATIN", "GREEK"): str.maketrans({latin: letter for letter, latin in reversed(_GREEK_TO_LATIN.items())}),
}
"""(from script, to script) -> translation table; case is kept because capitals and small letters look different."""


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def char_class(char: str) -> CharClass:
    """What the tokenizer takes this one character for."""
    if char in IGNORABLE:
        return "i"
    if char in DASHES:
        return "-"
    if char in APOSTROPHES:
        return "'"
    if char.isspace():
        return " "
    if char == ".":
        return "."
    if char == ",":
        return ","
    if char in "sS":
        return "s"
    return _word_class(char)


def _word_class(char: str) -> CharClass:
    code, category = ord(char), unicodedata.category(char)
    if category == "Nd":
        return "0"
    if category[0] == "M" or _within(code, _MARK_RANGES) or (category == "Lm" and is_accent(char)):
        return "m"
    if category[0] == "L" or category == "Nl":
        if _within(code, _UNIGRAM_RANGES):
            return "u"
        # "㎏" folds to letters, the ligature "ﷺ" to words with spaces: only the former can stand in a word.
        return "a" if unicodedata.normalize("NFKC", char).replace("ʹ", "").isalpha() else "!"
    return "!"


class ClassTable(dict[int, str]):
    """A `str.translate` table that learns the class of each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, char_class(chr(code)))


class PunctuationTable(dict[int, str]):
    """A `str.translate` table that writes dashes, apostrophes, spaces and signs in ASCII and leaves letters alone."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = char_class(char)
        return self.setdefault(code, kind if code > 127 and kind in ("-", "'", " ", "!") else char)


def is_accent(char: str) -> bool:
    return _within(ord(char), _ACCENT_RANGES)


def script_of(char: str) -> str | None:
    """LATIN, CYRILLIC or GREEK for a letter of these scripts, otherwise None."""
    if char.isascii():
        return "LATIN" if char.isalpha() else None
    code = ord(char)
    if 0x0400 <= code <= 0x052F or 0x1C80 <= code <= 0x1C8F or 0xA640 <= code <= 0xA69F:
        return "CYRILLIC"
    if 0x0370 <= code <= 0x03FF or 0x1F00 <= code <= 0x1FFF:
        return "GREEK"
    if 0x00C0 <= code <= 0x024F or 0x1E00 <= code <= 0x1EFF:
        return "LATIN"
    return None
