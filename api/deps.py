"""What routes are given: the services of this process, the caller's scope, and where in a list the reader is."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.names import CatalogueCache
from api.stream import UpdateStream
from wirewatch.clock import Clock
from wirewatch.db import Database
from wirewatch.errors import InvalidInputError, NotFoundError
from wirewatch.secretbox import SecretBox
from wirewatch.settings import Network
from wirewatch.store.ids import number_of
from wirewatch.web import Requires
from wirewatch.web.bodies import Text
from wirewatch.web.times import parse_time

T = TypeVar("T")

MAX_PAGE = 100
_BAD_CURSOR = InvalidInputError([("/cursor", "is no cursor of this list")])


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a route may use besides the request."""

    database: Database
    secrets: SecretBox
    egress_allow: Sequence[Network]
    settle_seconds: int
    catalogue: CatalogueCache
    stream: UpdateStream
    clock: Clock


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Wired = Annotated[Services, Depends(_services)]
READ = Depends(Requires("read"))
WRITE = Depends(Requires("write"))


class PageParams(BaseModel):
    """`cursor` is the `next` of the page before; an empty parameter is one that was not given."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, ge=1, le=MAX_PAGE)
    cursor: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: Any) -> Any:
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    def after(self) -> str | None:
        """The id of the last item already seen. Raises InvalidInputError for a cursor that is none of ours."""
        if self.cursor is None:
            return None
        try:
            seen = base64.urlsafe_b64decode(self.cursor.encode() + b"==").decode()
        except (binascii.Error, UnicodeError) as error:
            raise _BAD_CURSOR from error
        if not seen.isprintable():
            raise _BAD_CURSOR
        return seen

    def after_number(self) -> int | None:
        """The same where ids are numbers."""
        seen = self.after()
        if seen is None:
            return None
        if not (seen.isascii() and seen.isdigit() and len(seen) <= 19 and int(seen) < 2**63):
            raise _BAD_CURSOR
        return int(seen)


class Page(BaseModel, Generic[T]):
    """A part of a list; `next` leads to the next part, null: that was the last one."""

    items: list[T]
    next: str | None


def cursor_of(last_id: object) -> str:
    return base64.urlsafe_b64encode(str(last_id).encode()).decode().rstrip("=")


def page_of(found: Sequence[T], limit: int, id_of: Callable[[T], object]) -> Page[T]:
    """A page of what was found with `limit` + 1: the one too many says that there is more."""
    items = list(found[:limit])
    return Page(items=items, next=cursor_of(id_of(items[-1])) if len(found) > limit else None)


def filter_id(value: str | None, parameter: str) -> str | None:
    """An id given as a filter. Raises InvalidInputError where no such id can be."""
    if value is not None:
        try:
            number_of(value, parameter)
        except NotFoundError as error:
            raise InvalidInputError([(f"/{parameter}", "is no id")]) from error
    return value


def read_time(written: str | None, parameter: str) -> datetime | None:
    """A time given as a filter. Raises InvalidInputError."""
    if written is None:
        return None
    try:
        return parse_time(written)
    except ValueError as error:
        raise InvalidInputError([(f"/{parameter}", str(error))]) from error
