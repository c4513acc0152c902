"""An archive of any size, written by COPY in the shapes that the stages write, from chained words of real articles."""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec
import psycopg

from bench import scoring
from bench.texts import articles as made_up
from wirewatch.models import Analysis, Article, StoryFacts
from wirewatch.store.fingerprints import HOLDERS
from worker.copies import Fingerprint, fingerprint, read_wording
from worker.copies.fingerprint import KEYED_SENTENCES, SENTENCE_BANDS
from worker.stories.vector import TermStatistics, Vector, key_terms, vector_of, weigh

ARTICLES_PER_DAY = 2_000
ARTICLES_PER_STORY = 3
OUTLETS = 17
# So many articles are written out, each a story of its own; those of each other story have the sentences of one, with
# their words in another order, and terms of two.
PATTERNS = 1_000
# Of a story's terms, those that each article has.
COMMON_TERMS = 0.8
# Of 142,311 pairs of newswire texts (534 of them) 68 share one key of a sentence, by chance, and one shares sentences;
# none shares a band. So of 100,000 articles 48 meet an article by one key, and in about one it finds some of its
# sentences: of the hundred that are made of one pattern, these shares.
CHANCE_KEY, QUOTING, QUOTED_SENTENCES = 0.48, 0.01, 0.33
SENTENCES = range(6, 18)
# Texts whose words lead to one another in a ring have no end of their own.
MAX_WORDS = 1_000
WEEK_SECONDS = 7 * 24 * 3600
# Of what comes beside the archive, so that the archive can grow on below.
FIRST_ID = 1_000_000_000
# Written at once by one process, and held at once by the one that hands them on.
CHUNK, CHUNKS = 2_500, 8

