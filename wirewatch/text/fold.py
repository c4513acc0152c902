"""Folding: one written form per word, whatever keyboard, script trick or typography produced it."""

import unicodedata
from collections import Counter
from functools import lru_cache

from anyascii import anyascii

from wirewatch.text.scripts import APOSTROPHES, IGNORABLE, LOOK_ALIKES, PLAIN_FORMS, is_accent, script_of

_CACHED_LENGTH = 40
_DROPPED = {ord(char): None for char in IGNORABLE | APOSTROPHES}
# A word is never this long; what is (marks piled on a letter, base64) is cut so that every key stays small.
MAX_KEY_LENGTH = 128


def fold_word(word: str) -> str:
    """Fold one run of letters or digits: NFKC, look-alikes, case, accents; apostrophes and ignorables go.

    A token that mixes Latin with Cyrillic or Greek look-alikes is read in the script that explains all of it, the one
    with more letters first, Latin first when equal. A token wholly in one script stays in it.
    """
    if word.isascii():
        return word.lower().replace("'", "").replace("`", "")[:MAX_KEY_LENGTH]
    if len(word) <= _CACHED_LENGTH:
        return _fold_cached(word)
    return _fold(word)


def _fold(word: str) -> str:
    text = unicodedata.normalize("NFKC", word.translate(_DROPPED)[: 8 * MAX_KEY_LENGTH])
    text = _one_script(text)
    # Case folding can yield decomposable letters and normalising can yield capitals, so both run twice.
    text = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(char for char in text if not is_accent(char)).translate(PLAIN_FORMS)
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return unicodedata.normalize("NFC", text.translate(_DROPPED))[:MAX_KEY_LENGTH]


_fold_cached = lru_cache(maxsize=65_536)(_fold)


def _one_script(word: str) -> str:
    counts = Counter(script for char in word if (script := script_of(char)))
    if len(counts) < 2:
        return word
    for target in sorted(counts, key=lambda script: (-counts[script], script != "LATIN")):
        candidate = word
        for other in counts:
            candidate = candidate.translate(LOOK_ALIKES.get((other, target), {}))
        if all(script_of(char) in (target, None) for char in candidate):
            return candidate
    return word


@lru_cache(maxsize=16_384)
def transliterate(word: str) -> str:
    """The word in Latin letters and ASCII digits ("Кинжал" -> "kinzhal"), for comparing names across scripts.

    Method: the tables of anyascii, one character at a time; apostrophes for soft signs and the like are dropped.
    """
    return "".join(char for char in anyascii(word).lower() if char.isalnum())


def is_cyrillic(word: str) -> bool:
    return bool(word) and all(script_of(char) == "CYRILLIC" for char in word)
