"""Seeing what is sent to PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg

# SQLAlchemy's, to see whether a pooled connection is alive.
PING = ";"


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that this process sends while the block runs, whichever way they take."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def note(cursor: psycopg.Cursor[Any], query: Any, *given: Any, **options: Any) -> psycopg.Cursor[Any]:
        sent = query.decode() if isinstance(query, bytes) else str(query)
        if sent != PING:
            seen.append(sent)
        return execute(cursor, query, *given, **options)

    with patch.object(psycopg.Cursor, "execute", note):
        yield seen
