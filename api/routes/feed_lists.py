"""Lists of feeds, as OPML, in and out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from api.deps import READ, WRITE, Services, Wired
from api.schemas import FeedBody
from wirewatch.db import Transaction
from wirewatch.errors import ConflictError, InvalidInputError, RefusedAddressError
from wirewatch.http import check_url
from wirewatch.http.targets import parse_target
from wirewatch.opml import ListedFeed, parse_opml, render_opml
from wirewatch.store import feeds
from wirewatch.store.feeds import Feed, FullText
from wirewatch.web import ProblemError
from wirewatch.web.bodies import StrictRoute, media_type_of, too_large
from wirewatch.web.problems import fit

OPML_TYPES = ("text/x-opml", "application/xml", "text/xml", "text/x-opml+xml", "application/octet-stream")
MAX_OPML_BYTES = 16 * 1024 * 1024
PAGE = 500

router = APIRouter(prefix="/v1/feeds", tags=["feeds"], route_class=StrictRoute)


class ImportParams(BaseModel):
    """`full_text` as each feed is to be told; `tag` is given to all beside those of the list."""

    model_config = ConfigDict(extra="forbid")

    full_text: FullText = "off"
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedFeed:
    url: str
    status: Literal["created", "known", "refused"]
    id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """`items` in the list's order."""

    created: int
    known: int
    refused: int
    items: list[ImportedFeed]


@router.post(
    "/import",
    dependencies=[WRITE],
    openapi_extra={"requestBody": {"required": True, "content": {OPML_TYPES[0]: {"schema": {"type": "string"}}}}},
)
async def import_feeds(request: Request, params: Annotated[ImportParams, Query()], services: Wired) -> Imported:
    """Add the feeds of an OPML list: folders become tags, feeds that are known stay as they are."""
    media_type_of(request, OPML_TYPES)
    body = await _read(request)
    return await to_thread.run_sync(_import, body, params, services)


@router.get("/export", dependencies=[READ], response_class=Response)
def export_feeds(services: Wired) -> Response:
    """All feeds as OPML, without their secrets."""
    headers = {"Content-Disposition": 'attachment; filename="wirewatch.opml"'}
    return Response(render_opml(_all_feeds(services)), media_type=OPML_TYPES[0], headers=headers)


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_OPML_BYTES:
            raise ProblemError(too_large(MAX_OPML_BYTES))
    return bytes(body)


def _import(body: bytes, params: ImportParams, services: Services) -> Imported:
    items: list[ImportedFeed] = []
    listed = parse_opml(body)
    with services.database.transaction() as tx:
        for one in listed:
            items.append(_import_one(tx, one, params, services))
    counts = {status: sum(item.status == status for item in items) for status in ("created", "known", "refused")}
    return Imported(**counts, items=items)


def _import_one(tx: Transaction, listed: ListedFeed, params: ImportParams, services: Services) -> ImportedFeed:
    tags = list(dict.fromkeys([*([params.tag] if params.tag else []), *listed.tags]))
    given = {"url": listed.url, "kind": listed.kind, "name": listed.name, "tags": tags, "full_text": params.full_text}
    try:
        fields = fit(FeedBody, given).model_dump(exclude_none=True)
        # Names are resolved when they are polled: a thousand of them would take an hour here.
        if parse_target(listed.url).address is not None:
            check_url(listed.url, services.egress_allow)
        return ImportedFeed(listed.url, "created", feeds.create(tx, services.secrets, **fields).id)
    except ConflictError:
        return ImportedFeed(listed.url, "known")
    except (RefusedAddressError, InvalidInputError) as error:
        return ImportedFeed(listed.url, "refused", error=str(error))


def _all_feeds(services: Services) -> Iterator[Feed]:
    after: int | None = None
    while True:
        with services.database.transaction() as tx:
            found = feeds.list_page(tx, after=after, limit=PAGE)
        yield from found
        if len(found) < PAGE:
            return
        after = int(found[-1].id)
