"""One article in one story that matched one watch: written by the stores, as the stages would."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.receive import receive
from tests.factories import make_watch, place, submission
from wirewatch.db import Database, Transaction
from wirewatch.models import Analysis, Claim, Evidence, Mention, Span, Standing, StoryFacts, TopicScore, UpdateReason
from wirewatch.outbox import UPDATES_CHANNEL
from wirewatch.store import alerts, analyses, articles, messages, stories, updates
from wirewatch.store.alerts import AlertChange
from wirewatch.store.receipts import Receipt
from wirewatch.store.updates import NewUpdate

TITLE = "Port of Aldermouth sold to Vessel Group"
TEXT = "Officials said on Monday that Vessel Group had bought the port. The port authority denied it."
AT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scene:
    article_id: str
    story_id: str
    watch_id: str
    alert_id: str


def make_scene(database: Database, number: int = 1) -> Scene:
    article_id = make_article(database, number)
    watch_id = make_watch(database, name="Ports", query="port")
    with database.transaction() as tx:
        story_id = stories.create(tx, TITLE)
        place(tx, [article_id], story_id)
        facts = StoryFacts(TITLE, (article_id,), ("Example News",), 1, AT, AT, ("north-korea",), ("arms-transfers",))
        stories.update_facts(tx, {story_id: facts})
        alert_id = open_alert(tx, watch_id, story_id, article_id)
    tell(database, alert_id, 1, article_id)
    return Scene(article_id, story_id, watch_id, alert_id)


def open_alert(tx: Transaction, watch_id: str, story_id: str, article_id: str) -> str:
    """The id of an alert that the article has joined."""
    (alert,) = alerts.open_all(tx, [(watch_id, story_id)])
    spans = (Evidence("port", "term", article_id, "title", 0, 4, "Port"),)
    alerts.save_all(tx, [AlertChange(alert.id, (article_id,), (), (), spans, 1, Standing(), None, None, None)])
    return alert.id


def make_article(database: Database, number: int = 1) -> str:
    """An extracted article of which nothing is left to do."""
    receipt = receive(database, [submission(number, title=TITLE, text=TEXT, published_at=AT)])[0]
    assert isinstance(receipt, Receipt)
    with database.transaction() as tx:
        analyses.upsert(tx, [(receipt.id, 1, analysis(receipt.id))])
        articles.mark_extracted(tx, [(receipt.id, "en")])
        claimed = messages.claim(
            tx, "ArticleReceived", range(1, 10_000), now=datetime.now(UTC), lease_seconds=60, holder="test"
        ).messages
        messages.finish(tx, [message.id for message in claimed], claimed[0].token)
    return receipt.id


def analysis(article_id: str) -> Analysis:
    start = TEXT.index("Vessel Group")
    end = start + len("Vessel Group")
    return Analysis(
        lang="en",
        mentions=(Mention(None, "Vessel Group", "org", "ORG", "Vessel Group", start, end, "text", 0.9),),
        topics=(TopicScore("arms-transfers", 0.8, (Span(start, end, "Vessel Group", "text"),)),),
        claims=(
            Claim(
                *(f"{article_id}.1.0", "arms_transfer", None, None, "Vessel Group", None, ("port",), None, "delivered"),
                *("reported", ("officials",), TEXT[:63], 0, 63, "text"),
            ),
        ),
    )


def tell(database: Database, alert_id: str, seq: int, article_id: str) -> None:
    with database.transaction() as tx:
        tell_in(tx, alert_id, seq, article_id)


def tell_in(tx: Transaction, alert_id: str, seq: int, article_id: str) -> str:
    reason: UpdateReason = "new_story" if seq == 1 else "new_article"
    (update,) = updates.insert_all(tx, [NewUpdate(alert_id, seq, reason, (), (article_id,))], wake=UPDATES_CHANNEL)
    return update.id
