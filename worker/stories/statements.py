"""Which numbers and ranks an article states."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from wirewatch.models import Article, Claim, Statement
from wirewatch.text import fold_name, sentence_ends
from worker.stories.amounts import NUMBER_WORDS

MAX_STATEMENTS = 40
QUOTE_CHARS = 300
# Numbers of casualties are read where the news is told; further down stand those of other events.
LEAD_SENTENCES = 4

RANK = (
    r"(?:Admiral|Adm\.?|Marshal|General|Gen\.?|Colonel|Col\.?|Commodore|Captain|Capt\.?|Major|Maj\.?|Commander|Cmdr\.?"
    r"|Lieutenant|Lt\.?|Sergeant|Sgt\.?|Corporal|Brigadier)"
)
HIGHER = r"(?:Lieutenant|Lt\.?|Major|Maj\.?|Brigadier|Brig\.?|Vice|Rear|Colonel|Col\.?|Field|Air|Grand|Staff)"
RANKED = re.compile(rf"\b({HIGHER}?[ -]?{RANK})((?: [A-Z][\w’'-]+){{1,3}})")
# Most texts name nobody by a rank, and to see that is quick; RANKED may begin at any word.
TELLS_RANK = re.compile(rf"{RANK} [A-Z]")
SHORT_RANKS = {
    "lt": "lieutenant", "maj": "major", "brig": "brigadier", "col": "colonel", "adm": "admiral", "gen": "general",
    "capt": "captain", "cmdr": "commander", "sgt": "sergeant",
}  # fmt: skip
# Capitalised words that follow a name without being part of it.
NO_NAMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december said told of the in on and assembly staff secretary electric motors".split()
)

OUTCOME = r" (killed|dead|died|injured|wounded|hurt|missing|arrested|detained)\b"
COUNTED = re.compile(
    r"\b(\d{1,3}(?:,\d{3})+|\d+|[a-z]+)"
    r"(?: (?:people|persons|men|women|children|civilians|workers|soldiers|others|passengers|students|residents))?"
    rf"(?: (?:were|was|have been|had been|are|is|have|had))?{OUTCOME}",
    re.IGNORECASE,
)
# Most texts tell of none, and to see that is quick; COUNTED begins with any word there is.
TELLS_OUTCOME = re.compile(OUTCOME, re.IGNORECASE)
OUTCOMES = {"dead": "killed", "died": "killed", "hurt": "injured", "wounded": "injured", "detained": "arrested"}
HEDGED = re.compile(r"\b(?:about|around|nearly|almost|over|than|least|up to|approximately|roughly) \d", re.IGNORECASE)
# A number with one of these before it is a bound or a guess, and contradicts none.
HEDGES = re.compile(
    r"\b(?:about|around|some|nearly|almost|over|than|least|most|to|approximately|estimated|roughly|circa|another|more)"
    r"(?: \w+)? *$",
    re.IGNORECASE,
)


def statements_of(article: Article, claims: Iterable[Claim]) -> tuple[Statement, ...]:
    """In the order of the text; one of each value."""
    text = f"{article.title}\n{article.text}" if article.title else article.text
    sentences = _Sentences(text)
    found = [*_ranks(sentences), *_outcomes(sentences), *_quantities(claims)]
    distinct = {(one.kind, one.about, one.value): one for one in reversed(found)}
    return tuple(reversed(distinct.values()))[:MAX_STATEMENTS]


class _Sentences:
    """A text, and where its sentences end: found out when it is asked, which for most texts is never."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def ends(self) -> Sequence[int]:
        return sentence_ends(self.text)

    def around(self, at: int) -> str:
        """The sentence around a place, cut where it is very long."""
        place = bisect_right(self.ends, at)
        start = self.ends[place - 1] if place else 0
        sentence = self.text[start : self.ends[place] if place < len(self.ends) else len(self.text)].strip()
        return sentence if len(sentence) <= QUOTE_CHARS else self.text[at : at + QUOTE_CHARS].strip()


def _ranks(sentences: _Sentences) -> Iterator[Statement]:
    if TELLS_RANK.search(sentences.text) is None:
        return
    for match in RANKED.finditer(sentences.text):
        names = match[2].split()
        stop = next((place for place, name in enumerate(names) if fold_name(name) in NO_NAMES), len(names))
        names = [name.removesuffix("’s").removesuffix("'s") for name in names[:stop]]
        if names:
            rank = " ".join(SHORT_RANKS.get(word, word) for word in re.findall(r"[a-z]+", match[1].lower()))
            given = fold_name(names[0]) if len(names) > 1 else ""
            yield Statement("name", f"rank of {names[-1]}", rank, sentences.around(match.start()), given)


def _outcomes(sentences: _Sentences) -> Iterator[Statement]:
    text = sentences.text
    if TELLS_OUTCOME.search(text) is None:
        return
    ends = sentences.ends
    lead_end = ends[LEAD_SENTENCES - 1] if len(ends) >= LEAD_SENTENCES else len(text)
    for match in COUNTED.finditer(text, 0, lead_end):
        number = _number(match[1])
        if number is not None and not HEDGES.search(text[max(match.start() - 24, 0) : match.start()]):
            outcome = OUTCOMES.get(match[2].lower(), match[2].lower())
            yield Statement("number", outcome, str(number), sentences.around(match.start()))


def _quantities(claims: Iterable[Claim]) -> Iterator[Statement]:
    """Of claims about one item between known parties that are not denied."""
    for claim in claims:
        if claim.count is None or len(claim.items) != 1 or claim.status == "denied" or HEDGED.search(claim.quote):
            continue
        if claim.supplier and claim.recipient:
            about = f"{claim.items[0]}: {claim.supplier} to {claim.recipient}"
            yield Statement("number", about, str(claim.count), claim.quote)


def _number(written: str) -> int | None:
    plain = written.strip().lower().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 12 else NUMBER_WORDS.get(plain)
