"""Which thing a known name means here: short names, capitals, homonyms are decided by the document."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wirewatch.models import Entity, MentionLabel
from wirewatch.text import Token, keys
from worker.extraction.gazetteer import Match, Sense
from worker.extraction.lexicon import Lexicon, fold
from worker.extraction.spans import Candidate

_LABELS: Mapping[str, MentionLabel] = {
    "person": "PERSON",
    "org": "ORG",
    "weapon": "WEAPON",
    "place": "GPE",
    "other": "EVENT",
}
_SCORES = {"name": 1.0, "demonym": 0.95, "metonym": 0.8, "short": 0.85}
_AMBIGUOUS_SCORE = 0.7
_TITLE_TOKENS = 5
_TRAVEL_TOKENS = 4
_PART_TOKENS = 5
_WEAPON_CONTEXT_TOKENS = 40
_COUNTRIES = frozenset({"country", "disputed-state", "historic-state"})


@dataclass(frozen=True, slots=True)
class Context:
    """What a whole document says that helps to read one name of it.

    `named` are ids of entities that stand there by a full name, `countries` counts the states named in any way,
    `inside` counts per state the places in it that are named, `rivals` maps a folded surname to the unknown persons of
    that name, `military` are the positions of military words.
    """

    named: frozenset[str]
    countries: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)
    rivals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    military: tuple[int, ...] = ()


def read_context(
    tokens: Sequence[Token], matches: Sequence[Match], rivals: Mapping[str, frozenset[str]], lexicon: Lexicon
) -> Context:
    named = {s.entity.id for m in matches for s in m.senses if s.kind == "name"}
    countries: Counter[str] = Counter()
    inside: dict[str, str] = {}
    for match in matches:
        if _namesakes(match):
            continue
        inside.update({s.entity.id: s.entity.country for s in match.senses if s.entity.country and _is_named_place(s)})
        countries.update({s.entity.id for s in match.senses if s.kind != "short" and _is_state(s)})
        # A person or body named in full speaks for its state too ("Putin" after "Dmitry Peskov").
        full = {s.entity.country for s in match.senses if s.kind == "name" and s.entity.type in ("person", "org")}
        countries.update(country for country in full if country)
    military = tuple(i for i, token in enumerate(tokens) if token.key in lexicon.military)
    return Context(frozenset(named), countries, Counter(inside.values()), rivals, military)


def link(match: Match, tokens: Sequence[Token], text: str, context: Context, lexicon: Lexicon) -> Candidate | None:
    """The match as a candidate with its entity; without one where the name is known but not whose it is; None where
    nothing speaks for a known thing (a short name alone)."""
    full = [sense for sense in match.senses if sense.kind == "name"]
    capital = [sense for sense in match.senses if sense.kind == "metonym"]
    if capital and all(s.entity.type == "place" for s in full):
        return _link_capital(match, full, capital, tokens, text, lexicon)
    part = _part_of_another_state(match, tokens, context, lexicon)
    if part is not None:
        return Candidate(match.start, match.end, label_of(part), _AMBIGUOUS_SCORE, part.entity)
    if any(s.kind == "demonym" for s in match.senses) and _is_language(match, tokens):
        return Candidate(match.start, match.end, "NORP", _AMBIGUOUS_SCORE)
    sense = _choose(full, context) or _choose_short(match, tokens, context)
    if sense is None:
        return _unknown(match)
    score = _SCORES[sense.kind] if len({s.entity.id for s in match.senses}) == 1 else _AMBIGUOUS_SCORE
    return Candidate(match.start, match.end, label_of(sense), score, sense.entity)


def _is_language(match: Match, tokens: Sequence[Token]) -> bool:
    after = tokens[match.last].key if match.last < len(tokens) else ""
    return after in ("language", "languages", "speaking", "translation")


def label_of(sense: Sense) -> MentionLabel:
    if sense.kind == "demonym":
        return "NORP"
    category = sense.entity.category or ""
    if sense.entity.type == "place" and ("region" in category or "sea" in category):
        return "LOC"
    return _LABELS[sense.entity.type]


def _is_state(sense: Sense) -> bool:
    return sense.entity.category in _COUNTRIES or sense.kind in ("demonym", "metonym")


def _namesakes(match: Match) -> list[Sense]:
    """Parts of one state with the name of another: Georgia."""
    if not any(sense.kind == "name" and _is_state(sense) for sense in match.senses):
        return []
    return [sense for sense in match.senses if sense.kind == "short" and sense.entity.type == "place"]


def _is_named_place(sense: Sense) -> bool:
    return sense.kind == "name" and sense.entity.type == "place" and not _is_state(sense)


def _part_of_another_state(match: Match, tokens: Sequence[Token], context: Context, lexicon: Lexicon) -> Sense | None:
    """The part that has the state's name, where more of the document lies in the state around it than in the other."""
    own = next((sense.entity.id for sense in match.senses if sense.kind == "name"), "")
    near = {token.key for token in tokens[max(0, match.first - _PART_TOKENS) : match.last + _PART_TOKENS]}
    for part in _namesakes(match):
        support = context.inside[part.entity.country or ""] + len(near & lexicon.state_offices)
        if support > context.countries[own] + context.inside[own]:
            return part
    return None


