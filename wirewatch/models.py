"""The values that stages, stores and routes pass to each other (docs/glossary.md has the words)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Field = Literal["title", "text"]
MentionLabel = Literal["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "PRODUCT", "WEAPON", "EVENT"]
EntityType = Literal["person", "org", "place", "weapon", "other"]
ClaimStatus = Literal["confirmed", "reported", "alleged", "possible", "planned", "denied"]
ClaimStage = Literal["offered", "sought", "approved", "contracted", "shipped", "delivered", "used", "cancelled"]
EvidenceKind = Literal["term", "entity", "topic", "claim", "field"]
UpdateReason = Literal["new_story", "new_article", "material_change", "amended", "withdrawn"]
Origin = Literal["builtin", "user"]
ConflictKind = Literal["status", "number", "name"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Priority = Literal["normal", "urgent"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A canonical thing of the knowledge base.

    `aliases` are other spellings in any script; `short_names` ("Kim", "Shoigu") name the entity only where the
    document or its context supports it. `country` is the entity id of the country it belongs to (a weapon: the country
    that makes it; a place: the country it lies in; a person or organisation: the state it acts for).
    `demonyms` ("Russian") and `metonyms` ("the Kremlin", "Moscow") only for states.
    """

    id: str
    name: str
    type: EntityType
    aliases: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    metonyms: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    country: str | None = None
    category: str | None = None
    description: str = ""
    origin: Origin = "builtin"


