"""Finding a phrase of keys in tokens, with the rule that a designation is a unit."""

from collections.abc import Container, Sequence

from wirewatch.text.tokens import Token

# Before a bare number these do not make a designation of it ("mid-2024", unlike "Tu-160").
_TIME_PREFIXES = frozenset(("pre", "post", "mid", "late", "early", "since"))
_UNCHANGED = frozenset(
    ("news", "series", "species", "chaos", "texas", "wales", "paris", "brussels", "netherlands", "philippines")
)
_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "person": "people", "crisis": "crises"}
_REGULAR = {plural: singular for singular, plural in _IRREGULAR.items()}


def find_phrase(tokens: Sequence[Token], phrase: Sequence[str], *, plurals: bool = False) -> list[tuple[int, int]]:
    """Token ranges [i, j) whose keys equal the phrase and whose borders do not change a designation.

    With `plurals` the last word may also stand in its simple English plural or singular. An empty phrase is nowhere.
    """
    if not phrase:
        return []
    last = frozenset((phrase[-1], *number_forms(phrase[-1]))) if plurals else frozenset((phrase[-1],))
    starts = last if len(phrase) == 1 else (phrase[0],)
    found = (i for i, token in enumerate(tokens) if token.key in starts)
    return [(i, i + len(phrase)) for i in found if is_phrase_at(tokens, i, phrase, last)]


def is_phrase_at(tokens: Sequence[Token], i: int, phrase: Sequence[str], last: Container[str]) -> bool:
    """Does the phrase stand at token i, its final word being any of `last`?"""
    j = i + len(phrase)
    if j > len(tokens) or tokens[j - 1].key not in last:
        return False
    if any(tokens[i + offset].key != phrase[offset] for offset in range(len(phrase) - 1)):
        return False
    return is_designation_boundary(tokens, i, j)


def is_designation_boundary(tokens: Sequence[Token], i: int, j: int) -> bool:
    """May tokens[i:j] be read by themselves, or do their neighbours make another designation of them?

    Refused: a number that belongs to letters before it (160 in "Tu-160"), a designation with something glued in front
    (S-400 in "AS-1S-400") or continued by digits (Kh-101 in "Kh-101-2", Tu-160M in "Tu-160M2"), a single letter of a
    designation, and letters and digits that are not written as one unit ("at point S. 400 people").
    Allowed: model suffixes and plurals (Tu-160M2, Su-30MKI, MiG-31s), and words in compounds ("Iran-backed",
    "anti-Iran", "ex-MiG-29", "Shahed-136", "155mm").
    """
    if tokens[i].joined and i > 0 and not _opens(tokens, i, j):
        return False
    if j < len(tokens) and tokens[j].joined and not _closes(tokens, i, j):
        return False
    return j - i == 1 or _holds_together(tokens, i, j)


def number_forms(key: str) -> tuple[str, ...]:
    """The simple English plural and singular forms of a folded word, whichever way round it is given."""
    if key in _IRREGULAR:
        return (_IRREGULAR[key],)
    if key in _REGULAR:
        return (_REGULAR[key],)
    if len(key) < 3 or not (key.isascii() and key.isalpha()) or key in _UNCHANGED:
        return ()
    return (*_singulars(key), *_plurals(key))


def clitic_forms(key: str) -> tuple[str, ...]:
    """An Arabic word with the particles that are written as its first letters: and, so, in, for, like."""
    if len(key) < 3 or not all("\u0620" <= char <= "\u06ff" for char in key):
        return ()
    # "For" swallows the first letter of the article "al-".
    whole = [f"ل{key[1:]}"] if key.startswith("ال") else [f"ل{key}"]
    whole += [particle + key for particle in "بک"]
    return tuple([f"{particle}{form}" for form in (key, *whole) for particle in ("و", "ف")] + whole)


def _plurals(key: str) -> tuple[str, ...]:
    if key.endswith("y") and key[-2] not in "aeiou":
        return (key[:-1] + "ies",)
    if key.endswith(("s", "x", "z", "ch", "sh")):
        return (key + "es",)
    return (key + "s",)


def _singulars(key: str) -> tuple[str, ...]:
    if len(key) < 4 or not key.endswith("s") or key.endswith(("ss", "us", "is")):
        return ()
    if key.endswith("ies"):
        return (key[:-3] + "y",)
    if key.endswith(("sses", "xes", "zes", "ches", "shes")):
        return (key[:-2],)
    return (key[:-1],)


def _is_number(token: Token) -> bool:
    return token.key[:1].isdigit()


def _is_glued(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].joined and tokens[i].start == tokens[i - 1].end


def _opens(tokens: Sequence[Token], i: int, j: int) -> bool:
    """May the phrase begin here, though it is joined to the token before?"""
    first, before = tokens[i], tokens[i - 1]
    if _is_number(first):
        # Glued to any letters, or hyphenated to them, the number is the second half of a designation.
        return _is_number(before) or before.key in _TIME_PREFIXES
    if len(first.key) == 1 and _is_glued(tokens, i) and first.key.isascii():
        return False
    if any(_is_number(token) for token in tokens[i:j]):
        return not _is_number(before) and len(before.key) > 1 and not _is_glued(tokens, i)
    return True


def _closes(tokens: Sequence[Token], i: int, j: int) -> bool:
    """May the phrase end here, though the token after is joined to it?"""
    last, after = tokens[j - 1], tokens[j]
    has_letters = any(not _is_number(token) for token in tokens[i:j])
    if not _is_number(after):
        return True
    if _is_number(last):
        return not has_letters
    if j - i == 1:
        return len(last.key) > 1 or not last.key.isascii()
    return not (_is_glued(tokens, j) and _is_number(tokens[j - 2]))


def _holds_together(tokens: Sequence[Token], i: int, j: int) -> bool:
    """Are letters and the digits after them written as one unit, not as two sentences or list items?"""
    return all(
        tokens[k].joined or tokens[k].start - tokens[k - 1].end <= 1
        for k in range(i + 1, j)
        if _is_number(tokens[k]) and not _is_number(tokens[k - 1])
    )