def _choose(senses: Sequence[Sense], context: Context) -> Sense | None:
    """The one that the document supports most; several without any difference are unknown."""
    if len({sense.entity.id for sense in senses}) <= 1:
        return senses[0] if senses else None
    weights = [context.countries[sense.entity.country or sense.entity.id] for sense in senses]
    best = max(weights)
    # The knowledge base lists the better known first; without support that order decides between persons only.
    if best == 0 and senses[0].entity.type != "person":
        return None if any(s.entity.type != senses[0].entity.type for s in senses) else senses[0]
    return senses[weights.index(best)]


def _unknown(match: Match) -> Candidate | None:
    demonyms = [sense for sense in match.senses if sense.kind == "demonym"]
    return Candidate(match.start, match.end, "NORP", _AMBIGUOUS_SCORE) if demonyms else None


def _choose_short(match: Match, tokens: Sequence[Token], context: Context) -> Sense | None:
    others = [sense for sense in match.senses if sense.kind in ("short", "demonym")]
    demonyms = [sense for sense in others if sense.kind == "demonym"]
    if demonyms:
        named = [sense for sense in demonyms if sense.entity.id in context.named]
        fit = demonyms if len(demonyms) == 1 else named
        return fit[0] if len(fit) == 1 else None
    named = [sense for sense in others if sense.entity.id in context.named]
    if named:
        return named[0]
    titled = [sense for sense in others if _has_title(match, tokens, sense.entity)]
    if titled:
        return _by_country(titled, context) or (titled[0] if len(titled) == 1 else None)
    if tokens[match.last - 1].key in context.rivals:
        return None
    weapons = [sense for sense in others if sense.entity.type == "weapon"]
    if weapons:
        return weapons[0] if _near(context.military, match.first) else None
    return _by_country(others, context)


def _by_country(senses: Sequence[Sense], context: Context) -> Sense | None:
    supported = [sense for sense in senses if sense.entity.country and context.countries[sense.entity.country]]
    return max(supported, key=lambda s: context.countries[s.entity.country or ""]) if supported else None


def _has_title(match: Match, tokens: Sequence[Token], entity: Entity) -> bool:
    before = [token.key for token in tokens[max(0, match.first - _TITLE_TOKENS) : match.first]]
    return any(before[-len(title) :] == title for title in map(keys_of, entity.titles) if title)


def keys_of(name: str) -> list[str]:
    return list(keys(name))


def _near(positions: Sequence[int], place: int) -> bool:
    """Is one of the ascending positions near the place?"""
    at = bisect_left(positions, place - _WEAPON_CONTEXT_TOKENS)
    return at < len(positions) and positions[at] <= place + _WEAPON_CONTEXT_TOKENS


def _link_capital(
    match: Match, cities: Sequence[Sense], states: Sequence[Sense], tokens: Sequence[Token], text: str, lexicon: Lexicon
) -> Candidate | None:
    is_town = bool(cities) or fold(text[match.start : match.end]) in lexicon.places
    if is_town and _is_city(match, tokens, text, lexicon):
        entity = cities[0].entity if cities else None
        return Candidate(match.start, match.end, "GPE", 0.9 if entity else _AMBIGUOUS_SCORE, entity)
    return Candidate(match.start, match.end, "GPE", _SCORES["metonym"], states[0].entity)


def _is_city(match: Match, tokens: Sequence[Token], text: str, lexicon: Lexicon) -> bool:
    before = [token.key for token in tokens[max(0, match.first - _TRAVEL_TOKENS) : match.first]]
    after = tokens[match.last].key if match.last < len(tokens) else ""
    if before and before[-1] in lexicon.city_before:
        return True
    if (
        before
        and before[-1] in ("to", "from", "for", "of", "toward", "towards")
        and lexicon.travel.intersection(before)
    ):
        return True
    return (text[match.end : match.end + 1] != "," and after in lexicon.city_after) or _is_dateline(match, text)


def _is_dateline(match: Match, text: str) -> bool:
    line = text.rfind("\n", 0, match.start) + 1
    return not text[line : match.start].strip() and text[match.start : match.end].isupper()
