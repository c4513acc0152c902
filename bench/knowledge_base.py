"""`python -m bench.knowledge_base`: importing many entities into the whole local stack, and when workers know them."""

import argparse
import random
import string
import tempfile
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.machine import describe_machine
from wirewatch.cli.entities import Imported, import_file
from wirewatch.client import Client
from wirewatch.settings import Settings
from wirewatch.stack.local import LocalStack, local_stack

RECORDS = 100_000
MOST_KNOWN_SECONDS = 30.0
LAST = "Zebediah Quillfeather"

console = Console()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help="how many")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirewatch-knowledge-") as directory:
        path = Path(directory, "entities.ftm.json")
        write_records(path, options.records)
        settings = Settings(
            data_dir=Path(directory, "data"), api_port=0, ingest_port=0, seed=False, worker_concurrency=1
        )
        with local_stack(settings, console.log) as stack:
            imported, import_seconds, known_seconds = stack.supervisor.run(lambda: measure(stack, path))
    table = Table(title=f"Knowledge base: {describe_machine()}")
    for column in ("measure", "figure", "at most"):
        table.add_column(column)
    table.add_row("records imported", str(imported.counts["created"]), "")
    table.add_row("seconds to import", f"{import_seconds:.0f}", "")
    table.add_row("seconds until an article is linked to the last", f"{known_seconds:.1f}", f"{MOST_KNOWN_SECONDS:.0f}")
    console.print(table)
    return 0 if imported.counts["created"] == options.records and known_seconds <= MOST_KNOWN_SECONDS else 1


def write_records(path: Path, count: int) -> None:
    """Persons with five names each, as OpenSanctions would write them; the last is LAST."""
    chosen = random.Random(3)
    words = ["".join(chosen.choices(string.ascii_lowercase, k=7)).title() for _ in range(30_000)]
    with path.open("wb") as file:
        for number in range(count):
            name = LAST if number == count - 1 else f"{chosen.choice(words)} {chosen.choice(words)}"
            aliases = [f"{chosen.choice(words)} {chosen.choice(words)}"] if number % 5 else []
            properties = {"name": [name], "alias": aliases, "country": ["no"]}
            record = {"id": f"made-{number}", "caption": name, "schema": "Person", "properties": properties}
            file.write(msgspec.json.encode(record) + b"\n")


def measure(stack: LocalStack, path: Path) -> tuple[Imported, float, float]:
    """-> what was imported, seconds for it, and seconds until an article posted afterwards is linked."""
    with Client(stack.api_url, stack.ingest_url, stack.key) as client:
        started = time.perf_counter()
        imported = import_file(client, path, None, lambda *_: None)
        import_seconds = time.perf_counter() - started
        started = time.perf_counter()
        text = f"A ferry captain, {LAST}, spoke to reporters in the harbour of Bergen on Monday morning."
        (receipt,) = client.post_articles([{"text": text}])
        while not any(m["name"] == LAST and m["entity_id"] for m in mentions_of(client, receipt["id"])):
            time.sleep(0.2)
        return imported, import_seconds, time.perf_counter() - started


def mentions_of(client: Client, article_id: str) -> list[dict[str, str]]:
    mentions: list[dict[str, str]] = client.get(f"/v1/articles/{article_id}").get("mentions") or []
    return mentions


if __name__ == "__main__":
    raise SystemExit(main())
