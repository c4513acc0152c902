"""A backtest: what a query would have found in the archive, decided by the same code as live matching."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from api.near_misses import NearMiss, find_near_misses
from api.subjects import Budget, go_through, read_subjects
from wirewatch.alerts.forecast import Matched, forecast, per_week
from wirewatch.alerts.score import score_of
from wirewatch.alerts.standing import said_by
from wirewatch.db import Transaction
from wirewatch.models import Evidence, Policy
from wirewatch.query import Compiled, Subject, decide
from wirewatch.query.prefilter import necessary_conditions
from wirewatch.store.views.archive import find_seen_at, get_bounds
from wirewatch.store.views.articles import ArticleFilter, find_page

SAMPLES = 10
DOUBTFUL_SAMPLES = 5
DOUBTFUL_BELOW = 0.75
BUDGET_ARTICLES = 20_000
BUDGET_SECONDS = 8.0
DAYS = 30
# A histogram of more days than this counts weeks.
MOST_DAYS = 92
# Shares are not worth telling of fewer articles than this.
LEAST_ARTICLES = 20
NEWEST_ARTICLES = 100
# Whoever saves a watch waits for the estimate.
RATE_SECONDS = 0.1
BROAD_SHARE = 0.25
# What was found by another spelling, nearness in letters or a pattern is less certain than what was asked for.
LOOSE_CERTAINTY = 0.7


@dataclass(frozen=True, slots=True)
class Sample:
    """A match and the spans that prove it; `certainty` is that of its weakest clause, 0 to 1."""

    article_id: str
    title: str
    story_id: str | None
    seen_at: datetime | None
    certainty: float
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class Bar:
    """Matches among the articles first seen from this day (UTC) until the next bar."""

    start: date
    matches: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Against the saved query of a watch: what only the new one finds, and what only the saved one does."""

    gained: int
    lost: int
    gained_samples: list[Sample]
    lost_samples: list[Sample]


@dataclass(frozen=True, slots=True)
class Preview:
    """`scanned` of `articles` were looked at, the newest first; where `complete` is false, the time was up.

    Then all counts, samples and bars are of the articles first seen since `looked_back_to` alone, and
    `estimated_matches` says how many there would be if the older ones were like them. `alerts_per_week`: how often an
    endpoint would have been told, by the policy, in the time that was looked at.
    """

    matches: int
    estimated_matches: int
    stories: int
    alerts_per_week: float
    articles: int
    scanned: int
    complete: bool
    since: datetime
    looked_back_to: datetime
    histogram: list[Bar]
    samples: list[Sample]
    doubtful: list[Sample]
    near_misses: list[NearMiss]
    difference: Difference | None
    warnings: list[str]


@dataclass
class _Tally:
    """What has been found so far."""

    matched: list[Sample] = field(default_factory=list)
    told: list[Matched] = field(default_factory=list)
    gained: list[Sample] = field(default_factory=list)
    lost: list[Sample] = field(default_factory=list)

    def add(self, subject: Subject, query: Compiled, saved: Compiled | None) -> None:
        decision = decide(query, subject)
        held = saved is not None and saved.root.holds(subject)
        if decision.matched:
            sample = _sample(subject, decision.evidence)
            self.matched.append(sample)
            self.told.extend(_told(subject, decision.evidence))
            if saved is not None and not held:
                self.gained.append(sample)
        elif saved is not None and held:
            self.lost.append(_sample(subject, decide(saved, subject).evidence))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a preview has come."""

    matches: int
    scanned: int
    articles: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the archive was looked at: `scanned` of `articles`, those first seen since `back_to`."""

    articles: int
    scanned: int
    complete: bool
    back_to: datetime


@dataclass(frozen=True, slots=True)
class Backtest:
    """What to try, on what, and how long to look."""

    query: Compiled
    policy: Policy
    since: datetime
    now: datetime
    saved: Compiled | None = None
    seconds: float = BUDGET_SECONDS


def preview(tx: Transaction, asked: Backtest) -> Iterator[Progress | Preview]:
    """Decide the query on the articles first seen since then, the newest first; the last thing told is the result."""
    wanted, tally = ArticleFilter(since=asked.since), _Tally()
    lowest, highest, articles = get_bounds(tx, wanted)
    budget = Budget(BUDGET_ARTICLES, asked.seconds)
    queries = [asked.query] if asked.saved is None else [asked.query, asked.saved]
    down_to = highest + 1
    for portion in go_through(tx, queries, wanted, budget):
        for subject in portion.subjects:
            if subject.article.retracted:
                # Such an article matches no watch.
                continue
            tally.add(subject, asked.query, asked.saved)
        down_to = portion.down_to
        # Ids are given out in the order of arrival: the share of ids is the share of articles.
        share = (highest + 1 - down_to) / max(1, highest + 1 - lowest)
        yield Progress(len(tally.matched), round(share * articles), articles)
    extent = Extent(articles, articles, True, asked.since)
    if articles and down_to > lowest:
        scanned = round((highest + 1 - down_to) / (highest + 1 - lowest) * articles)
        extent = Extent(articles, scanned, False, find_seen_at(tx, down_to) or asked.now)
    misses = find_near_misses(tx, asked.query, wanted, below=highest + 1, lowest=lowest)
    yield _result(asked, tally, extent, misses)


