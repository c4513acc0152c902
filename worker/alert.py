"""Turn matches into alerts: one per watch and story, and an update only when there is something to tell."""

from collections.abc import Iterator, Sequence

from wirewatch.alerts.decide import decide
from wirewatch.db import Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.store import erasures, matches
from wirewatch.store.matches import Hearing, Judged
from worker.alerts.gather import drop_unchanged, events_of, meet, needs_count, read_claims
from worker.alerts.independence import Independence
from worker.alerts.record import record
from worker.alerts.untold import why_unheard
from worker.stage import Context, Record


def alert(messages: Sequence[Message], context: Context) -> Iterator[Record]:
    live = context.catalogue.watches()
    looking_back = {message.subject_id: message.payload.get("looks_back") for message in messages}

    def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
        erasures.hold_off(tx)
        judged = matches.get_judged(tx, counting)
        meetings = meet(tx, judged, live)
        claims = read_claims(tx, meetings)
        meetings = drop_unchanged(meetings, claims)
        wide = {one.match.story_id for one in judged if one.independent_sources > 1}
        counted = [one for one in meetings if one.alert.story_id in wide and needs_count(one)]
        independence = Independence.read(tx, {one.alert.story_id for one in counted})
        now = context.clock()
        decided = [
            (one, decide(one.alert, one.watch.policy, events_of(one, claims, independence), now)) for one in meetings
        ]
        unheard = [(one, why) for one in judged if one.holds and (why := why_unheard(one, live))]
        matches.hear_all(tx, [_unheard(one, why) for one, why in unheard if why != one.untold])
        ended = [one.match for one in judged if not one.holds and one.match.watch_id in live]
        matches.delete_ended(tx, [(one.watch_id, one.article_id) for one in ended])
        backfilled = frozenset(watch_id for id_, watch_id in looking_back.items() if watch_id and id_ in counting)
        return record(tx, decided, claims, backfilled, now, context.outgoing.api_url)

    yield Record(messages, write)


def _unheard(one: Judged, why: str) -> Hearing:
    return Hearing(one.match.watch_id, one.match.article_id, None, untold=why)
