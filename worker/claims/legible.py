"""Headlines in capitals, which the parser cannot read, in ordinary letters of the same length."""

import re
from collections.abc import Collection

from wirewatch.text import fold_word

_SENTENCES = re.compile(r"[^.!?;:]*(?:\.(?!\s)[^.!?;:]*|(?<=\b[A-Z])\.\s[^.!?;:]*)*[.!?;:]*\s*")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# The parser takes "re-exported" for three words.
_AGAIN = re.compile(r"\b(re)-(export\w*|sell\w*|sold|suppl\w+|transfer\w*|arm(?:s|ed|ing)?\b)", re.IGNORECASE)
_TICKERS = re.compile(r"<[A-Z]{1,6}(?:\.[A-Z]{1,4})?>")


def make_legible(text: str, names: Collection[str]) -> str:
    """Lower the capitals of sentences written in capitals, save initials of `names` (folded words) and acronyms.

    Stock tickers ("<TSBA.T>") become spaces, "re-exported" is joined. Offsets stay true: the length stays, and only
    within a joined word letters move.
    """
    text = _AGAIN.sub(r"\1\2 ", text)
    text = _TICKERS.sub(lambda match: " " * len(match.group()), text)
    return _SENTENCES.sub(lambda match: lowered(match.group(), names), text)


def lowered(sentence: str, names: Collection[str]) -> str:
    letters = [char for char in sentence if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    if len(letters) < 12 or capitals < 0.8 * len(letters):
        return sentence
    return _WORDS.sub(lambda match: ordinary(match.group(), names), sentence)


def ordinary(word: str, names: Collection[str]) -> str:
    plain = word[0] + word[1:].lower() if fold_word(word) in names or len(word) == 1 else word.lower()
    return plain if len(plain) == len(word) else word
