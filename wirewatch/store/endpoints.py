"""Endpoints as people see and change them. How deliveries see them is in targets.py.

URL and secrets are encrypted; what is shown of the URL leaves out everything that could be a secret itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, func, select, text
from sqlalchemy import delete as sql_delete
from sqlalchemy import insert as sql_insert
from sqlalchemy import update as sql_update

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Template
from wirewatch.secretbox import SealedSecretError, SecretBox
from wirewatch.signing import SigningSecret, new_secret, rotate_secrets
from wirewatch.store import targets
from wirewatch.store.ids import number_of
from wirewatch.store.revisions import raise_revision
from wirewatch.store.tables import endpoints as table
from wirewatch.store.targets import Content, EndpointKind

# Chat services put the secret of a webhook into its path.
SECRET_SEGMENT = re.compile(r"[A-Za-z0-9_=-]{16,}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`url` is as it may be shown; `failing_since` None: the last try was well, or there was none.

    `open_until`: its circuit is open, and only one delivery at a time is tried, not before then.
    """

    id: str
    name: str
    url: str
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime
    kind: EndpointKind
    content: Content
    template: Template | None
    notices: bool
    max_per_second: float | None
    failures_in_row: int
    open_until: datetime | None


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """What else is said of a new endpoint (docs/webhooks.md)."""

    enabled: bool = True
    kind: EndpointKind = "webhook"
    content: Content = "full"
    template: Template | None = None
    notices: bool = False
    max_per_second: float | None = None


def shown_url(url: str, kind: EndpointKind = "webhook") -> str:
    """The address without user, password, query values and long path segments; of a channel only the scheme."""
    if kind == "apprise":
        return f"{url.partition('://')[0].lower()}://***"
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = SECRET_SEGMENT.sub("***", parts.path)
    return f"{parts.scheme}://{'***@' if '@' in parts.netloc else ''}{host}{path}{'?***' if parts.query else ''}"


def list_page(tx: Transaction, *, after: int | None, limit: int) -> list[Endpoint]:
    """Endpoints by id after the id `after`."""
    query = select(table).where(table.c.id > (after or 0)).order_by(table.c.id).limit(limit)
    return [_value(row) for row in tx.execute(query)]


def get(tx: Transaction, endpoint_id: str) -> Endpoint:
    """Raises NotFoundError."""
    return _value(_get_row(tx, endpoint_id))


def find_unknown(tx: Transaction, endpoint_ids: Iterable[str]) -> set[str]:
    """Those of the ids that name no endpoint."""
    known = {str(number) for number in tx.execute(select(table.c.id)).scalars()}
    return set(endpoint_ids) - known


def create(
    tx: Transaction, box: SecretBox, name: str, url: str, options: EndpointOptions | None = None
) -> tuple[Endpoint, str]:
    """A new endpoint and the secret that signs for it, which cannot be had again."""
    secret = new_secret()
    options = options or EndpointOptions()
    row = {
        **asdict(options),
        "name": name,
        "secrets": _seal(box, [SigningSecret(secret)]),
        **_address(box, url, options.kind),
    }
    return _value(tx.execute(sql_insert(table).values(**row).returning(table)).one()), secret


def update(tx: Transaction, box: SecretBox, endpoint_id: str, now: datetime, changes: Mapping[str, Any]) -> Endpoint:
    """Change the named fields of EndpointOptions, name and url. Raises NotFoundError.

    Enabling, and another address, forget how it was before: what waits for it is tried now.
    """
    row = _get_row(tx, endpoint_id, lock=True)
    values: dict[str, Any] = {**changes, "updated_at": func.clock_timestamp()}
    if "url" in changes:
        values |= _address(box, changes["url"], row.kind)
    is_new_start = bool(changes.get("enabled")) or "url" in changes
    if is_new_start:
        values |= {"failing_since": None, "failures_in_row": 0, "open_until": None, "warned_at": None}
        values |= {"disabled_reason": None} if changes.get("enabled", row.enabled) else {}
    changed = tx.execute(sql_update(table).where(table.c.id == row.id).values(**values).returning(table)).one()
    if is_new_start:
        targets.begin_catching_up(tx, [endpoint_id], now)
    elif changes.get("enabled") is False:
        targets.wake(tx, [endpoint_id], now)
    return _value(changed)


def rotate_secret(tx: Transaction, box: SecretBox, endpoint_id: str, now: datetime) -> tuple[Endpoint, str]:
    """A new secret, beside which the old one goes on signing for a day. Raises NotFoundError."""
    row = _get_row(tx, endpoint_id, lock=True)
    secret = new_secret()
    sealed = _seal(box, rotate_secrets(_open(box, row.secrets), now, secret))
    statement = sql_update(table).where(table.c.id == row.id).returning(table)
    changed = tx.execute(statement.values(secrets=sealed, updated_at=func.clock_timestamp())).one()
    return _value(changed), secret


def delete(tx: Transaction, endpoint_id: str, now: datetime) -> None:
    """Remove an endpoint, also from the watches that name it; what waits for it ends now. Raises NotFoundError."""
    number = number_of(endpoint_id, "endpoint")
    _get_row(tx, endpoint_id, lock=True)
    targets.wake(tx, [endpoint_id], now)
    if tx.execute(sql_delete(table).where(table.c.id == number)).rowcount == 0:
        raise NotFoundError("no endpoint with this id")
    raise_revision(tx, "watches")
    tx.execute(
        text(
            "UPDATE watches SET endpoint_ids = array_remove(endpoint_ids, :id), updated_at = clock_timestamp() "
            "WHERE :id = ANY(endpoint_ids)"
        ),
        {"id": number},
    )


def _get_row(tx: Transaction, endpoint_id: str, *, lock: bool = False) -> Any:
    query = select(table).where(table.c.id == number_of(endpoint_id, "endpoint"))
    row = tx.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFoundError("no endpoint with this id")
    return row


def _address(box: SecretBox, url: str, kind: EndpointKind) -> dict[str, Any]:
    return {"url": box.seal(url), "shown_url": shown_url(url, kind)}


def _open(box: SecretBox, secrets: Sequence[dict[str, Any]]) -> Iterator[SigningSecret]:
    """Those that can be opened: a new secret is how a user recovers from a lost key."""
    for kept in secrets:
        with suppress(SealedSecretError):
            yield SigningSecret(box.unseal(kept["sealed"].encode()), _time(kept["until"]))


def _seal(box: SecretBox, secrets: Sequence[SigningSecret]) -> list[dict[str, str | None]]:
    return [
        {
            "sealed": box.seal(kept.secret).decode("ascii"),
            "until": kept.valid_until.astimezone(UTC).isoformat() if kept.valid_until else None,
        }
        for kept in secrets
    ]


def _time(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _value(row: Row[Any]) -> Endpoint:
    return Endpoint(
        id=str(row.id),
        name=row.name,
        url=row.shown_url,
        enabled=row.enabled,
        disabled_reason=row.disabled_reason,
        failing_since=row.failing_since,
        created_at=row.created_at,
        updated_at=row.updated_at,
        kind=row.kind,
        content=row.content,
        template=Template(**row.template) if row.template else None,
        notices=row.notices,
        max_per_second=row.max_per_second,
        failures_in_row=row.failures_in_row,
        open_until=row.open_until,
    )
