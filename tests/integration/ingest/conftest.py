from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from ingest.app import build_app
from tests.factories import BOOTSTRAP_KEY, bearer
from wirewatch.db import Database
from wirewatch.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(bootstrap_key=SecretStr(BOOTSTRAP_KEY), max_body_bytes=32 * 1024 * 1024)


@pytest.fixture
def client(database: Database, settings: Settings) -> Iterator[TestClient]:
    with TestClient(
        build_app(database, settings), raise_server_exceptions=False, headers=bearer(BOOTSTRAP_KEY)
    ) as made:
        yield made


@pytest.fixture(scope="module")
def steady_client(shared_database: Database, settings: Settings) -> Iterator[TestClient]:
    """For tests that leave nothing behind."""
    app = build_app(shared_database, settings)
    with TestClient(app, raise_server_exceptions=False, headers=bearer(BOOTSTRAP_KEY)) as made:
        yield made
