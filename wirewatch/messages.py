"""The units of work in the ledger: what has happened to whom, and so which stage is due (docs/flow.md)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

MessageType = Literal[
    "ArticleReceived",
    "ArticleChecked",
    "ArticleExtracted",
    "ArticlePlaced",
    "StoryChanged",
    "WatchMatched",
    "AlertDue",
    "HoldDue",
    "WatchChanged",
    "BackfillDue",
    "DeliveryDue",
]

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Work to be recorded. `due_at` None: at once. `subject_id` names an article, a story, and so on, by type."""

    type: MessageType
    subject_id: str
    subject_version: int = 0
    payload: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Work that this run has claimed: only the holder of `token` may record its effects."""

    id: int
    type: str
    subject_id: str
    subject_version: int
    payload: dict[str, Any]
    attempts: int
    token: UUID


@dataclass(frozen=True, slots=True)
class Published:
    """Work that the relay is about to hand to the broker: ids only, and what decides how they are grouped."""

    id: int
    type: str
    attempts: int
    alone: bool
