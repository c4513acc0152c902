"""Stories as analysts see and correct them: the pipeline heeds what they did, and never undoes it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.receive import Submission, receive
from tests.factories import make_watch
from tests.pipeline import make_context, run_until_done
from wirewatch.db import Database
from wirewatch.messages import NewMessage
from wirewatch.outbox import put
from wirewatch.store.receipts import Receipt

REPORT = "Norway has supplied howitzers to Chile, officials in Oslo said on Monday. Admiral Solheim led the talks."
DENIAL = "Chile denied that Norway has supplied howitzers to it. Marshal Solheim led no talks, officials there said."
FLOOD = "Flood water covered the old town of Brenna after the river Olza broke its banks and the upstream dam failed."
STRIKE = "Harbour pilots in Valdoria began a strike for higher wages, and forty ships waited at anchor off the port."


def tell(database: Database, *texts: str, source: str = "Outlet") -> list[str]:
    """-> the ids of the articles, each from an outlet of its own, when all stages are through."""
    told = [
        Submission(title="", text=body, source_name=f"{source} {number}", external_id=str(number))
        for number, body in enumerate(texts)
    ]
    ids = [answer.id for answer in receive(database, told) if isinstance(answer, Receipt)]
    run_until_done(make_context(database))
    return ids


def story_of(client: TestClient, article_id: str) -> str:
    return str(get(client, f"/v1/articles/{article_id}")["story_id"])


def get(client: TestClient, path: str, **params: Any) -> Any:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def post(client: TestClient, path: str, status: int = 200, **body: Any) -> Any:
    response = client.post(path, json=body)
    assert response.status_code == status, response.text
    return response.json()


def test_a_story_page_shows_everything_at_once(client: TestClient, database: Database) -> None:
    watch_id = make_watch(database, "Howitzers", "howitzers")
    first, second = tell(database, REPORT, DENIAL)
    page = get(client, f"/v1/stories/{story_of(client, first)}/page")
    story = page["story"]
    assert story["article_ids"] == [first, second]
    assert (story["article_count"], story["independent_sources"]) == (2, 2)
    assert {conflict["kind"] for conflict in story["conflicts"]} == {"status", "name"}
    (claim,) = story["claims"]
    assert (claim["supplier"], claim["recipient"], claim["articles"]) == ("Norway", "Chile", 2)
    (denied,) = (standing for standing in claim["standings"] if standing["status"] == "denied")
    assert [(one["article_id"], one["source"]) for one in denied["sayings"]] == [(second, "Outlet 1")]
    assert story["entities"][0]["articles"] == 2
    assert (story["growth_per_hour"] > 0, story["is_burst"]) == (True, False)
    assert [alert["watch_id"] for alert in page["alerts"]] == [watch_id]
    assert page["history"] == page["merged_ids"] == page["copies"] == page["rejected_claims"] == []


def test_stories_are_filtered(client: TestClient, database: Database) -> None:
    first, _, flood = tell(database, REPORT, DENIAL, FLOOD)
    arms, other = story_of(client, first), story_of(client, flood)
    for params, wanted in (
        ({"entity": "norway"}, [arms]),
        ({"entity": "Norway"}, [arms]),
        ({"topic": "arms-transfers"}, [arms]),
        ({"has_conflicts": "true"}, [arms]),
        ({"has_conflicts": "false"}, [other]),
        ({"min_independent_sources": "2"}, [arms]),
        ({"q": "olza"}, [other]),
        ({"since": "2999-01-01T00:00:00Z"}, []),
        ({"since": "2001-01-01T00:00:00Z"}, [other, arms]),
    ):
        assert [one["id"] for one in get(client, "/v1/stories", **params)["items"]] == wanted, params


@pytest.mark.parametrize("params", [{"min_independent_sources": "-1"}, {"since": "soon"}, {"has_conflicts": "perhaps"}])
def test_a_bad_filter_is_refused(client: TestClient, params: dict[str, str]) -> None:
    assert client.get("/v1/stories", params=params).status_code == 422


def test_merged_stories_live_on_under_the_older_id(client: TestClient, database: Database) -> None:
    make_watch(database, "All", "flood OR strike")
    flood, strike = tell(database, FLOOD, STRIKE)
    older, younger = story_of(client, flood), story_of(client, strike)

    merged = post(client, f"/v1/stories/{younger}/merge", story_id=older, note="one event")

    assert (merged["id"], merged["article_ids"]) == (older, [flood, strike])
    assert client.get(f"/v1/stories/{younger}", follow_redirects=False).status_code == 308
    assert get(client, f"/v1/stories/{younger}")["id"] == older
    run_until_done(make_context(database))
    page = get(client, f"/v1/stories/{older}/page")
    assert page["merged_ids"] == [younger]
    (event,) = page["history"]
    assert (event["kind"], event["by"], event["note"], event["article_ids"]) == (
        "merged",
        "bootstrap",
        "one event",
        [strike],
    )
    (alert,) = get(client, "/v1/alerts")["items"]
    assert (alert["story_id"], sorted(alert["article_ids"])) == (older, [flood, strike])
    assert [one["id"] for one in get(client, "/v1/stories")["items"]] == [older]


def test_a_split_article_is_not_merged_back(client: TestClient, database: Database) -> None:
    first, second = tell(database, REPORT, REPORT.replace("on Monday", "on Tuesday"))
    story_id = story_of(client, first)
    assert story_of(client, second) == story_id

    answer = post(client, f"/v1/stories/{story_id}/split", article_ids=[second])

    assert (answer["story"]["id"], answer["story"]["article_ids"]) == (story_id, [first])
    assert answer["new_story"]["article_ids"] == [second]
    with database.transaction() as tx:
        put(tx, [NewMessage("ArticleExtracted", id_, 1) for id_ in (first, second)])
    run_until_done(make_context(database))
    # More of the same, which makes the pipeline compare the two stories again.
    tell(database, REPORT.replace("howitzers", "some howitzers"), source="Other")
    assert story_of(client, second) == answer["new_story"]["id"] != story_of(client, first)
    assert get(client, f"/v1/stories/{story_id}/page")["history"][0]["kind"] == "split"


def test_a_split_needs_some_but_not_all_articles(client: TestClient, database: Database) -> None:
    first, second = tell(database, REPORT, DENIAL)
    story_id = story_of(client, first)
    for ids in ([], [first, second], ["999"], ["x"]):
        post(client, f"/v1/stories/{story_id}/split", 422, article_ids=ids)
    post(client, f"/v1/stories/{story_id}/merge", 409, story_id=story_id)
    post(client, f"/v1/stories/{story_id}/merge", 404, story_id="999")
    post(client, f"/v1/stories/{story_id}/claims/none/reject", 404)


def test_a_rejected_claim_stays_away_when_its_words_are_read_again(client: TestClient, database: Database) -> None:
    (first,) = tell(database, REPORT)
    story_id = story_of(client, first)
    (claim,) = get(client, f"/v1/stories/{story_id}")["claims"]

    told = post(client, f"/v1/stories/{story_id}/claims/{claim['id']}/reject", note="misread")

    assert told["claims"] == []
    with database.transaction() as tx:
        put(tx, [NewMessage("ArticleChecked", first, 1)])
    run_until_done(make_context(database))
    assert get(client, f"/v1/articles/{first}")["claims"] == []
    page = get(client, f"/v1/stories/{story_id}/page")
    assert page["story"]["claims"] == []
    (rejected,) = page["rejected_claims"]
    assert (rejected["claim"]["id"], rejected["by"], rejected["note"]) == (claim["id"], "bootstrap", "misread")

    post(client, f"/v1/stories/{story_id}/claims/{claim['id']}/restore", 202)
    run_until_done(make_context(database))
    assert [one["id"] for one in get(client, f"/v1/stories/{story_id}")["claims"]] == [claim["id"]]
    kinds = [event["kind"] for event in get(client, f"/v1/stories/{story_id}/page")["history"]]
    assert kinds == ["claim_restored", "claim_rejected"]


def test_the_pipeline_merges_stories_that_grow_together(client: TestClient, database: Database) -> None:
    """Two sides of one event, and then the report that has both."""
    ids = tell(
        database,
        "Flood water covered Brenna after the river Olza broke its banks, mayor Anna Novak said.",
        "The upstream dam failed in the night, engineer Petr Havel said, and the reservoir emptied.",
    )
    apart = {story_of(client, id_) for id_ in ids}
    assert len(apart) == 2
    more = tell(
        database,
        "Flood water covered Brenna after the upstream dam failed in the night and the river Olza broke its banks, "
        "mayor Anna Novak and engineer Petr Havel said, and the reservoir emptied.",
        source="Third",
    )
    together = {story_of(client, id_) for id_ in (*ids, *more)}
    assert len(together) == 1
    (story_id,) = together
    (event,) = get(client, f"/v1/stories/{story_id}/page")["history"]
    assert (event["kind"], event["by"]) == ("merged", "cluster")


def test_a_short_near_copy_that_tells_of_another_event_gets_a_story_of_its_own(
    client: TestClient, database: Database
) -> None:
    text = (
        "The ministry announced its 54th aid package for Chile on Monday. It holds tents, blankets, medicine and food "
        "for the valleys that the earthquake cut off in spring. Two ships will bring it to Valparaiso within a month, "
        "and the army will carry it up the mountains."
    )
    first, second, third = tell(database, text, text.replace("54th", "55th"), text.replace("tents, ", "tents and "))
    copies = [get(client, f"/v1/articles/{id_}")["duplicate_of"] for id_ in (first, second, third)]
    assert copies == [None, first, first]
    assert story_of(client, first) == story_of(client, third) != story_of(client, second)
