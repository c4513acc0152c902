"""Finds claims: candidates by words, readings by the tree, one claim per sentence, sides and status."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Span, Token

from wirewatch.data import Item
from wirewatch.models import Claim, ClaimStage, Entity, Field, Mention
from wirewatch.text import keys
from worker.claims.candidates import CandidateFinder
from worker.claims.denials import answered_denial
from worker.claims.items import Arms, ItemLexicon, find_arms
from worker.claims.legible import make_legible
from worker.claims.nouns import read_nouns
from worker.claims.cast import Cast, mention_tokens
from worker.claims.registry import Party, Registry
from worker.claims.scene import Scene, Transfer
from worker.claims.standing import Standing, judge
from worker.claims.verbs import origins, read_verbs


NO_ARMS = frozenset({"personnel", "training"})


@dataclass(frozen=True, slots=True)
class ClaimInput:
    """One field of one article version, its mentions already linked; offsets count code points of `text`."""

    article_id: str
    version: int
    field: Field
    text: str
    mentions: Sequence[Mention]


@dataclass(frozen=True, slots=True)
class Reading:
    """One transfer between two sides, as the sentence tells it."""

    supplier: Party | None
    recipient: Party | None
    items: tuple[Arms, ...]
    standing: Standing
    transfer: Transfer | None
    sentence: Span

    def sides(self) -> tuple[str | None, str | None, str]:
        return name_of(self.supplier), name_of(self.recipient), self.standing.status


class ClaimFinder:
    """Reads arms transfers. Built once per catalogue revision; holds no state between documents."""

    def __init__(self, items: Sequence[Item], entities: Iterable[Entity]) -> None:
        known = tuple(entities)
        phrases = [
            (item.name, keys(phrase)) for item in items if item.category not in NO_ARMS for phrase in item.phrases
        ]
        loose = [
            (item.name, keys(phrase))
            for item in items
            if item.category not in NO_ARMS
            for phrase in item.ambiguous_phrases
        ]
        weapons = [keys(name) for e in known if e.type == "weapon" for name in (e.name, *e.aliases)]
        self._lexicon = ItemLexicon(phrases, loose)
        self._candidates = CandidateFinder([words for _, words in phrases] + weapons)
        self._registry = Registry(known)
        self._names = {k for e in known if e.type != "weapon" for name in names_of(e) for k in keys(name) if len(k) > 3}

    def candidates(self, text: str) -> list[tuple[int, int]]:
        """Paragraph spans (code points) worth a parse: they hold a word of transfer and arms, or answer one that does."""
        return self._candidates.paragraphs(text)

    def legible(self, text: str) -> str:
        """What the parser should be given for `text`: of equal length, capitals of whole sentences lowered."""
        return make_legible(text, self._names)

    def find(self, document: ClaimInput, parsed: Sequence[tuple[int, Doc]], first: int = 0) -> tuple[Claim, ...]:
        """The claims of one field in reading order.

        `parsed` holds (offset in the text, document with tags, lemmas and dependencies) per paragraph, in order;
        ids count from `first`, so that title and text of an article share one sequence.
        """
        earlier: list[Reading] = []
        claims: list[Claim] = []
        memory: dict[str, Party] = {}
        for offset, doc in parsed:
            for reading in self._read(document, offset, doc, earlier, memory):
                claims.append(as_claim(document, offset, reading, first + len(claims)))
        return tuple(claims)

    def _read(
        self, document: ClaimInput, offset: int, doc: Doc, earlier: list[Reading], memory: dict[str, Party]
    ) -> Iterator[Reading]:
        mentions = mention_tokens(doc, offset, document.mentions)
        cast = Cast(doc, mentions, self._registry, memory)
        weapons = [m for m in mentions if m[2].type == "weapon" or m[2].label == "WEAPON"]
        scene = Scene(doc, cast, find_arms(doc, self._lexicon, weapons), weapons)
        by_sentence: dict[int, list[Transfer]] = {}
        for transfer in (*read_verbs(scene), *read_nouns(scene)):
            by_sentence.setdefault(transfer.predicate.sent.start, []).append(transfer)
        for sentence in doc.sents:
            readings = [r for t in by_sentence.get(sentence.start, []) for r in expand(scene, t, sentence, earlier)]
            readings = [take_up(reading, earlier) for reading in merge(readings)]
            found = [r for r in readings if not restates(r, earlier, document.text, offset)]
            found = found or ([] if readings else denial(cast, sentence, earlier))
            earlier.extend(found)
            yield from found
        cast.remember_subject()


def names_of(entity: Entity) -> tuple[str, ...]:
    return (entity.name, *entity.aliases, *entity.short_names, *entity.demonyms, *entity.metonyms)


def expand(scene: Scene, transfer: Transfer, sentence: Span, earlier: Sequence[Reading]) -> Iterator[Reading]:
    """One reading for each pair of sides; what has no side at all is taken up from the claim before, or left."""
    for item in transfer.items:
        suppliers: Sequence[Party | None] = transfer.supplier.parties
        if transfer.supplier.is_open:
            suppliers = origins(scene, item)
        if transfer.needs_supplier and not suppliers:
            continue
        for supplier in suppliers or [None]:
            for recipient in recipients_beside(transfer, supplier):
                sides = settle_sides(supplier, recipient, transfer, item, (scene.doc, earlier))
                if sides:
                    parties = [p for p in sides if p]
                    standing = judge(transfer, parties, scene.cast)
                    if not standing.hushed:
                        sides = answer_for_oneself(sides, standing, transfer)
                        yield Reading(sides[0], sides[1], (item,), standing, transfer, sentence)


def answer_for_oneself(
    sides: tuple[Party | None, Party | None], standing: Standing, transfer: Transfer
) -> tuple[Party | None, Party | None]:
    """Who denies that arms were sent, naming no sender, denies that they sent them."""
    supplier, recipient = sides
    if standing.status != "denied" or supplier or not recipient or not transfer.supplier.is_open or transfer.takes:
        return sides
    deniers = [party for party in standing.speakers if party.state and not party.same_side(recipient)]
    return (replace(deniers[0], person=None), recipient) if len(deniers) == 1 else sides


def recipients_beside(transfer: Transfer, supplier: Party | None) -> Sequence[Party | None]:
    """The named recipients; where only the supplier's own side is named ("its army and allies"), the unnamed rest."""
    named = transfer.recipient.parties
    unnamed = len(transfer.recipient.words) > len(named)
    if supplier and unnamed and all(supplier.same_side(party) for party in named):
        return [None]
    return named or [None]


