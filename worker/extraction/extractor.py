"""Reads articles in batches: one run of the model over all new paragraphs, then each article by itself."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from wirewatch.data import Item
from wirewatch.models import Analysis, Claim, Entity, EntityType, Field, Mention, Span, Topic, TopicScore
from wirewatch.text import tokenize
from wirewatch.topics import Found, TopicFinder
from worker.claims import ClaimFinder, ClaimInput
from worker.extraction.decoding import RawEntity
from worker.extraction.gazetteer import Gazetteer
from worker.extraction.language import detect_language
from worker.extraction.languages import ENGLISH, Languages
from worker.extraction.lexicon import Lexicon, load_lexicon
from worker.extraction.mentions import find_mentions
from worker.extraction.model import LanguageModel
from worker.extraction.names import Named
from worker.extraction.paragraphs import MAX_PARAGRAPH_CHARS, Paragraph, split_paragraphs

# Of a monstrous article the model reads the beginning; known names and topics are found throughout.
MAX_MODEL_CHARS = 300_000
MAX_PARSED_CHARS = 100_000
_BETWEEN_FIELDS = "\n\n"
# Long enough for its language to be told, and worth a parse.
WARM_UP = "Norway has supplied patrol boats to Iceland, the coast guard said in a statement on Monday morning."
_PARSED_LANGUAGES = frozenset({ENGLISH, None})


@dataclass(frozen=True, slots=True)
class Document:
    """One version of an article, as stored."""

    article_id: str
    version: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Title and text read as one, so that they help each other; `[:title_end]` is the title where it counts."""

    whole: str
    title_end: int
    text_start: int

    def place(self, start: int) -> tuple[Field, int]:
        """The field that a position of the whole lies in, and what to take off to get the field's own position."""
        return ("title", 0) if start < self.title_end else ("text", self.text_start)


class Extractor:
    """Everything that reading articles needs, for one revision of the catalogue. Not safe for two threads at once."""

    def __init__(
        self,
        entities: Iterable[Entity],
        topics: Iterable[Topic],
        items: Iterable[Item],
        *,
        model: str | LanguageModel | Languages,
    ) -> None:
        self._items = tuple(items)
        known = tuple(entities)
        model = LanguageModel(model) if isinstance(model, str) else model
        self._languages = Languages(model, {}) if isinstance(model, LanguageModel) else model
        self._gazetteer = Gazetteer.build(known)
        self._topics = TopicFinder(topics)
        self._claims = ClaimFinder(self._items, known)
        self._lexicon: Lexicon = load_lexicon()

    def with_catalogue(self, entities: Iterable[Entity], topics: Iterable[Topic]) -> "Extractor":
        """The same model and its cache with other entities and topics."""
        return Extractor(entities, topics, self._items, model=self._languages)

    def warm_up(self) -> None:
        """Read one text, since language detection and the parser load when they are first used."""
        self.analyse([Document("", 0, "", WARM_UP)])

    def analyse(self, documents: Sequence[Document]) -> list[Analysis]:
        """One analysis per document, in order. Offsets are code points of the stored title or text."""
        pages = [as_page(document) for document in documents]
        languages = [detect_language(page.whole) for page in pages]
        models = [self._languages.find(language) for language in languages]
        raw: list[list[RawEntity]] = [[] for _ in pages]
        with ExitStack() as zones:
            for model in dict.fromkeys([self._languages.english, *models]):
                if model is not None:
                    zones.enter_context(model.zone())
                    own = [place for place, chosen in enumerate(models) if chosen is model]
                    for place, found in zip(own, _raw_entities(model, [pages[place] for place in own]), strict=True):
                        raw[place] = found
            return [self._analyse(*read) for read in zip(documents, pages, languages, raw, strict=True)]

    def _analyse(self, document: Document, page: Page, language: str | None, raw: Sequence[RawEntity]) -> Analysis:
        tokens = tokenize(page.whole)
        named = find_mentions(page.whole, tokens, raw, self._gazetteer, self._lexicon)
        mentions = tuple(_as_mention(page, name) for name in named)
        claims = self._find_claims(document, page, mentions) if language in _PARSED_LANGUAGES else ()
        quotes = [
            (c.start, c.end) if c.field == "title" else (c.start + page.text_start, c.end + page.text_start)
            for c in claims
        ]
        types: frozenset[EntityType] = frozenset(mention.type for mention in mentions)
        topics = self._topics.find(tokens, page.whole, types, quotes)
        return Analysis(language, mentions, tuple(_as_topic(page, topic) for topic in topics), claims)

    def _find_claims(self, document: Document, page: Page, mentions: Sequence[Mention]) -> tuple[Claim, ...]:
        claims: tuple[Claim, ...] = ()
        fields: list[tuple[Field, str]] = [
            ("title", page.whole[: page.title_end]),
            ("text", page.whole[page.text_start :]),
        ]
        for name, text in fields:
            chosen = _bound(text, self._claims.candidates(text[:MAX_MODEL_CHARS]))
            if not chosen:
                continue
            own = [mention for mention in mentions if mention.field == name]
            docs = self._languages.english.parse([self._claims.legible(paragraph.text) for paragraph in chosen])
            parsed = zip((paragraph.start for paragraph in chosen), docs, strict=True)
            asked = ClaimInput(document.article_id, document.version, name, text, own)
            claims += self._claims.find(asked, list(parsed), len(claims))
        return claims


def _raw_entities(model: LanguageModel, pages: Sequence[Page]) -> list[list[RawEntity]]:
    paragraphs = [split_paragraphs(page.whole[:MAX_MODEL_CHARS]) for page in pages]
    found = iter(model.entities([p.text for page in paragraphs for p in page]))
    return [
        [RawEntity(p.start + e.start, p.start + e.end, e.label) for p in page for e in next(found)]
        for page in paragraphs
    ]


def as_page(document: Document) -> Page:
    """The title counts as content unless the text begins with it."""
    title = document.title
    if not title.strip() or document.text.lstrip().startswith(title.strip()):
        return Page(document.text, 0, 0)
    return Page(title + _BETWEEN_FIELDS + document.text, len(title), len(title) + len(_BETWEEN_FIELDS))


def _bound(text: str, spans: Iterable[tuple[int, int]]) -> list[Paragraph]:
    """The chosen spans in pieces that the parser can bear, MAX_PARSED_CHARS in all."""
    chosen: list[Paragraph] = []
    left = MAX_PARSED_CHARS
    for start, end in spans:
        for piece in (
            split_paragraphs(text[start:end]) if end - start > MAX_PARAGRAPH_CHARS else [Paragraph(0, text[start:end])]
        ):
            left -= len(piece.text)
            if left < 0:
                return chosen
            chosen.append(Paragraph(start + piece.start, piece.text))
    return chosen


def _as_mention(page: Page, named: Named) -> Mention:
    field, shift = page.place(named.start)
    start, end = named.start - shift, named.end - shift
    text = page.whole[named.start : named.end]
    return Mention(named.entity_id, named.name, named.type, named.label, text, start, end, field, named.score)


def _as_topic(page: Page, found: Found) -> TopicScore:
    evidence = []
    for start, end in found.evidence:
        field, shift = page.place(start)
        evidence.append(Span(start - shift, end - shift, page.whole[start:end], field))
    return TopicScore(found.id, round(found.score, 4), tuple(evidence))
