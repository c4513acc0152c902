"""Whether a service answers (healthz), can do its work (readyz), and what it has done (metrics)."""

from fastapi import APIRouter, FastAPI, Response

from wirewatch import metrics
from wirewatch.db import Database, DatabaseUnavailableError
from wirewatch.migrate import is_migrated
from wirewatch.web.problems import Problem, ProblemError


def install(app: FastAPI, database: Database) -> None:
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
        return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)

    app.include_router(router)
