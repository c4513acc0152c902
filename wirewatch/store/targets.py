"""Endpoints as deliveries see them: an open address, the secrets that are valid now, and how long they have failed."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.secretbox import SecretBox


class Target(NamedTuple):
    """`secrets`: the newest first; after a rotation the old one stays valid for a while."""

    endpoint_id: str
    url: str
    secrets: tuple[str, ...]
    enabled: bool
    failing_since: datetime | None


def list_enabled_ids(tx: Transaction) -> list[str]:
    return [str(id_) for id_ in tx.execute(text("SELECT id FROM endpoints WHERE enabled ORDER BY id")).scalars()]


def get_targets(tx: Transaction, endpoint_ids: Iterable[str], box: SecretBox, now: datetime) -> dict[str, Target]:
    """-> the endpoints that exist. Raises SealedSecretError where the key that sealed one is gone."""
    rows = tx.execute(
        text("SELECT id, url, secrets, enabled, failing_since FROM endpoints WHERE id = ANY(:ids)"),
        {"ids": [int(id_) for id_ in endpoint_ids]},
    )
    return {
        str(id_): Target(
            str(id_),
            box.unseal(bytes(url)),
            tuple(box.unseal(secret["sealed"].encode()) for secret in secrets if _is_valid(secret["until"], now)),
            enabled,
            failing_since,
        )
        for id_, url, secrets, enabled, failing_since in rows
    }


def record_health(
    tx: Transaction, endpoint_id: str, failing_since: datetime | None, disabled_reason: str | None
) -> None:
    """Since when the endpoint has only failed; a reason disables it."""
    tx.execute(
        text("""
            UPDATE endpoints SET failing_since = :failing_since, enabled = enabled AND CAST(:reason AS text) IS NULL,
                disabled_reason = COALESCE(:reason, disabled_reason)
            WHERE id = :id AND (failing_since IS DISTINCT FROM :failing_since OR CAST(:reason AS text) IS NOT NULL)
        """),
        {"id": int(endpoint_id), "failing_since": failing_since, "reason": disabled_reason},
    )


def _is_valid(until: str | None, now: datetime) -> bool:
    return until is None or now < datetime.fromisoformat(until)
