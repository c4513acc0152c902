"""API keys: shown once when they are made, and kept only as a hash."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Row, func, insert, select, update

from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError, NotFoundError
from wirewatch.store.ids import number_of
from wirewatch.store.tables import api_keys as table

Scope = Literal["ingest", "read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

KEY_PREFIX = "ww_"
KEY_BYTES = 32  # so much that a fast hash is safe: nobody can guess it
SHOWN_CHARS = 10


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be shown: `prefix` is its beginning, enough to tell it from others."""

    id: str
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked_at: datetime | None


def new_plaintext() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)


def hash_of(plaintext: str) -> bytes:
    """SHA-256 of the key; the key itself is random and long, so no salt or slow hash is needed."""
    return hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).digest()


def create(tx: Transaction, name: str, scopes: Sequence[str]) -> tuple[ApiKey, str]:
    """A new key and its plaintext, which cannot be had again. Raises InvalidInputError for unknown scopes or none."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidInputError([("/scopes", f"must be one or more of {', '.join(SCOPES)}")])
    plaintext = new_plaintext()
    row = {
        "name": name,
        "prefix": plaintext[:SHOWN_CHARS],
        "hash": hash_of(plaintext),
        "scopes": list(dict.fromkeys(scopes)),
    }
    return _value(tx.execute(insert(table).values(**row).returning(table)).one()), plaintext


def list_all(tx: Transaction) -> list[ApiKey]:
    return [_value(row) for row in tx.execute(select(table).order_by(table.c.id))]


def revoke(tx: Transaction, key_id: str) -> ApiKey:
    """From now on the key opens nothing. Raises NotFoundError."""
    statement = update(table).where(table.c.id == number_of(key_id, "key")).returning(table)
    row = tx.execute(statement.values(revoked_at=func.coalesce(table.c.revoked_at, func.clock_timestamp()))).first()
    if row is None:
        raise NotFoundError("no key with this id")
    return _value(row)


def find_by_hash(tx: Transaction, key_hash: bytes) -> ApiKey | None:
    """The key with this hash, unless it is revoked."""
    row = tx.execute(select(table).where(table.c.hash == key_hash, table.c.revoked_at.is_(None))).first()
    return _value(row) if row else None


def _value(row: Row[Any]) -> ApiKey:
    return ApiKey(str(row.id), row.name, row.prefix, tuple(row.scopes), row.created_at, row.revoked_at)