@dataclass(frozen=True, slots=True)
class TopicCue:
    """A phrase that speaks for (positive weight) or against (negative weight) a topic."""

    phrase: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject defined by cues; its score is a logistic function of the weighted cues found (wirewatch/topics.py)."""

    id: str
    name: str
    cues: tuple[TopicCue, ...] = ()
    negative_cues: tuple[TopicCue, ...] = ()
    required_entity_types: tuple[EntityType, ...] = ()
    threshold: float = 0.5
    description: str = ""
    iptc: str | None = None
    origin: Origin = "builtin"


@dataclass(frozen=True, slots=True)
class Mention:
    """A span that names an entity; `label` is the span's kind here, `type` the entity's."""

    entity_id: str | None
    name: str
    type: EntityType
    label: MentionLabel
    text: str
    start: int
    end: int
    field: Field
    score: float


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    text: str
    field: Field


@dataclass(frozen=True, slots=True)
class TopicScore:
    id: str
    score: float
    evidence: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is said to do what to whom, by whom, with what standing. `id` is stable for (article, version, place).

    `item_ids` are the entities of `items`, each in its item's place, null for kinds of goods ("drones"). `quantity`
    and `value` are as written with the goods ("two dozen", "$2.5 billion"); `count` is the quantity where it is one
    number (24).
    """

    id: str
    kind: Literal["arms_transfer"]
    supplier: str | None
    supplier_id: str | None
    recipient: str | None
    recipient_id: str | None
    items: tuple[str, ...]
    quantity: str | None
    stage: ClaimStage | None
    status: ClaimStatus
    attributed_to: tuple[str, ...]
    quote: str
    start: int
    end: int
    field: Field
    item_ids: tuple[str | None, ...] = ()
    count: int | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What `extract` finds in one version of an article."""

    lang: str | None
    mentions: tuple[Mention, ...] = ()
    topics: tuple[TopicScore, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One clause of a watch and the span that satisfied it.

    `ref_id` names the entity, topic or claim it meant; `meaning` says it in words ("another spelling of Kinzhal").
    """

    clause: str
    kind: EvidenceKind
    article_id: str
    field: Field | None
    start: int | None
    end: int | None
    text: str
    ref_id: str | None = None
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class SharedSentence:
    """A sentence of one article's text, and where nearly the same one stands in the other's (1.0: the same)."""

    start: int
    end: int
    other_start: int
    other_end: int
    similarity: float


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """What a version changed: spans of the version before that are gone, and of this one that are new.

    A changed title is one span of each. `complete` is false where there are more than are kept.
    """

    removed: tuple[Span, ...] = ()
    added: tuple[Span, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Article:
    """One document as published, at its current version."""

    id: str
    version: int
    title: str
    text: str
    lang: str | None = None
    url: str | None = None
    external_id: str | None = None
    source_name: str | None = None
    source_domain: str | None = None
    published_at: datetime | None = None
    first_seen_at: datetime | None = None
    duplicate_of: str | None = None
    story_id: str | None = None
    stage: str = "received"
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class ConflictSide:
    value: str
    article_ids: tuple[str, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where articles of one story cannot all be right: the status of a transfer, a number, the rank of a person."""

    about: str
    claim_ids: tuple[str, ...]
    sides: tuple[ConflictSide, ...]
    kind: ConflictKind = "status"


@dataclass(frozen=True, slots=True)
class Statement:
    """A value that an article gives to something that has one value: "rank" of "Petrov", "number" of "killed".

    `given` are first names, by which two people of one surname are told apart.
    """

    kind: Literal["number", "name"]
    about: str
    value: str
    quote: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """What articles of a story state alike, with the first of them."""

    kind: Literal["number", "name"]
    about: str
    value: str
    article_ids: tuple[str, ...]
    quotes: tuple[str, ...]
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What a story's articles say together: an article that joins is folded in, and where one changes or leaves all
    are folded again (wirewatch/stories/facts.py). Its size is bounded, whatever the story's: `article_ids` are the
    latest, `claims` the first of each kind and status.
    """

    title: str
    article_ids: tuple[str, ...]
    sources: tuple[str, ...]
    independent_sources: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    entity_ids: tuple[str, ...] = ()
    topic_ids: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    article_count: int = 0
    # In the order of entity_ids and topic_ids: how many articles name each.
    entity_counts: tuple[int, ...] = ()
    topic_counts: tuple[int, ...] = ()
    # How many articles hold a claim of this key and status.
    claim_counts: dict[str, int] = field(default_factory=dict)
    # Of each source, one source of those whose texts come from one another.
    origins: dict[str, str] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
    stated: tuple[Stated, ...] = ()
    # How many articles appeared in each hour (RFC 3339, UTC), of the latest hours that had any.
    hours: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SaidClaim:
    """A claim, one of its items, and a status it was given: what makes two claims the same news, and who said it."""

    kind: str
    supplier: str | None
    recipient: str | None
    item: str | None
    status: ClaimStatus
    by: tuple[str, ...]
    article_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the articles of an alert say together, as far as a change of it is worth telling.

    `claims`: each claim and status once, in the order in which they were first said. `amended`: articles that were told
    of and have changed since.
    """

    claims: tuple[SaidClaim, ...] = ()
    independent_sources: int = 0
    amended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """When updates are sent together; `at` (HH:MM) and `weekday` are local times of `time_zone`."""

    every: Literal["hourly", "daily", "weekly"] = "daily"
    at: str = "08:00"
    weekday: Weekday = "monday"
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Each day from `start` to `end` (HH:MM, local times of `time_zone`; over midnight where `end` is the earlier)."""

    start: str
    end: str
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a watch tells of a story, and when; without `digest` the mode of that name is daily.

    `settle_seconds` after an update, what changes is collected into the next. Below `min_score` (0 to 1) a match does
    not count, below `min_independent_sources` a story is not told yet. Past `max_per_hour` updates are gathered until
    the hour allows another; `urgent` passes that and quiet hours, not a digest.
    """

    mode: Literal["material", "every_article", "digest"] = "material"
    settle_seconds: int = 30
    digest: Digest | None = None
    quiet_hours: QuietHours | None = None
    min_independent_sources: int = 1
    min_score: float = 0.0
    max_per_hour: int | None = None
    priority: Priority = "normal"


@dataclass(frozen=True, slots=True)
class Watch:
    """`snoozed_until`: what it has to tell before then waits. `backfill_since`: so far it looks back."""

    id: str
    name: str
    query: str
    policy: Policy = field(default_factory=Policy)
    endpoint_ids: tuple[str, ...] | None = None
    enabled: bool = True
    snoozed_until: datetime | None = None
    backfill_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """How a channel tells an alert: two Jinja templates over the `data` of a webhook."""

    title: str
    body: str
