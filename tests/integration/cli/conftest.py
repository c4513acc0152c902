"""An API that the commands speak to."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from pydantic import SecretStr

from api.app import build_app
from tests.factories import BOOTSTRAP_KEY
from wirewatch.db import Database
from wirewatch.secretbox import new_key
from wirewatch.settings import Settings


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    settings = Settings(bootstrap_key=SecretStr(BOOTSTRAP_KEY), secret_key=SecretStr(new_key()))
    server = uvicorn.Server(uvicorn.Config(build_app(database, settings), log_level="error"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()
