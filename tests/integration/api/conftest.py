from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import build_app
from tests.factories import BOOTSTRAP_KEY, bearer
from tests.integration.api.scene import Scene, make_scene
from wirewatch.db import Database
from wirewatch.secretbox import new_key
from wirewatch.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(bootstrap_key=SecretStr(BOOTSTRAP_KEY), secret_key=SecretStr(new_key()), egress_allow="127.0.0.0/8")


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


@pytest.fixture
def scene(database: Database) -> Scene:
    return make_scene(database)
