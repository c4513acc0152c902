"""A ledger to run stages on: real rows in a real database, and stages small enough to read at a glance."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from ingest.receive import receive
from tests.factories import submission
from wirewatch.clock import system_clock
from wirewatch.db import Database, Transaction
from wirewatch.messages import Message, NewMessage
from wirewatch.secretbox import SecretBox
from wirewatch.settings import Settings
from wirewatch.store import articles
from wirewatch.store.receipts import Receipt
from worker.catalogue import Catalogue
from worker.stage import Context, Outgoing, Record


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The built-in one, which every test's database begins with; to read it anew takes longer than the tests."""
    return Catalogue(Settings().model)


@pytest.fixture
def context(database: Database, catalogue: Catalogue) -> Context:
    return Context(
        database=database,
        catalogue=catalogue,
        clock=system_clock,
        outgoing=Outgoing(
            allow=(ip_network("127.0.0.0/8"),),
            secrets=SecretBox.from_keys(Fernet.generate_key().decode()),
            api_url="http://127.0.0.1:8000",
        ),
    )


@pytest.fixture
def post(database: Database) -> Callable[[int], list[str]]:
    """Accept so many articles. -> their ids; each leaves one ArticleReceived in the ledger."""

    def accept(count: int) -> list[str]:
        answers = receive(database, [submission(number) for number in range(count)])
        return [answer.id for answer in answers if isinstance(answer, Receipt)]

    return accept


@dataclass
class MarkStage:
    """Marks its articles as checked and sends each on; `poison` are the subjects on which it raises."""

    poison: frozenset[str] = frozenset()
    poison_record: frozenset[str] = frozenset()
    runs: list[tuple[str, ...]] = field(default_factory=list)
    before_record: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.__name__ = "mark"

    def __call__(self, messages: Sequence[Message], context: Context) -> Iterator[Record]:
        subjects = tuple(message.subject_id for message in messages)
        self.runs.append(subjects)
        if self.poison & set(subjects):
            raise ValueError("this text cannot be read")
        self.before_record()

        def write(tx: Transaction, counting: frozenset[str]) -> list[NewMessage]:
            if self.poison_record & counting:
                raise ValueError("this row cannot be written")
            articles.mark_stage(tx, counting, "checked")
            versions = {message.subject_id: message.subject_version for message in messages}
            return [NewMessage("ArticleChecked", id_, versions[id_]) for id_ in sorted(counting, key=int)]

        yield Record(messages, write)


@dataclass(frozen=True)
class Row:
    id: int
    type: str
    subject_id: str
    attempts: int
    token: UUID | None
    is_published: bool
    is_quarantined: bool
    last_error: str | None


def rows(database: Database, type_: str = "ArticleReceived") -> list[Row]:
    with database.transaction() as tx:
        found = tx.execute(
            text("""
                SELECT id, type, subject_id::text, attempts, lease_token, published_at IS NOT NULL,
                       quarantined_at IS NOT NULL, last_error
                FROM messages WHERE type = :type ORDER BY id
            """),
            {"type": type_},
        )
        return [Row(*row) for row in found]


def ids(database: Database, type_: str = "ArticleReceived") -> list[int]:
    return [row.id for row in rows(database, type_)]


def expire_leases(database: Database) -> None:
    """As if the lease time had passed: what a worker that was killed leaves behind."""
    with database.transaction() as tx:
        tx.execute(
            text("UPDATE messages SET leased_until = clock_timestamp() - interval '1 s' WHERE leased_until IS NOT NULL")
        )


def stages_of(database: Database) -> dict[str, str]:
    with database.transaction() as tx:
        return {str(id_): stage for id_, stage in tx.execute(text("SELECT id, stage FROM articles"))}
