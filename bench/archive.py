"""An archive of any size, written by COPY in the shapes that the stages write, from chained words of real articles."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
import psycopg

from bench import scoring
from bench.texts import articles as made_up
from wirewatch.models import Analysis, Article, StoryFacts
from worker.copies import Fingerprint, fingerprint, read_wording
from worker.stories.vector import TermStatistics, Vector, key_terms, vector_of, weigh

ARTICLES_PER_DAY = 2_000
ARTICLES_PER_STORY = 3
OUTLETS = 17
# So many articles are written out; the others are mixed from two of them, with fingerprints of their own.
PATTERNS = 1_000
# Keys that an article has in common with the others of its pattern: phrases that come back.
COMMON_KEYS = 0.02
SENTENCES = range(6, 18)
# Texts whose words lead to one another in a ring have no end of their own.
MAX_WORDS = 1_000
WEEK_SECONDS = 7 * 24 * 3600
# Of what comes beside the archive, so that the archive can grow on below.
FIRST_ID = 1_000_000_000

INVERTED = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('fingerprints', 'vectors') AND indexdef LIKE '%USING gin%'
"""

Chain = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Pattern:
    title: str
    text: str
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


class Archive:
    """Grows in the database that `connection` is for; `patterns` are its first articles, as the stages would have
    stored them.
    """

    def __init__(self, connection: psycopg.Connection, texts: Sequence[str], until: datetime, seed: int = 1) -> None:
        self._connection, self._until, self._chosen = connection, until, random.Random(seed)
        self.chain = chain_of(texts)
        self.patterns = [self._pattern(number) for number in range(PATTERNS)]
        # In what is mixed from them terms are as rare.
        holding = Counter(term for pattern in self.patterns for term in pattern.vector.counts)
        self._statistics = TermStatistics(PATTERNS, holding)
        self.size = 0

    def grow(self, size: int) -> None:
        """Add articles until there are so many; their times end now, whatever the size."""
        first, last = self.size + 1, size
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
            counted = self._copy(cursor, first, last)
            self._count(cursor, counted, last - first + 1)
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            for _, definition in indexes:
                cursor.execute(definition)
        self._connection.execute("VACUUM (ANALYZE)")
        self.size = size

    def _pattern(self, number: int) -> Pattern:
        text = f"{write_text(self.chain, self._chosen)} {closing_line(number % OUTLETS)}"
        title = " ".join(text.split()[:9])
        vector = vector_of(Article("0", 1, title, text), Analysis(lang="en"), self._until)
        return Pattern(title, text, fingerprint(read_wording("0", title, text)), vector)

    def _copy(self, cursor: psycopg.Cursor, first: int, last: int) -> Counter[str]:
        tables = {
            "stories (id, title, facts, article_count)": self._stories(first, last),
            "articles (id, source_id, identity, title, text, content_hash, stage, published_at, story_id)": (
                self._articles(first, last)
            ),
            "article_versions (article_id, version, title, text)": (
                (row[0], 1, row[3], row[4]) for row in self._articles(first, last)
            ),
            "analyses (article_id, version)": ((number, 1) for number in range(first, last + 1)),
            "fingerprints (article_id, version, folded_hash, bands, sentences)": self._fingerprints(first, last),
        }
        for table, rows in tables.items():
            self._copy_rows(cursor, table, rows)
        counted: Counter[str] = Counter()
        columns = "vectors (article_id, story_id, seen_at, terms, counts, weights, key_terms, near_keys, placement)"
        self._copy_rows(cursor, columns, self._vectors(first, last, counted))
        return counted

    @staticmethod
    def _copy_rows(cursor: psycopg.Cursor, table: str, rows: Iterator[Sequence[object]]) -> None:
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

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

    def _mixed(self, number: int) -> tuple[Pattern, Pattern, random.Random]:
        """The first articles are the patterns themselves; of the others each is made of two."""
        chosen = random.Random(number)
        if number <= PATTERNS:
            return self.patterns[number - 1], self.patterns[number - 1], chosen
        return chosen.choice(self.patterns), chosen.choice(self.patterns), chosen

    def _at(self, number: int) -> datetime:
        return self._until - timedelta(days=number / ARTICLES_PER_DAY % 365)

    def _stories(self, first: int, last: int) -> Iterator[Sequence[object]]:
        for story in range(_story_of(first), _story_of(last) + 1):
            if first == 1 or story > _story_of(first - 1):
                ids = tuple(str(story * ARTICLES_PER_STORY + place) for place in range(1, ARTICLES_PER_STORY + 1))
                facts = StoryFacts(f"Story {story}", ids, (), 1, None, None)
                yield story + 1, f"Story {story}", msgspec.json.encode(facts).decode(), ARTICLES_PER_STORY

    def _articles(self, first: int, last: int) -> Iterator[Sequence[object]]:
        for number in range(first, last + 1):
            ours, theirs, _ = self._mixed(number)
            text = (
                ours.text if ours is theirs else ours.text[: len(ours.text) // 2] + theirs.text[len(theirs.text) // 2 :]
            )
            identity = sha256(str(number).encode()).digest()
            outlet = number % OUTLETS + 1
            yield (
                *(number, outlet, identity, ours.title, text, identity, "matched"),
                *(self._at(number), _story_of(number) + 1),
            )

    def _fingerprints(self, first: int, last: int) -> Iterator[Sequence[object]]:
        for number in range(first, last + 1):
            ours, theirs, chosen = self._mixed(number)
            known = ours.fingerprint
            if ours is not theirs:
                line = known.sentences[-3:]
                known = Fingerprint(
                    chosen.randbytes(16),
                    tuple(_own(known.bands, chosen)),
                    (*_own(known.sentences[:-3], chosen), *line),
                )
            yield number, 1, known.folded_hash, list(known.bands), list(known.sentences)

    def _vectors(self, first: int, last: int, counted: Counter[str]) -> Iterator[Sequence[object]]:
        for number in range(first, last + 1):
            ours, theirs, _ = self._mixed(number)
            counts = {**dict(list(ours.vector.counts.items())[::2]), **dict(list(theirs.vector.counts.items())[1::2])}
            counted.update(counts.keys())
            weights = weigh(counts, self._statistics)
            keys = key_terms(weights)
            seen_at = self._at(number)
            near = [f"{int(seen_at.timestamp()) // WEEK_SECONDS} {key}" for key in keys]
            yield (
                *(number, _story_of(number) + 1, seen_at, list(counts), list(counts.values())),
                *(list(weights.values()), keys, near, number),
            )


def _story_of(number: int) -> int:
    return (number - 1) // ARTICLES_PER_STORY


def _own(keys: Sequence[int], chosen: random.Random) -> Iterator[int]:
    return (key if chosen.random() < COMMON_KEYS else chosen.getrandbits(64) - 2**63 for key in keys)
