"""The whole pipeline on real rows in this process: every stage function, run by the ledger, without a broker."""

from collections.abc import Sequence
from functools import cache
from ipaddress import ip_network
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import text

from ingest.receive import Submission, receive
from ingest.submissions import parse_submission
from wirewatch.clock import Clock, system_clock
from wirewatch.db import Database
from wirewatch.secretbox import SecretBox
from wirewatch.seeding import SeedArticle, read_corpus
from wirewatch.settings import Settings
from wirewatch.store.receipts import Receipt
from worker import ledger
from worker.catalogue import Catalogue
from worker.extraction.model import LanguageModel
from worker.pipeline import PIPELINE
from worker.stage import Context, Outgoing, Stage

HOLDER = "test:1"
ORIGINALS = Path(__file__).resolve().parents[2] / "shared" / "seeds"


def make_context(database: Database, clock: Clock = system_clock) -> Context:
    outgoing = Outgoing(
        allow=(ip_network("127.0.0.0/8"),),
        secrets=SecretBox.from_keys(Fernet.generate_key().decode()),
        api_url="http://127.0.0.1:8000",
    )
    return Context(database, Catalogue(language_model()), clock, outgoing)


@cache
def language_model() -> LanguageModel:
    """One for the whole run: loading it takes longer than most tests."""
    return LanguageModel(Settings().model)


def read_originals() -> list[SeedArticle]:
    """The user's five documents, where they are."""
    return [part for part in read_corpus([ORIGINALS]) if isinstance(part, SeedArticle)]


def accept(database: Database, articles: Sequence[SeedArticle]) -> list[str]:
    """-> the ids of the articles, in their order."""
    parsed = [parse_submission(article.body) for article in articles]
    answers = receive(database, [one for one in parsed if isinstance(one, Submission)])
    return [answer.id for answer in answers if isinstance(answer, Receipt)]


def run_until_done(context: Context, *, batch: int | None = None) -> None:
    """Run every stage until nothing is waiting; `batch` bounds the messages of one run."""
    done = 1
    while done:
        done = sum(_run_stage(stage, context, batch or stage.batch) for stage in PIPELINE)


def _run_stage(stage: Stage, context: Context, batch: int) -> int:
    with context.database.transaction() as tx:
        waiting = tx.execute(
            text("""
                SELECT id FROM messages WHERE type = :type AND quarantined_at IS NULL
                  AND (due_at IS NULL OR due_at <= :now) ORDER BY id
            """),
            {"type": stage.takes, "now": context.clock()},
        )
        ids = list(waiting.scalars())
    runs = [ids[start : start + batch] for start in range(0, len(ids), batch)]
    return sum(ledger.run(stage, one, context, HOLDER) for one in runs)
