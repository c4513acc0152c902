"""Cutting text into tokens that remember where they were written."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from wirewatch.text.fold import MAX_KEY_LENGTH, fold_word, is_cyrillic, transliterate
from wirewatch.text.scripts import ClassTable, PunctuationTable

_CLASSES = ClassTable()
_PUNCTUATION = PunctuationTable()
# Control characters that stand in for the classes while a text is made ASCII.
_STAND_INS = "\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12"
_STAND_IN_OF = dict(zip("as0umi-'., !", _STAND_INS, strict=True))
_CLASSES_WITH_STAND_INS = ClassTable({ord(stand_in): kind for kind, stand_in in _STAND_IN_OF.items()})
_FEW_FOREIGN = 60
_PLAIN_NAME = re.compile("[A-Za-z]+(?: [A-Za-z]+)*")
_DESIGNATION_LETTERS = 4
# French and Italian articles that lean on the next word ("l'Iran", "dell'Iran"); the word after them is a token.
_ELISIONS = frozenset(
    ("l", "d", "j", "m", "n", "s", "c", "t", "qu", "jusqu", "lorsqu", "dell", "all", "nell", "sull", "dall", "un")
)
# Cyrillic letters that no designation is written with, and that are there for their looks.
_LOOKS_LATIN = str.maketrans({"ѕ": "s", "ј": "j", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "l"})
# A word is divided so, or two are joined so, where a line ends.
_LINE_ENDS = ("-\n", "-\r\n")
_PLAIN, _ACRONYM, _WORD, _NUMBER = 1, 2, 3, 4
# All that can be part of one token, or says how it is read.
_RUN = re.compile("[a-z0-9'.,]+")


def _pattern(letter: str, digit: str, letters: str, digits: str, alone: str = "(?!)") -> re.Pattern[str]:
    """One grammar for two alphabets: real ASCII characters, and the classes that stand for any character.

    In order: a plain word or number (nearly all there is, hence first), the possessive after a number or acronym (no
    group: dropped), an acronym with dots, a word with inner apostrophes, a number with thousands separators or dots,
    a character that is a token by itself. No branch runs twice over the same characters: matching stays linear.
    """
    end = f"(?!{letter}|{digit})"
    return re.compile(
        rf"((?>{letters})(?!['.]{letter})|(?>{digits})(?![.,]{digit}))"
        rf"|(?<=(?:{digit}|\.))'s{end}"
        rf"|({letter}(?:\.{letter})+{end}\.?)"
        rf"|({letters}(?:'{letters})*)"
        rf"|({digit}{{1,3}}(?:,{digit}{{3}})+{end}(?:\.{digits})?|{digits}(?:\.{digits})*)"
        rf"|({alone})"
    )


_ASCII = _pattern("[a-z]", "[0-9]", "[a-z]+", "[0-9]+")
_ANY = _pattern("[as]", "0", "[as](?:[asmi]*[asm])?", "0(?:[0mi]*0)?", "u(?:[mi]*m)?")


class Token(NamedTuple):
    """A run of letters or of digits.

    `key` is the folded form; `text[start:end]` is what was written (code points, without a possessive); `joined` says
    that it follows the previous token directly or after exactly one hyphen or dash, which may end a line. A tuple
    rather than a dataclass because it is made three times as fast.
    """

    key: str
    start: int
    end: int
    joined: bool


def tokenize(text: str) -> list[Token]:
    """Cut text into tokens, in order; time is linear in the length of the text whatever it holds.

    Tokens are runs of letters and runs of digits ("Tu-160M2" -> tu 160 m 2). A number keeps its decimals
    ("400.5") and drops thousands separators; an acronym with dots is one token ("U.S." -> us); inner apostrophes
    vanish ("Sana'a" -> sanaa) save after an elided article ("l'Iran" -> l iran); a possessive is no part of a token.
    Han, Kana, Hangul, Thai, Lao, Khmer and Burmese characters are one token each. Up to four Cyrillic letters joined to
    digits are a designation and are transliterated ("Ту-160" -> tu 160, "30МКИ" -> 30 mki); other Cyrillic words stay.
    """
    text, foreign = _with_plain_signs(text)
    return _tokenize_any(text, foreign) if foreign else _tokenize_ascii(text)


def keys(text: str) -> tuple[str, ...]:
    """The keys of the text's tokens, for who needs no places: found in less than half the time."""
    text, foreign = _with_plain_signs(text)
    if not foreign:
        return tuple(_ascii_keys(text))
    found: list[str] = []
    # No token, and nothing that says how one is read, reaches over a space.
    for is_ascii, words in groupby(text.split(" "), str.isascii):
        part = " ".join(words)
        found += _ascii_keys(part) if is_ascii else [token.key for token in _tokenize_any(part, foreign)]
    return tuple(found)


def is_plain(name: str) -> bool:
    """Is it ASCII words with single spaces, as most names are? Their keys are what stands there, in small letters."""
    return len(name) <= MAX_KEY_LENGTH and _PLAIN_NAME.fullmatch(name) is not None


def fold_name(name: str) -> str:
    """One normal form for comparing names; folding it again changes nothing."""
    folded = " ".join(keys(name))
    # A few compatibility characters fold into several tokens ("ゟ"), which a second pass takes apart.
    return " ".join(keys(folded)) if not folded.isascii() else folded


