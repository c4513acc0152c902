"""The demonstration: seeds in, verified webhooks out, and a judgement of whether anything is missing."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wirewatch.client import Client, Json
from wirewatch.errors import StartError
from wirewatch.stack.loading import Loaded, Seeds, load_articles, load_watches
from wirewatch.stack.receiver import ReceivedWebhook, Receiver

DRAIN_TIMEOUT_SECONDS = 180.0
POLL_SECONDS = 0.25


class Inbox:
    """What the built-in receiver got; filled by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received: list[ReceivedWebhook] = []

    def add(self, received: ReceivedWebhook) -> None:
        with self._lock:
            self._received.append(received)

    def all(self) -> tuple[ReceivedWebhook, ...]:
        with self._lock:
            return tuple(self._received)


class Told(NamedTuple):
    """One update of an alert, as a webhook told of it."""

    alert_id: str
    seq: int
    watch_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the demo is judged by."""

    loaded: Loaded
    watches: Sequence[Json]
    stories: Sequence[Json]
    alerts: Sequence[Json]
    deliveries: Sequence[Json]
    webhooks: Sequence[ReceivedWebhook]
    pipeline: Json

    def alerts_of(self, watch_id: str) -> list[Json]:
        return [alert for alert in self.alerts if alert["watch_id"] == watch_id]

    def verified_of(self, watch_id: str) -> list[Told]:
        """The updates of this watch that verified webhooks told of."""
        return [one for webhook in self.webhooks for one in told_by(webhook) if one.watch_id == watch_id]


def run_demo(
    client: Client, receiver: Receiver, inbox: Inbox, seeds: Seeds, on_progress: Callable[[int], None]
) -> Outcome:
    """Loads watches, then articles, and waits until all work is done. Raises StartError where it does not end."""
    endpoint = client.post("/v1/endpoints", {"name": "Demo receiver", "url": receiver.url})
    receiver.secret = endpoint["secret"]
    watches = load_watches(client, seeds.watches)
    loaded = load_articles(client, [seeds.articles], on_progress)
    pipeline = wait_until_drained(client)
    return Outcome(
        loaded=loaded,
        watches=watches,
        stories=tuple(client.items("/v1/stories")),
        alerts=tuple(client.items("/v1/alerts")),
        deliveries=tuple(client.items("/v1/deliveries")),
        webhooks=inbox.all(),
        pipeline=pipeline,
    )


def wait_until_drained(client: Client, timeout_seconds: float = DRAIN_TIMEOUT_SECONDS) -> Json:
    """The state of the pipeline once nothing is pending; StartError where that does not come in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        pipeline: Json = client.get("/v1/pipeline")
        if pipeline["pending"] == 0:
            return pipeline
        if time.monotonic() > deadline:
            raise StartError(
                f"The pipeline is not done after {timeout_seconds:.0f} s:"
                f" {pipeline['pending']} pending, {pipeline['quarantined']} quarantined, flow {pipeline['flow']}."
            )
        time.sleep(POLL_SECONDS)


def missing(outcome: Outcome) -> list[str]:
    """What should be there and is not, in words; empty where all is well."""
    faults = [f"{error.path.name}: {error.detail}" for error in outcome.loaded.errors]
    faults += [
        f"{outcome.pipeline[state]} messages {state}"
        for state in ("quarantined", "scheduled")
        if outcome.pipeline[state]
    ]
    faults += [
        f"watch “{watch['name']}” has no alert" for watch in outcome.watches if not outcome.alerts_of(watch["id"])
    ]
    faults += [f"alert {alert['id']} has no evidence" for alert in outcome.alerts if not alert["evidence"]]
    faults += [f"webhook {webhook.id}: {webhook.fault}" for webhook in outcome.webhooks if webhook.fault]
    told = {(one.alert_id, one.seq) for webhook in outcome.webhooks for one in told_by(webhook)}
    for alert in outcome.alerts:
        untold = [update["seq"] for update in alert["updates"] if (alert["id"], update["seq"]) not in told]
        faults += [f"alert {alert['id']}: no webhook told of update {seq}" for seq in untold]
    return faults


def told_by(webhook: ReceivedWebhook) -> list[Told]:
    """The updates that a webhook carries; none where it did not verify."""
    if webhook.fault is not None:
        return []
    alerts = webhook.payload.get("data", {}).get("alerts") or ()
    return [Told(alert["id"], alert["update"]["seq"], alert["watch_id"]) for alert in alerts]
