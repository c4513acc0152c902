"""Bodies that hold one thing or many: a JSON object, a JSON array, or one object a line."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request

from wirewatch.web import Problem, ProblemError
from wirewatch.web.bodies import JSON_TYPE, NDJSON_TYPE, check_media_type, read_json, too_large

# What comes as lines is held in memory as a whole, so that it is stored as a whole.
MAX_LINES_BYTES = 16 * 1024 * 1024
MAX_ITEMS = 10_000


async def read_values(request: Request) -> tuple[list[Any], bool]:
    """The values of the body, and whether they came as many. A line that is no JSON is the ProblemError it deserves.

    Raises ProblemError for another media type (415), a body that is no JSON (400) and one that is too large (413).
    """
    is_lines = check_media_type(request, (JSON_TYPE, NDJSON_TYPE)) == NDJSON_TYPE
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_LINES_BYTES:
            raise ProblemError(too_large(MAX_LINES_BYTES))
    value = list(_values_of(bytes(body))) if is_lines else read_json(bytes(body))
    is_many = isinstance(value, list)
    values = value if is_many else [value]
    if len(values) > MAX_ITEMS:
        raise ProblemError(Problem(413, f"more than {MAX_ITEMS} at once; send them in several requests"))
    return values, is_many


def _values_of(body: bytes) -> Iterator[Any]:
    for line in body.split(b"\n"):
        if line.strip():
            try:
                yield read_json(line)
            except ProblemError as error:
                yield error
