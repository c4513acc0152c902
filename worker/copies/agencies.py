"""Which news agency a text names as where it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wirewatch.models import Entity, SharedSentence
from wirewatch.text import Token, find_phrase, keys
from worker.copies.wording import Wording

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


def agencies_among(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(entity for entity in entities if entity.id in WIRE_AGENCIES)


def find_agency(
    ours: Wording, shared: Iterable[SharedSentence], theirs: Wording, agencies: tuple[Entity, ...]
) -> str | None:
    """The entity id of the agency that is named first: in what `ours` shares with `theirs`, else at an edge of one."""
    words = frozenset(ours.words), frozenset(theirs.words)
    names = [name for name in _names(agencies) if any(held.issuperset(name.keys) for held in words)]
    if not names:
        return None
    passages = [(ours, ours.tokens_between(one.start, one.end)) for one in shared]
    edges = [(one, edge) for one in (ours, theirs) for edge in (one.tokens[:EDGE_TOKENS], one.tokens[-EDGE_TOKENS:])]
    return next(
        (found for one, tokens in (*passages, *edges) if (found := _first_named(one.text, tokens, names))), None
    )


@lru_cache(maxsize=2)
def _names(agencies: tuple[Entity, ...]) -> tuple[_Name, ...]:
    spelled = ((agency.id, spelling) for agency in agencies for spelling in (agency.name, *agency.aliases))
    return tuple(_Name(id_, words, spelling.isupper()) for id_, spelling in spelled if (words := keys(spelling)))


def _first_named(text: str, tokens: Sequence[Token], names: Sequence[_Name]) -> str | None:
    held = {token.key for token in tokens}
    found = [
        (i, name.agency_id)
        for name in names
        if held.issuperset(name.keys)
        for i, j in find_phrase(tokens, name.keys)
        # "AP" and "SANA" are written in capitals; in small letters they are other words.
        if not name.is_acronym or text[tokens[i].start : tokens[j - 1].end].isupper()
    ]
    return min(found)[1] if found else None
