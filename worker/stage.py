"""What a stage is: the message it takes, the function that does the work, and the queue that carries it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from wirewatch.clock import Clock
from wirewatch.db import Database, Transaction
from wirewatch.errors import StartError
from wirewatch.messages import Message, MessageType, NewMessage
from wirewatch.secretbox import SecretBox
from wirewatch.settings import Network, Settings
from worker.aside import LetGo
from worker.catalogue import Catalogue

LEASE_MARGIN_SECONDS = 15

Write = Callable[[Transaction, frozenset[str]], list[NewMessage]]


class Record(NamedTuple):
    """The effects of a run, still to be written.

    `write` is called inside the record transaction with the subject ids that count, and returns the messages that
    follow. It must write nothing for other subjects. Of a stage that acts outside it may be called again after a
    database that went away: what has happened in the world must not be forgotten.
    """

    messages: Sequence[Message]
    write: Write


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What deliveries need to know of the outside: who may be reached, and the keys of stored secrets."""

    allow: tuple[Network, ...]
    secrets: SecretBox
    api_url: str

    @classmethod
    def from_settings(cls, settings: Settings) -> "Outgoing":
        if settings.secret_key is None:
            raise StartError("WIREWATCH_SECRET_KEY is not set: deliveries cannot open their endpoints' secrets")
        return cls(settings.egress_allow, SecretBox.from_keys(settings.secret_key.get_secret_value()), settings.api_url)


def _nobody_waits() -> None:
    """Where nobody waits for the run, nobody is let go."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a stage function may use: where to read, what to know, what time it is.

    `let_go`: to be called where a run from here on only waits for the world; its process then takes the next one.
    """

    database: Database
    catalogue: Catalogue
    clock: Clock
    outgoing: Outgoing
    let_go: LetGo = _nobody_waits


class StageFunction(Protocol):
    """Computes without holding a session and yields records, each of some of the messages; together, of all."""

    __name__: str

    def __call__(self, messages: Sequence[Message], context: Context) -> Iterator[Record]: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the pipeline. `batch` bounds the messages of one run, `in_flight` those published and not done;
    `spread` is how many workers share a backlog (1: what is decided one at a time, or cheap, is done in one run).
    `acts_outside`: its effects are seen by others than the database, which cannot take them back.
    `patience_seconds`: a run that takes longer, or only waits for the world, goes on beside those that follow.
    """

    takes: MessageType
    function: StageFunction
    queue: str
    batch: int
    in_flight: int
    spread: int
    time_limit_seconds: int
    subject: str
    acts_outside: bool
    patience_seconds: float | None = None

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def task(self) -> str:
        return f"wirewatch.{self.name}"

    @property
    def reads_catalogue(self) -> bool:
        """Whether it decides by entities, topics or watches; to load them takes longer than to send a webhook."""
        return self.subject != "delivery"

    @property
    def lease_seconds(self) -> int:
        return self.time_limit_seconds + LEASE_MARGIN_SECONDS


def stage(
    takes: MessageType,
    function: StageFunction,
    *,
    queue: str,
    batch: int = 64,
    in_flight: int = 512,
    spread: int = 1,
    time_limit_seconds: int = 30,
    subject: str = "article",
    acts_outside: bool = False,
    patience_seconds: float | None = None,
) -> Stage:
    return Stage(
        takes,
        function,
        queue,
        batch,
        in_flight,
        spread,
        time_limit_seconds,
        subject,
        acts_outside,
        patience_seconds,
    )