def settle_sides(
    supplier: Party | None,
    recipient: Party | None,
    transfer: Transfer,
    item: Arms,
    context: tuple[Doc, Sequence[Reading]],
) -> tuple[Party | None, Party | None] | None:
    """Both sides, or None where there is no transfer between sides."""
    doc, earlier = context
    if supplier and recipient and supplier.same_side(recipient):
        return (None, recipient) if transfer.supplier.is_open and not transfer.needs_supplier else None
    if supplier and not recipient and transfer.supplier.is_open and transfer.takes and not transfer.recipient.is_open:
        return None  # "suspects bought U.S. arms": an origin alone is no supplier
    if item.is_vague and not (supplier and recipient):
        return None
    if supplier or recipient:
        return supplier, recipient
    before = [r for r in earlier if r.sentence.doc is doc]
    if before and is_definite(item.head) and transfer.supplier.is_open and transfer.recipient.is_open:
        return before[-1].supplier, before[-1].recipient
    return None


def is_definite(noun: Token) -> bool:
    return any(c.lower_ in {"the", "these", "those", "this", "that", "such"} and c.dep_ == "det" for c in noun.children)


def merge(readings: Sequence[Reading]) -> list[Reading]:
    """Join the items of equal sides and status, and fold a reading that says less into one that says more."""
    joined: dict[tuple[str | None, str | None, str], Reading] = {}
    for reading in sorted(readings, key=fullness, reverse=True):
        host = next((known for known in joined.values() if says_less(reading, known)), None)
        key = (host or reading).sides()
        known = joined.get(key)
        if known is None:
            joined[key] = reading
        elif host is None or host.standing.status == reading.standing.status:
            joined[key] = Reading(
                known.supplier,
                known.recipient,
                known.items + reading.items,
                known.standing,
                known.transfer,
                known.sentence,
            )
    return sorted(joined.values(), key=lambda r: min(item.head.i for item in r.items))


def fullness(reading: Reading) -> int:
    return (reading.supplier is not None) + (reading.recipient is not None)


def says_less(reading: Reading, known: Reading) -> bool:
    """Is every side that `reading` names also in `known`, and what it leaves out merely unsaid?"""
    if reading.transfer is None or fullness(reading) >= fullness(known):
        return False
    pairs = (
        (reading.supplier, known.supplier, reading.transfer.supplier),
        (reading.recipient, known.recipient, reading.transfer.recipient),
    )
    return all(slot.is_open if mine is None else other and mine.name == other.name for mine, other, slot in pairs)


