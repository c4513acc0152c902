"""The ingest service: articles come in over HTTP. It needs PostgreSQL and nothing else."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from anyio import to_thread
from fastapi import Depends, FastAPI, Request, Response

from ingest.receive import BATCH, Limits, Refusal, receive
from ingest.submissions import ArticleBody, parse_submission
from wirewatch import log
from wirewatch.db import Database
from wirewatch.settings import Settings
from wirewatch.store.receipts import Receipt
from wirewatch.web import Base, Problem, ProblemError, Requires, build_base
from wirewatch.web.bodies import JSON_TYPE, check_media_type, read_json
from wirewatch.web.problems import invalid

NDJSON_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
POOL_SIZE = 10
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# The largest JSON text that an article of the allowed size can become, every character escaped, and its other fields.
ESCAPED = 6
OTHER_FIELDS_BYTES = 64 * 1024


def create_app() -> FastAPI:
    """The app as a process runs it."""
    settings = Settings()
    log.configure("ingest", settings.log_level)
    if settings.database_url is None:
        raise SystemExit("WIREWATCH_DATABASE_URL is not set; `wirewatch up` starts everything with a database")
    return build_app(Database(settings.database_url, pool_size=POOL_SIZE), settings)


def build_app(database: Database, settings: Settings) -> FastAPI:
    base = Base("Wirewatch ingest", "Takes articles in.", settings.max_body_bytes, settings.bootstrap_key)
    app = build_base(base, database)
    door = Door(database, Limits(settings.max_article_bytes))

    @app.post(
        "/v1/articles", status_code=202, openapi_extra=_documentation(), dependencies=[Depends(Requires("ingest"))]
    )
    async def post_articles(request: Request) -> Response:
        """Take one article (202), or many as a JSON array or one JSON object a line (200, an answer for each)."""
        if check_media_type(request, (JSON_TYPE, *NDJSON_TYPES)) in NDJSON_TYPES:
            return await door.take_lines(request)
        value = await to_thread.run_sync(read_json, await request.body())
        if isinstance(value, list):
            return _many(
                [await to_thread.run_sync(door.take, value[at : at + BATCH]) for at in range(0, len(value), BATCH)]
            )
        return _one((await to_thread.run_sync(door.take, [value]))[0])

    return app


class Door:
    """From parsed JSON values to answers, a batch at a time, so that memory stays bounded however many come."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self.database, self.limits = database, limits
        self.max_line_bytes = limits.max_article_bytes * ESCAPED + OTHER_FIELDS_BYTES

    def take(self, values: list[Any]) -> list[Receipt | Refusal]:
        """One answer for each value, in order. A Refusal given as a value is its own answer."""
        parsed = [value if isinstance(value, Refusal) else parse_submission(value) for value in values]
        stored = iter(receive(self.database, [item for item in parsed if not isinstance(item, Refusal)], self.limits))
        return [item if isinstance(item, Refusal) else next(stored) for item in parsed]

    async def take_lines(self, request: Request) -> Response:
        answers: list[list[Receipt | Refusal]] = []
        batch: list[bytes] = []
        async for line in lines_of(request.stream(), self.max_line_bytes):
            batch.append(line)
            if len(batch) == BATCH:
                answers.append(await to_thread.run_sync(self._take_raw, batch))
                batch = []
        answers.append(await to_thread.run_sync(self._take_raw, batch))
        return _many(answers)

    def _take_raw(self, lines: list[bytes]) -> list[Receipt | Refusal]:
        return self.take([self._parse_line(line) for line in lines])

    def _parse_line(self, line: bytes) -> Any:
        if len(line) > self.max_line_bytes:
            return Refusal(413, (("", f"the line is longer than {self.max_line_bytes} bytes"),))
        try:
            return read_json(line.removeprefix(BYTE_ORDER_MARK))
        except ProblemError as error:
            return Refusal(error.problem.status, (("", error.problem.detail.replace("the body", "the line")),))


async def lines_of(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[bytes]:
    """The lines that are not blank. Of a line longer than `limit_bytes` only one byte more is kept, which tells."""
    rest = bytearray()
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest += first[: limit_bytes + 1 - len(rest)]
        for other in others:
            if rest.strip():
                yield bytes(rest)
            rest = bytearray(other[: limit_bytes + 1])
    if rest.strip():
        yield bytes(rest)


def _one(answer: Receipt | Refusal) -> Response:
    if isinstance(answer, Refusal):
        raise ProblemError(_problem(answer))
    return Response(msgspec.json.encode(answer), 202, media_type=JSON_TYPE)


def _many(batches: list[list[Receipt | Refusal]]) -> Response:
    items = [
        {"error": _problem(answer).document()} if isinstance(answer, Refusal) else answer
        for batch in batches
        for answer in batch
    ]
    return Response(msgspec.json.encode({"items": items}), 200, media_type=JSON_TYPE)


def _problem(refusal: Refusal) -> Problem:
    if refusal.status == 422:
        return invalid(refusal.problems)
    return Problem(refusal.status, "; ".join(detail for _, detail in refusal.problems))


def _documentation() -> dict[str, Any]:
    """What OpenAPI cannot learn from the code, since the body is read as it streams in."""
    article = ArticleBody.model_json_schema(ref_template="#/components/schemas/{model}")
    source = article.pop("$defs")["SourceBody"]
    article["properties"]["source"] = {"anyOf": [source, {"type": "null"}]}
    receipt = {
        "type": "object",
        "required": ["id", "status"],
        "properties": {
            "id": {"type": "string"},
            "status": {"type": "string", "enum": ["accepted", "known", "new_version"]},
        },
    }
    item = {"anyOf": [receipt, {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}]}
    many = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}
    return {
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {"schema": {"anyOf": [article, {"type": "array", "items": article}]}},
                NDJSON_TYPES[0]: {"schema": {"type": "string", "description": "one article object a line"}},
            },
        },
        "responses": {
            "202": {"description": "one article was taken", "content": {JSON_TYPE: {"schema": receipt}}},
            "200": {"description": "an answer for each article", "content": {JSON_TYPE: {"schema": many}}},
        },
    }
