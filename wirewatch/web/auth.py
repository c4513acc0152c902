"""Who may call: a Bearer key, and the scopes that it has."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from wirewatch.db import Database, DatabaseUnavailableError
from wirewatch.store import keys
from wirewatch.web.problems import Problem, ProblemError, answer_to

PROTECTED_PREFIX = "/v1/"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="wirewatch"'}
UNKNOWN_KEY = Problem(401, "a valid key is needed: Authorization: Bearer <key>", headers=CHALLENGE)

_bearer = HTTPBearer(auto_error=False, description="a key made by `wirewatch keys create`")


@dataclass(frozen=True, slots=True)
class Access:
    """What the caller's key opens."""

    key_name: str
    scopes: frozenset[str]

    def allows(self, scope: keys.Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes


BOOTSTRAP_ACCESS = Access("bootstrap", frozenset(keys.SCOPES))


class Authenticate:
    """Finds the key's owner before anything of the body is read; without one nothing under /v1/ is shown to exist."""

    def __init__(self, app: ASGIApp, database: Database, bootstrap_key: str | None) -> None:
        self.app, self.database = app, database
        self.bootstrap_hash = keys.hash_of(bootstrap_key) if bootstrap_key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PROTECTED_PREFIX):
            return await self.app(scope, receive, send)
        plaintext = _bearer_of(scope)
        try:
            access = await to_thread.run_sync(self._find_access, plaintext) if plaintext else None
        except DatabaseUnavailableError as error:  # a middleware stands outside the exception handlers of the app
            return await answer_to(error, scope["path"]).response()(scope, receive, send)
        if access is None:
            return await UNKNOWN_KEY.response()(scope, receive, send)
        scope.setdefault("state", {})["access"] = access
        return await self.app(scope, receive, send)

    def _find_access(self, plaintext: str) -> Access | None:
        key_hash = keys.hash_of(plaintext)
        if self.bootstrap_hash and hmac.compare_digest(self.bootstrap_hash, key_hash):
            return BOOTSTRAP_ACCESS
        with self.database.transaction() as tx:
            key = keys.find_by_hash(tx, key_hash)
        return Access(key.name, frozenset(key.scopes)) if key else None


def Requires(scope: keys.Scope) -> Callable[..., Access]:  # noqa: N802 - reads as the declaration it is, like Depends
    """A dependency that answers 403 to a key without the scope (admin has all)."""

    def check(
        request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None
    ) -> Access:
        access: Access = request.state.access
        if not access.allows(scope):
            raise ProblemError(Problem(403, f"this key lacks the scope {scope}"))
        return access

    return check


def _bearer_of(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, key = value.decode("latin-1").partition(" ")
            return key.strip() if kind.lower() == "bearer" else None
    return None
