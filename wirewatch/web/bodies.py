"""Bodies, read strictly: bounded, UTF-8, JSON as RFC 8259 has it."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wirewatch.web.problems import Problem, ProblemError

JSON_TYPE = "application/json"
NDJSON_TYPE = "application/x-ndjson"
LANG_PATTERN = r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}$"


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain NUL characters")
    return value


# PostgreSQL stores no NUL; lone surrogates are refused by the JSON reader and by pydantic.
Text = Annotated[str, AfterValidator(_without_nul)]


class Body(BaseModel):
    """A body of which every field is known and of its exact type."""

    model_config = ConfigDict(extra="forbid", strict=True)


def read_json(raw: bytes) -> Any:
    """The parsed body. Raises ProblemError 400 for what is no JSON: NaN, lone surrogates, bad UTF-8, too deep."""
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(Problem(400, f"the body is not valid JSON: {error}")) from error


def media_type_of(request: Request, allowed: Sequence[str]) -> str:
    """The media type of the body. Raises ProblemError 415 where it is not one of `allowed`."""
    media_type = _media_type(request.headers.get("content-type", ""))
    if media_type not in allowed:
        raise ProblemError(Problem(415, f"the body must be {' or '.join(allowed)}"))
    return media_type


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def check_media_type(request: Request, allowed: Sequence[str]) -> str:
    """The media type of the body. Raises ProblemError 415 where it is not one of `allowed`, or compressed."""
    media_type = media_type_of(request, allowed)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(Problem(415, "the body must not be compressed"))
    return media_type


def too_large(limit_bytes: int) -> Problem:
    return Problem(413, f"the body is larger than {limit_bytes} bytes", headers={"Connection": "close"})


class StrictRequest(Request):
    async def json(self) -> Any:
        return read_json(await self.body())


class StrictRoute(APIRoute):
    """A route whose body must be JSON, said and meant."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if self.body_field is not None:
                check_media_type(request, (JSON_TYPE,))
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


class BodyLimit:
    """Refuses a body that says, or turns out, to be larger than `limit_bytes`.

    Bodies of `streamed_types` may be of any length: their routes never hold them as a whole.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int, streamed_types: frozenset[str] = frozenset()) -> None:
        self.app, self.limit_bytes, self.streamed_types = app, limit_bytes, streamed_types

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_streamed(scope):
            return await self.app(scope, receive, send)
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self.limit_bytes:
                return await too_large(self.limit_bytes).response()(scope, receive, send)
        read_bytes = 0

        async def receive_bounded() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > self.limit_bytes:
                raise ProblemError(too_large(self.limit_bytes))
            return message

        return await self.app(scope, receive_bounded, send)

    def _is_streamed(self, scope: Scope) -> bool:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"]
        return bool(given) and _media_type(given[0]) in self.streamed_types
