"""Which news agency a text names as where it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wirewatch.models import Entity
from wirewatch.text import Token, find_phrase, keys, tokenize

# Of the knowledge base's media, those whose texts other outlets print.
WIRE_AGENCIES = frozenset(
    (
        *("associated-press", "reuters", "afp", "upi", "dpa", "ansa", "efe", "bloomberg"),
        *("tass", "ria-novosti", "interfax", "ukrinform", "belta", "polish-press-agency"),
        *("yonhap", "kcna", "kyodo", "jiji-press", "xinhua", "antara-news", "bernama", "vietnam-news-agency"),
        *("anadolu-agency", "irna", "tasnim", "fars-news-agency", "mehr-news-agency", "sana"),
        *("press-trust-of-india", "asian-news-international"),
    )
)
# Where agencies are credited: the dateline, and the last line.
EDGE_TOKENS = 40


@dataclass(frozen=True, slots=True)
class _Name:
    agency_id: str
    keys: tuple[str, ...]
    is_acronym: bool


def find_agency(passages: Sequence[str], texts: Sequence[str], entities: Iterable[Entity]) -> str | None:
    """The entity id of the agency that is named first: in the passages, else at an edge of one of the texts."""
    names = _names(tuple(entity for entity in entities if entity.id in WIRE_AGENCIES))
    for passage in passages:
        if agency := _first_named(passage, tokenize(passage), names):
            return agency
    for text in texts:
        tokens = tokenize(text)
        for edge in (tokens[:EDGE_TOKENS], tokens[-EDGE_TOKENS:]):
            if agency := _first_named(text, edge, names):
                return agency
    return None


@lru_cache(maxsize=2)
def _names(agencies: Sequence[Entity]) -> tuple[_Name, ...]:
    spelled = ((agency.id, spelling) for agency in agencies for spelling in (agency.name, *agency.aliases))
    return tuple(_Name(id_, keys(spelling), spelling.isupper()) for id_, spelling in spelled)


def _first_named(text: str, tokens: Sequence[Token], names: Sequence[_Name]) -> str | None:
    held = {token.key for token in tokens}
    found = [
        (i, name.agency_id)
        for name in names
        if name.keys and held.issuperset(name.keys)
        for i, j in find_phrase(tokens, name.keys)
        # "AP" and "SANA" are written in capitals; in small letters they are other words.
        if not name.is_acronym or text[tokens[i].start : tokens[j - 1].end].isupper()
    ]
    return min(found)[1] if found else None
