"""Endpoints as deliveries see them: an open address, the secrets that are valid now, and how well they are.

Who changes a circuit holds the endpoint's row; who parks a delivery because of it looks at that row again, so that no
delivery sleeps through the moment when the circuit closes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Template
from wirewatch.secretbox import SealedSecretError, SecretBox
from wirewatch.signing import SigningSecret, valid_secrets

# Of what waited for an endpoint so much is due at once when it answers again.
CATCH_UP_PART = 100

EndpointKind = Literal["webhook", "apprise"]
Content = Literal["full", "thin"]


class Health(NamedTuple):
    """`open_until`: no try before then, but a probe after it; None: the circuit is closed."""

    failing_since: datetime | None = None
    failures_in_row: int = 0
    open_until: datetime | None = None
    warned_at: datetime | None = None


class Gate(NamedTuple):
    """`open_until`: as in Health. `catching_up_to`: later deliveries wait until those up to this one were tried."""

    open_until: datetime | None
    catching_up_to: int | None

    def is_closed_to(self, delivery_id: str) -> bool:
        if self.open_until is not None:
            return True
        return self.catching_up_to is not None and int(delivery_id) > self.catching_up_to


class Target(NamedTuple):
    """`secrets`: the newest first; after a rotation the old one stays valid for a while.

    `fault`: why nothing can be sent there, although it exists. `catching_up_to`: as in Gate; what goes through then is
    sent in order, one at a time.
    """

    endpoint_id: str
    name: str
    kind: EndpointKind
    url: str
    secrets: tuple[str, ...]
    enabled: bool
    health: Health
    content: Content
    template: Template | None
    max_per_second: float | None
    catching_up_to: int | None
    disabled_reason: str | None
    fault: str | None = None


_GET = text("""
    SELECT id, name, kind, url, secrets, enabled, failing_since, failures_in_row, open_until, warned_at, content,
        template, max_per_second, catching_up_to, disabled_reason
    FROM endpoints WHERE id = ANY(:ids)
""")

_TAKE_PROBES = text("""
    UPDATE endpoints SET open_until = :until WHERE id = ANY(:ids) AND open_until <= :now RETURNING id
""")

_LOCK = text("""
    SELECT id, failing_since, failures_in_row, open_until, warned_at FROM endpoints
    WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
""")

_SAVE = text("""
    UPDATE endpoints e SET failing_since = h.failing_since, failures_in_row = h.failures_in_row,
        open_until = h.open_until, warned_at = h.warned_at,
        enabled = e.enabled AND h.disabled_reason IS NULL,
        disabled_reason = COALESCE(h.disabled_reason, e.disabled_reason)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:failing_since AS timestamptz[]), CAST(:failures_in_row AS int[]),
                CAST(:open_until AS timestamptz[]), CAST(:warned_at AS timestamptz[]),
                CAST(:disabled_reason AS text[]))
        AS h (id, failing_since, failures_in_row, open_until, warned_at, disabled_reason)
    WHERE e.id = h.id
""")

_LOCK_GATES = text("""
    SELECT id, open_until, catching_up_to FROM endpoints WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
""")

# A new message for each, in the order of the deliveries, because the relay goes by the order of messages.
_WAKE = text("""
    WITH woken AS (
        UPDATE deliveries d SET next_attempt_at = NULL
        FROM messages m
        WHERE m.type = 'DeliveryDue' AND m.subject_id = d.id AND d.state = 'pending'
          AND (d.endpoint_id = ANY(CAST(:endpoints AS bigint[])) OR d.id = ANY(CAST(:deliveries AS bigint[])))
          AND m.lease_token IS NULL AND m.quarantined_at IS NULL AND m.due_at > :now
        RETURNING m.id AS message_id, d.id AS delivery_id
    ), gone AS (
        DELETE FROM messages m USING woken WHERE m.id = woken.message_id RETURNING woken.delivery_id
    )
    INSERT INTO messages (type, subject_id, due_at)
    SELECT 'DeliveryDue', delivery_id, :now FROM gone ORDER BY delivery_id
