"""What is told of an alert, now that articles joined it, changed or left. Pure: values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from wirewatch.alerts.standing import Change, find_changes, hear
from wirewatch.models import Policy, SaidClaim, Standing, UpdateReason
from wirewatch.store.alerts import StoredAlert

AGAIN = "an article of the story matches again"
REWORDED = "the article was changed where it matched"
NONE_LEFT = "no article of the story matches any more"


class Heard(NamedTuple):
    """An article that matches: what it says, and how many independent sources the alert has with it."""

    article_id: str
    said: tuple[SaidClaim, ...]
    independent_sources: int


class News(NamedTuple):
    """What is to be told."""

    reason: UpdateReason
    changes: tuple[str, ...]
    article_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Events:
    """What happened to an alert in one run: articles joined it, were changed after the watch was told of them, left it.

    `recount`: all that its articles say now, where one changed or left.
    """

    joined: Sequence[Heard] = ()
    amended: Sequence[str] = ()
    left: Sequence[str] = ()
    recount: Standing | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`told`: what the watch then knows; `standing`: what its articles say where that is more, to be told at
    `settles_at`.
    """

    news: tuple[News, ...]
    told: Standing
    standing: Standing | None = None
    settles_at: datetime | None = None


def decide(alert: StoredAlert, policy: Policy, events: Events, now: datetime) -> Outcome:
    """-> the updates to write, and what the watch knows after them.

    The first match of a story that enough independent sources tell is `new_story`. After it `every_article` tells of
    each that joins; the other modes tell what is material, `material` once in `settle_seconds`. When the last article
    leaves, the alert is withdrawn.
    """
    told = _Told(alert, policy, now)
    for one in events.joined:
        told.join(one)
    amended = tuple(dict.fromkeys((*told.standing.amended, *events.amended)))
    told.standing = replace(events.recount or told.standing, amended=amended)
    told.leave(events.left)
    return told.outcome()


def settles_at(alert: StoredAlert, policy: Policy, now: datetime) -> datetime | None:
    """Until when changes are collected; None: what changes is told at once."""
    if alert.told_at is None or policy.mode != "material":
        return None
    settled = alert.told_at + timedelta(seconds=policy.settle_seconds)
    return settled if settled > now else None


class _Told:
    """An alert while the events of a run are gone through."""

    def __init__(self, alert: StoredAlert, policy: Policy, now: datetime) -> None:
        self.policy, self.now, self.settles_at = policy, now, settles_at(alert, policy, now)
        self.article_ids = list(alert.article_ids)
        self.is_told = alert.last_seq > 0
        self.told = alert.told or Standing()
        self.standing = alert.standing or self.told
        # Told of before this was kept: what stands now is taken for known.
        self.adopts = self.is_told and alert.told is None
        self.news: list[News] = []

    def join(self, one: Heard) -> None:
        is_again = self.is_told and not self.article_ids
        self.article_ids.append(one.article_id)
        self.standing = hear(self.standing, one.said, one.independent_sources)
        if is_again:
            self._tell("material_change", [AGAIN], [one.article_id])
        elif self.is_told and self.policy.mode == "every_article":
            self._tell("new_article", [change.words for change in self._changes()], [one.article_id])
        else:
            self._tell_what_is_due()

    def leave(self, left: Sequence[str]) -> None:
        self.article_ids = [id_ for id_ in self.article_ids if id_ not in left]
        if not self.article_ids:
            was_there = self.standing.independent_sources > 0
            self.standing = Standing()
            if self.is_told and was_there:
                self._tell("withdrawn", [NONE_LEFT], left)
        else:
            self._tell_what_is_due()

    def outcome(self) -> Outcome:
        if self.is_told and not self._is_pending():
            return Outcome(tuple(self.news), self.standing)
        return Outcome(tuple(self.news), self.told, self.standing, self.settles_at if self.is_told else None)

    def _tell_what_is_due(self) -> None:
        if not self.is_told:
            if self.standing.independent_sources >= self.policy.min_independent_sources:
                self._tell("new_story", [], self.article_ids)
            return
        if self.settles_at is not None or not self._is_pending():
            return
        changes, amended = self._changes(), self.standing.amended
        reason: UpdateReason = "amended" if amended else "material_change"
        brought = [change.article_id for change in changes if change.article_id]
        self._tell(reason, [change.words for change in changes] or [REWORDED], [*amended, *brought])

    def _tell(self, reason: UpdateReason, changes: Sequence[str], article_ids: Sequence[str]) -> None:
        ids = tuple(dict.fromkeys(article_ids)) or tuple(self.article_ids[-1:])
        self.news.append(News(reason, tuple(changes), ids))
        self.standing = replace(self.standing, amended=())
        self.told, self.is_told, self.adopts = self.standing, True, False
        if self.policy.mode == "material" and self.policy.settle_seconds:
            self.settles_at = self.now + timedelta(seconds=self.policy.settle_seconds)

    def _changes(self) -> list[Change]:
        return [] if self.adopts else find_changes(self.told, self.standing)

    def _is_pending(self) -> bool:
        return bool(self.standing.amended or self._changes())
