"""`wirewatch demo`."""

import shutil
import tempfile
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from wirewatch.cli.alert_text import quotes
from wirewatch.cli.output import cell, complain, console, say, show_table
from wirewatch.cli.up import report
from wirewatch.client import Client
from wirewatch.seeding import read_corpus
from wirewatch.settings import Settings
from wirewatch.stack.demo import Inbox, Outcome, missing, run_demo
from wirewatch.stack.loading import Seeds, find_seeds
from wirewatch.stack.local import LocalStack, local_stack
from wirewatch.stack.receiver import Receiver
from wirewatch.stack.supervisor import StoppedError


def demo() -> None:
    """Show the whole flow once, in a directory that is thrown away. Exit code 1 where anything is missing."""
    directory = Path(tempfile.mkdtemp(prefix="wirewatch-demo-"))
    try:
        faults = _run(throw_away_settings(directory))
    except StoppedError:
        faults = ["it was stopped before its end"]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for fault in faults:
        complain(f"Missing: {fault}")
    if faults:
        raise typer.Exit(1)
    say("All there.", style="bold green")


def throw_away_settings(directory: Path) -> Settings:
    """The user's settings, but with servers, keys, ports and data that no other stack shares."""
    own = {
        "data_dir": directory,
        "host": "127.0.0.1",
        "api_port": 0,
        "ingest_port": 0,
        "database_url": None,
        "broker_url": None,
        "bootstrap_key": None,
        "secret_key": None,
        "settle_seconds": 0,
        "public_url": None,
    }
    return Settings().model_copy(update=own)


def _run(settings: Settings) -> list[str]:
    seeds = find_seeds()
    inbox = Inbox()
    receiver = Receiver(0, inbox.add)
    say("Starting PostgreSQL, Valkey, ingest, workers and API; webhooks may reach this machine itself ...")
    with receiver.running(), local_stack(settings, report, durable=False) as stack:
        say(f"API {stack.api_url}, ingest {stack.ingest_url}, webhook receiver {receiver.url}")
        outcome = stack.supervisor.run(lambda: _drive(stack, receiver, inbox, seeds))
        show(outcome)
        return missing(outcome)


def _drive(stack: LocalStack, receiver: Receiver, inbox: Inbox, seeds: Seeds) -> Outcome:
    total = sum(1 for _ in read_corpus([seeds.articles]))
    columns = (TextColumn("Loading articles"), BarColumn(), MofNCompleteColumn())
    with (
        Client(stack.api_url, stack.ingest_url, stack.key) as client,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("", total=total)
        return run_demo(client, receiver, inbox, seeds, lambda done: progress.update(task, completed=done))


def show(outcome: Outcome) -> None:
    """The tables: stories with several articles, alerts by watch with one quotation, and the sums."""
    largest = sorted(outcome.stories, key=lambda story: -len(story["article_ids"]))[:8]
    show_table(
        ("story", "articles", "sources", "independent"),
        ((s["title"], len(s["article_ids"]), len(s["sources"]), s["independent_sources"]) for s in largest),
        title="Largest stories",
    )
    rows = []
    for watch in outcome.watches:
        alerts = outcome.alerts_of(watch["id"])
        quoted = next((quote for alert in alerts for quote in quotes(alert["evidence"])), "")
        rows.append((watch["name"], len(alerts), len(outcome.verified_of(watch["id"])), quoted))
    show_table(("watch", "alerts", "verified updates", "evidence"), rows, title="Alerts")
    verified = sum(1 for webhook in outcome.webhooks if webhook.fault is None)
    sent = sum(1 for delivery in outcome.deliveries if cell(delivery.get("state")) == "sent")
    say(
        f"{sum(outcome.loaded.counts.values())} articles, {len(outcome.stories)} stories, {len(outcome.alerts)} alerts,"
        f" {sent} deliveries sent, {len(outcome.webhooks)} webhooks received, {verified} verified."
    )
