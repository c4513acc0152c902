"""`make chaos`: kill everything many times; nothing may be lost or done twice, and it must recover alone."""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.chaos.faults import Faults, Strike
from bench.chaos.judge import Verdict, judge
from bench.chaos.ledger_view import LedgerView
from bench.machine import describe_machine
from bench.texts import articles
from wirewatch.client import ApiError, ApiUnreachableError, Client, Json
from wirewatch.settings import Settings
from wirewatch.stack.child import ProcessSpec
from wirewatch.stack.demo import Inbox
from wirewatch.stack.local import LocalStack, local_stack
from wirewatch.stack.receiver import Receiver

POST_TIMEOUT_SECONDS = 120.0
DRAIN_TIMEOUT_SECONDS = 420.0
# Of the kills, this share must be proven to have struck a running stage.
PROVEN_SHARE = 0.75

console = Console()


@dataclass(frozen=True, slots=True)
class Run:
    articles: int
    kills: int
    stalls: int
    servers: bool
    without_token: bool


FULL = Run(articles=600, kills=20, stalls=3, servers=True, without_token=False)
SHORT = Run(articles=160, kills=4, stalls=2, servers=True, without_token=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer articles and faults, for CI")
    parser.add_argument(
        "--without-token-check",
        action="store_true",
        help="run workers whose records count although their lease is gone: the run must then fail",
    )
    options = parser.parse_args()
    run = replace(SHORT if options.short else FULL, without_token=options.without_token_check)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wirewatch-chaos-") as directory:
        settings = Settings(data_dir=Path(directory), api_port=0, ingest_port=0, seed=False, worker_concurrency=1)
        with local_stack(settings, console.log, rows=lambda rows: change_rows(rows, run)) as stack:
            strikes, verdict = stack.supervisor.run(lambda: disturb(stack, run))
    return report(run, strikes, verdict, time.monotonic() - started)


def change_rows(rows: Sequence[ProcessSpec], run: Run) -> Iterator[ProcessSpec]:
    """Two workers that read articles, so that one can take over; and their command if the check is to be missing."""
    for row in rows:
        if not row.name.startswith("worker-"):
            yield row
            continue
        if run.without_token:
            celery = row.command.index("celery")
            command = (*row.command[:celery], "bench.chaos.worker_without_token", *row.command[celery + 3 :])
            row = replace(row, command=command)  # noqa: PLW2901 (the row that follows is this one)
        yield row
        if row.name == "worker-articles":
            yield replace(row, name="worker-articles-2", command=_renamed(row.command))


def _renamed(command: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.replace("articles@", "articles-2@") for part in command)


def disturb(stack: LocalStack, run: Run) -> tuple[list[Strike], Verdict]:
    ledger = LedgerView(stack.database_url)
    faults = Faults(ledger, stack.supervisor, stack.data, stack.broker_url)
    inbox = Inbox()
    receiver = Receiver(0, inbox.add)
    with Client(stack.api_url, stack.ingest_url, stack.key) as client, receiver.running():
        receiver.secret = client.post("/v1/endpoints", {"name": "chaos", "url": receiver.url})["secret"]
        policy = {"mode": "every_article", "settle_seconds": 0}
        client.post("/v1/watches", {"name": "everything", "query": "wirewatch", "policy": policy})
        steps = list(faults.plan(run.kills, run.stalls, run.servers))
        posted: list[str] = []
        strikes = []
        for fault, bodies in zip(steps, shares(list(articles(run.articles)), len(steps)), strict=True):
            with posting(client, bodies, posted):
                strikes.append(fault())
            console.log(f"{len(strikes):3} {strikes[-1].kind}: {strikes[-1].detail}")
        console.log(f"posted {len(posted)}; waiting until all is done")
        wait_until_done(ledger)
    return strikes, judge(posted, inbox.all(), ledger.stage_counts(), ledger.count_moved())


def shares(bodies: Sequence[Json], count: int) -> list[Sequence[Json]]:
    """The articles in `count` nearly equal shares: every fault strikes while some have just come in."""
    size = -(-len(bodies) // count)
    return [bodies[start : start + size] for start in range(0, size * count, size)]


@contextmanager
def posting(client: Client, bodies: Sequence[Json], posted: list[str]) -> Iterator[None]:
    """Post a share from a second thread while the block strikes; all of it is answered when the block ends."""

    def post() -> None:
        posted.extend(receipt["id"] for receipt in post_patiently(client, bodies))

    thread = threading.Thread(target=post, name="posting")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def post_patiently(client: Client, bodies: Sequence[Json]) -> list[Json]:
    """As a good sender does: the same again until it is answered. Posting is idempotent."""
    deadline = time.monotonic() + POST_TIMEOUT_SECONDS
    while True:
        try:
            return client.post_articles(bodies)
        except (ApiError, ApiUnreachableError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def wait_until_done(ledger: LedgerView) -> None:
    deadline = time.monotonic() + DRAIN_TIMEOUT_SECONDS
    while (left := ledger.count_left())[0] > left[1]:
        if time.monotonic() > deadline:
            console.log(
                f"not done after {DRAIN_TIMEOUT_SECONDS:.0f} s: {left[0]} messages left, {left[1]} in quarantine"
            )
            return
        time.sleep(0.5)


def report(run: Run, strikes: Sequence[Strike], verdict: Verdict, seconds: float) -> int:
    kills = [strike for strike in strikes if strike.kind.endswith("killed")]
    proven = sum(strike.struck for strike in kills)
    table = Table(title=f"Chaos: {run.articles} articles, {seconds:.0f} s, {describe_machine()}")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for kind in dict.fromkeys(strike.kind for strike in strikes):
        of_kind = [strike.struck for strike in strikes if strike.kind == kind]
        table.add_row(f"{kind} (proven to have struck)", f"{len(of_kind)} ({sum(of_kind)})")
    table.add_row("lost", str(verdict.lost))
    table.add_row("twice", str(verdict.twice))
    table.add_row("webhooks repeated under their own id", str(verdict.repeated))
    table.add_row("webhooks that did not verify", str(verdict.refused))
    for fault in verdict.miscounted:
        table.add_row("miscounted", fault)
    console.print(table)
    enough = proven >= PROVEN_SHARE * len(kills)
    if not enough:
        console.print(f"Only {proven} of {len(kills)} kills struck a running stage: the run proves too little.")
    if not verdict.is_good:
        console.print("FAILED: something was lost, done twice or miscounted.")
    return 0 if verdict.is_good and enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
