"""Finds claims: candidates by words, readings by the tree, one claim per sentence, sides and status."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from wirewatch.data import Item
from wirewatch.models import Claim, ClaimStage, Entity, Field, Mention
from wirewatch.text import fold_word, keys
from worker.claims.amounts import count_of, quantity_of, value_of
from worker.claims.candidates import CandidateFinder
from worker.claims.cast import Cast, mention_tokens
from worker.claims.items import ItemLexicon, find_arms
from worker.claims.legible import make_legible
from worker.claims.nouns import read_nouns
from worker.claims.passage import denial, merge, restates, take_up
from worker.claims.readings import Reading, expand, name_of
from worker.claims.registry import Party, Registry
from worker.claims.scene import Scene, Transfer
from worker.claims.verbs import read_verbs

NO_ARMS = frozenset({"personnel", "training"})


@dataclass(frozen=True, slots=True)
class ClaimInput:
    """One field of one article version, its mentions already linked; offsets count code points of `text`."""

    article_id: str
    version: int
    field: Field
    text: str
    mentions: Sequence[Mention]


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
        named = {name for e in known if e.type != "weapon" for name in names_of(e)}
        # Words at white space and hyphens: cutting every name into tokens would take seconds of a large catalogue.
        words = {fold_word(word.strip(".,()")) for name in named for word in name.replace("-", " ").split()}
        self._names = {word for word in words if len(word) > 3}

    def candidates(self, text: str) -> list[tuple[int, int]]:
        """Paragraph spans (code points) worth a parse: with a word of transfer and arms, or answering one that has."""
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


def as_claim(document: ClaimInput, offset: int, reading: Reading, number: int) -> Claim:
    start, end = offset + reading.sentence.start_char, offset + reading.sentence.end_char
    quote = document.text[start:end]
    start += len(quote) - len(quote.lstrip())
    quote = quote.strip()
    quantity = quantity_of(reading.items)
    named = {item.name: item.entity_id for item in sorted(reading.items, key=lambda item: item.head.i, reverse=True)}
    return Claim(
        id=f"{document.article_id}.{document.version}.{number}",
        kind="arms_transfer",
        supplier=name_of(reading.supplier),
        supplier_id=reading.supplier.id if reading.supplier else None,
        recipient=name_of(reading.recipient),
        recipient_id=reading.recipient.id if reading.recipient else None,
        items=tuple(reversed(named)),
        quantity=quantity,
        stage=stage_of(reading),
        status=reading.standing.status,
        attributed_to=tuple(dict.fromkeys(p.person or p.name for p in reading.standing.speakers)),
        quote=quote,
        start=start,
        end=start + len(quote),
        field=document.field,
        item_ids=tuple(reversed(named.values())),
        count=count_of(quantity),
        value=value_of(reading.transfer.predicate, reading.items, reading.sentence) if reading.transfer else None,
    )


def stage_of(reading: Reading) -> ClaimStage | None:
    """How far the transfer has come; what is only planned or possible has not been shipped or delivered."""
    if reading.standing.stage or reading.transfer is None:
        return reading.standing.stage
    stage = reading.transfer.stage
    if stage in {"delivered", "shipped", "used"} and reading.standing.status in {"planned", "possible"}:
        return None
    return stage
