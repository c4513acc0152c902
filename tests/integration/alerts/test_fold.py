"""Two stories turn out to be one: their alerts become one, and nobody is told again."""

import pytest
from sqlalchemy import text

from tests.factories import make_watch
from tests.integration.api.scene import make_article, open_alert, tell_in
from wirewatch.db import Database
from wirewatch.errors import NotFoundError
from wirewatch.store import alerts, stories
from wirewatch.store.views import alerts as views


def make_alert(database: Database, watch_id: str, story_id: str, article_id: str) -> str:
    with database.transaction() as tx:
        alert_id = open_alert(tx, watch_id, story_id, article_id)
        tell_in(tx, alert_id, 1, article_id)
    return alert_id


def make_stories(database: Database) -> tuple[str, str]:
    with database.transaction() as tx:
        return stories.create(tx, "Port sold"), stories.create(tx, "Harbour sold")


def test_alerts_of_one_watch_become_one_with_the_updates_of_both(database: Database) -> None:
    watch_id = make_watch(database)
    articles = [make_article(database, number) for number in (1, 2)]
    older, younger = make_stories(database)
    kept = make_alert(database, watch_id, older, articles[0])
    folded = make_alert(database, watch_id, younger, articles[1])
    with database.transaction() as tx:
        views.set_state(tx, kept, "acknowledged", None)

    with database.transaction() as tx:
        alerts.fold(tx, younger, older)

    with database.transaction() as tx:
        alert = views.get(tx, kept)
        assert alert.article_ids == articles
        assert [(update.seq, update.article_ids) for update in alert.updates] == [
            (1, [articles[0]]),
            (2, [articles[1]]),
        ]
        assert [one.article_id for one in alert.evidence] == articles
        assert alert.state == "acknowledged"
        assert views.get(tx, folded) == alert
        assert views.find_ids(tx, views.AlertFilter(), before=None, limit=10) == [int(kept)]
        assert tx.execute(text("SELECT count(*) FROM messages WHERE type <> 'ArticleReceived'")).scalar() == 0


def test_an_alert_whose_watch_has_none_there_moves(database: Database) -> None:
    watch_id = make_watch(database)
    article_id = make_article(database)
    older, younger = make_stories(database)
    moved = make_alert(database, watch_id, younger, article_id)

    with database.transaction() as tx:
        alerts.fold(tx, younger, older)

    with database.transaction() as tx:
        assert views.get(tx, moved).story_id == older
        assert alerts.open_all(tx, [(watch_id, older)])[0].article_ids == (article_id,)


def test_what_was_folded_can_be_folded_again(database: Database) -> None:
    watch_id = make_watch(database)
    articles = [make_article(database, number) for number in (1, 2, 3)]
    older, younger = make_stories(database)
    with database.transaction() as tx:
        youngest = stories.create(tx, "Quay sold")
    ids = [
        make_alert(database, watch_id, story_id, article_id)
        for story_id, article_id in zip((older, younger, youngest), articles, strict=True)
    ]

    with database.transaction() as tx:
        alerts.fold(tx, youngest, younger)
        alerts.fold(tx, younger, older)

    with database.transaction() as tx:
        assert {views.get(tx, id_).id for id_ in ids} == {ids[0]}
        assert views.get(tx, ids[2]).article_ids == articles


def test_a_story_that_comes_apart_again_gets_an_alert_of_its_own(database: Database) -> None:
    watch_id = make_watch(database)
    articles = [make_article(database, number) for number in (1, 2)]
    older, younger = make_stories(database)
    make_alert(database, watch_id, older, articles[0])
    folded = make_alert(database, watch_id, younger, articles[1])
    with database.transaction() as tx:
        alerts.fold(tx, younger, older)

    with database.transaction() as tx:
        (opened,) = alerts.open_all(tx, [(watch_id, younger)])

    assert (opened.id, opened.article_ids, opened.last_seq) == (folded, (), 0)


def test_an_alert_that_is_not_there_is_not_found(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(NotFoundError):
        views.get(tx, "77")
