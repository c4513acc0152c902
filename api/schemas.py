"""The bodies that the API takes. What it gives are the values of wirewatch.store and its views."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from wirewatch.models import EntityType
from wirewatch.store.views.alerts import AlertState
from wirewatch.web.bodies import Body, Text


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


Name = Annotated[Text, Field(min_length=1, max_length=300), AfterValidator(_named)]
LongText = Annotated[Text, Field(max_length=10_000)]
Url = Annotated[Text, Field(min_length=1, max_length=8192)]
CatalogueId = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$")]
Spellings = Annotated[list[Name], Field(max_length=1000)]
Seconds = Annotated[int, Field(ge=0, le=7 * 24 * 3600)]
Weight = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]


class PolicyBody(Body):
    """When a watch tells more about a story it has told of; what is left out stays as it is."""

    mode: Literal["material", "every_article"] | None = None
    settle_seconds: Seconds | None = None


class WatchBody(Body):
    """`endpoint_ids` null: every endpoint."""

    name: Name
    query: Text
    policy: PolicyBody | None = None
    endpoint_ids: Annotated[list[Text], Field(max_length=1000)] | None = None
    enabled: bool = True


class WatchPatch(Body):
    name: Name | None = None
    query: Text | None = None
    policy: PolicyBody | None = None
    endpoint_ids: Annotated[list[Text], Field(max_length=1000)] | None = None
    enabled: bool | None = None


class EntityBody(Body):
    """Without an `id` one is made from the name. `country` is the id of another entity."""

    id: CatalogueId | None = None
    name: Name
    type: EntityType
    aliases: Spellings = Field(default_factory=list)
    short_names: Spellings = Field(default_factory=list)
    demonyms: Spellings = Field(default_factory=list)
    metonyms: Spellings = Field(default_factory=list)
    titles: Spellings = Field(default_factory=list)
    country: Name | None = None
    category: Name | None = None
    description: LongText = ""


class EntityPatch(Body):
    name: Name | None = None
    type: EntityType | None = None
    aliases: Spellings | None = None
    short_names: Spellings | None = None
    demonyms: Spellings | None = None
    metonyms: Spellings | None = None
    titles: Spellings | None = None
    country: Name | None = None
    category: Name | None = None
    description: LongText | None = None


class CueBody(Body):
    phrase: Name
    weight: Weight = 1.0


Cues = Annotated[list[CueBody], Field(max_length=5000)]


class TopicBody(Body):
    """Without an `id` one is made from the name."""

    id: CatalogueId | None = None
    name: Name
    cues: Cues = Field(default_factory=list)
    negative_cues: Cues = Field(default_factory=list)
    required_entity_types: list[EntityType] = Field(default_factory=list)
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.5
    description: LongText = ""
    iptc: Name | None = None


class TopicPatch(Body):
    name: Name | None = None
    cues: Cues | None = None
    negative_cues: Cues | None = None
    required_entity_types: list[EntityType] | None = None
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    description: LongText | None = None
    iptc: Name | None = None


class EndpointBody(Body):
    name: Name
    url: Url
    enabled: bool = True


class EndpointPatch(Body):
    name: Name | None = None
    url: Url | None = None
    enabled: bool | None = None


Interval = Annotated[int, Field(ge=10, le=30 * 24 * 3600)]


class FeedBody(Body):
    url: Url
    name: Name | None = None
    enabled: bool = True
    min_interval_seconds: Interval = 300
    max_interval_seconds: Interval = 86_400


class FeedPatch(Body):
    url: Url | None = None
    name: Name | None = None
    enabled: bool | None = None
    min_interval_seconds: Interval | None = None
    max_interval_seconds: Interval | None = None


class AlertPatch(Body):
    state: AlertState
    reason: LongText | None = None


class PreviewBody(Body):
    """`since`: only articles first seen since then (RFC 3339)."""

    query: Text
    policy: PolicyBody | None = None
    since: Text | None = None


def given(body: Body, *nullable: str) -> dict[str, object]:
    """The fields of a patch that were sent. A null clears a field that may be null; any other is left as it is."""
    sent = body.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None or name in nullable}
