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
    "jet fighter ship vessel boat aircraft plane vehicle truck equipment part engine gun gear hardware shell".split()
)
# What follows these is not given: "goods excluding weapons".
EXCLUDING = frozenset({"excluding", "except", "without", "barring", "against"})
CONTAINERS = frozenset(
    "dozen hundred thousand million billion score pair number batch shipment load consignment package worth "
    "series range variety type kind class ton stockpile quantity amount piece lot list supply array piece "
    "transfer delivery some part component crate bulk percent pct majority share half most raft any many sort "
    "form shipload planeload convoy round couple handful squadron set".split()
)


def word_forms(key: str) -> set[str]:
    return {key, *number_forms(key)}


@dataclass(frozen=True, slots=True)
class Arms:
    """An arms noun phrase: its name for the claim and its grammatical head."""

    name: str
    head: Token
    is_vague: bool = False  # "equipment": arms only if the paragraph speaks of arms and both sides are known


class ItemLexicon:
    """Phrases that name arms, looked up in a parsed paragraph."""

    def __init__(
        self, phrases: Sequence[tuple[str, tuple[str, ...]]], ambiguous: Sequence[tuple[str, tuple[str, ...]]]
    ) -> None:
        """Both: (canonical name, folded words); the ambiguous name arms only in military company."""
        self.ambiguous = {words for _, words in ambiguous} - {words for _, words in phrases}
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, words in (*phrases, *ambiguous):
            if words:
                self._by_first.setdefault(words[0], []).append((words, name))
        for found in self._by_first.values():
            found.sort(key=lambda pair: -len(pair[0]))

    def spans(self, words: list[str]) -> Iterator[tuple[int, int, str, bool]]:
        """Longest matches (start, end, name, ambiguous) over folded words; the last word may stand in either number."""
        i = 0
        while i < len(words):
            match = self._longest(words, i)
            if match:
                yield i, i + match[0], match[1], match[2]
            i += match[0] if match else 1

    def _longest(self, words: list[str], i: int) -> tuple[int, str, bool] | None:
        firsts = word_forms(words[i]) if words[i] not in {"arm"} else {words[i]}
        best: tuple[int, str, bool] | None = None
        for first in firsts:
            for phrase, name in self._by_first.get(first, ()):
                n = len(phrase)
                if words[i] != phrase[0] and n > 1:
                    continue
                if (
                    n == 1 or (tuple(words[i : i + n - 1]) == phrase[:-1] and self._ends(words, i + n - 1, phrase[-1]))
                ) and (best is None or n > best[0]):
                    best = n, name, phrase in self.ambiguous
        return best

    @staticmethod
    def _ends(words: list[str], at: int, last: str) -> bool:
        return at < len(words) and (words[at] == last or last in number_forms(words[at]))


def find_arms(doc: Doc, lexicon: ItemLexicon, weapons: Iterable[tuple[int, int, Mention]]) -> dict[int, Arms]:
    """Arms noun phrases by the index of their head token. `weapons`: (first token, end token, mention)."""
    words = [fold_word(token.text) for token in doc]
    spans = list(lexicon.spans(words))
    named = {i: name for start, end, name, vague in spans if not vague for i in range(start, end)}
    last_of = {end - 1: name for _, end, name, vague in spans if not vague}
    vague_at = {end - 1: name for _, end, name, vague in spans if vague}
    weapon_at: dict[int, str] = {}
    for start, end, mention in weapons:
        weapon_at.update(dict.fromkeys(range(start, end), mention.name))
        named.update(dict.fromkeys(range(start, end), mention.name))
        last_of[end - 1] = mention.name
    found: dict[int, Arms] = {}
    for token in doc:
        name = weapon_before(token, weapon_at) or last_of.get(token.i) or composed_name(token, named)
        if name and not excluded(token) and not is_civil(token):
            found[token.i] = Arms(name, token)
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
    """The noun, or what it contains: "hundreds of drones", "shipments of rockets and shells" -> drones; rockets."""
    forms = word_forms(fold_word(noun.text))
    inner = [
        t
        for p in noun.children
        if p.dep_ == "prep" and p.lower_ in {"of", "for"}
        for t in p.children
        if t.dep_ == "pobj"
    ]
    listed = [t for p in noun.children if p.lower_ == "including" for t in p.children if t.dep_ in {"pobj", "dobj"}]
    held = [c for t in inner for c in content(t, depth + 1)] if forms & CONTAINERS and depth < MAX_NESTING else []
    return [noun, *held, *listed]