INVERTED = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('fingerprints', 'vectors') AND indexdef LIKE '%USING gin%'
"""

# One of the whole sentence, and its bands.
KEYS_EACH = 1 + SENTENCE_BANDS
Chain = Mapping[tuple[str, str], Sequence[str]]
Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Pattern:
    """`sentences`: where those stand that fingerprints have keys of, KEYS_EACH for each but those that come twice."""

    title: str
    text: str
    sentences: Sequence[tuple[int, int]]
    fingerprint: Fingerprint
    vector: Vector


def read_texts() -> list[str]:
    """The newswire texts where they are; elsewhere texts made up, which no figure in the docs rests on."""
    if scoring.NEWSWIRE.exists():
        return [row["text"] for row in scoring.read_lines(scoring.NEWSWIRE)]
    return [body["text"] for body in made_up(500)]


def chain_of(texts: Sequence[str]) -> Chain:
    """Which words follow two others, and how often."""
    chain: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for text in texts:
        words = ["", "", *text.split()]
        for first, second, third in zip(words, words[1:], words[2:], strict=False):
            chain[first, second].append(third)
    return chain


def write_text(chain: Chain, chosen: random.Random) -> str:
    """A text of some hundred words in which every three follow each other somewhere in the real ones."""
    words, pair = list[str](), ("", "")
    wanted = chosen.choice(SENTENCES)
    while wanted and len(words) < MAX_WORDS:
        word = chosen.choice(chain.get(pair) or chain["", ""])
        words.append(word)
        wanted -= word.endswith((".", "!", "?"))
        pair = (pair[1], word)
    return " ".join(words)


def closing_line(outlet: int) -> str:
    """What an outlet prints under each of its articles."""
    return (
        f"Outlet {outlet} is read in all towns of the bay and along the {outlet} rivers that flow into it each spring."
    )


class Mixed(NamedTuple):
    """Whose words and terms an article has, and which of our sentences as they were: always the last."""

    ours: Pattern
    theirs: Pattern
    kept: Sequence[int]
    chosen: random.Random


class Chunk(NamedTuple):
    """Rows by table, as COPY reads them, and how many of the articles hold each term."""

    rows: Mapping[str, bytes]
    holding: Counter[str]


@dataclass(frozen=True, slots=True)
class Mixture:
    """What articles are made of, by number: the first are the patterns, each later one is mixed from two of them.

    Their times end at `until`.
    """

    patterns: Sequence[Pattern]
    statistics: TermStatistics
    until: datetime

    @classmethod
    def make(cls, chain: Chain, until: datetime, seed: int) -> "Mixture":
        chosen = random.Random(seed)
        patterns = [_pattern(chain, chosen, number, until) for number in range(PATTERNS)]
        # In what is mixed from them terms are as rare.
        holding = Counter(term for pattern in patterns for term in pattern.vector.counts)
        return cls(patterns, TermStatistics(PATTERNS, holding), until)

    def write(self, numbers: range) -> Chunk:
        """The rows of these articles and of the stories that begin with one of them."""
        holding: Counter[str] = Counter()
        makers: Mapping[str, Callable[[int], Iterable[Row]]] = {
            STORIES: self._story,
            ARTICLES: self._article,
            VERSIONS: self._version,
            ANALYSES: self._analysis,
            FINGERPRINTS: self._fingerprint,
            VECTORS: lambda number: self._vector(number, holding),
        }
        rows = {
            table: "".join(_copied(row) for number in numbers for row in rows_of(number)).encode()
            for table, rows_of in makers.items()
        }
        return Chunk(rows, holding)

    def _mixed(self, number: int) -> Mixed:
        chosen = random.Random(number)
        if number <= PATTERNS:
            pattern = self.patterns[number - 1]
            return Mixed(pattern, pattern, range(len(pattern.sentences)), chosen)
        of_story = random.Random(-_story_of(number))
        ours, theirs = of_story.sample(self.patterns, 2)
        last = len(ours.sentences) - 1
        share = QUOTED_SENTENCES if chosen.random() < QUOTING else 0.0
        kept = [place for place in range(last + 1) if place == last or chosen.random() < share]
        return Mixed(ours, theirs, kept, chosen)

    def _at(self, number: int) -> datetime:
        return self.until - timedelta(days=number / ARTICLES_PER_DAY % 365)

    def _story(self, number: int) -> Iterator[Row]:
        story = _story_of(number)
        if story != _story_of(number - 1):
            ids = (str(number),) if number <= PATTERNS else tuple(map(str, range(number, number + ARTICLES_PER_STORY)))
            facts = StoryFacts(f"Story {story}", ids, (), 1, None, None, article_count=len(ids))
            yield story, f"Story {story}", msgspec.json.encode(facts).decode(), len(ids)

    def _article(self, number: int) -> Iterator[Row]:
        title, text = self._written(number)
        identity = "\\x" + sha256(str(number).encode()).hexdigest()
        outlet = number % OUTLETS + 1
        yield number, outlet, identity, title, text, identity, "matched", self._at(number), _story_of(number)

    def _version(self, number: int) -> Iterator[Row]:
        yield number, 1, *self._written(number)

    def _written(self, number: int) -> tuple[str, str]:
        ours, theirs, kept, chosen = self._mixed(number)
        if ours is theirs:
            return ours.title, ours.text
        parts, end = list[str](), 0
        for place in kept:
            start, stop = ours.sentences[place]
            parts += [_shuffled(ours.text[end:start], chosen), ours.text[start:stop]]
            end = stop
        return ours.title, " ".join([*parts, _shuffled(ours.text[end:], chosen)])

    @staticmethod
    def _analysis(number: int) -> Iterator[Row]:
        yield number, 1

    def _fingerprint(self, number: int) -> Iterator[Row]:
        ours, theirs, kept, chosen = self._mixed(number)
        folded, bands, sentences = ours.fingerprint
        if ours is not theirs:
            folded, bands = chosen.randbytes(16), tuple(_own(bands, chosen))
            held = {key for place in kept for key in sentences[KEYS_EACH * place : KEYS_EACH * (place + 1)]}
            if sentences and chosen.random() < CHANCE_KEY:
                held.add(chosen.choice(sentences))
            sentences = tuple(
                key if key in held else own for key, own in zip(sentences, _own(sentences, chosen), strict=True)
            )
        yield number, 1, "\\x" + folded.hex(), _numbers(bands), _numbers(sentences)

    def _vector(self, number: int, holding: Counter[str]) -> Iterator[Row]:
        ours, theirs, _, chosen = self._mixed(number)
        counts = ours.vector.counts
        if ours is not theirs:
            both = [*list(ours.vector.counts.items())[::2], *list(theirs.vector.counts.items())[1::2]]
            counts = {term: count for term, count in both if chosen.random() < COMMON_TERMS}
        holding.update(counts.keys())
        weights = weigh(counts, self.statistics)
        keys = key_terms(weights)
        seen_at = self._at(number)
        near = [f"{int(seen_at.timestamp()) // WEEK_SECONDS} {key}" for key in keys]
        yield (
            *(number, _story_of(number), seen_at, _words(weights), _numbers(weights.values())),
            *(_words(keys), _words(near), number),
        )


STORIES = "stories (id, title, facts, article_count)"
ARTICLES = "articles (id, source_id, identity, title, text, content_hash, stage, published_at, story_id)"
VERSIONS = "article_versions (article_id, version, title, text)"
ANALYSES = "analyses (article_id, version)"
FINGERPRINTS = "fingerprints (article_id, version, folded_hash, bands, sentences)"
VECTORS = "vectors (article_id, story_id, seen_at, terms, weights, key_terms, near_keys, placement)"


# As the stages note a key when it comes to so many.
NOTE_COMMON = """
    INSERT INTO common_sentences (key, holders)
    SELECT key, (array_agg(article_id ORDER BY article_id))[:%(holders)s]
    FROM fingerprints, unnest(sentences) AS key WHERE article_id <= %(first)s
    GROUP BY key HAVING count(*) >= %(holders)s ON CONFLICT DO NOTHING
