"""What kind of thing a span names, told from its words and from the rest of the document."""

import re

from wirewatch.models import MentionLabel
from worker.extraction.lexicon import Lexicon, fold

_PLACES: frozenset[MentionLabel] = frozenset({"GPE", "LOC", "FAC"})
_CAPITALISED = re.compile(r"[^\W\d_][\w'’´-]*")


_LONGEST_PERSON = 3


def label_by_words(name: str, label: MentionLabel, lexicon: Lexicon) -> MentionLabel | None:
    """The label its own words give a name; None when it is no name of a person, body, place or people."""
    words = fold(name).split()
    key = " ".join(words)
    if not words or key in lexicon.generic or key in lexicon.acronyms:
        return None
    if key in lexicon.peoples:
        return "NORP"
    if key in lexicon.bodies:
        return "ORG"
    if key in lexicon.regions:
        return "LOC"
    if name == name.lower() != name.upper():
        return label if label == "NORP" else None
    if len(words) > 1:
        return _label_of_phrase(words, label, lexicon)
    if key in lexicon.places and key not in lexicon.given_names and key not in lexicon.surnames:
        return "GPE"
    return label


def _label_of_phrase(words: list[str], label: MentionLabel, lexicon: Lexicon) -> MentionLabel:
    if " ".join(words) in lexicon.places:
        return "GPE"
    if words[-1] in lexicon.org_heads or (words[0] in lexicon.org_starts and words[1] in ("of", "for")):
        return "ORG"
    if words[-1] in lexicon.place_heads or words[0] in lexicon.place_starts:
        return label if label in _PLACES else "LOC"
    if label == "ORG" and _looks_like_person(words, lexicon):
        return "PERSON"
    return label


def _looks_like_person(words: list[str], lexicon: Lexicon) -> bool:
    first, last = words[0], words[-1]
    is_given = first in lexicon.given_names and first not in lexicon.particles
    is_name = is_given and (first not in lexicon.places or last in lexicon.surnames)
    return is_name and len(words) <= _LONGEST_PERSON and last.isalpha() and last not in lexicon.generic
