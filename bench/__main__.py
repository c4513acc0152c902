"""`make bench`: throughput beside raw spaCy on the same texts and cores in one run, and POST-to-webhook latency."""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import scale
from bench.chaos.ledger_view import LedgerView
from bench.machine import describe_machine
from bench.raw_model import time_raw_model
from bench.texts import articles
from wirewatch.client import Client, Json
from wirewatch.settings import Settings
from wirewatch.stack.local import LocalStack, local_stack
from wirewatch.stack.receiver import ReceivedWebhook, Receiver

NEWSWIRE = Path(__file__).resolve().parents[2] / "shared" / "eval" / "ner_newswire.jsonl"
PROBES = 200
BATCH = 50
LOAD_SHARE = 0.8
WEBHOOK_TIMEOUT_SECONDS = 30.0
FLOOR_RATIO, FLOOR_P50_MS, FLOOR_P99_MS = 0.6, 150.0, 500.0

console = Console()


@dataclass(frozen=True, slots=True)
class Throughput:
    articles: int
    raw_seconds: float
    pipeline_seconds: float

    @property
    def ratio(self) -> float:
        """The pipeline's articles per second as a share of raw spaCy's."""
        return self.raw_seconds / self.pipeline_seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=534, help="how many texts")
    parser.add_argument("--probes", type=int, default=PROBES, help="how many latency probes of each kind")
    parser.add_argument("--scale", action="store_true", help="instead: what an article costs as the archive grows")
    options = parser.parse_args()
    if options.scale:
        return scale.main([])
    texts = read_texts(options.articles)
    cores = len(os.sched_getaffinity(0))
    raw_seconds = time_raw_model(texts, Settings().model, cores)
    console.log(f"raw spaCy, NER only, {cores} processes: {len(texts) / raw_seconds:.1f} articles/s")
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as directory:
        settings = Settings(data_dir=Path(directory), api_port=0, ingest_port=0, seed=False, worker_concurrency=cores)
        with local_stack(settings, console.log) as stack:
            throughput, idle, loaded = stack.supervisor.run(lambda: measure(stack, texts, raw_seconds, options.probes))
    return report(throughput, idle, loaded)


def read_texts(count: int) -> list[str]:
    """The newswire texts where they are; elsewhere texts made up, which no figure in the docs rests on."""
    if NEWSWIRE.exists():
        lines = NEWSWIRE.read_text(encoding="utf-8").splitlines()[:count]
        return [json.loads(line)["text"] for line in lines]
    console.log(f"{NEWSWIRE.name} is missing here: measuring made-up texts instead")
    return [body["text"] for body in articles(count)]


