"""What kind of thing a span names, told from its words and from the rest of the document."""

import re

from wirewatch.models import MentionLabel
from worker.extraction.lexicon import Lexicon, fold

_PLACES: frozenset[MentionLabel] = frozenset({"GPE", "LOC", "FAC"})
_CAPITALISED = re.compile(r"[^\W\d_][\w'’´-]*")


def label_by_words(name: str, label: MentionLabel, lexicon: Lexicon) -> MentionLabel | None:
    """The label its own words give a name; None when it is no name of a person, body, place or people."""
    words = fold(name).split()
    key = " ".join(words)
    if not words or key in lexicon.generic:
        return None
    if key in lexicon.peoples:
        return "NORP"
    if key in lexicon.bodies:
        return "ORG"
    if key in lexicon.regions:
        return "LOC"
    if len(words) > 1:
        return _label_of_phrase(words, label, lexicon)
    if name.islower() and label != "NORP":
        return None
    if label != "GPE" and key in lexicon.places and not {key} & (lexicon.given_names | lexicon.surnames):
        return "GPE"
    return label


def _label_of_phrase(words: list[str], label: MentionLabel, lexicon: Lexicon) -> MentionLabel:
    if " ".join(words) in lexicon.places:
        return "GPE"
    if words[-1] in lexicon.org_heads or (words[0] in lexicon.org_starts and words[1] in ("of", "for")):
        return "ORG"
    if words[-1] in lexicon.place_heads or words[0] in lexicon.place_starts:
        return label if label in _PLACES else "LOC"
    if label != "PERSON" and words[0] in lexicon.given_names and words[-1] in lexicon.surnames:
        return "PERSON"
    return label
