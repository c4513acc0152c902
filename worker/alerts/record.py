"""Writing what is told: alerts, updates, what alerts know of their articles, and the deliveries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wirewatch.alerts.decide import Outcome
from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.models import Evidence
from wirewatch.outbox import UPDATES_CHANNEL
from wirewatch.store import alerts, matches, targets, updates
from wirewatch.store.alerts import EVIDENCE_ARTICLES, AlertChange
from wirewatch.store.matches import Hearing
from wirewatch.store.updates import NewUpdate
from worker.alerts.gather import Claims, Meeting, digest_of
from worker.alerts.untold import why_untold
from worker.delivery.dispatch import dispatch, recipients
from worker.delivery.told import Told

LOOKED_BACK = "found by looking back to {:%Y-%m-%d}"


def record(
    tx: Transaction,
    decided: Sequence[tuple[Meeting, Outcome]],
    claims: Claims,
    looking_back: frozenset[str],
    now: datetime,
    api_url: str,
) -> list[NewMessage]:
    """Write what became of locked alerts. `looking_back`: watches that look at what was there before them.

    -> the messages that follow: deliveries that are due, and alerts that will have something to tell.
    """
    has_news = any(outcome.news for _, outcome in decided)
    endpoints = targets.find_all(tx) if has_news else {}
    new = [one for meeting, outcome in decided for one in _new_updates(meeting, outcome, endpoints, looking_back)]
    stored = updates.insert_all(tx, new, wake=UPDATES_CHANNEL)
    alerts.save_all(tx, [_change(meeting, outcome, now) for meeting, outcome in decided])
    matches.hear_all(tx, [one for meeting, outcome in decided for one in _hearings(meeting, outcome, claims)])
    by_alert = {meeting.alert.id: meeting for meeting, _ in decided}
    evidence = _read_evidence(tx, new, by_alert)
    told = [
        Told(
            by_alert[one.new.alert_id].watch,
            by_alert[one.new.alert_id].alert,
            one,
            tuple(
                span
                for id_ in one.new.article_ids
                for span in evidence.get((by_alert[one.new.alert_id].watch.id, id_), ())
            ),
            by_alert[one.new.alert_id].watch.id in looking_back,
        )
        for one in stored
    ]
    settling = [
        NewMessage("AlertDue", meeting.alert.id, due_at=outcome.settles_at)
        for meeting, outcome in decided
        if outcome.settles_at and outcome.settles_at != meeting.alert.settles_at
    ]
    return [*dispatch(tx, told, endpoints, api_url, now), *settling]


def _new_updates(
    meeting: Meeting, outcome: Outcome, endpoints: Mapping[str, bool], looking_back: frozenset[str]
) -> list[NewUpdate]:
    since = meeting.watch.backfill_since if meeting.watch.id in looking_back else None
    return [
        NewUpdate(
            meeting.alert.id,
            meeting.alert.last_seq + place,
            news.reason,
            (LOOKED_BACK.format(since), *news.changes) if since and news.reason == "new_story" else news.changes,
            news.article_ids,
            recipients(meeting.watch, endpoints),
        )
        for place, news in enumerate(outcome.news, start=1)
    ]


def _change(meeting: Meeting, outcome: Outcome, now: datetime) -> AlertChange:
    joined = tuple(one.match.article_id for one in meeting.joining)
    changed = tuple(one.match.article_id for one in meeting.changed)
    shown = set(meeting.article_ids[:EVIDENCE_ARTICLES])
    return AlertChange(
        id=meeting.alert.id,
        joined=joined,
        left=tuple(meeting.leaving),
        dropped=(*meeting.leaving, *changed),
        evidence=tuple(
            span
            for one in (*meeting.joining, *meeting.changed)
            if one.match.article_id in shown
            for span in one.match.evidence
        ),
        last_seq=meeting.alert.last_seq + len(outcome.news),
        told=outcome.told,
        standing=outcome.standing,
        told_at=now if outcome.news else None,
        settles_at=outcome.settles_at,
    )


def _hearings(meeting: Meeting, outcome: Outcome, claims: Claims) -> Iterable[Hearing]:
    told = {id_ for news in outcome.news if news.reason != "withdrawn" for id_ in news.article_ids}
    is_told = bool(meeting.alert.last_seq or outcome.news)
    untold = why_untold(outcome, meeting.watch.policy, is_told=is_told)
    heard = {one.match.article_id: one for one in (*meeting.joining, *meeting.changed)}
    for id_, one in heard.items():
        digest = digest_of(one.match.evidence, claims.of(id_))
        why = None if id_ in told else untold
        yield Hearing(meeting.watch.id, id_, meeting.alert.id, one.match.version, digest, id_ in told, why)
    for id_ in sorted(told - heard.keys(), key=int):
        yield Hearing(meeting.watch.id, id_, meeting.alert.id, told=True)


def _read_evidence(
    tx: Transaction, new: Sequence[NewUpdate], meetings: Mapping[str, Meeting]
) -> dict[tuple[str, str], tuple[Evidence, ...]]:
    """-> by (watch, article): the spans of this run's matches, and of earlier ones that are told only now."""
    found = {
        (meeting.watch.id, one.match.article_id): one.match.evidence
        for meeting in meetings.values()
        for one in (*meeting.joining, *meeting.changed)
    }
    wanted = {(meetings[one.alert_id].watch.id, id_) for one in new for id_ in one.article_ids} - found.keys()
    return found | matches.get_evidence(tx, wanted) if wanted else found
