"""Every error leaves as an RFC 9457 problem document."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from wirewatch.db import DatabaseUnavailableError
from wirewatch.errors import ConflictError, InvalidInputError, NotFoundError, QueryError, RefusedAddressError
from wirewatch.log import get_logger

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "2"
MAX_ERRORS = 100

log = get_logger(__name__)
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Problem:
    """`errors` are objects with `pointer` (a JSON pointer into the body, or a parameter's name) and `detail`."""

    status: int
    detail: str
    errors: tuple[dict[str, Any], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        title = HTTPStatus(self.status).phrase
        shown = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}
        return {**shown, "errors": list(self.errors[:MAX_ERRORS])} if self.errors else shown

    def response(self) -> Response:
        body = msgspec.json.encode(self.document())
        return Response(body, self.status, media_type=MEDIA_TYPE, headers=self.headers)


class ProblemError(HTTPException):
    """Raised at the HTTP edge where no error of the domain says it better."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.detail)
        self.problem = problem


def invalid(problems: Sequence[tuple[str, str]]) -> Problem:
    """422 for (JSON pointer, what is wrong) pairs."""
    errors = tuple({"pointer": pointer, "detail": detail} for pointer, detail in problems)
    return Problem(422, "the request has fields that cannot be accepted", errors)


def problem_of(error: Exception) -> Problem:
    """The answer to an error; what nobody foresaw is a 500 that tells nothing of the inside."""
    match error:
        case ProblemError():
            return error.problem
        case RequestValidationError():
            return _of_validation(error.errors())
        case HTTPException():
            return Problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))
        case InvalidInputError():
            return invalid(error.problems)
        case QueryError():
            return _of_query(error)
        case RefusedAddressError():
            return invalid([("/url", str(error))])
        case NotFoundError():
            return Problem(404, str(error))
        case ConflictError():
            return Problem(409, str(error))
        case DatabaseUnavailableError():
            headers = {"Retry-After": RETRY_AFTER_SECONDS}
            return Problem(503, "the database cannot be reached; nothing of this request was kept", headers=headers)
        case _:
            return Problem(500, "something went wrong here; it has been logged")


def pointer_of(path: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def problems_of(errors: Sequence[Any]) -> list[tuple[str, str]]:
    """pydantic's errors as (pointer, detail) pairs; what was sent is not repeated."""
    return [(pointer_of(error["loc"]), _detail(error)) for error in errors]


def fit(model: type[M], value: Any) -> M:
    """Parsed JSON as the model's. Raises InvalidInputError."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidInputError(problems_of(error.errors(include_url=False, include_input=False))) from error


def _detail(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown field"
    return str(error["msg"]).removeprefix("Value error, ")


def _of_validation(errors: Sequence[Any]) -> Problem:
    """FastAPI puts where it looked (body, query, path) before each location."""
    if any(error["loc"][0] == "path" for error in errors):
        return Problem(404, "there is nothing here")
    return invalid(problems_of([{**error, "loc": error["loc"][1:]} for error in errors]))


def _of_query(error: QueryError) -> Problem:
    entry = {"pointer": "/query", "detail": error.detail, "position": error.position, "hint": error.hint}
    return Problem(422, f"the query cannot be used: {error}", (entry,))


def answer_to(error: Exception, path: str) -> Problem:
    """The problem of an error, logged where the fault is ours."""
    problem = problem_of(error)
    if isinstance(error, DatabaseUnavailableError):
        log.warning("database unavailable", path=path, error=str(error))
    elif problem.status >= 500:
        log.error("request failed", path=path, status=problem.status, exc_info=error)
    return problem


def install(app: FastAPI) -> None:
    """Answer every error of the app with its problem document."""

    async def answer(request: Request, error: Exception) -> Response:
        return answer_to(error, request.url.path).response()

    for kind in (HTTPException, RequestValidationError, Exception, InvalidInputError, QueryError):
        app.add_exception_handler(kind, answer)
    for kind in (RefusedAddressError, NotFoundError, ConflictError, DatabaseUnavailableError):
        app.add_exception_handler(kind, answer)