def take_up(reading: Reading, earlier: Sequence[Reading]) -> Reading:
    """Fill a side left unsaid from the claim just before, if that speaks of the same goods and leaves the other open."""
    transfer = reading.transfer
    if transfer is None or not earlier or fullness(reading) != 1 or reading.standing.status == "denied":
        return reading
    before = earlier[-1]
    if not same_subject(reading, before) or not is_near(before, reading):
        return reading
    if reading.recipient is None and transfer.recipient.is_open and before.supplier is None and before.recipient:
        sides = reading.supplier, before.recipient
    elif reading.supplier is None and transfer.supplier.is_open and before.recipient is None and before.supplier:
        sides = before.supplier, reading.recipient
    else:
        return reading
    if sides[0] and sides[1] and sides[0].same_side(sides[1]):
        return reading
    return replace(reading, supplier=sides[0], recipient=sides[1])


def same_subject(reading: Reading, before: Reading) -> bool:
    """The same goods, or the same word for the transfer ("sale" and "sale")."""
    if reading.transfer and before.transfer:
        words = {transfer.predicate.lemma_.lower() for transfer in (reading.transfer, before.transfer)}
        if len(words) == 1:
            return True
    mine = {item.head.lemma_.lower() for item in reading.items} | {item.name for item in reading.items}
    return any(item.head.lemma_.lower() in mine or item.name in mine for item in before.items)


def is_near(before: Reading, reading: Reading) -> bool:
    """In the same paragraph at most two sentences apart, or in the paragraph before."""
    if before.sentence.doc is not reading.sentence.doc:
        return True
    return len(list(before.sentence.doc[before.sentence.start : reading.sentence.end].sents)) <= 3


def restates(reading: Reading, earlier: Sequence[Reading], text: str, offset: int) -> bool:
    """Does a sentence only say again what the headline before it in the same paragraph says?"""
    for before in earlier[-2:]:
        sentence = before.sentence
        if sentence.doc is reading.sentence.doc and sentence.end == reading.sentence.start:
            written = text[offset + sentence.start_char : offset + sentence.end_char]
            if reading.sides()[:2] == before.sides()[:2] and is_headline(written):
                return True
    return False


def is_headline(sentence: str) -> bool:
    """Written in capitals, or with nearly every longer word begun by one."""
    words = [word for word in re.findall(r"[^\W\d_]+", sentence) if len(word) > 3]
    return len(words) >= 3 and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def denial(cast: Cast, sentence: Span, earlier: Sequence[Reading]) -> list[Reading]:
    """ "X denied the accusations": X's denial of the claim before, where X is one of its sides."""
    speakers = answered_denial(cast, sentence)
    if not speakers:
        return []
    for before in reversed(earlier[-4:]):
        sides = [p for p in (before.supplier, before.recipient) if p]
        if before.standing.status != "denied" and any(s.same_side(p) for s in speakers for p in sides):
            standing = Standing(status="denied", speakers=speakers)
            return [Reading(before.supplier, before.recipient, (), standing, None, sentence)]
    return []


def as_claim(document: ClaimInput, offset: int, reading: Reading, number: int) -> Claim:
    start, end = offset + reading.sentence.start_char, offset + reading.sentence.end_char
    quote = document.text[start:end]
    start += len(quote) - len(quote.lstrip())
    quote = quote.strip()
    return Claim(
        id=f"{document.article_id}.{document.version}.{number}",
        kind="arms_transfer",
        supplier=name_of(reading.supplier),
        supplier_id=reading.supplier.id if reading.supplier else None,
        recipient=name_of(reading.recipient),
        recipient_id=reading.recipient.id if reading.recipient else None,
        items=tuple(dict.fromkeys(item.name for item in sorted(reading.items, key=lambda i: i.head.i))),
        quantity=quantity_of(reading.items),
        stage=stage_of(reading),
        status=reading.standing.status,
        attributed_to=tuple(dict.fromkeys(p.person or p.name for p in reading.standing.speakers)),
        quote=quote,
        start=start,
        end=start + len(quote),
        field=document.field,
    )


def name_of(party: Party | None) -> str | None:
    return party.name if party else None


def quantity_of(items: Sequence[Arms]) -> str | None:
    """The number written with the first counted item ("24", "hundreds")."""
    for item in items:
        for child in item.head.children:
            if child.dep_ == "nummod":
                return child.doc[child.left_edge.i : child.i + 1].text
        prep = item.head.head
        if item.head.dep_ == "pobj" and prep.lower_ == "of" and prep.head.lower_ in {"dozens", "hundreds", "thousands"}:
            return str(prep.head.text)
    return None


def stage_of(reading: Reading) -> ClaimStage | None:
    """How far the transfer has come; what is only planned or possible has not been shipped or delivered."""
    if reading.standing.stage or reading.transfer is None:
        return reading.standing.stage
    stage = reading.transfer.stage
    if stage in {"delivered", "shipped", "used"} and reading.standing.status in {"planned", "possible"}:
        return None
    return stage