""")

_BEGIN_CATCHING_UP = text("UPDATE endpoints SET catching_up_to = 0 WHERE id = ANY(:ids)")

_LOCK_CATCHING_UP = text("""
    SELECT id, catching_up_to FROM endpoints WHERE id = ANY(:ids) AND catching_up_to IS NOT NULL ORDER BY id FOR UPDATE
""")

_IS_PART_DONE = text("""
    SELECT NOT EXISTS (SELECT FROM deliveries WHERE endpoint_id = :id AND state = 'pending' AND id <= :to
                       AND (next_attempt_at IS NULL OR next_attempt_at <= :now))
""")

_NEXT_PART = text("""
    SELECT id FROM deliveries WHERE endpoint_id = :id AND state = 'pending' AND id > :to ORDER BY id LIMIT :limit
""")

_CATCH_UP_TO = text("UPDATE endpoints SET catching_up_to = :to WHERE id = :id")

_PROBE_NEXT = text("""
    UPDATE messages SET due_at = :at
    WHERE due_at > :at AND published_at IS NULL AND id = (
        SELECT m.id FROM deliveries d JOIN messages m ON m.type = 'DeliveryDue' AND m.subject_id = d.id
        WHERE d.endpoint_id = :id AND d.state = 'pending' ORDER BY d.id LIMIT 1)
""")

_FIND_CROWDED = text("""
    SELECT e.id FROM unnest(CAST(:ids AS bigint[])) AS e (id)
    WHERE (SELECT count(*) FROM (SELECT FROM deliveries WHERE endpoint_id = e.id AND state = 'pending' LIMIT 2)) > 1
""")

_FIND_NOTICED = text("""
    SELECT id FROM endpoints WHERE enabled AND id <> :id AND notices
    UNION ALL
    (SELECT id FROM endpoints WHERE enabled AND id <> :id AND failing_since IS NULL
       AND NOT EXISTS (SELECT FROM endpoints WHERE enabled AND id <> :id AND notices)
     ORDER BY id LIMIT 1)
