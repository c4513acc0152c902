"""Whatever a receiver does: nothing is lost, each delivery keeps its id and bytes, and none follows a recorded 2xx."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.delivery.conftest import Desk
from tests.integration.delivery.receiver import CountingReceiver, status
from tests.integration.http.certificates import make_certificate
from tests.integration.http.servers import (
    Answer,
    Behave,
    close_at_once,
    drip,
    drip_headers,
    gigabyte,
    hang,
    nonsense,
    reset,
)
from wirewatch.secretbox import SecretBox, new_key
from wirewatch.store import endpoints
from worker.delivery.schedule import MAX_TRIES


def test_errors_and_then_a_success(desk: Desk) -> None:
    desk.receiver.plans["/"] = [status(500), status(502, body=b"bad gateway"), status(404)]
    (id_,) = desk.put(desk.add_endpoint())

    desk.run_until("sent", [id_], minutes=10)

    assert [attempt.status for attempt in desk.show(id_).attempts] == [500, 502, 404, 200]
    assert desk.show(id_).attempts[1].excerpt == "bad gateway"
    assert len({(arrival.id, arrival.body) for arrival in desk.receiver.arrivals}) == 1
    assert len(desk.receiver.arrivals) == 4
    desk.verify(desk.receiver.arrivals[0])
    desk.clock.move(days=5)
    desk.run()
    assert len(desk.receiver.arrivals) == 4
    desk.check()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (hang, "no complete answer within 0.6 s"),
        (drip, "no complete answer within 0.6 s"),
        (drip_headers, "no complete answer within 0.6 s"),
        (gigabyte, "the endpoint answered 500"),
        (reset, "the answer is broken"),
        (close_at_once, "the server closed the connection without an answer"),
        (nonsense, "the answer is broken"),
    ],
)
def test_answers_that_break(desk: Desk, fault: Behave, told: str) -> None:
    struck = 0

    async def strike(*streams: object) -> None:
        nonlocal struck
        struck += 1
        await fault(*streams)  # type: ignore[arg-type]

    desk.receiver.plans["/"] = [strike, strike]
    (id_,) = desk.put(desk.add_endpoint())

    desk.run()
    reason = desk.show(id_).reason or ""
    assert told in reason
    desk.run_until("sent", [id_], minutes=10)

    assert struck == 2
    assert len(desk.receiver.arrivals) == 3
    assert len({(arrival.id, arrival.body) for arrival in desk.receiver.arrivals}) == 1
    assert all(len(attempt.excerpt or "") <= 16 * 1024 for attempt in desk.show(id_).attempts)
    desk.check()


def test_a_certificate_that_nobody_vouches_for(desk: Desk, tmp_path: Path) -> None:
    with CountingReceiver(make_certificate(tmp_path, "elsewhere.example")[0]) as other:
        (id_,) = desk.put(desk.add_endpoint(url=other.url()))
        desk.run()
        shown = desk.show(id_)
        assert other.arrivals == []
    assert shown.state == "pending"
    assert "certificate" in (shown.reason or "").lower()
    desk.check()


STATUSES = (*range(200, 209), 226, *range(300, 309), *range(400, 419), *range(421, 432), 451, *range(500, 512), 599)


def test_every_status(desk: Desk) -> None:
    """Only 2xx is a success, 410 ends it, everything else is tried again."""
    put = {}
    for code in STATUSES:
        desk.receiver.plans[f"/{code}"] = [
            status(code, "Location: /elsewhere") if code not in (204, 304) else _bare(code)
        ]
        put[code] = desk.put(desk.add_endpoint(f"/{code}"))[0]
    desk.run()
    states = {code: desk.show(id_).state for code, id_ in put.items()}
    assert {code for code, state in states.items() if state == "sent"} == {c for c in STATUSES if 200 <= c < 300}
    assert {code for code, state in states.items() if state == "failed"} == {410}
    arrived = Counter(arrival.path for arrival in desk.receiver.arrivals)
    assert arrived == Counter(["/200", *(f"/{code}" for code in STATUSES)])
    assert b"endpoint.disabled" in desk.receiver.at("/200")[-1].body

    desk.run_until("sent", [id_ for code, id_ in put.items() if code != 410], seconds=6)

    assert desk.receiver.at("/elsewhere") == []
    assert len(desk.receiver.at("/410")) == 1
    desk.check()


def _bare(code: int) -> bytes:
    return f"HTTP/1.1 {code} X\r\n\r\n".encode()


def test_the_schedule_of_a_single_delivery_is_the_one_of_the_contract(desk: Desk) -> None:
    desk.receiver.always["/"] = status(500)
    (id_,) = desk.put(desk.add_endpoint())
    times = list[datetime]()
    while desk.show(id_).state == "pending":
        desk.clock.now = max(desk.clock(), desk.next_due_at()) if times else desk.clock()
        times.append(desk.clock())
        desk.run()

    waits = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert len(desk.receiver.arrivals) == len(desk.show(id_).attempts) == MAX_TRIES
    for wait, wanted in zip(waits, (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400), strict=True):
        assert wanted * 0.9 <= wait <= wanted * 1.1
    assert desk.show(id_).state == "failed"
    desk.check()


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_endpoint_is_left_alone_as_long_as_it_asks(desk: Desk, code: int) -> None:
    desk.receiver.plans["/"] = [status(code, "Retry-After: 600")]
    endpoint = desk.add_endpoint()
    first = desk.put(endpoint)[0]
    desk.run()
    second = desk.put(endpoint)[0]
    for _ in range(9):
        desk.clock.move(minutes=1)
        desk.run()
    assert len(desk.receiver.arrivals) == 1
    desk.clock.move(minutes=3)
    desk.run()
    assert [desk.show(id_).state for id_ in (first, second)] == ["sent", "sent"]
    desk.check()


def test_rotation_between_two_tries(desk: Desk) -> None:
    desk.receiver.plans["/"] = [status(500)]
    endpoint = desk.add_endpoint()
    old = desk.secrets["/"]
    (id_,) = desk.put(endpoint)
    desk.run()
    with desk.database.transaction() as tx:
        _, new = endpoints.rotate_secret(tx, desk.context.outgoing.secrets, endpoint, desk.clock())
    desk.clock.move(seconds=6)
    desk.run()

    first, second = desk.receiver.arrivals
    desk.verify(first, old)
    desk.verify(second, old)
    desk.verify(second, new)
    assert (first.id, first.body) == (second.id, second.body)
    assert desk.show(id_).state == "sent"


def test_after_a_day_the_old_secret_signs_no_more(desk: Desk) -> None:
    endpoint = desk.add_endpoint()
    with desk.database.transaction() as tx:
        endpoints.rotate_secret(tx, desk.context.outgoing.secrets, endpoint, desk.clock() - timedelta(hours=25))
    desk.put(endpoint)
    desk.run()
    assert len(desk.receiver.arrivals[0].headers["webhook-signature"].split()) == 1


def test_an_endpoint_that_is_deleted_between_two_tries(desk: Desk) -> None:
    desk.receiver.always["/"] = status(500)
    endpoint = desk.add_endpoint()
    ids = desk.put(endpoint, 20)
    desk.run(batch=5)
    assert desk.receiver.arrivals
    tried = len(desk.receiver.arrivals)
    with desk.database.transaction() as tx:
        endpoints.delete(tx, endpoint, desk.clock())
    desk.run()
    assert {desk.show(id_).state for id_ in ids} == {"suppressed"}
    assert {desk.show(id_).reason for id_ in ids} == {"the endpoint was deleted"}
    assert len(desk.receiver.arrivals) == tried
    desk.check()


def test_an_endpoint_that_is_deleted_while_it_is_being_told(desk: Desk) -> None:
    endpoint = desk.add_endpoint()

    def delete(_: object) -> None:
        with desk.database.transaction() as tx:
            endpoints.delete(tx, endpoint, desk.clock())

    desk.receiver.on_arrival = delete
    desk.receiver.plans["/"] = [status(500)]
    (id_,) = desk.put(endpoint)
    desk.run()
    desk.clock.move(seconds=6)
    desk.run()
    assert (desk.show(id_).state, len(desk.receiver.arrivals)) == ("suppressed", 1)
    desk.check()


def test_a_secret_whose_key_is_gone_harms_nobody_else(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        lost, _ = endpoints.create(tx, SecretBox.from_keys(new_key()), "lost", desk.receiver.url("/lost"))
    bad, good = desk.put(lost.id)[0], desk.put(desk.add_endpoint("/good"))[0]
    desk.run()
    assert desk.show(good).state == "sent"
    assert "cannot be opened" in (desk.show(bad).reason or "")
    assert desk.receiver.at("/lost") == []
    desk.check()


ANSWERS: dict[str, Answer] = {"fails": status(500), "hangs": hang}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_dead_endpoint_is_probed_and_costs_no_tries(desk: Desk, answer: Answer) -> None:
    desk.receiver.always["/"] = answer
    endpoint = desk.add_endpoint()
    ids = desk.put(endpoint, 60)
    while desk.endpoint(endpoint)["open_until"] is None:
        desk.run()
        desk.clock.move(seconds=1)
    opened = len(desk.receiver.arrivals)
    assert 5 <= opened <= 12
    assert desk.endpoint(endpoint)["open_until"] is not None
    for _ in range(60):
        desk.clock.move(minutes=1)
        desk.run()
    assert 5 <= len(desk.receiver.arrivals) - opened <= 12
    assert max(desk.show(id_).tries for id_ in ids[20:]) <= 1
    desk.check()


def test_an_hour_of_outage_is_caught_up_in_order_and_one_at_a_time(desk: Desk) -> None:
    most = now_open = 0
    endpoint = desk.add_endpoint()
    desk.put(endpoint, 3)
    desk.run()
    before = len(desk.receiver.arrivals)
    desk.receiver.stop()
    missed = []
    for _ in range(60):
        missed += desk.put(endpoint, 5)
        desk.run()
        desk.clock.move(minutes=1)
    assert len(desk.receiver.arrivals) == before
    assert desk.endpoint(endpoint)["open_until"] is not None

    async def count(reader: object, writer: object) -> None:
        nonlocal most, now_open
        now_open += 1
        most = max(most, now_open)
        await asyncio.sleep(0.001)
        now_open -= 1
        writer.write(status(204, "Connection: close"))  # type: ignore[attr-defined]

    desk.receiver.always["/"] = count
    desk.receiver.start()
    moves = desk.run_until("sent", missed, seconds=10)

    assert moves <= 15 * 6
    order = [arrival.id for arrival in desk.receiver.arrivals[before:]]
    assert order == [desk.show(id_).webhook_id for id_ in missed]
    assert most == 1
    assert desk.endpoint(endpoint)["catching_up_to"] is None
    desk.check()
