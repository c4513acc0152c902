"""The API: everything that people and programs read, and the watches and endpoints that they keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.deps import Services
from api.gauges import read_gauges
from api.names import CatalogueCache
from api.routes import (
    alerts,
    articles,
    deliveries,
    domains,
    endpoints,
    entities,
    feed_lists,
    feeds,
    matches,
    pipeline,
    previews,
    sources,
    stories,
    templates,
    topics,
    watches,
)
from api.routes.feed_lists import OPML_TYPES
from api.stream import UpdateStream
from wirewatch import log
from wirewatch.clock import system_clock
from wirewatch.db import Database
from wirewatch.errors import StartError
from wirewatch.secretbox import SecretBox
from wirewatch.settings import Settings
from wirewatch.web import Base, build_base
from wirewatch.web.bodies import NDJSON_TYPE

DESCRIPTION = "Watches news and tells people what matters to them, once, with proof."
MAX_BODY_BYTES = 1024 * 1024
POOL_SIZE = 15

RESOURCES = (
    articles,
    stories,
    matches,
    previews,
    watches,
    alerts,
    endpoints,
    deliveries,
    templates,
    entities,
    topics,
    feed_lists,
    feeds,
    domains,
    sources,
    pipeline,
)


def create_app() -> FastAPI:
    """The app as a process runs it."""
    settings = Settings()
    log.configure("api", settings.log_level)
    if settings.database_url is None:
        raise SystemExit("WIREWATCH_DATABASE_URL is not set; `wirewatch up` starts everything with a database")
    if settings.secret_key is None:
        raise SystemExit("WIREWATCH_SECRET_KEY is not set: endpoints' secrets could not be stored")
    try:
        return build_app(Database(settings.database_url, pool_size=POOL_SIZE), settings)
    except StartError as error:
        raise SystemExit(str(error)) from None


def build_app(database: Database, settings: Settings) -> FastAPI:
    """The API over this database. `settings.secret_key` must be set."""
    assert settings.secret_key is not None
    stream = UpdateStream(database)

    @asynccontextmanager
    async def follow_updates(_: FastAPI) -> AsyncIterator[None]:
        stream.start()
        yield
        await stream.stop()

    base = Base(
        "Wirewatch",
        DESCRIPTION,
        MAX_BODY_BYTES,
        settings.bootstrap_key,
        read_gauges,
        streamed_types=frozenset({NDJSON_TYPE, OPML_TYPES[0]}),
    )
    app = build_base(base, database, lifespan=follow_updates)
    app.state.services = Services(
        database=database,
        secrets=SecretBox.from_keys(settings.secret_key.get_secret_value()),
        egress_allow=settings.egress_allow,
        settle_seconds=settings.settle_seconds,
        catalogue=CatalogueCache(),
        stream=stream,
        clock=system_clock,
    )
    for resource in RESOURCES:
        app.include_router(resource.router)
    return app
