"""Whether a service answers (healthz), can do its work (readyz), and what it has done (metrics)."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import Metric

from wirewatch import metrics
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.migrate import is_migrated
from wirewatch.web.problems import Problem, ProblemError

Gauges = Callable[[Transaction], Sequence[Metric]]


def no_gauges(_: Transaction) -> Sequence[Metric]:
    return ()


def install(app: FastAPI, database: Database, read_gauges: Gauges = no_gauges) -> None:
    """`read_gauges` is asked at each look at the metrics for what the database alone knows."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    def readyz() -> dict[str, str]:
        """The database is reachable and has this version's schema; the broker is no condition."""
        try:
            with database.transaction() as tx:
                migrated = is_migrated(tx)
        except DatabaseUnavailableError as error:
            raise ProblemError(Problem(503, "the database cannot be reached")) from error
        if not migrated:
            raise ProblemError(Problem(503, "the database has another schema; run `wirewatch migrate`"))
        return {"status": "ready"}

    @router.get("/metrics")
    def show_metrics() -> Response:
        """For Prometheus. Without a database it shows what this process itself has counted."""
        with suppress(DatabaseUnavailableError), database.transaction() as tx:
            return Response(metrics.render(read_gauges(tx)), media_type=metrics.CONTENT_TYPE)
        return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)

    app.include_router(router)
