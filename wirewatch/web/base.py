"""The app that ingest and API both start from."""

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from wirewatch.db import Database
from wirewatch.settings import Settings
from wirewatch.web import health, problems
from wirewatch.web.auth import Authenticate
from wirewatch.web.bodies import BodyLimit, StrictRoute
from wirewatch.web.observe import Observe

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Base:
    """What a service brings: its title, what it does, and the largest body that it reads."""

    title: str
    description: str
    max_body_bytes: int


def build_base(base: Base, database: Database, settings: Settings, **options: Any) -> FastAPI:
    """An app with problem documents, keys, limits, health and metrics, and no routes of its own yet."""
    app = FastAPI(
        title=base.title,
        description=base.description,
        version=VERSION,
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,
        **options,
    )
    app.router.route_class = StrictRoute
    problems.install(app)
    health.install(app, database)
    bootstrap = settings.bootstrap_key.get_secret_value() if settings.bootstrap_key else None
    # The last one added is the first that a request meets.
    app.add_middleware(BodyLimit, limit_bytes=base.max_body_bytes)
    app.add_middleware(Authenticate, database=database, bootstrap_key=bootstrap)
    app.add_middleware(Observe)
    return app
