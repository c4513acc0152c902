"""The body of POST /v1/articles: one article, as clients write it."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from ingest.receive import Refusal, Submission
from wirewatch.errors import InvalidInputError
from wirewatch.web.bodies import JSON_TYPE, LANG_PATTERN, Body, Text
from wirewatch.web.many import document_one_or_many, receipt_schema
from wirewatch.web.problems import fit
from wirewatch.web.times import parse_time

DOMAIN = re.compile(r"(?=.{1,253}$)[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+\.?")


def _time(value: str) -> str:
    parse_time(value)
    return value


def _domain(value: str) -> str:
    if not DOMAIN.fullmatch(value):
        raise ValueError("must be a host name such as example.org")
    return value


class SourceBody(Body):
    """Who published: at least one of name and domain."""

    name: Text | None = None
    domain: Annotated[Text, AfterValidator(_domain)] | None = None


class ArticleBody(Body):
    """An article needs a text, html or at least a title. Time zone and time of `published_at` may be left out (UTC)."""

    url: Text | None = None
    title: Text | None = None
    text: Text | None = None
    html: Text | None = None
    published_at: Annotated[Text, AfterValidator(_time)] | None = Field(None, json_schema_extra={"format": "date-time"})
    source: SourceBody | None = None
    lang: Annotated[Text, Field(pattern=LANG_PATTERN)] | None = None
    external_id: Text | None = None


def document_articles() -> dict[str, Any]:
    """What OpenAPI cannot learn from the code, since the body is read as it streams in."""
    article = ArticleBody.model_json_schema(ref_template="#/components/schemas/{model}")
    source = article.pop("$defs")["SourceBody"]
    article["properties"]["source"] = {"anyOf": [source, {"type": "null"}]}
    statuses = ("accepted", "known", "new_version")
    documented = document_one_or_many("article", article, statuses)
    taken = {"description": "one article was taken", "content": {JSON_TYPE: {"schema": receipt_schema(statuses)}}}
    return {**documented, "responses": {"202": taken, **documented["responses"]}}


def parse_submission(value: Any) -> Submission | Refusal:
    """One parsed JSON value -> what `receive` takes, or why it is none."""
    try:
        body = fit(ArticleBody, value)
    except InvalidInputError as error:
        return Refusal(422, tuple(error.problems))
    source = body.source or SourceBody()
    return Submission(
        title=body.title,
        text=body.text,
        html=body.html,
        url=body.url or None,
        published_at=parse_time(body.published_at) if body.published_at else None,
        source_name=(source.name or "").strip() or None,
        source_domain=source.domain,
        lang=body.lang,
        external_id=body.external_id or None,
    )
