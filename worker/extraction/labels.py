"""What kind of thing a span names, told from its words and from the rest of the document."""

import re

from wirewatch.models import MentionLabel
from worker.extraction.lexicon import Lexicon, fold

_PLACES: frozenset[MentionLabel] = frozenset({"GPE", "LOC", "FAC"})
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_DIGIT = re.compile(r"\d")
_LONGEST_PERSON = 3
_LONGEST_ADDRESS = 4
# "World Food Programme", "UN Development Programme"
_BODIES_OF_THE_WORLD = frozenset({"world", "united", "un"})


def label_by_words(name: str, label: MentionLabel, lexicon: Lexicon) -> MentionLabel | None:
    """The label its own words give a name; None when it is no name of a person, body, place or people."""
    words = fold(name).split()
    key = " ".join(words)
    if not words or key in lexicon.generic or not _LATIN.search(name) or (label == "PERSON" and _DIGIT.search(name)):
        return None
    if key in lexicon.peoples:
        return "NORP"
    if key in lexicon.acronyms or _is_office(words, label, lexicon):
        return None
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


def is_addressed(name: str, lexicon: Lexicon) -> bool:
    """Does the name begin as persons are addressed ("Mr Holt")?"""
    words = name.split()
    return 1 < len(words) <= _LONGEST_ADDRESS and fold(words[0].rstrip(".")) in lexicon.addresses


def _is_office(words: list[str], label: MentionLabel, lexicon: Lexicon) -> bool:
    """ "Minister of Finance": what somebody is, neither who nor which body."""
    return label != "EVENT" and len(words) > 2 and words[0] in lexicon.titles and words[1] == "of"


def _label_of_phrase(words: list[str], label: MentionLabel, lexicon: Lexicon) -> MentionLabel | None:
    if " ".join(words) in lexicon.places:
        return "GPE"
    if words[-1] in lexicon.happenings:
        return "EVENT"
    if words[-1] in lexicon.papers and words[0] not in _BODIES_OF_THE_WORLD:
        return None if label in ("ORG", "PERSON", "LOC", "FAC", "GPE", "NORP") else label
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
