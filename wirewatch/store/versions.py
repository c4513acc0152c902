"""Versions of articles: what was accepted under one identity, and what each changed."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import VersionChanges


def get_previous(tx: Transaction, current: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """-> title and text of the version before, for each (article id, version) that has one."""
    wanted = {id_: version - 1 for id_, version in current.items() if version > 1}
    if not wanted:
        return {}
    rows = tx.execute(
        text("""
            SELECT v.article_id, v.title, v.text
            FROM unnest(CAST(:ids AS bigint[]), CAST(:versions AS integer[])) AS wanted (id, version)
            JOIN article_versions v ON v.article_id = wanted.id AND v.version = wanted.version
        """),
        {"ids": [int(id_) for id_ in wanted], "versions": list(wanted.values())},
    )
    return {str(id_): (title, body) for id_, title, body in rows}


def set_changes(tx: Transaction, changes: Iterable[tuple[str, int, VersionChanges]]) -> None:
    """Keep what each (article id, version) changed."""
    rows = list(changes)
    if rows:
        tx.execute(
            text("""
                UPDATE article_versions v SET changes = CAST(new.changes AS jsonb)
                FROM unnest(CAST(:ids AS bigint[]), CAST(:versions AS integer[]), CAST(:changes AS text[]))
                     AS new (id, version, changes)
                WHERE v.article_id = new.id AND v.version = new.version
            """),
            {
                "ids": [int(id_) for id_, _, _ in rows],
                "versions": [version for _, version, _ in rows],
                "changes": [msgspec.json.encode(one).decode() for _, _, one in rows],
            },
        )