"""


class Archive:
    """Grows in the database that `connection` is for, and goes on where one grew there before; `patterns` are its
    first articles, as the stages would have stored them. `guests`: how many others were there already.
    """

    def __init__(self, connection: psycopg.Connection, texts: Sequence[str], seed: int = 1) -> None:
        self._connection = connection
        self.chain = chain_of(texts)
        self.size, self.guests, newest = self._find()
        self._mixture = Mixture.make(self.chain, newest or datetime.now(UTC), seed)

    @property
    def patterns(self) -> Sequence[Pattern]:
        return self._mixture.patterns

    def grow(self, size: int) -> None:
        """Add articles until there are so many; their times end when the archive was begun, whatever the size."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            # Built anew in one go, an inverted index takes a fraction of the time that it takes row by row.
            indexes = cursor.execute(INVERTED).fetchall()
            for name, _ in indexes:
                cursor.execute(f"DROP INDEX {name}")
            if not self.size:
                cursor.execute(
                    "INSERT INTO sources (id, key, name) SELECT n, n::text, n::text FROM generate_series(1, %s) n",
                    (OUTLETS,),
                )
                for table in ("articles", "stories", "sources"):
                    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, FIRST_ID))
            self._count(cursor, self._copy(cursor, self.size + 1, size), size - self.size)
            cursor.execute(NOTE_COMMON, {"holders": HOLDERS, "first": 100 * HOLDERS})
            cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
            for _, definition in indexes:
                cursor.execute(definition)
        self._connection.execute("VACUUM (ANALYZE)")
        self.size = size

    def _find(self) -> tuple[int, int, datetime | None]:
        """-> how many articles and others are there, and when their times end."""
        query = """
            SELECT count(*) FILTER (WHERE id < %(first)s), count(*) FILTER (WHERE id >= %(first)s),
                max(published_at) FILTER (WHERE id = 1) FROM articles
        """
        size, guests, first = self._connection.execute(query, {"first": FIRST_ID}).fetchone() or (0, 0, None)
        return size, guests, first and first + timedelta(days=1 / ARTICLES_PER_DAY)

    def _copy(self, cursor: psycopg.Cursor, first: int, last: int) -> Counter[str]:
        counted: Counter[str] = Counter()
        chunks = [range(start, min(start + CHUNK, last + 1)) for start in range(first, last + 1, CHUNK)]
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for start in range(0, len(chunks), CHUNKS):
                for chunk in pool.map(self._mixture.write, chunks[start : start + CHUNKS]):
                    for table, rows in chunk.rows.items():
                        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                            copy.write(rows)
                    counted += chunk.holding
        return counted

    def _count(self, cursor: psycopg.Cursor, counted: Counter[str], added: int) -> None:
        cursor.execute(
            """
            INSERT INTO terms (term, articles) SELECT * FROM unnest(%s::text[], %s::bigint[])
            ON CONFLICT (term) DO UPDATE SET articles = terms.articles + excluded.articles
            """,
            (list(counted), list(counted.values())),
        )
        cursor.execute(
            """
            INSERT INTO counters (name, value) VALUES ('placements', %(added)s), ('term_articles', %(added)s)
            ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value
            """,
            {"added": added},
        )


def _pattern(chain: Chain, chosen: random.Random, number: int, until: datetime) -> Pattern:
    text = f"{write_text(chain, chosen)} {closing_line(number % OUTLETS)}"
    title = " ".join(text.split()[:9])
    vector = vector_of(Article("0", 1, title, text), Analysis(lang="en"), until)
    wording = read_wording("0", title, text)
    spans = [(one.start, one.end) for one in wording.sentences[:KEYED_SENTENCES]]
    return Pattern(title, text, spans, fingerprint(wording), vector)


def _story_of(number: int) -> int:
    return number if number <= PATTERNS else PATTERNS + (number - PATTERNS - 1) // ARTICLES_PER_STORY + 1


def _shuffled(text: str, chosen: random.Random) -> str:
    words = text.split()
    chosen.shuffle(words)
    return " ".join(words)


def _own(keys: Sequence[int], chosen: random.Random) -> Iterator[int]:
    return (chosen.getrandbits(64) - 2**63 for _ in keys)


# psycopg writes rows too, and takes longer for their arrays than all else that makes an archive takes together.
def _copied(row: Row) -> str:
    """A line in COPY's text format (PostgreSQL's manual, COPY, File Formats)."""
    return "\t".join(_escaped(str(value), _COPY_ESCAPES) for value in row) + "\n"


_COPY_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_WORD_ESCAPES = (("\\", "\\\\"), ('"', '\\"'))


def _escaped(value: str, escapes: Iterable[tuple[str, str]]) -> str:
    for char, written in escapes:
        value = value.replace(char, written)
    return value


def _numbers(values: Iterable[float]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _words(values: Iterable[str]) -> str:
    return "{" + ",".join(f'"{_escaped(value, _WORD_ESCAPES)}"' for value in values) + "}"
