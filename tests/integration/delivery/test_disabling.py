"""An endpoint that only fails for days: people are told through another channel, then it is switched off."""

import json
from datetime import timedelta

from tests.integration.delivery.conftest import Desk
from tests.integration.delivery.receiver import status
from tests.integration.http.servers import close_at_once
from worker.delivery.circuit import DISABLE_AFTER, WARN_AFTER

STEP = timedelta(hours=6)


def notices(desk: Desk) -> list[tuple[str, str]]:
    """Title and body of what the other channel was told, in order."""
    told = [json.loads(arrival.body) for arrival in desk.receiver.at("/people")]
    return [(one["title"], one["message"]) for one in told]


def add_people(desk: Desk) -> None:
    url = f"json://127.0.0.1:{desk.receiver.port}/people"
    desk.add_endpoint("people", url, kind="apprise", notices=True)


def pass_time(desk: Desk, endpoint_id: str, time: timedelta) -> list[str]:
    """Alerts go on coming, and the worker goes on trying. -> their deliveries."""
    ids = []
    end = desk.clock() + time
    while desk.clock() < end:
        ids += desk.put(endpoint_id)
        desk.run()
        desk.clock.move(seconds=STEP.total_seconds())
    return ids


def test_it_is_warned_of_then_disabled_and_both_go_out_on_another_channel(desk: Desk) -> None:
    add_people(desk)
    dead = desk.add_endpoint("/dead")
    desk.receiver.always["/dead"] = close_at_once
    started = desk.clock()

    pass_time(desk, dead, WARN_AFTER - STEP)
    assert notices(desk) == []
    pass_time(desk, dead, STEP * 3)
    assert [title for title, _ in notices(desk)] == ["Wirewatch: /dead fails"]
    assert desk.endpoint(dead)["enabled"]

    ids = pass_time(desk, dead, DISABLE_AFTER - WARN_AFTER - STEP * 4)
    assert len(notices(desk)) == 1, "it was warned of twice"
    assert desk.endpoint(dead)["enabled"]
    ids += pass_time(desk, dead, STEP * 4)

    after = desk.endpoint(dead)
    assert not after["enabled"]
    assert f"{started:%Y-%m-%d %H:%M} UTC" in after["disabled_reason"]
    assert [title for title, _ in notices(desk)][1:] == ["Wirewatch: /dead is disabled"]
    assert all("/dead" in body for _, body in notices(desk))
    assert {desk.show(id_).state for id_ in ids} <= {"suppressed", "failed"}
    tried = len(desk.receiver.at("/dead"))
    late = desk.put(dead)
    desk.run()
    assert desk.show(late[0]).reason == after["disabled_reason"]
    assert len(desk.receiver.at("/dead")) == tried


def test_one_success_begins_the_count_anew(desk: Desk) -> None:
    add_people(desk)
    shaky = desk.add_endpoint("/shaky")
    desk.receiver.always["/shaky"] = status(500)
    pass_time(desk, shaky, WARN_AFTER - STEP)
    desk.receiver.always["/shaky"] = status(204)
    pass_time(desk, shaky, STEP * 2)
    desk.receiver.always["/shaky"] = status(500)
    pass_time(desk, shaky, WARN_AFTER - STEP)
    assert notices(desk) == []
    assert desk.endpoint(shaky)["enabled"]
