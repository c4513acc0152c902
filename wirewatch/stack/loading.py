"""Sends articles, watches and endpoints of files to a running service."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from wirewatch.client import ApiError, Client, Json, describe_problem
from wirewatch.errors import StartError
from wirewatch.seeding import Journal, SeedArticle, SeedError, read_corpus, read_endpoints, read_watches

MAX_BATCH_ARTICLES = 100
MAX_BATCH_BYTES = 4 * 1024 * 1024
BUSY = (429, 503)
RETRY_SECONDS = 5.0


@dataclass(slots=True)
class Loaded:
    """What became of a corpus: how many by status (accepted, known, new_version), and what was refused and why."""

    counts: dict[str, int] = field(default_factory=dict)
    errors: list[SeedError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Load:
    """How articles are loaded: what of them is done before, and how to wait."""

    journal: Journal = field(default_factory=lambda: Journal(None))
    wait: Callable[[float], None] = time.sleep


def load_articles(
    client: Client, paths: Sequence[Path], on_progress: Callable[[int], None], load: Load | None = None
) -> Loaded:
    """Posts everything that `paths` hold; `on_progress` gets the number of articles and errors so far.

    While much work waits, it waits as long as the service asks for, and sends what was sent back again.
    """
    load = load or Load()
    loaded, done = Loaded(errors=list(load.journal.errors)), load.journal.records
    for batch in batches(read_corpus(paths, load.journal.done_of)):
        articles = [part for part in batch if isinstance(part, SeedArticle)]
        errors = [part for part in batch if isinstance(part, SeedError)]
        for article, result in zip(articles, _post(client, articles, load), strict=True):
            if "error" in result:
                errors.append(SeedError(article.path, describe_problem(result["error"])))
            else:
                loaded.counts[result["status"]] = loaded.counts.get(result["status"], 0) + 1
        load.journal.note(batch, errors)
        loaded.errors += errors
        done += len(batch)
        on_progress(done)
    load.journal.forget()
    return loaded


def _post(client: Client, articles: Sequence[SeedArticle], load: Load) -> list[Json]:
    """An answer for each article that is none of 429 or 503."""
    answers: list[Json] = [{}] * len(articles)
    waiting = list(range(len(articles)))
    while waiting:
        try:
            results = client.post_articles([articles[place].body for place in waiting])
        except ApiError as error:
            if error.status not in BUSY:
                raise
            load.wait(error.retry_after_seconds or RETRY_SECONDS)
            continue
        for place, result in zip(waiting, results, strict=True):
            answers[place] = result
        waiting = [place for place in waiting if answers[place].get("error", {}).get("status") in BUSY]
        if waiting:
            load.wait(RETRY_SECONDS)
    return answers


def batches(parts: Iterable[SeedArticle | SeedError]) -> Iterator[list[SeedArticle | SeedError]]:
    """Groups for one request each: bounded in number and in bytes, one at least."""
    batch: list[SeedArticle | SeedError] = []
    size = 0
    for part in parts:
        part_bytes = len(msgspec.json.encode(part.body)) if isinstance(part, SeedArticle) else 0
        if batch and (len(batch) >= MAX_BATCH_ARTICLES or size + part_bytes > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += part_bytes
    if batch:
        yield batch


def load_watches(client: Client, path: Path) -> list[Json]:
    """Saves the watches of a YAML file, except those whose name there is already; gives what was saved."""
    return _save_new(client, "/v1/watches", read_watches(path))


def load_endpoints(client: Client, path: Path) -> list[Json]:
    """Saves the endpoints of a YAML file, except those whose name there is already; gives what was saved."""
    return _save_new(client, "/v1/endpoints", read_endpoints(path))


def _save_new(client: Client, path: str, bodies: Sequence[Json]) -> list[Json]:
    # A first run that was cut short begins again at the next start.
    known = {item["name"] for item in client.items(path)}
    return [client.post(path, body) for body in bodies if body["name"] not in known]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where the repository keeps what a first run loads."""

    articles: Path
    watches: Path
    endpoints: Path


def find_seeds() -> Seeds:
    """The folder `seeds` beside the packages, or of the current directory; StartError where neither has it."""
    for parent in (Path(__file__).resolve().parents[2], Path.cwd()):
        folder = parent / "seeds"
        if (folder / "articles").is_dir():
            return Seeds(folder / "articles", folder / "watches.yml", folder / "endpoints.yml")
    raise StartError("The folder seeds/ is missing; run from a checkout, or set WIREWATCH_SEED=0.")
