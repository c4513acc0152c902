"""Every table. Ids are bigint identities here and opaque strings above the store."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB, REAL, UUID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def _time(name: str, *, now: bool = False) -> Column[object]:
    if now:
        return Column(name, DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())
    return Column(name, DateTime(timezone=True))


def _json(name: str, default: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))


# The host of a URL, which holds no credentials; an IPv6 address in its brackets.
FEED_HOST = r"lower(substring(url from '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*)'))"

sources = Table(
    "sources",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("domain", Text),
    Column("country", Text),
    Column("kind", Text),
    _time("created_at", now=True),
)

articles = Table(
    "articles",
    metadata,
    _id(),
    Column("source_id", BigInteger, ForeignKey("sources.id")),
    Column("identity", LargeBinary, nullable=False, unique=True),
    Column("external_id", Text),
    Column("url", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("stage", Text, nullable=False, server_default="received"),
    Column("declared_lang", Text),
    Column("lang", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("author", Text),
    # What became of the page that a feed's entry links to; null where none was asked for.
    Column("page_state", Text),
    _time("published_at"),
    _time("first_seen_at", now=True),
    _time("updated_at", now=True),
    Column("duplicate_of", BigInteger, ForeignKey("articles.id", ondelete="SET NULL")),
    Column("similarity", REAL),
    # Taken back by its publisher (a version says so) or by a user, and why.
    _time("retracted_at"),
    Column("retracted_by", Text),
    Column("retraction", Text),
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="SET NULL")),
    Index(None, "story_id"),
    Index(None, "duplicate_of"),
    Index(None, "source_id"),
)

article_versions = Table(
    "article_versions",
    metadata,
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    _time("published_at"),
    _time("accepted_at", now=True),
    # What is different from the version before; null until it was compared, and of the first version.
    Column("changes", JSONB),
)

analyses = Table(
    "analyses",
    metadata,
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("lang", Text),
    _json("mentions", "[]"),
    _json("topics", "[]"),
    _json("claims", "[]"),
    Column("entity_ids", ARRAY(Text), nullable=False, server_default="{}"),
    Column("topic_ids", ARRAY(Text), nullable=False, server_default="{}"),
    Index(None, "entity_ids", postgresql_using="gin"),
    Index(None, "topic_ids", postgresql_using="gin"),
)

# Numbers for the terms of title and text (wirewatch/query/prefilter.py), by which the watch language finds articles of
# the past; null until the version was read. A trigger makes the row with its article, and empties it when title or text
# change, so that no writer can forget it.
article_terms = Table(
    "article_terms",
    metadata,
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("terms", ARRAY(Integer)),
    Index(None, "terms", postgresql_using="gin"),
    Index("ix_article_terms_unread", "article_id", postgresql_where=text("terms IS NULL")),
)

# Arrays under GIN indexes instead of a row per band and sentence: a quarter of the disk, one row to write.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("folded_hash", LargeBinary, nullable=False),
    Column("bands", ARRAY(BigInteger), nullable=False),
    Column("sentences", ARRAY(BigInteger), nullable=False),
    Index(None, "folded_hash", "article_id"),
    Index(None, "bands", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    Index(None, "sentences", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)

# Sentence keys that very many articles hold, with the earliest of these: the index of all would be read as a whole.
common_sentences = Table(
    "common_sentences",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("holders", ARRAY(BigInteger), nullable=False),
)

# Pairs of articles that share sentences without being copies: the later one, and the one accepted before it.
lineages = Table(
    "lineages",
    metadata,
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("other_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("agency_id", Text),
    _json("sentences", "[]"),
    Index(None, "other_id"),
)

stories = Table(
    "stories",
    metadata,
    _id(),
    Column("title", Text, nullable=False),
    _time("first_seen_at"),
    _time("last_seen_at"),
    Column("article_count", Integer, nullable=False, server_default="0"),
    Column("independent_sources", Integer, nullable=False, server_default="0"),
    _json("facts", "{}"),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("merged_into", BigInteger, ForeignKey("stories.id", ondelete="SET NULL")),
    Column("has_conflicts", Boolean, nullable=False, server_default="false"),
    _time("created_at", now=True),
    _time("updated_at", now=True),
    Index(None, "merged_into"),
)

# What was done to stories, by whom and when; the name of a key, or `cluster`.
story_events = Table(
    "story_events",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    # May be gone by now, and is no reference therefore.
    Column("other_story_id", BigInteger),
    Column("article_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),
    Column("claim_ids", ARRAY(Text), nullable=False, server_default="{}"),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    _time("created_at", now=True),
    Index(None, "story_id"),
    Index(None, "other_story_id"),
)

# Stories that the pipeline never merges by itself, the smaller id first.
story_splits = Table(
    "story_splits",
    metadata,
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("other_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "other_id"),
)

# Claims that an analyst took out; what is extracted again from the same words stays out too.
claim_rejections = Table(
    "claim_rejections",
    metadata,
    _id(),
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("claim_id", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("supplier", Text),
    Column("recipient", Text),
    Column("claim", JSONB, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    _time("created_at", now=True),
    UniqueConstraint("article_id", "claim_id"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("terms", ARRAY(Text), nullable=False),
    # In the order of terms, of unit length: by what was known of the terms when the article was placed.
    Column("weights", ARRAY(REAL), nullable=False),
    Column("key_terms", ARRAY(Text), nullable=False),
    # Each key term behind the number of the week of `seen_at`.
    Column("near_keys", ARRAY(Text), nullable=False, server_default="{}"),
    Column("transfers", ARRAY(Text), nullable=False, server_default="{}"),
    # What tells its event from others: kind, value and what is numbered, a tab between (worker/stories/arguments.py).
    Column("arguments", ARRAY(Text), nullable=False, server_default="{}"),
    _json("statements", "[]"),
    Column("placement", BigInteger, nullable=False),
    Index(None, "near_keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    Index(None, "story_id", "article_id"),
    Index(None, "placement"),
)

terms = Table(
    "terms",
    metadata,
    Column("term", Text, primary_key=True),
    Column("articles", BigInteger, nullable=False, server_default="0"),
)

entities = Table(
    "entities",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    _json("body", "{}"),
    # Built-ins in the order of their files, which list the better known first; users' own come after them.
    Column("position", Integer),
    Column("origin", Text, nullable=False, server_default="user"),
    Column("edited", Boolean, nullable=False, server_default="false"),
    Column("deleted", Boolean, nullable=False, server_default="false"),
    _time("created_at", now=True),
    _time("updated_at", now=True),
)

topics = Table(
    "topics",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    _json("body", "{}"),
    Column("origin", Text, nullable=False, server_default="user"),
    Column("edited", Boolean, nullable=False, server_default="false"),
    Column("deleted", Boolean, nullable=False, server_default="false"),
    _time("created_at", now=True),
    _time("updated_at", now=True),
)

# One row per kind (entities, topics, watches), raised in the transaction of each change: its row lock makes the
# numbers grow in the order of commits, so a worker that reads a revision has everything up to it.
revisions = Table(
    "revisions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, server_default="0"),
)

watches = Table(
    "watches",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    _json("policy", "{}"),
    Column("endpoint_ids", ARRAY(BigInteger)),
    Column("enabled", Boolean, nullable=False, server_default="true"),
    _time("snoozed_until"),
    _time("backfill_since"),
    # When it was last told of at once, where its policy bounds how often that may be.
    Column("sent_at", ARRAY(DateTime(timezone=True))),
    _time("created_at", now=True),
    _time("updated_at", now=True),
)

matches = Table(
    "matches",
    metadata,
    Column("watch_id", BigInteger, ForeignKey("watches.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE")),
    _json("evidence", "[]"),
    _time("matched_at", now=True),
    # False: it held once and does not any more; the alert stage takes the article out of its alert, then the row goes.
    Column("holds", Boolean, nullable=False, server_default="true"),
    Column("score", REAL, nullable=False, server_default="1"),
    # When that was read on which the decision rests, by the database's clock: a later look is never undone.
    _time("decided_at", now=True),
    # The alert in which the article stands, as which version, what it said then (a digest), and whether the watch was
    # told of it. No foreign key: nothing is looked up by it, and alerts go with their watch or story as matches do.
    Column("alert_id", BigInteger),
    Column("heard_version", Integer),
    Column("heard_as", BigInteger),
    Column("told", Boolean, nullable=False, server_default="false"),
    # Why the watch is not told of it.
    Column("untold", Text),
    Index(None, "article_id"),
    Index(None, "story_id"),
    Index(None, "matched_at", postgresql_using="brin"),
)

alerts = Table(
    "alerts",
    metadata,
    _id(),
    Column("watch_id", BigInteger, ForeignKey("watches.id", ondelete="CASCADE"), nullable=False),
    Column("story_id", BigInteger, ForeignKey("stories.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("reason", Text),
    Column("article_ids", ARRAY(BigInteger), nullable=False),
    _json("evidence", "[]"),
    Column("last_seq", Integer, nullable=False, server_default="0"),
    # What the watch was last told, and what its articles say now where that differs.
    _json("told", "{}"),
    Column("standing", JSONB),
    _time("told_at"),
    # A message is due then that tells what has changed meanwhile.
    _time("settles_at"),
    _time("snoozed_until"),
    # Its story was merged into another that had an alert of the same watch.
    Column("folded_into", BigInteger, ForeignKey("alerts.id", ondelete="SET NULL")),
    _time("created_at", now=True),
    _time("updated_at", now=True),
    Index(None, "folded_into"),
    UniqueConstraint("watch_id", "story_id"),
    CheckConstraint("state IN ('open', 'acknowledged', 'dismissed')", name="state"),
    Index(None, "story_id"),
)

updates = Table(
    "updates",
    metadata,
    _id(),
    Column("alert_id", BigInteger, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    _json("changes", "[]"),
    Column("article_ids", ARRAY(BigInteger), nullable=False),
    _time("created_at", now=True),
    # The writing transaction's id: streams stop below the oldest transaction still running, so none is skipped.
    Column("written_by", BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
    # Whom it is meant for: each of them has it in exactly one delivery.
    Column("endpoint_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),
    UniqueConstraint("alert_id", "seq"),
    Index(None, "created_at", postgresql_using="brin"),
    Index(None, "written_by", "id"),
)

endpoints = Table(
    "endpoints",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("url", LargeBinary, nullable=False),
    Column("shown_url", Text, nullable=False),
    Column("secrets", JSONB, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default="true"),
    Column("disabled_reason", Text),
    _time("failing_since"),
    _time("created_at", now=True),
    _time("updated_at", now=True),
    Column("kind", Text, nullable=False, server_default="webhook"),
    # full or thin: how much a webhook holds. Channels have a template instead: {title, body}.
    Column("content", Text, nullable=False, server_default="full"),
    Column("template", JSONB),
    # Is told of other endpoints that fail.
    Column("notices", Boolean, nullable=False, server_default="false"),
    Column("max_per_second", REAL),
    # The circuit: open until then; closed while null. The next try after that is the probe.
    Column("failures_in_row", Integer, nullable=False, server_default="0"),
    _time("open_until"),
    # After an outage: deliveries up to this one are sent one at a time, in their order.
    Column("catching_up_to", BigInteger),
    _time("warned_at"),
    CheckConstraint("kind IN ('webhook', 'apprise')", name="kind"),
    CheckConstraint("content IN ('full', 'thin')", name="content"),
)

# How a watch is told by channels; without one the endpoint's template is used, or the built-in one.
watch_templates = Table(
    "watch_templates",
    metadata,
    Column("watch_id", BigInteger, ForeignKey("watches.id", ondelete="CASCADE"), primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    _time("updated_at", now=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("endpoint_id", BigInteger, ForeignKey("endpoints.id", ondelete="SET NULL")),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("reason", Text),
    Column("webhook_id", Text, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    _time("next_attempt_at"),
    _time("created_at", now=True),
    _time("finished_at"),
    # Since when the body lacks what it quoted of an article that was erased.
    _time("redacted_at"),
    # How many of the tries count in the retry schedule; probes of an open circuit do not.
    Column("step", Integer, nullable=False, server_default="0"),
    # What is really sent where it is not the body: thin, or rendered by a template. Made before the first try.
    Column("rendered", LargeBinary),
    CheckConstraint("state IN ('pending', 'held', 'sent', 'suppressed', 'failed')", name="state"),
    Index(None, "endpoint_id", "state"),
    # What an endpoint will be told at one time for one reason is gathered in one row.
    Index(
        "uq_deliveries_held",
        "endpoint_id",
        "next_attempt_at",
        "reason",
        unique=True,
        postgresql_where=text("state = 'held'"),
    ),
    Index(None, "created_at"),
    Index("ix_deliveries_waiting", "endpoint_id", "id", postgresql_where=text("state = 'pending'")),
)

delivery_updates = Table(
    "delivery_updates",
    metadata,
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("update_id", BigInteger, ForeignKey("updates.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "update_id"),
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("delivery_id", BigInteger, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", DOUBLE_PRECISION, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("excerpt", Text),
    Index(None, "delivery_id"),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    Column("type", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("subject_version", Integer, nullable=False, server_default="0"),
    _json("payload", "{}"),
    # Published alone: its text is so large that it would hold up a batch.
    Column("large", Boolean, nullable=False, server_default="false"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _time("due_at"),
    _time("published_at"),
    Column("lease_token", UUID(as_uuid=True)),
    _time("leased_until"),
    # The worker process tree that holds the lease, so that a stopping worker can give back what it holds.
    Column("leased_by", Text),
    Column("last_error", Text),
    _time("quarantined_at"),
    _time("created_at", now=True),
    Index(
        "ix_messages_waiting",
        "type",
        "id",
        postgresql_where=text("published_at IS NULL AND quarantined_at IS NULL"),
    ),
    Index(
        "ix_messages_in_flight",
        "type",
        "published_at",
        postgresql_where=text("published_at IS NOT NULL AND quarantined_at IS NULL"),
    ),
    Index(None, "type", "subject_id"),
)

# What the stages have done since the first start, one row per stage.
stage_counts = Table(
    "stage_counts",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("superseded", BigInteger, nullable=False, server_default="0"),
    Column("runs", BigInteger, nullable=False, server_default="0"),
    Column("gone_on", BigInteger, nullable=False, server_default="0"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    _time("created_at", now=True),
    _time("revoked_at"),
)

feeds = Table(
    "feeds",
    metadata,
    _id(),
    Column("url", Text, nullable=False, unique=True),
    # Polled one feed at a time (feed_hosts).
    Column("host", Text, Computed(FEED_HOST, persisted=True)),
    Column("kind", Text, nullable=False, server_default="feed"),
    Column("name", Text),
    Column("lang", Text),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    Column("full_text", Text, nullable=False, server_default="off"),
    # Encrypted, each with what of it may be shown.
    Column("credentials", LargeBinary),
    Column("shown_credentials", JSONB),
    Column("headers", LargeBinary),
    _json("shown_headers", "{}"),
    Column("source_id", BigInteger, ForeignKey("sources.id")),
    Column("enabled", Boolean, nullable=False, server_default="true"),
    Column("disabled_reason", Text),
    Column("min_interval_seconds", Integer, nullable=False, server_default="300"),
    Column("max_interval_seconds", Integer, nullable=False, server_default="86400"),
    Column("etag", Text),
    Column("last_modified", Text),
    # Where the last poll was sent for good, believed when the next one is sent there too.
    Column("moved_to", Text),
    # The last body that was read: the same bytes are not read again.
    Column("body_hash", LargeBinary),
    # What the feed called itself when it was last read, and where it said its pages are.
    Column("title", Text),
    Column("site_host", Text),
    Column("ttl_seconds", DOUBLE_PRECISION),
    Column("entries_per_day", DOUBLE_PRECISION),
    # The usual time between two entries, as it was when the last new one came.
    Column("usual_gap_seconds", DOUBLE_PRECISION),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("last_warning", Text),
    _time("last_polled_at"),
    _time("last_success_at"),
    _time("last_entry_at"),
    _time("silent_since"),
    Column("next_poll_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("lease_token", UUID(as_uuid=True)),
    _time("leased_until"),
    _time("created_at", now=True),
    _time("updated_at", now=True),
    CheckConstraint("kind IN ('feed', 'sitemap', 'json')", name="kind"),
    CheckConstraint("full_text IN ('on', 'off', 'auto')", name="full_text"),
    Index(None, "next_poll_at"),
)

# Until when a host is to be left alone: while one of its feeds is polled, for a pause after that, and as it asks.
feed_hosts = Table(
    "feed_hosts",
    metadata,
    Column("host", Text, primary_key=True),
    Column("free_at", DateTime(timezone=True), nullable=False),
)

# What a feed's entries were when they were last read, packed (ingest/seen.py): tells new from known from edited.
# Entries that wait for the pages they link to, each with what the feed gave of it.
pages = Table(
    "pages",
    metadata,
    _id(),
    # A newer form of the same entry takes the place of the one that waits.
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("host", Text, nullable=False),
    Column("url", Text, nullable=False),
    _json("submission", "{}"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("lease_token", UUID(as_uuid=True)),
    _time("leased_until"),
    Index(None, "host", "due_at"),
)

# Whether articles of a publisher are taken from its feeds or from its pages, whatever its feeds are told.
domains = Table(
    "domains",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("text_from", Text, nullable=False),
    _time("updated_at", now=True),
    CheckConstraint("text_from IN ('feed', 'page')", name="text_from"),
)

seen_entries = Table(
    "seen_entries",
    metadata,
    Column("feed_id", BigInteger, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("entries", LargeBinary, nullable=False),
)

feed_events = Table(
    "feed_events",
    metadata,
    _id(),
    Column("feed_id", BigInteger, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    _time("created_at", now=True),
    Index(None, "feed_id", "id"),
)

# Whole numbers shared by all: how many articles the term counts rest on, the last placement's number.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False, server_default="0"),
)
