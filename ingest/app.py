"""The ingest service: articles come in over HTTP. It needs PostgreSQL and nothing else."""

from fastapi import Depends, FastAPI, Request, Response

from ingest.backlog import Backlog
from ingest.door import NDJSON_TYPES, Bounds, Door
from ingest.outside import Outside, install, lifespan_of
from ingest.receive import Limits
from ingest.submissions import document_articles
from wirewatch import log
from wirewatch.db import Database
from wirewatch.settings import Settings
from wirewatch.web import Base, Requires, build_base

POOL_SIZE = 10


def create_app() -> FastAPI:
    """The app as a process runs it."""
    settings = Settings()
    log.configure("ingest", settings.log_level)
    if settings.database_url is None:
        raise SystemExit("WIREWATCH_DATABASE_URL is not set; `wirewatch up` starts everything with a database")
    return build_app(Database(settings.database_url, pool_size=POOL_SIZE), settings)


def build_app(database: Database, settings: Settings) -> FastAPI:
    base = Base(
        "Wirewatch ingest",
        "Takes articles in.",
        settings.max_body_bytes,
        settings.bootstrap_key,
        streamed_types=frozenset(NDJSON_TYPES),
    )
    outside = Outside()
    app = build_base(base, database, lifespan=lifespan_of(outside, database, settings))
    bounds = Bounds(settings.max_body_bytes, Limits(settings.max_article_bytes))
    door = Door(database, Backlog(database, settings.backlog_mark), bounds, outside.read_pages)

    @app.post(
        "/v1/articles", status_code=202, openapi_extra=document_articles(), dependencies=[Depends(Requires("ingest"))]
    )
    async def post_articles(request: Request) -> Response:
        """Take one article (202), or many as a JSON array or one JSON object a line (200, an answer for each).

        The body may be packed (`Content-Encoding: gzip` or `zstd`). Lines may go on without end: they are read as fast
        as they are stored. While much work waits, many articles at once are answered 429 with `Retry-After`.
        """
        return await door.take(request)

    install(app, outside, settings)

    return app