def _result(asked: Backtest, tally: _Tally, extent: Extent, misses: list[NearMiss]) -> Preview:
    matched = tally.matched
    stories = {one.story_id for one in matched} - {None}
    looked_at = max(asked.now - extent.back_to, timedelta(days=1) if extent.complete else timedelta(hours=1))
    in_all = len(matched) if extent.complete else round(len(matched) * extent.articles / max(1, extent.scanned))
    alerts = forecast(asked.policy, tally.told)
    surest = sorted(matched, key=lambda one: (-one.certainty, -len(one.evidence)))
    doubtful = [one for one in reversed(surest) if one.certainty < DOUBTFUL_BELOW]
    return Preview(
        matches=len(matched),
        estimated_matches=in_all,
        stories=len(stories),
        alerts_per_week=round(per_week(asked.policy, alerts, looked_at), 2) if alerts else 0.0,
        articles=extent.articles,
        scanned=extent.scanned,
        complete=extent.complete,
        since=asked.since,
        looked_back_to=extent.back_to,
        histogram=_histogram(matched, extent.back_to, asked.now),
        samples=surest[:SAMPLES],
        doubtful=doubtful[:DOUBTFUL_SAMPLES],
        near_misses=misses,
        difference=None if asked.saved is None else _difference(tally),
        warnings=[*asked.query.warnings, *_partly(extent, in_all), *rate_warnings(len(matched), extent.scanned)],
    )


def _partly(extent: Extent, in_all: int) -> list[str]:
    """Said of a preview that saw a part of the archive alone."""
    if extent.complete:
        return []
    part = f"only the newest {extent.scanned} of {extent.articles} articles were looked at in the time there is"
    return [f"{part} (since {extent.back_to.isoformat(timespec='seconds')}); about {in_all} would match in all"]


def rate_warnings(matches: int, scanned: int) -> list[str]:
    """Said of a query that finds nearly everything, or nothing at all."""
    if scanned < LEAST_ARTICLES:
        return []
    if matches == 0:
        return [f"none of the {scanned} articles matches"]
    share = matches / scanned
    return [f"{share:.0%} of the {scanned} articles match; add something to look for"] if share > BROAD_SHARE else []


def estimate_rate(tx: Transaction, query: Compiled) -> list[str]:
    """A warning with the share of the newest articles that match, of a query that may match nearly everything."""
    if necessary_conditions(query) and not query.query.warnings:
        return []
    ids, _ = find_page(tx, ArticleFilter(), before=None, limit=NEWEST_ARTICLES)
    budget = Budget(NEWEST_ARTICLES, RATE_SECONDS)
    matches = looked_at = 0
    while looked_at < len(ids) and not budget.is_spent(looked_at):
        subjects = read_subjects(tx, ids[looked_at : looked_at + LEAST_ARTICLES])
        matches += sum(query.root.holds(subject) for subject in subjects)
        looked_at += LEAST_ARTICLES
    return rate_warnings(matches, min(looked_at, len(ids)))


def _difference(tally: _Tally) -> Difference:
    return Difference(
        len(tally.gained), len(tally.lost), tally.gained[:DOUBTFUL_SAMPLES], tally.lost[:DOUBTFUL_SAMPLES]
    )


def _histogram(matched: Sequence[Sample], since: datetime, now: datetime) -> list[Bar]:
    first, last = since.astimezone(UTC).date(), now.astimezone(UTC).date()
    step = 1 if (last - first).days <= MOST_DAYS else 7
    if (last - first).days > MOST_DAYS * 7:
        # Asked for everything: begin with what was found.
        first = min((one.seen_at.astimezone(UTC).date() for one in matched if one.seen_at), default=last)
        step = max(7, (last - first).days // MOST_DAYS)
    counted = Counter((one.seen_at.astimezone(UTC).date() - first).days // step for one in matched if one.seen_at)
    return [Bar(first + timedelta(days=n * step), counted[n]) for n in range((last - first).days // step + 1)]


def _sample(subject: Subject, evidence: Sequence[Evidence]) -> Sample:
    article = subject.article
    certainty = round(_certainty(subject, evidence), 2)
    return Sample(article.id, article.title, article.story_id, article.first_seen_at, certainty, list(evidence))


def _told(subject: Subject, evidence: Sequence[Evidence]) -> Iterator[Matched]:
    """The match as alerts would have met it; of an article that has not been placed yet, none."""
    article, story = subject.article, subject.story
    if article.story_id and story and article.first_seen_at:
        origin = article.source_name or article.source_domain or f"#{article.id}"
        line = story.origins.get(origin, origin) if story.independent_sources > 1 else ""
        score = score_of(evidence, subject.analysis)
        said = said_by(article.id, subject.analysis.claims)
        yield Matched(article.id, article.story_id, article.first_seen_at, score, said, line)


def _certainty(subject: Subject, evidence: Sequence[Evidence]) -> float:
    """The best span of each clause, and of these the weakest."""
    scores = {(m.field, m.start): m.score for m in subject.analysis.mentions}
    topics = {topic.id: topic.score for topic in subject.analysis.topics}
    best: dict[str, float] = {}
    for one in evidence:
        certain = 1.0
        if one.kind == "entity" and one.field is not None and one.start is not None:
            certain = scores.get((one.field, one.start), 1.0)
        elif one.kind == "topic":
            certain = topics.get(one.ref_id or "", 1.0)
        elif one.kind == "term" and (one.meaning or one.clause.endswith("/") or "~" in one.clause):
            certain = LOOSE_CERTAINTY
        best[one.clause] = max(best.get(one.clause, 0.0), certain)
    return min(best.values(), default=1.0)
