"""Which words name arms: phrases of the item table, weapon mentions, and heads that military words make arms."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Token

from wirewatch.models import Mention
from wirewatch.text import fold_word, number_forms
from worker.claims.grammar import conjuncts, first_conjunct

# Heads that are arms only in company ("missile parts", "combat aircraft", "weapons-related equipment").
HEADS = frozenset(
    "system part component equipment technology hardware battery gear material materiel vehicle aircraft plane craft "
    "ship vessel helicopter jet carrier kit launcher aid assistance supply cargo machine unit support know-how stock "
    "round engine radar radars spare warhead bomber boat package".split()
)
MILITARY = frozenset(
    "military defense defence combat fighter nuclear naval armored armoured ballistic lethal warfare army anti "
    "attack warplane air-defense air-defence stealth surveillance strategic battlefield offensive defensive "
    "cruise war".split()
)
CIVIL = frozenset(
    "passenger civilian commercial private business vip cargo executive fishing toy water sports hunting sporting "
    "airline airliner nail political economic trade sales rescue medical transport-only regional charter".split()
)
# Transfers whose goods a military adjective names by itself ("defense exports").
EXPORTS = frozenset({"exports", "export", "sales", "imports", "shipments", "shipment"})
MAX_NESTING = 5
PEOPLE = frozenset({"troops", "soldiers", "personnel"})
WARES = frozenset(
    "jet fighter ship vessel boat aircraft plane vehicle truck equipment part component engine gun gear hardware "
    "shell".split()
)
# What follows these is not given: "goods excluding weapons".
EXCLUDING = frozenset({"excluding", "except", "without", "barring", "against"})
CONTAINERS = frozenset(
    "dozen hundred thousand million billion score pair number batch shipment load consignment package worth "
    "series range variety type kind class ton stockpile quantity amount piece lot list supply array piece "
    "transfer delivery some part component crate bulk percent pct majority share half most raft any many sort "
    "form shipload planeload truckload trainload boatload convoy round couple handful squadron set battery battalion "
    "tonne container wave first last rest remainder fleet".split()
)


Words = tuple[str, ...]
HYPHENS = frozenset("-‐‑–")
# The singular of "arms" is a limb.
NOT_ARMS = frozenset({"arm"})


def word_forms(key: str) -> set[str]:
    return {key, *number_forms(key)}


@dataclass(frozen=True, slots=True)
class Arms:
    """An arms noun phrase: its name for the claim and its grammatical head."""

    name: str
    head: Token
    is_vague: bool = False  # "equipment": arms only if the paragraph speaks of arms and both sides are known
    entity_id: str | None = None


class ItemLexicon:
    """Phrases that name arms, looked up in folded words."""

    def __init__(self, phrases: Iterable[tuple[str, Words]], ambiguous: Iterable[tuple[str, Words]]) -> None:
        """Both: (canonical name, folded words); the ambiguous name arms only in military company."""
        self._names: dict[Words, tuple[str, bool]] = {}
        for is_vague, pairs in ((False, phrases), (True, ambiguous)):
            for name, words in pairs:
                for last in word_forms(words[-1]) - NOT_ARMS if words else ():
                    self._names.setdefault((*words[:-1], last), (name, is_vague))
        self._longest = max(map(len, self._names), default=0)

    def spans(self, words: Sequence[str]) -> Iterator[tuple[int, int, str, bool]]:
        """Longest matches (start, end, name, ambiguous); the last word may stand in either number."""
        i = 0
        while i < len(words):
            lengths = range(min(self._longest, len(words) - i), 0, -1)
            length = next((n for n in lengths if tuple(words[i : i + n]) in self._names), 0)
            if length:
                yield i, i + length, *self._names[tuple(words[i : i + length])]
            i += length or 1


def find_arms(doc: Doc, lexicon: ItemLexicon, weapons: Iterable[tuple[int, int, Mention]]) -> dict[int, Arms]:
    """Arms noun phrases by the index of their head token. `weapons`: (first token, end token, mention)."""
    at = [token.i for token in doc if token.text not in HYPHENS]
    found_spans = lexicon.spans([fold_word(doc[i].text) for i in at])
    spans = [(at[start], at[end - 1] + 1, name, is_vague) for start, end, name, is_vague in found_spans]
    named = {i: name for start, end, name, vague in spans if not vague for i in range(start, end)}
    last_of = {end - 1: name for _, end, name, vague in spans if not vague}
    vague_at = {end - 1: name for _, end, name, vague in spans if vague}
    weapon_at: dict[int, str] = {}
    ids: dict[str, str | None] = {}
    for start, end, mention in weapons:
        ids[mention.name] = mention.entity_id
        weapon_at.update(dict.fromkeys(range(start, end), mention.name))
        named.update(dict.fromkeys(range(start, end), mention.name))
        last_of[end - 1] = mention.name
    found: dict[int, Arms] = {}
    for token in doc:
        name = weapon_before(token, weapon_at) or last_of.get(token.i) or composed_name(token, named)
        if name and not excluded(token) and not is_civil(token):
            found[token.i] = Arms(name, token, entity_id=ids.get(name))
    for i, name in vague_at.items():
        token = doc[i]
        if i not in found and not excluded(token) and not is_civil(token) and fold_word(token.text) not in PEOPLE:
            beside = any(c.i in found for c in conjuncts(first_conjunct(token)))
            if beside or (found and word_forms(fold_word(token.text)) & WARES):
                found[i] = Arms(name, token, is_vague=not beside)
    return found


def weapon_before(head: Token, weapon_at: dict[int, str]) -> str | None:
    """The weapon that names a general noun: "Leopard 2 tanks", "S-400 air defence systems"."""
    if head.pos_ not in {"NOUN", "PROPN"} or head.i in weapon_at:
        return weapon_at.get(head.i) if head.i + 1 not in weapon_at else None
    start = head.i
    while start > head.sent.start and head.doc[start - 1].dep_ in {"compound", "amod", "nummod", "nmod", "dative"}:
        start -= 1
        if start in weapon_at:
            return weapon_at[start]
    return None


def composed_name(head: Token, named: dict[int, str]) -> str | None:
    """ "missile parts": a general head made arms by what stands before it; a weapon before any noun it names."""
    if head.pos_ not in {"NOUN", "PROPN"} and not head.text.isupper():
        return None
    forms = word_forms(fold_word(head.text))
    if not forms & HEADS:
        return None
    before = [
        t for child in head.lefts if child.dep_ in {"amod", "compound", "nmod", "npadvmod"} for t in child.subtree
    ]
    before = [t for t in before if t.i < head.i]
    if any(t.i in named or fold_word(t.text) in MILITARY for t in before):
        modifiers = [t for t in before if t.i in named or fold_word(t.text) in MILITARY]
        return head.doc[modifiers[0].i : head.i + 1].text.lower()
    return None


def is_civil(head: Token) -> bool:
    return any(child.lower_ in CIVIL for child in head.lefts if child.dep_ in {"amod", "compound", "nmod"})


def excluded(token: Token) -> bool:
    """Is the noun what a list leaves out?"""
    head = token.head
    while token.dep_ == "conj":
        token, head = head, head.head
    return token.dep_ in {"pobj", "dobj", "pcomp"} and head.lower_ in EXCLUDING


def content(noun: Token, depth: int = 0) -> list[Token]:
    """The noun and what it contains: "hundreds of drones" -> drones; "$1 billion in weapons" -> weapons."""
    forms = word_forms(fold_word(noun.text))
    inner = [
        t
        for p in noun.children
        if p.dep_ == "prep" and p.lower_ in {"of", "for"}
        for t in p.children
        if t.dep_ == "pobj"
    ]
    listed = [t for p in noun.children if p.lower_ == "including" for t in p.children if t.dep_ in {"pobj", "dobj"}]
    holds = depth < MAX_NESTING and (bool(forms & CONTAINERS) or noun.like_num)
    if noun.like_num:
        inner = inner + [t for p in noun.children if p.lower_ == "in" for t in p.children if t.dep_ == "pobj"]
    held = [c for t in inner for c in content(t, depth + 1)] if holds else []
    return [noun, *held, *listed]
