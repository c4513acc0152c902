"""A worker whose records count whether or not its lease still stands: what the harness must catch.

`python -m bench.chaos.worker_without_token worker ...` is Celery's command line with that one check removed.
"""

import sys
from collections.abc import Sequence
from uuid import UUID

from celery.__main__ import main
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.store import messages

# The harness posts each article once.
ONLY_VERSION = 1


def finish_unchecked(
    tx: Transaction,
    ids: Sequence[int],
    token: UUID,  # noqa: ARG001 (it is the fault)
) -> dict[int, int | None]:
    tx.execute(text("DELETE FROM messages WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return dict.fromkeys(ids, ONLY_VERSION)


messages.finish = finish_unchecked

if __name__ == "__main__":
    sys.argv[1:1] = ["-A", "worker.app"]
    main()
