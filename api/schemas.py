"""The bodies that the API takes. What it gives are the values of wirewatch.store and its views."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from api.policies import PolicyBody
from wirewatch.models import EntityType
from wirewatch.store.alerts import AlertState
from wirewatch.store.feeds import MASK, FeedKind, FullText
from wirewatch.web.bodies import LANG_PATTERN, Body, Text


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


Name = Annotated[Text, Field(min_length=1, max_length=300), AfterValidator(_named)]
LongText = Annotated[Text, Field(max_length=10_000)]
Url = Annotated[Text, Field(min_length=1, max_length=8192)]
CatalogueId = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$")]
Spellings = Annotated[list[Name], Field(max_length=1000)]
Weight = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]


class WatchBody(Body):
    """`endpoint_ids` null: every endpoint. `backfill_since`: it looks back over articles first seen since then.

    Times are RFC 3339.
    """

    name: Name
    query: Text
    policy: PolicyBody | None = None
    endpoint_ids: Annotated[list[Text], Field(max_length=1000)] | None = None
    enabled: bool = True
    snoozed_until: Text | None = None
    backfill_since: Text | None = None


class WatchPatch(Body):
    """`snoozed_until` null wakes it."""

    name: Name | None = None
    query: Text | None = None
    policy: PolicyBody | None = None
    endpoint_ids: Annotated[list[Text], Field(max_length=1000)] | None = None
    enabled: bool | None = None
    snoozed_until: Text | None = None


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


class TemplateBody(Body):
    """Two Jinja templates over the `data` of a webhook."""

    title: Annotated[Text, Field(min_length=1, max_length=2000)]
    body: Annotated[Text, Field(min_length=1, max_length=20_000)]


PerSecond = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class EndpointBody(Body):
    """`kind` apprise: `url` is that of a service Apprise knows, and `template` says how it is told.

    `content` thin: webhooks name alerts and stories without their evidence. `notices`: it is told of other endpoints
    that fail. `max_per_second`: no more tries than that from one worker.
    """

    name: Name
    url: Url
    enabled: bool = True
    kind: Literal["webhook", "apprise"] = "webhook"
    content: Literal["full", "thin"] = "full"
    template: TemplateBody | None = None
    notices: bool = False
    max_per_second: PerSecond | None = None


class EndpointPatch(Body):
    name: Name | None = None
    url: Url | None = None
    enabled: bool | None = None
    content: Literal["full", "thin"] | None = None
    template: TemplateBody | None = None
    notices: bool | None = None
    max_per_second: PerSecond | None = None


class TemplatePreviewBody(Body):
    """What the template makes of a delivery that was made; without one, of an example."""

    template: TemplateBody
    delivery_id: Text | None = None


Ended = Literal["failed", "suppressed", "sent"]


class ReplayBody(Body):
    """Which ended deliveries to send once more: those of an endpoint, made in a range of time, or both."""

    endpoint_id: Text | None = None
    since: Text | None = None
    until: Text | None = None
    states: Annotated[tuple[Ended, ...], Field(min_length=1, max_length=3, strict=False)] = ("failed", "suppressed")


Interval = Annotated[int, Field(ge=10, le=30 * 24 * 3600)]


HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$"
HEADER_VALUE = r"^[\x21-\x7e\xa0-\xff](?:[\x20-\x7e\xa0-\xff]{0,4094}[\x21-\x7e\xa0-\xff])?$"
# The poller says these itself, or they follow from the feed's credentials.
RESERVED_HEADERS = frozenset({"authorization", "if-none-match", "if-modified-since", "range", "proxy-authorization"})

Lang = Annotated[Text, Field(pattern=LANG_PATTERN)]
Tags = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=100), AfterValidator(_named)]], Field(max_length=50)
]


def _no_mask(value: str) -> str:
    if value == MASK:
        raise ValueError("is the mask that is shown for a secret; leave the field out to keep what is stored")
    return value


Secret = Annotated[Text, Field(max_length=4096), AfterValidator(_no_mask)]


class CredentialsBody(Body):
    """For HTTP: a user name and password (Basic), or a token (Bearer)."""

    username: Annotated[Text, Field(max_length=4096, pattern=r"^[^:]*$")] | None = None
    password: Secret | None = None
    token: Annotated[Secret, Field(min_length=1, pattern=r"^[\x21-\x7e]+$")] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.username is None) == (self.token is None) or (self.token is not None and self.password is not None):
            raise ValueError("give username and password, or token")
        return self


def _free_names(headers: dict[str, str]) -> dict[str, str]:
    taken = sorted(name for name in headers if name.lower() in RESERVED_HEADERS)
    if taken:
        raise ValueError(f"{', '.join(taken)} cannot be set here")
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("a header is given twice")
    return headers


FeedHeaders = Annotated[
    dict[Annotated[str, Field(pattern=HEADER_NAME)], Annotated[Secret, Field(pattern=HEADER_VALUE)]],
    Field(max_length=20),
    AfterValidator(_free_names),
]


class FeedBody(Body):
    """`kind` feed: RSS, RDF, Atom or JSON Feed, told apart by what comes; `enabled` false pauses it.

    `full_text`: whether articles are read from the pages that entries link to (`auto`: where an entry is cut short).
    `lang` overrides what the feed says of its language.
    """

    url: Url
    kind: FeedKind = "feed"
    name: Name | None = None
    lang: Lang | None = None
    tags: Tags = Field(default_factory=list)
    full_text: FullText = "off"
    credentials: CredentialsBody | None = None
    headers: FeedHeaders = Field(default_factory=dict)
    enabled: bool = True
    min_interval_seconds: Interval = 300
    max_interval_seconds: Interval = 86_400


class FeedPatch(Body):
    url: Url | None = None
    kind: FeedKind | None = None
    name: Name | None = None
    lang: Lang | None = None
    tags: Tags | None = None
    full_text: FullText | None = None
    credentials: CredentialsBody | None = None
    headers: FeedHeaders | None = None
    enabled: bool | None = None
    min_interval_seconds: Interval | None = None
    max_interval_seconds: Interval | None = None


class AlertPatch(Body):
    """`reason` goes with `state`; `snoozed_until` (RFC 3339) null wakes it."""

    state: AlertState | None = None
    reason: LongText | None = None
    snoozed_until: Text | None = None


class RetractionBody(Body):
    """Why a user takes an article back."""

    reason: LongText | None = None


Note = Annotated[Text, Field(max_length=2000)]


class CorrectionBody(Body):
    """`note`: why, for the story's history."""

    note: Note = ""


class MergeBody(CorrectionBody):
    """`story_id`: the other story."""

    story_id: Text


class SplitBody(CorrectionBody):
    article_ids: Annotated[list[Text], Field(min_length=1, max_length=10_000)]


class PreviewBody(Body):
    """`since`: only articles first seen since then (RFC 3339). `watch_id`: compare with what this watch now asks."""

    query: Text
    policy: PolicyBody | None = None
    since: Text | None = None
    watch_id: Text | None = None


def given(body: Body, *nullable: str) -> dict[str, object]:
    """The fields of a patch that were sent. A null clears a field that may be null; any other is left as it is."""
    sent = body.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None or name in nullable}