def _with_plain_signs(text: str) -> tuple[str, list[str]]:
    """The same with signs, dashes and spaces in ASCII, each in its place, and the characters that are foreign still:
    most news has none.
    """
    if text.isascii():
        return text, []
    left = []
    # Each once: far fewer than there are places to look at.
    for char in [char for char in set(text) if char > "\x7f"]:
        plain = _PUNCTUATION[ord(char)]
        if plain == char:
            left.append(char)
        else:
            text = text.replace(char, plain)
    return text, left


def _ascii_keys(text: str) -> list[str]:
    found: list[str] = []
    for run in _RUN.findall(text.lower().replace("`", "'")):
        word = run.rstrip("'.,")
        if word.isalpha() or word.isdigit():
            found.append(word[:MAX_KEY_LENGTH])
        elif word:
            found += [token.key for token in _tokenize_ascii(run)]
    return found


def _tokenize_ascii(text: str) -> list[Token]:
    tokens: list[Token] = []
    append, new = tokens.append, tuple.__new__
    previous = -2
    lowered = text.lower().replace("`", "'")
    for match in _ASCII.finditer(lowered):
        start, end = match.span()
        gap = start - previous
        joined = gap == 0 or (lowered[previous] == "-" if gap == 1 else lowered[previous:start] in _LINE_ENDS)
        kind = match.lastindex
        if kind == _PLAIN:
            append(new(Token, (match[0][:MAX_KEY_LENGTH], start, end, joined)))
        elif kind is None:
            continue
        elif kind == _WORD:
            tokens.extend(_split_apostrophes(lowered, lowered, (start, end), joined))
        else:
            append(Token(_bare(match[0], kind), start, end, joined))
        previous = end
    return tokens


def _shadow(text: str, foreign: Sequence[str]) -> str:
    """The class of each character of the text.

    `str.translate` is slow on text that is not ASCII and fast on text that is. So the few foreign characters are
    replaced one after the other by stand-ins, and the rest is translated at once.
    """
    if len(foreign) > _FEW_FOREIGN or any(char in text for char in _STAND_INS):
        return text.translate(_CLASSES)
    for char in foreign:
        text = text.replace(char, _STAND_IN_OF[_CLASSES[ord(char)]])
    return text.translate(_CLASSES_WITH_STAND_INS)


def _tokenize_any(text: str, foreign: Sequence[str]) -> list[Token]:
    tokens: list[Token] = []
    new = tuple.__new__
    previous = -2
    shadow = _shadow(text, foreign)
    for match in _ANY.finditer(shadow):
        kind = match.lastindex
        if kind is None:
            continue
        start, end = match.span()
        joined = start == previous or (
            previous >= 0
            and shadow[previous] in "i-"
            and (_is_joined(shadow, previous, start) or _is_broken(text, shadow, previous, start))
        )
        if kind == _WORD:
            tokens.extend(_split_apostrophes(text, shadow, (start, end), joined))
        else:
            token = new(Token, (_bare(fold_word(text[start:end]), kind), start, end, joined))
            tokens.append(_designated(tokens, token) if joined else token)
        previous = end
    return tokens


def _is_joined(shadow: str, previous: int, start: int) -> bool:
    return shadow[previous:start].replace("i", "") in ("", "-")


def _is_broken(text: str, shadow: str, previous: int, start: int) -> bool:
    """Is nothing between but a hyphen, maybe a soft one, at the end of a line?"""
    line_end = text.find("\n", previous, start)
    if line_end != start - 1:
        return False
    hyphen = text[previous:line_end].removesuffix("\r")
    return hyphen == "\u00ad" or (len(hyphen) == 1 and shadow[previous] == "-")


def _bare(word: str, kind: int) -> str:
    """An acronym without its dots, a number without its thousands separators."""
    if kind == _ACRONYM:
        return word.replace(".", "")
    return word.replace(",", "")[:MAX_KEY_LENGTH] if kind == _NUMBER else word[:MAX_KEY_LENGTH]


def _split_apostrophes(text: str, shadow: str, span: tuple[int, int], joined: bool) -> list[Token]:
    start, end = span
    if start < end - 2 and shadow.startswith("'s", end - 2):
        end -= 2
    apostrophe = shadow.find("'", start, end)
    if apostrophe >= 0 and (article := fold_word(text[start:apostrophe])) in _ELISIONS:
        rest = Token(fold_word(text[apostrophe + 1 : end]), apostrophe + 1, end, False)
        return [Token(article, start, apostrophe, joined), rest]
    return [Token(fold_word(text[start:end]), start, end, joined)]


def _designated(tokens: list[Token], token: Token) -> Token:
    """Read a few Cyrillic letters beside digits as a designation: transliterated, not compared by looks."""
    if not (token.joined and tokens):
        return token
    previous = tokens[-1]
    if token.key[0].isdigit():
        tokens[-1] = _in_latin(previous)
    elif previous.key[0].isdigit():
        return _in_latin(token)
    return token


def _in_latin(token: Token) -> Token:
    if len(token.key) > _DESIGNATION_LETTERS or not is_cyrillic(token.key):
        return token
    # A soft or hard sign alone is no sound: it stays what it is.
    return token._replace(key=transliterate(token.key.translate(_LOOKS_LATIN)) or token.key)
