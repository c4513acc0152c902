"""What an article is about, as weighted terms that two articles of one story share."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from wirewatch.models import Analysis, Article
from wirewatch.text import keys
from worker.stories.arguments import Argument, Kind, arguments_of
from worker.stories.stop_words import STOP_WORDS
from worker.stories.veto import Arguments, sort_out

# The head of a news text carries the event; what follows is background that other stories share.
HEAD_WORDS = 400
# So much of a text nearly always holds them, and a few more: the last are read otherwise where the text is cut off.
HEAD_CHARS, AT_THE_CUT = 3_200, 10
TITLE_WEIGHT = 2
TRANSFER_WEIGHT = 2
KEY_TERMS = 24
MAX_TERMS = 300
# Until so many articles have been counted, counts say more of the first few stories than of the language.
PRIOR_ARTICLES = 500


@dataclass(frozen=True)
class Vector:
    """`counts` by term (entities as `@id`, transfers as `>supplier>recipient`), empty where the weights that came of
    them were kept instead; `transfers` are "supplier>recipient" of its arms-transfer claims; `arguments` what its title
    and first sentence are about.
    """

    article_id: str
    seen_at: datetime
    counts: Mapping[str, int]
    transfers: frozenset[str]
    arguments: frozenset[Argument] = frozenset()

    @cached_property
    def argued(self) -> Arguments:
        return sort_out(self.arguments)

    @cached_property
    def who(self) -> frozenset[str]:
        return self.named("who")

    @cached_property
    def where(self) -> frozenset[str]:
        return self.named("where")

    def named(self, kind: Kind) -> frozenset[str]:
        return self.argued.get(kind, {}).get("", frozenset())


@dataclass(frozen=True, slots=True)
class TermStatistics:
    """How many of the `articles` so far hold each term."""

    articles: int
    holding: Mapping[str, int]

    def weight(self, term: str) -> float:
        """Inverse document frequency, as if PRIOR_ARTICLES had been read before the first in which each term is rare.

        `python -m bench.stories` measures what it does (docs/measurements.md).
        """
        return math.log((self.articles + PRIOR_ARTICLES + 2.0) / (self.holding.get(term, 0) + 1.0))


def vector_of(
    article: Article, analysis: Analysis, seen_at: datetime, countries: Mapping[str, str] | None = None
) -> Vector:
    title = keys(article.title)
    words = head_of(article.text)
    counts: Counter[str] = Counter()
    for word in title:
        counts[word] += TITLE_WEIGHT
    counts.update(words)
    stop = STOP_WORDS.get(analysis.lang or "en", STOP_WORDS["en"])
    kept = Counter({word: count for word, count in counts.items() if len(word) > 1 and word not in stop})
    for mention in analysis.mentions:
        if mention.entity_id:
            kept[f"@{mention.entity_id}"] += TITLE_WEIGHT if mention.field == "title" else 1
    transfers = frozenset(
        f"{claim.supplier_id}>{claim.recipient_id}"
        for claim in analysis.claims
        if claim.supplier_id and claim.recipient_id
    )
    kept.update({f">{transfer}": TRANSFER_WEIGHT for transfer in transfers})
    return Vector(
        article.id,
        seen_at,
        dict(kept.most_common(MAX_TERMS)),
        transfers,
        arguments_of(article, analysis, countries or {}),
    )


def head_of(text: str) -> tuple[str, ...]:
    """The first HEAD_WORDS words."""
    words = keys(text[:HEAD_CHARS])
    if len(words) < HEAD_WORDS + AT_THE_CUT and len(text) > HEAD_CHARS:
        words = keys(text)
    return words[:HEAD_WORDS]


def weigh(counts: Mapping[str, int], statistics: TermStatistics) -> dict[str, float]:
    """-> unit-length TF-IDF weights (sublinear term frequency; Salton & Buckley 1988)."""
    raw = {term: (1.0 + math.log(count)) * statistics.weight(term) for term, count in counts.items()}
    length = math.sqrt(sum(value * value for value in raw.values()))
    return {term: value / length for term, value in raw.items()} if length else {}


def key_terms(weights: Mapping[str, float]) -> list[str]:
    """The heaviest terms, under which later articles find this one."""
    # Twice, since a stable sort keeps equal ones in the order of the first, and both keys are read without Python code.
    return sorted(sorted(weights), key=weights.__getitem__, reverse=True)[:KEY_TERMS]


def cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Of two unit-length vectors: 0 (nothing shared) to 1."""
    if len(b) < len(a):
        a, b = b, a
    return sum([value * b[term] for term, value in a.items() if term in b])


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
