"""A whole local stack: real servers, ingest, API, relay and Celery workers, started once for the tests that use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import tell_at_the_end
from tests.integration.pipeline.passage import count_passages
from wirewatch.settings import Settings
from wirewatch.stack.local import LocalStack, local_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[LocalStack]:
    data_dir: Path = tmp_path_factory.mktemp("stack")
    settings = Settings(data_dir=data_dir, api_port=0, ingest_port=0, seed=False, settle_seconds=0)
    with local_stack(settings, print, durable=False) as running:
        yield running
        lines = count_passages(running.database_url)
    tell_at_the_end(request.config, lines)
