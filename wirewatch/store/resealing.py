"""Putting every stored secret under the newest key, so that an old key can be dropped."""

from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy import update as sql_update

from wirewatch.db import Transaction
from wirewatch.secretbox import SealedSecretError, SecretBox
from wirewatch.store.tables import endpoints, feeds


class Resealed(NamedTuple):
    """How many rows are under the newest key, and which no present key opens, as `endpoint 7` or `feed 3`."""

    rows: int
    lost: list[str]


def reseal(tx: Transaction, box: SecretBox) -> Resealed:
    """What no key opens stays as it is. Rows are locked until the transaction ends."""
    done, lost = 0, list[str]()
    for name, table, renew in (("endpoint", endpoints, _endpoint), ("feed", feeds, _feed)):
        for row in tx.execute(select(table).order_by(table.c.id).with_for_update()).all():
            try:
                values = renew(row, box)
            except SealedSecretError:
                lost.append(f"{name} {row.id}")
                continue
            if values:
                tx.execute(sql_update(table).where(table.c.id == row.id).values(**values))
                done += 1
    return Resealed(done, lost)


def _endpoint(row: Row[Any], box: SecretBox) -> dict[str, Any]:
    secrets = [{**kept, "sealed": box.reseal(kept["sealed"].encode()).decode("ascii")} for kept in row.secrets]
    return {"url": box.reseal(bytes(row.url)), "secrets": secrets}


def _feed(row: Row[Any], box: SecretBox) -> dict[str, Any]:
    sealed = {"credentials": row.credentials, "headers": row.headers}
    return {name: box.reseal(bytes(value)) for name, value in sealed.items() if value is not None}
