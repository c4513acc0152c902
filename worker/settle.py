"""The time is over in which alerts collected changes, or articles of theirs were erased: tell of what has changed."""

from collections.abc import Iterator, Sequence

from wirewatch.alerts.decide import Events, decide
from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.models import Standing
from wirewatch.store import alerts, erasures, matches
from worker.alerts.gather import Meeting, forget, read_all_claims, recount
from worker.alerts.independence import Independence
from worker.alerts.record import record
from worker.alerts.untold import NOTHING_NEW, SWITCHED_OFF
from worker.stage import Context, Record


def settle(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    live = context.catalogue.watches()
    erased = {message.subject_id: message.payload["recount"] for message in _erasures(messages)}

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        erasures.hold_off(tx)
        now = context.clock()
        locked = alerts.lock_all(tx, counting)
        known = [one for one in locked if one.watch_id in live]
        # One that told of something since then has another message under way.
        settled = {one.id for one in known if one.settles_at is not None and one.settles_at <= now}
        due = [
            Meeting(one._replace(settles_at=None) if one.id in settled else one, live[one.watch_id])
            for one in known
            if one.id in settled or one.id in erased
        ]
        counted = [one for one in due if one.alert.id in erased and one.alert.article_ids]
        claims = read_all_claims(tx, counted)
        independence = Independence.read(tx, {one.alert.story_id for one in counted})
        left = {one.alert.id: recount(one.article_ids, claims, independence) for one in counted}
        for one in due:
            if erased.get(one.alert.id) == "silent":
                one.alert = forget(one.alert, left.get(one.alert.id, Standing()))
        decided = [
            (one, decide(one.alert, one.watch.policy, Events(recount=left.get(one.alert.id)), now)) for one in due
        ]
        follow = record(tx, decided, claims, frozenset(), now, context.outgoing.api_url)
        settling = {one.id for one in known if one.settles_at and one.settles_at > now}
        settling |= {one.alert.id for one, outcome in decided if outcome.settles_at}
        matches.stop_collecting(tx, {one.id for one in known} - settling, NOTHING_NEW)
        matches.stop_collecting(tx, {one.id for one in locked} - {one.id for one in known}, SWITCHED_OFF)
        return follow

    yield Record(messages, write)


def _erasures(messages: Sequence[Message]) -> list[Message]:
    """Those by which articles of alerts were erased; of one alert, what is to be told comes last."""
    erasures = [one for one in messages if "recount" in one.payload]
    return sorted(erasures, key=lambda one: one.payload["recount"] != "silent")
