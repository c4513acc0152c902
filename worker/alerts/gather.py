"""What matches mean for alerts: which articles join which, were changed in them, or leave them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from wirewatch.alerts.decide import Events, Heard
from wirewatch.alerts.standing import hear, keep_said, said_by
from wirewatch.db import Transaction
from wirewatch.models import Evidence, SaidClaim, Standing, Watch
from wirewatch.store import alerts, analyses
from wirewatch.store.alerts import StoredAlert
from wirewatch.store.matches import Judged
from worker.alerts.independence import Independence, asked_for
from worker.alerts.untold import why_unheard


@dataclass(slots=True)
class Meeting:
    """An alert, locked, and the matches of this run that concern it."""

    alert: StoredAlert
    watch: Watch
    joining: list[Judged] = field(default_factory=list)
    changed: list[Judged] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)

    @property
    def article_ids(self) -> list[str]:
        stay = [id_ for id_ in self.alert.article_ids if id_ not in self.leaving]
        return stay + [one.match.article_id for one in self.joining]

    @property
    def is_empty(self) -> bool:
        return not (self.joining or self.changed or self.leaving)


@dataclass(frozen=True, slots=True)
class Claims:
    """What articles say, by article, one claim for each item."""

    by_article: Mapping[str, tuple[SaidClaim, ...]]

    def of(self, article_id: str) -> tuple[SaidClaim, ...]:
        return self.by_article.get(article_id, ())


def meet(tx: Transaction, judged: Sequence[Judged], live: Mapping[str, Watch]) -> list[Meeting]:
    """-> the alerts that these matches open, join, change or leave, each locked, in the order of (watch, story)."""
    concerned = [one for one in judged if one.match.watch_id in live]
    standing = [one for one in concerned if is_good(one, live)]
    opened = alerts.open_all(tx, {(one.match.watch_id, one.match.story_id or "") for one in standing})
    by_place = {(one.watch_id, one.story_id): Meeting(one, live[one.watch_id]) for one in opened}
    by_id = {meeting.alert.id: meeting for meeting in by_place.values()}
    left = [one for one in concerned if one.alert_id and _leaves(one, live)]
    others = alerts.lock_all(tx, {one.alert_id for one in left if one.alert_id} - by_id.keys())
    by_id |= {one.id: Meeting(one, live[one.watch_id]) for one in others if one.watch_id in live}
    for one in standing:
        if meeting := by_place.get((one.match.watch_id, one.match.story_id or "")):
            (meeting.changed if one.match.article_id in meeting.alert.article_ids else meeting.joining).append(one)
    for one in left:
        meeting = by_id.get(one.alert_id or "")
        if meeting and one.match.article_id in meeting.alert.article_ids:
            meeting.leaving.append(one.match.article_id)
    return sorted(by_id.values(), key=lambda one: (int(one.alert.watch_id), int(one.alert.story_id)))


def is_good(one: Judged, live: Mapping[str, Watch]) -> bool:
    """Whether the match holds for an article in a story, as surely as the policy asks."""
    return one.holds and why_unheard(one, live) is None


def _leaves(one: Judged, live: Mapping[str, Watch]) -> bool:
    return not is_good(one, live) or one.alert_story_id != one.match.story_id


def read_claims(tx: Transaction, meetings: Iterable[Meeting]) -> Claims:
    """-> the claims of what joined or changed, and of all articles of the alerts that are to be counted anew."""
    known: dict[str, tuple[SaidClaim, ...]] = {}
    wanted: set[str] = set()
    for meeting in meetings:
        known |= {
            one.match.article_id: said_by(one.match.article_id, one.claims)
            for one in (*meeting.joining, *meeting.changed)
        }
        wanted |= set(meeting.article_ids) if meeting.leaving or meeting.changed else set()
    return Claims({**_read(tx, wanted - known.keys()).by_article, **known})


def read_all_claims(tx: Transaction, meetings: Iterable[Meeting]) -> Claims:
    """-> the claims of all articles of these alerts."""
    return _read(tx, {id_ for meeting in meetings for id_ in meeting.article_ids})


def _read(tx: Transaction, article_ids: Collection[str]) -> Claims:
    found = analyses.get_claims(tx, article_ids) if article_ids else {}
    return Claims({id_: said_by(id_, claims) for id_, claims in found.items()})


def drop_unchanged(meetings: Iterable[Meeting], claims: Claims) -> list[Meeting]:
    """Without the articles that say what the alerts heard of them already, and the alerts to which nothing happened.

    An alert of which nothing was told yet counts its sources anew: what it has now may be enough.
    """
    kept = list(meetings)
    for meeting in kept:
        meeting.changed = [
            one
            for one in meeting.changed
            if not meeting.alert.last_seq
            or one.heard_as != digest_of(one.match.evidence, claims.of(one.match.article_id))
        ]
    return [meeting for meeting in kept if not meeting.is_empty]


def needs_count(meeting: Meeting) -> bool:
    """Whether it matters how many independent sources the alert has now."""
    known = (meeting.alert.standing or meeting.alert.told or Standing()).independent_sources
    return bool(meeting.changed or meeting.leaving) or known < asked_for(meeting.watch.policy)


def events_of(meeting: Meeting, claims: Claims, independence: Independence) -> Events:
    """-> what happened to the alert, as it is to be judged."""
    counts = independence.counts(meeting.alert, [one.match.article_id for one in meeting.joining], meeting.watch.policy)
    joined = [
        Heard(one.match.article_id, claims.of(one.match.article_id), count)
        for one, count in zip(meeting.joining, counts, strict=True)
    ]
    amended = [
        one.match.article_id
        for one in meeting.changed
        if one.told and one.heard_as is not None and one.match.version > (one.heard_version or 0)
    ]
    is_counted = meeting.leaving or any(one.heard_as is not None for one in meeting.changed)
    now = recount(meeting.article_ids, claims, independence) if is_counted else None
    return Events(joined, amended, meeting.leaving, now)


def recount(article_ids: Sequence[str], claims: Claims, independence: Independence) -> Standing:
    """-> all that these articles say now."""
    standing = Standing()
    for article_id in article_ids:
        standing = hear(standing, claims.of(article_id), 0)
    return hear(standing, (), independence.count(article_ids))


def forget(alert: StoredAlert, left: Standing) -> StoredAlert:
    """The alert as if its watch had never been told what its articles do not say any more: nobody took it back."""
    told = alert.told and keep_said(alert.told, left)
    return alert._replace(told=told, standing=left)


def digest_of(evidence: Iterable[Evidence], said: Iterable[SaidClaim]) -> int:
    """A number for what an article says to its alert: the words that prove the match, and its claims with status.

    Where the words stand does not count, nor facts of the story, which change while the article stays as it is.
    """
    words = sorted({(one.kind, " ".join(one.text.split())) for one in evidence if one.field is not None})
    claims = sorted((one.supplier or "", one.recipient or "", one.item or "", one.status, *one.by) for one in said)
    return int.from_bytes(blake2b(msgspec.json.encode((words, claims)), digest_size=8).digest(), signed=True)
