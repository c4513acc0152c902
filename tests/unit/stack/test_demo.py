from dataclasses import replace
from pathlib import Path
from typing import Any

from wirewatch.seeding import SeedError
from wirewatch.stack.demo import Outcome, missing
from wirewatch.stack.loading import Loaded
from wirewatch.stack.receiver import ReceivedWebhook

ALERT = {"id": "1", "watch_id": "7", "evidence": [{"text": "missile"}], "updates": [{"seq": 1}, {"seq": 2}]}


def webhook(seqs: list[int], fault: str | None = None) -> ReceivedWebhook:
    alerts: list[dict[str, Any]] = [{"id": "1", "watch_id": "7", "update": {"seq": seq}} for seq in seqs]
    return ReceivedWebhook("msg", {"data": {"alerts": alerts}}, fault)


COMPLETE = Outcome(
    loaded=Loaded(counts={"accepted": 1}),
    watches=[{"id": "7", "name": "Missiles"}],
    stories=[],
    alerts=[ALERT],
    deliveries=[],
    webhooks=[webhook([1]), webhook([2])],
    pipeline={"pending": 0, "scheduled": 0, "quarantined": 0, "flow": "ok"},
)


def test_a_complete_demo_misses_nothing() -> None:
    assert missing(COMPLETE) == []
    assert len(COMPLETE.verified_of("7")) == 2


def test_whatever_is_missing_is_named() -> None:
    cases = {
        "no alert": replace(COMPLETE, alerts=[], webhooks=[]),
        "no webhook told of update 2": replace(COMPLETE, webhooks=[webhook([1])]),
        "No matching signature": replace(COMPLETE, webhooks=[webhook([1]), webhook([2], "No matching signature")]),
        "no evidence": replace(COMPLETE, alerts=[ALERT | {"evidence": []}]),
        "3 messages quarantined": replace(COMPLETE, pipeline=COMPLETE.pipeline | {"quarantined": 3}),
        "bad.txt: empty": replace(COMPLETE, loaded=Loaded(errors=[SeedError(Path("bad.txt"), "empty")])),
    }
    for words, outcome in cases.items():
        assert any(words in fault for fault in missing(outcome)), words
