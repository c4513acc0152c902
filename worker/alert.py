"""Turn matches into alerts: one per watch and story, and an update only when there is something to tell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Policy, UpdateReason, Watch
from wirewatch.outbox import UPDATES_CHANNEL
from wirewatch.store import alerts, matches
from wirewatch.store import messages as ledger_messages
from wirewatch.store.alerts import NewUpdate, StoredAlert
from wirewatch.store.matches import Match
from worker.delivery.dispatch import dispatch
from worker.delivery.told import Told
from worker.stage import Context, Record


def decide_updates(policy: Policy, alert: StoredAlert, article_ids: Sequence[str]) -> list[NewUpdate]:
    """What to tell of articles that just joined an alert.

    `material`: of the first only, later ones join silently. `every_article`: of each.
    """
    if policy.mode == "every_article":
        return [
            NewUpdate(alert.id, alert.last_seq + 1 + place, _reason(alert, place), (), (article_id,))
            for place, article_id in enumerate(article_ids)
        ]
    if alert.is_new:
        return [NewUpdate(alert.id, 1, "new_story", (), tuple(article_ids))]
    return []


def alert(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    live = context.catalogue.watches()

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        found = [match for match in matches.get_matches(tx, counting) if match.watch_id in live and match.story_id]
        told = list(_tell(tx, found, live))
        if told:
            ledger_messages.notify(tx, UPDATES_CHANNEL)
        return dispatch(tx, told, context.outgoing.api_url, context.clock())

    yield Record(messages, write)


def _tell(tx: Transaction, found: Iterable[Match], live: Mapping[str, Watch]) -> Iterator[Told]:
    def place(match: Match) -> tuple[int, int]:
        return int(match.watch_id), int(match.story_id or 0)

    # In one order everywhere: two alert runs that meet on several alerts must not wait for each other.
    for (watch, story), group in groupby(sorted(found, key=place), key=place):
        opened = alerts.open_alert(tx, str(watch), str(story))
        joining = [match for match in group if match.article_id not in opened.article_ids]
        if not joining:
            continue
        alerts.add_articles(
            tx, opened, [match.article_id for match in joining], [one for match in joining for one in match.evidence]
        )
        for update in decide_updates(live[str(watch)].policy, opened, [match.article_id for match in joining]):
            about = tuple(match for match in joining if match.article_id in update.article_ids)
            yield Told(live[str(watch)], opened, alerts.insert_update(tx, update), about)


def _reason(alert: StoredAlert, place: int) -> UpdateReason:
    return "new_story" if alert.is_new and place == 0 else "new_article"
