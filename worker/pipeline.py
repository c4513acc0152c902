"""START HERE: the whole flow on one screen. docs/flow.md tells the story of each row."""

from collections.abc import Collection

from worker.alert import alert
from worker.backfill import backfill
from worker.cluster import cluster
from worker.dedupe import dedupe
from worker.deliver import deliver
from worker.extract import extract
from worker.match import match
from worker.release import release
from worker.rematch import rematch
from worker.replan import replan
from worker.settle import settle
from worker.stage import Stage, stage

PIPELINE: tuple[Stage, ...] = (
    stage("ArticleReceived", dedupe, queue="articles", spread=4),
    stage("ArticleChecked", extract, queue="articles", batch=32, in_flight=256, spread=4, time_limit_seconds=120),
    stage("ArticleExtracted", cluster, queue="stories"),
    stage("ArticlePlaced", match, queue="watches"),
    stage("StoryChanged", rematch, queue="watches", subject="story"),
    stage("WatchMatched", alert, queue="alerts"),
    stage("AlertDue", settle, queue="alerts", subject="alert"),
    stage("HoldDue", release, queue="alerts", batch=256, subject="delivery"),
    stage("WatchChanged", replan, queue="alerts", subject="watch"),
    stage("BackfillDue", backfill, queue="watches", batch=1, in_flight=2, subject="watch"),
    stage(
        "DeliveryDue",
        deliver,
        queue="deliveries",
        batch=100,
        in_flight=1024,
        time_limit_seconds=60,
        subject="delivery",
        patience_seconds=0.1,
        acts_outside=True,
    ),
)

STAGES: dict[str, Stage] = {stage.name: stage for stage in PIPELINE}
QUEUES: tuple[str, ...] = tuple(dict.fromkeys(stage.queue for stage in PIPELINE))


def own_stages(queues: Collection[str]) -> dict[str, Stage]:
    """-> the stages that a worker of these queues may go on with after another, by what they take: those of an article
    that nobody outside sees the effects of.
    """
    return {
        stage.takes: stage
        for stage in PIPELINE
        if stage.queue in queues and stage.subject == "article" and not stage.acts_outside
    }