""")


def find_all(tx: Transaction) -> dict[str, bool]:
    """-> every endpoint, and whether it is enabled."""
    return {str(id_): enabled for id_, enabled in tx.execute(text("SELECT id, enabled FROM endpoints ORDER BY id"))}


def get_targets(tx: Transaction, endpoint_ids: Iterable[str], box: SecretBox, now: datetime) -> dict[str, Target]:
    """-> the endpoints that exist; one whose key is gone has a fault."""
    rows = tx.execute(_GET, {"ids": [int(id_) for id_ in endpoint_ids]})
    return {str(row.id): _target(row, box, now) for row in rows}


def take_probes(tx: Transaction, endpoint_ids: Iterable[str], now: datetime, until: datetime) -> frozenset[str]:
    """The right to probe open circuits whose time has come, until then. -> of which endpoints it was had."""
    rows = tx.execute(_TAKE_PROBES, {"ids": [int(id_) for id_ in endpoint_ids], "now": now, "until": until})
    return frozenset(str(id_) for id_ in rows.scalars())


def lock_health(tx: Transaction, endpoint_ids: Sequence[str]) -> dict[str, Health]:
    """-> the health of those that exist, which nobody else changes until the transaction ends."""
    if not endpoint_ids:
        return {}
    rows = tx.execute(_LOCK, {"ids": [int(id_) for id_ in endpoint_ids]})
    return {str(id_): Health(*health) for id_, *health in rows}


def save_health(tx: Transaction, found: Mapping[str, tuple[Health, str | None]]) -> None:
    """By endpoint its health, and a reason that disables it."""
    columns = {name: [getattr(health, name) for health, _ in found.values()] for name in Health._fields}
    reasons = [reason for _, reason in found.values()]
    tx.execute(_SAVE, {"ids": [int(id_) for id_ in found], **columns, "disabled_reason": reasons})


def lock_gates(tx: Transaction, endpoint_ids: Iterable[str]) -> dict[str, Gate]:
    """-> what stands between a delivery and each of the endpoints; it stays so until the transaction ends."""
    rows = tx.execute(_LOCK_GATES, {"ids": [int(id_) for id_ in endpoint_ids]})
    return {str(id_): Gate(*gate) for id_, *gate in rows}


def wake(tx: Transaction, endpoint_ids: Iterable[str], now: datetime) -> None:
    """Make due all that waits for these endpoints: what is to become of it is known."""
    tx.execute(_WAKE, {"endpoints": [int(id_) for id_ in endpoint_ids], "deliveries": [], "now": now})


def begin_catching_up(tx: Transaction, endpoint_ids: Iterable[str], now: datetime) -> None:
    """These endpoints answer again: what waits for them is woken part by part, the oldest first."""
    numbers = [int(id_) for id_ in endpoint_ids]
    tx.execute(_BEGIN_CATCHING_UP, {"ids": numbers})
    go_on_catching_up(tx, map(str, numbers), now)


def go_on_catching_up(tx: Transaction, endpoint_ids: Iterable[str], now: datetime) -> None:
    """Wake the next part where all of the last one has been tried; after the last part the endpoint has caught up."""
    for endpoint_id, to in tx.execute(_LOCK_CATCHING_UP, {"ids": [int(id_) for id_ in endpoint_ids]}).all():
        if not tx.execute(_IS_PART_DONE, {"id": endpoint_id, "to": to, "now": now}).scalar_one():
            continue
        part = list(tx.execute(_NEXT_PART, {"id": endpoint_id, "to": to, "limit": CATCH_UP_PART}).scalars())
        tx.execute(_CATCH_UP_TO, {"id": endpoint_id, "to": part[-1] if part else None})
        tx.execute(_WAKE, {"endpoints": [], "deliveries": part, "now": now})


def probe_next(tx: Transaction, endpoint_id: str, at: datetime) -> None:
    """Let the oldest of what waits for the endpoint be the probe of its circuit."""
    tx.execute(_PROBE_NEXT, {"id": int(endpoint_id), "at": at})


def find_crowded(tx: Transaction, endpoint_ids: Iterable[str]) -> frozenset[str]:
    """-> those for which more than one delivery waits."""
    rows = tx.execute(_FIND_CROWDED, {"ids": [int(id_) for id_ in endpoint_ids]})
    return frozenset(str(id_) for id_ in rows.scalars())


def find_noticed(tx: Transaction, endpoint_id: str) -> list[str]:
    """Whom to tell that this endpoint fails: those that ask for notices, otherwise the first that is well."""
    return [str(id_) for id_ in tx.execute(_FIND_NOTICED, {"id": int(endpoint_id)}).scalars()]


def _target(row: Any, box: SecretBox, now: datetime) -> Target:
    fault = None
    url, secrets = "", tuple[str, ...]()
    try:
        url = box.unseal(bytes(row.url))
        secrets = _valid_secrets(row.secrets, box, now)
    except SealedSecretError as error:
        fault = str(error)
    return Target(
        endpoint_id=str(row.id),
        name=row.name,
        kind=row.kind,
        url=url,
        secrets=secrets,
        enabled=row.enabled,
        health=Health(row.failing_since, row.failures_in_row, row.open_until, row.warned_at),
        content=row.content,
        template=Template(**row.template) if row.template else None,
        max_per_second=row.max_per_second,
        catching_up_to=row.catching_up_to,
        disabled_reason=row.disabled_reason,
        fault=fault,
    )


def _valid_secrets(secrets: Sequence[Mapping[str, str]], box: SecretBox, now: datetime) -> tuple[str, ...]:
    # Only those that sign now are opened: an older one may be sealed with a key that is gone.
    sealed = [
        SigningSecret(one["sealed"], datetime.fromisoformat(one["until"]) if one["until"] else None) for one in secrets
    ]
    return tuple(box.unseal(one.encode()) for one in valid_secrets(sealed, now))
