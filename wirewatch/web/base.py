"""The app that ingest and API both start from."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from wirewatch.db import Database
from wirewatch.web import health, problems
from wirewatch.web.auth import Authenticate
from wirewatch.web.bodies import BodyLimit, StrictRoute
from wirewatch.web.observe import Observe
from wirewatch.web.problems import MEDIA_TYPE

VERSION = version("wirewatch")

PROBLEM_RESPONSE: dict[str, Any] = {
    "description": "a problem document (RFC 9457)",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    **{name: {"type": "string"} for name in ("type", "title", "detail")},
                    "status": {"type": "integer"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["pointer", "detail"],
                            "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                        },
                    },
                },
            }
        }
    },
}


@dataclass(frozen=True, slots=True)
class Base:
    """What a service brings. `bootstrap_key` is an admin key that is in no table; None: there is none.

    Bodies of `streamed_types` are not bounded as a whole.
    """

    title: str
    description: str
    max_body_bytes: int
    bootstrap_key: SecretStr | None
    read_gauges: health.Gauges = health.no_gauges
    streamed_types: frozenset[str] = frozenset()


def build_base(base: Base, database: Database, **options: Any) -> FastAPI:
    """An app with problem documents, keys, limits, health and metrics, and no routes of its own yet."""
    app = FastAPI(
        title=base.title,
        description=base.description,
        version=VERSION,
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,
        responses={"4XX": PROBLEM_RESPONSE, "5XX": PROBLEM_RESPONSE},
        **options,
    )
    app.router.route_class = StrictRoute
    problems.install(app)
    health.install(app, database, base.read_gauges)
    bootstrap = base.bootstrap_key.get_secret_value() if base.bootstrap_key else None
    # The last one added is the first that a request meets.
    app.add_middleware(BodyLimit, limit_bytes=base.max_body_bytes, streamed_types=base.streamed_types)
    app.add_middleware(Authenticate, database=database, bootstrap_key=bootstrap)
    app.add_middleware(Observe)
    return app
