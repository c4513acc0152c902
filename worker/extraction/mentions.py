"""Who and what a document names: known names, the model for the rest, the document in agreement with itself."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wirewatch.models import MentionLabel
from wirewatch.text import Token
from worker.extraction.agreement import agree
from worker.extraction.decoding import RawEntity
from worker.extraction.gazetteer import Gazetteer, Match
from worker.extraction.labels import is_addressed, label_by_words
from worker.extraction.lexicon import Lexicon, fold
from worker.extraction.linking import link, read_context
from worker.extraction.names import Named, name_all
from worker.extraction.neighbours import complete_names
from worker.extraction.spans import Candidate, clean

MAX_MENTIONS = 20_000
_MODEL_SCORE = 0.75
_KEPT: Mapping[str, MentionLabel] = {
    "PERSON": "PERSON", "ORG": "ORG", "GPE": "GPE", "LOC": "LOC", "FAC": "FAC", "NORP": "NORP", "LANGUAGE": "NORP",
    "PRODUCT": "PRODUCT", "EVENT": "EVENT",
    "PER": "PERSON",  # what models of most other languages say
}  # fmt: skip
_HOLDS_PLACES: frozenset[MentionLabel] = frozenset({"ORG", "FAC", "LOC", "GPE", "PERSON", "EVENT"})
_TAKEN_FOR_PERSONS: frozenset[MentionLabel] = frozenset({"ORG", "GPE", "LOC", "FAC", "PRODUCT"})
_AFTER_PREPOSITION = re.compile(r"\b(?:in|at|from|near|to|across|throughout|outside|inside)\s+([^\W\d_][\w-]*)")


def find_mentions(
    text: str, tokens: Sequence[Token], raw: Iterable[RawEntity], gazetteer: Gazetteer, lexicon: Lexicon
) -> list[Named]:
    """Every name in text, in order and without overlaps; `raw` are the model's entities, in order."""
    guesses = list(_guesses(text, raw, lexicon))
    matches = _keep_matches(text, gazetteer.find(tokens, text), guesses)
    context = read_context(tokens, matches, _rivals(text, guesses, matches), lexicon)
    named = frozenset((guess.start, guess.end) for guess in guesses)
    linked = [
        c
        for match in matches
        if (c := link(match, tokens, text, context, lexicon) or _somebody(text, match, named, lexicon)) is not None
    ]
    agreed = agree(text, _outside(guesses, linked), linked, lexicon)
    candidates = sorted([*linked, *_outside(agreed, linked)], key=lambda c: c.start)
    return name_all(text, complete_names(text, candidates[:MAX_MENTIONS], lexicon), lexicon)


def _guesses(text: str, raw: Iterable[RawEntity], lexicon: Lexicon) -> Iterator[Candidate]:
    for start, end, label in raw:
        kept = _KEPT.get(label)
        if kept is None:
            continue
        kept = "PERSON" if kept in _TAKEN_FOR_PERSONS and is_addressed(text[start:end], lexicon) else kept
        for piece_start, piece_end in clean(text, start, end, kept, lexicon):
            told = label_by_words(text[piece_start:piece_end], kept, lexicon)
            if told is not None:
                yield Candidate(piece_start, piece_end, told, _MODEL_SCORE)


def _somebody(text: str, match: Match, named: frozenset[tuple[int, int]], lexicon: Lexicon) -> Candidate | None:
    """A person, it is not said who, where the model finds a name and all that is known by it are persons ("Biden")."""
    is_person = {sense.entity.type for sense in match.senses} == {"person"}
    if not is_person or (match.start, match.end) not in named or fold(text[match.start : match.end]) in lexicon.places:
        return None
    return Candidate(match.start, match.end, "PERSON", _MODEL_SCORE)


def _keep_matches(text: str, matches: Sequence[Match], guesses: Sequence[Candidate]) -> list[Match]:
    """Known names without those that are only a part of a longer name, or of somebody's own name."""
    people = _name_parts(text, guesses)
    placed = frozenset(_AFTER_PREPOSITION.findall(text)) if people else frozenset()
    starts = [guess.start for guess in guesses]
    kept = []
    for match in matches:
        at = bisect_left(starts, match.start + 1) - 1
        holder = guesses[at] if at >= 0 and guesses[at].end >= match.end else None
        if holder is not None and _is_only_part(text, match, holder):
            continue
        if not _is_somebody(text, match, people, placed):
            kept.append(match)
    return kept


def _is_only_part(text: str, match: Match, holder: Candidate) -> bool:
    """Is "China" in "Bank of China" no mention of its own?"""
    if (holder.start, holder.end) == (match.start, match.end) or holder.label not in _HOLDS_PLACES:
        return False
    types = {sense.entity.type for sense in match.senses}
    if "weapon" in types or (holder.label == "PERSON" and types == {"person"} and match.last - match.first > 1):
        return False
    rest = text[holder.start : match.start] + " " + text[match.end : holder.end]
    return any(word[:1].isupper() for word in rest.split())


def _is_somebody(text: str, match: Match, people: frozenset[str], placed: frozenset[str]) -> bool:
    """Is "Jordan" a person of this document rather than the place?"""
    surface = text[match.start : match.end]
    if match.last - match.first > 1 or surface not in people or any(s.entity.type != "place" for s in match.senses):
        return False
    # Where the same word is elsewhere plainly the place, it is the place throughout.
    return surface not in placed


def _name_parts(text: str, guesses: Iterable[Candidate]) -> frozenset[str]:
    names = (text[g.start : g.end].split() for g in guesses if g.label == "PERSON")
    return frozenset(word for words in names if len(words) > 1 for word in words)


def _rivals(text: str, guesses: Iterable[Candidate], matches: Sequence[Match]) -> Mapping[str, frozenset[str]]:
    """Family names (first or last word) of persons whom the gazetteer does not know by their full name."""
    taken = {(m.start, m.end) for m in matches if any(s.kind == "name" for s in m.senses)}
    inside = sorted(taken)
    found: dict[str, set[str]] = defaultdict(set)
    for guess in guesses:
        words = [fold(word) for word in text[guess.start : guess.end].split()] if guess.label == "PERSON" else []
        at = bisect_left(inside, (guess.start, 0))
        if len(words) > 1 and not (at < len(inside) and inside[at][0] < guess.end):
            for word in (words[0], words[-1]):
                found[word].add(" ".join(words))
    return {word: frozenset(names) for word, names in found.items()}


def _outside(candidates: Iterable[Candidate], taken: Sequence[Candidate]) -> list[Candidate]:
    """Those that touch none of the taken spans."""
    starts = [c.start for c in taken]
    kept = []
    for c in candidates:
        at = bisect_left(starts, c.end) - 1
        if at < 0 or taken[at].end <= c.start:
            kept.append(c)
    return kept