class Arrivals:
    """When the webhook that tells of each article came, by article id."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at: dict[str, float] = {}

    def add(self, webhook: ReceivedWebhook) -> None:
        now = time.perf_counter()
        with self._changed:
            for alert in webhook.payload.get("data", {}).get("alerts", ()):
                for article_id in alert["update"]["article_ids"]:
                    self._at.setdefault(article_id, now)
            self._changed.notify_all()

    def wait_for(self, article_id: str) -> float:
        with self._changed:
            if not self._changed.wait_for(lambda: article_id in self._at, WEBHOOK_TIMEOUT_SECONDS):
                raise SystemExit(f"no webhook told of article {article_id} within {WEBHOOK_TIMEOUT_SECONDS:.0f} s")
            return self._at[article_id]


def measure(
    stack: LocalStack, texts: Sequence[str], raw_seconds: float, probes: int
) -> tuple[Throughput, list[float], list[float]]:
    """-> throughput; latencies in seconds when idle; latencies at LOAD_SHARE of the measured throughput."""
    ledger, arrivals = LedgerView(stack.database_url), Arrivals()
    receiver = Receiver(0, arrivals.add)
    with Client(stack.api_url, stack.ingest_url, stack.key) as client, receiver.running():
        receiver.secret = client.post("/v1/endpoints", {"name": "bench", "url": receiver.url})["secret"]
        policy = {"mode": "every_article", "settle_seconds": 0}
        client.post("/v1/watches", {"name": "probes", "query": "zquorx", "policy": policy})
        client.post_articles(list(articles(4, seed=99, marker="")))
        wait_until_drained(ledger)
        pipeline_seconds = time_pipeline(client, ledger, texts)
        console.log(f"pipeline: {len(texts) / pipeline_seconds:.1f} articles/s")
        idle = list(probe(client, arrivals, probes, seed=1000))
        with load(stack, texts, LOAD_SHARE * len(texts) / pipeline_seconds):
            loaded = list(probe(client, arrivals, probes // 2, seed=2000))
        wait_until_drained(ledger)
    return Throughput(len(texts), raw_seconds, pipeline_seconds), idle, loaded


def time_pipeline(client: Client, ledger: LedgerView, texts: Sequence[str]) -> float:
    """Wall seconds from the first POST until no message is left."""
    bodies = [{"external_id": f"bench-{place}", "text": text} for place, text in enumerate(texts)]
    started = time.perf_counter()
    for start in range(0, len(bodies), BATCH):
        for receipt in client.post_articles(bodies[start : start + BATCH]):
            if "error" in receipt:
                raise SystemExit(f"an article was refused: {receipt['error']}")
    wait_until_drained(ledger)
    return time.perf_counter() - started


def wait_until_drained(ledger: LedgerView) -> None:
    while ledger.count_left()[0]:
        time.sleep(0.05)


def probe(client: Client, arrivals: Arrivals, count: int, *, seed: int) -> Iterator[float]:
    """Seconds from POST to webhook of single articles, one after the other."""
    for body in articles(count, seed=seed, marker="zquorx"):
        started = time.perf_counter()
        (receipt,) = client.post_articles([body])
        yield arrivals.wait_for(receipt["id"]) - started


@contextmanager
def load(stack: LocalStack, texts: Sequence[str], per_second: float) -> Iterator[None]:
    """Post texts at a steady rate from a second thread for as long as the block runs."""
    stop = threading.Event()

    def post() -> None:
        with Client(stack.api_url, stack.ingest_url, stack.key) as other:
            number = 0
            started = time.perf_counter()
            while not stop.is_set():
                body: Json = {"external_id": f"load-{number}", "text": f"{number}. {texts[number % len(texts)]}"}
                other.post_articles([body])
                number += 1
                stop.wait(max(0.0, started + number / per_second - time.perf_counter()))

    thread = threading.Thread(target=post, name="load")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(throughput: Throughput, idle: Sequence[float], loaded: Sequence[float]) -> int:
    table = Table(title=f"Bench: {describe_machine()}")
    for column in ("measure", "figure", "floor"):
        table.add_column(column)
    raw, ours = (throughput.articles / s for s in (throughput.raw_seconds, throughput.pipeline_seconds))
    table.add_row("raw spaCy NER, all cores", f"{raw:.1f} articles/s", "")
    table.add_row("whole pipeline, all processes", f"{ours:.1f} articles/s", "")
    table.add_row("pipeline / raw spaCy", f"{throughput.ratio:.2f}", f"{FLOOR_RATIO}")
    for name, values in (("idle", idle), (f"at {LOAD_SHARE:.0%} load", loaded)):
        p50, p99 = (percentile(values, share) * 1000 for share in (0.5, 0.99))
        floors = f"{FLOOR_P50_MS:.0f} / {FLOOR_P99_MS:.0f} ms" if values is idle else ""
        table.add_row(f"POST to webhook, {name}, p50 / p99", f"{p50:.0f} / {p99:.0f} ms", floors)
    console.print(table)
    good = (
        throughput.ratio >= FLOOR_RATIO
        and percentile(idle, 0.5) * 1000 <= FLOOR_P50_MS
        and percentile(idle, 0.99) * 1000 <= FLOOR_P99_MS
    )
    console.print("" if good else "FAILED: a figure is under its floor.")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
