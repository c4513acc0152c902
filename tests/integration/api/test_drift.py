"""A story that drifts from one event to another is split by the pipeline, and stays together where people want that."""

from fastapi.testclient import TestClient

from tests.factories import make_watch
from tests.integration.api.test_stories import get, post, story_of, tell
from tests.pipeline import make_context, run_until_done
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.outbox import put

# One event, another, and a report of both, through which the second is drawn into the first's story.
DAM = (
    "The upstream dam failed in the night and flood water covered cellars, meadows and the railway embankment.",
    "Flood water from the failed upstream dam covered cellars and meadows, and the railway embankment was washed away.",
    "Cellars and meadows stand under flood water since the upstream dam failed; the railway embankment gave way.",
)
BETWEEN = (
    "Flood water from the failed dam reached the docks, where harbour pilots on strike for higher wages refused to "
    "move anchored tankers."
)
STRIKE = (
    "Harbour pilots on strike for higher wages refused to move tankers anchored off the docks for a second week.",
    "Tankers lie anchored off the docks as harbour pilots, on strike for higher wages, refused an offer by mediators.",
    "Mediators made harbour pilots on strike another offer of higher wages while anchored tankers wait off the docks.",
)


def tell_in_turn(database: Database, *texts: str) -> list[str]:
    return [tell(database, body, source=f"Paper {body}")[0] for body in texts]


def alerts_of(client: TestClient, watch_id: str) -> dict[str, list[str]]:
    """-> the articles of the watch's alerts by story."""
    told = (one for one in get(client, "/v1/alerts")["items"] if one["watch_id"] == watch_id)
    return {one["story_id"]: sorted(one["article_ids"], key=int) for one in told}


def test_a_story_that_drifted_is_split_with_history_and_its_alerts_follow(
    client: TestClient, database: Database
) -> None:
    flood = make_watch(database, "Floods", "flood")
    dam = tell_in_turn(database, *DAM)
    (between,) = tell_in_turn(database, BETWEEN)
    (copy,) = tell(database, BETWEEN, source="Reprints")
    older = story_of(client, dam[0])
    assert alerts_of(client, flood) == {older: [*dam, between, copy]}

    strike = tell_in_turn(database, *STRIKE)

    younger = story_of(client, strike[0])
    assert {story_of(client, id_) for id_ in dam} == {older}
    assert {story_of(client, id_) for id_ in (between, copy, *strike)} == {younger}
    assert alerts_of(client, flood) == {older: dam, younger: [between, copy]}
    (event,) = get(client, f"/v1/stories/{older}/page")["history"]
    assert (event["kind"], event["by"], event["story_id"], event["other_story_id"]) == (
        "split",
        "cluster",
        older,
        younger,
    )
    assert {between, copy} <= set(event["article_ids"])
    assert event["note"]

    with database.transaction() as tx:
        put(tx, [NewMessage("ArticleExtracted", id_, 1) for id_ in (*dam, between, *strike)])
    run_until_done(make_context(database))
    assert story_of(client, between) == younger
    assert len(get(client, f"/v1/stories/{older}/page")["history"]) == 1


def test_what_a_person_merged_is_not_split(client: TestClient, database: Database) -> None:
    dam, strike = tell_in_turn(database, *DAM), tell_in_turn(database, STRIKE[0])
    older, younger = story_of(client, dam[0]), story_of(client, strike[0])
    assert older != younger
    post(client, f"/v1/stories/{older}/merge", story_id=younger)

    more = tell_in_turn(database, *STRIKE[1:])

    assert {story_of(client, id_) for id_ in (*dam, *strike, *more)} == {older}


def test_an_article_whose_new_version_tells_of_another_event_leaves(client: TestClient, database: Database) -> None:
    *stay, changed = tell_in_turn(database, *DAM)
    older = story_of(client, changed)

    assert tell(database, STRIKE[0], source=f"Paper {DAM[-1]}") == [changed]

    assert {story_of(client, id_) for id_ in stay} == {older} != {story_of(client, changed)}
    (event,) = get(client, f"/v1/stories/{older}/page")["history"]
    assert (event["kind"], event["by"], event["article_ids"]) == ("split", "cluster", [changed])
    (later,) = tell_in_turn(database, STRIKE[1])
    assert story_of(client, later) == story_of(client, changed)
