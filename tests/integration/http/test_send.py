"""Batches of webhooks to receivers that behave and receivers that do not."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from standardwebhooks import Webhook

from tests.integration.http.servers import Answer, Scripted, closed_port, endless_body, hang, ok, redirect, scripted
from wirewatch.clock import system_clock
from wirewatch.signing import new_secret
from worker.delivery.lanes import LaneLimits
from worker.delivery.schedule import Outcome
from worker.delivery.send import Job, Result, SendLimits
from worker.delivery.sender import Sender

LOOPBACK = [ip_network("127.0.0.0/8")]
SECRET = new_secret()
LIMITS = SendLimits(total_seconds=0.5)
Arrived = list[tuple[float, Result]]


def job(number: int, url: str, endpoint_id: int = 1, secrets: tuple[str, ...] = (SECRET,)) -> Job:
    return Job(number, endpoint_id, url, f"msg_{number}", f'{{"number":{number}}}'.encode(), secrets)


def send(
    answers: dict[str, Answer],
    make_jobs: Callable[[str], list[Job]],
    limits: SendLimits = LIMITS,
) -> tuple[Arrived, Scripted]:
    """Results with the seconds after which each was handed over, and the server with what reached it."""
    arrived: Arrived = []

    def take(sender: Sender, jobs: list[Job]) -> None:
        started = time.monotonic()
        for group in sender.send(jobs, system_clock, lambda: None):
            arrived.extend((time.monotonic() - started, result) for result in group)

    async def run() -> Scripted:
        async with scripted(answers) as server:
            await asyncio.to_thread(take, Sender(LOOPBACK, limits), make_jobs(server.url))
            return server

    return arrived, asyncio.run(run())


def send_one(answer: Answer, secrets: tuple[str, ...] = (SECRET,)) -> Outcome:
    arrived, _ = send({"/": answer}, lambda url: [job(1, url + "/", secrets=secrets)])
    outcome = arrived[0][1].outcome
    assert outcome is not None
    return outcome


async def hang_in_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    await writer.drain()
    await reader.read()


def test_each_webhook_arrives_once_and_verifies() -> None:
    arrived, server = send(
        {"/hook": ok(b"thanks")}, lambda url: [job(n, url + "/hook", n % 20) for n in range(100)], SendLimits()
    )
    assert [result.outcome.status for _, result in arrived if result.outcome] == [200] * 100
    assert arrived[0][1].outcome is not None
    assert arrived[0][1].outcome.excerpt == "thanks"
    ids = Counter[int]()
    for request in server.requests:
        head, _, body = request.decode().partition("\r\n\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head.split("\r\n")[1:])}
        number = Webhook(SECRET).verify(body, headers)["number"]
        assert headers["webhook-id"] == f"msg_{number}"
        assert headers["content-type"] == "application/json"
        ids[number] += 1
    assert ids == Counter(range(100))


def test_a_slow_endpoint_holds_nobody_else() -> None:
    def make_jobs(url: str) -> list[Job]:
        slow = [job(n, url + "/slow", endpoint_id=n % 10) for n in range(80)]
        return [*slow, *(job(n, url + "/fast", endpoint_id=99) for n in range(80, 100))]

    arrived, _ = send({"/slow": hang, "/fast": ok(b"")}, make_jobs, SendLimits(total_seconds=4))
    fast = [seconds for seconds, result in arrived if result.job.endpoint_id == 99]
    assert len(fast) == 20
    assert max(fast) < min(seconds for seconds, result in arrived if result.job.endpoint_id != 99)


def test_one_endpoint_gets_no_more_than_its_share_at_a_time() -> None:
    now_open = most = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now_open, most
        now_open += 1
        most = max(most, now_open)
        await asyncio.sleep(0.02)
        now_open -= 1
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    limits = SendLimits(LaneLimits(width=3))
    arrived, _ = send({"/": count}, lambda url: [job(n, url + "/") for n in range(30)], limits)
    assert [result.outcome.status for _, result in arrived if result.outcome] == [204] * 30
    assert most == 3


def test_careful_jobs_go_one_at_a_time_in_their_order() -> None:
    arrived, server = send(
        {"/": ok(b"")}, lambda url: [replace(job(n, url + "/"), careful=True) for n in range(30)], SendLimits()
    )
    bodies = [request.partition(b"\r\n\r\n")[2] for request in server.requests]
    assert bodies == [f'{{"number":{n}}}'.encode() for n in range(30)]
    assert [result.job.delivery_id for _, result in arrived] == list(range(30))


def test_an_endpoint_that_only_fails_is_left_alone_by_who_waits_for_it() -> None:
    arrived, server = send(
        {"/dead": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "/good": ok(b"")},
        lambda url: [job(n, url + ("/good" if n % 10 == 0 else "/dead"), n % 10 == 0) for n in range(100)],
        SendLimits(LaneLimits(failures_in_row=4)),
    )
    tried = [result for _, result in arrived if result.outcome]
    assert len(arrived) == 100
    assert 4 <= sum(b"/dead" in request for request in server.requests) <= 5
    assert sum(b"/good" in request for request in server.requests) == 10
    assert len(tried) == len(server.requests)


def test_who_waits_behind_a_hanging_endpoint_is_sent_away() -> None:
    arrived, server = send(
        {"/": hang},
        lambda url: [job(n, url + "/") for n in range(20)],
        SendLimits(LaneLimits(still_ticks=1), total_seconds=3),
    )
    away = [seconds for seconds, result in arrived if result.outcome is None]
    assert len(away) == 18
    assert len(server.requests) == 2
    assert max(away) < min(seconds for seconds, result in arrived if result.outcome)


def test_a_rate_is_kept_and_who_would_wait_too_long_is_told_for_how_long() -> None:
    arrived, server = send(
        {"/": ok(b"")},
        lambda url: [replace(job(n, url + "/"), per_second=20.0) for n in range(40)],
        SendLimits(LaneLimits(patience_seconds=0.5)),
    )
    tried = [seconds for seconds, result in arrived if result.outcome]
    waits = sorted(result.wait_seconds or 0 for _, result in arrived if result.outcome is None)
    assert len(tried) == len(server.requests)
    assert 2 <= len(tried) <= 16
    assert len(waits) == 40 - len(tried)
    assert waits[0] > 0.5
    assert waits[-1] - waits[0] >= (len(waits) - 1) / 20 * 0.8


async def answer_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.2)
    writer.write(ok(b""))


def test_no_try_begins_when_the_batch_has_no_time_left() -> None:
    arrived, _ = send(
        {"/": answer_late},
        lambda url: [replace(job(n, url + "/"), careful=True) for n in range(5)],
        SendLimits(start_seconds=0.3),
    )
    assert [result.outcome is None for _, result in arrived] == [False, False, True, True, True]


@pytest.mark.parametrize("status", [201, 301, 400, 410, 429, 500, 503])
def test_the_status_is_the_outcome(status: int) -> None:
    outcome = send_one(f"HTTP/1.1 {status} X\r\nRetry-After: 120\r\nContent-Length: 2\r\n\r\nno".encode())
    assert (outcome.status, outcome.error, outcome.excerpt) == (status, None, "no")
    assert outcome.retry_after_seconds == 120
    assert 0 < outcome.duration_ms < 500


def test_retry_after_may_be_a_date() -> None:
    at = (datetime.now(UTC) + timedelta(seconds=100)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    seconds = send_one(ok(b"", f"Retry-After: {at}")).retry_after_seconds
    assert seconds is not None
    assert 95 <= seconds <= 100
    assert send_one(ok(b"", "Retry-After: soon")).retry_after_seconds is None
    assert send_one(ok(b"", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT")).retry_after_seconds == 0


def test_redirects_are_not_followed() -> None:
    arrived, server = send({"/": redirect(307, "/other"), "/other": ok(b"")}, lambda url: [job(1, url + "/")])
    assert len(server.requests) == 1
    assert arrived[0][1].outcome is not None
    assert arrived[0][1].outcome.status == 307


def test_a_huge_answer_is_read_to_16_kb_and_kept_as_text() -> None:
    outcome = send_one(endless_body)
    assert outcome.is_success
    assert len(outcome.excerpt) == 16 * 1024
    assert send_one(ok(b"a\0b\xff")).excerpt == "a\ufffdb\ufffd"


@pytest.mark.parametrize("answer", [hang, hang_in_the_body])
def test_the_time_covers_the_body_too(answer: Answer) -> None:
    outcome = send_one(answer)
    assert (outcome.status, outcome.error) == (None, "no complete answer within 0.5 s")


def test_bad_addresses_secrets_and_ports_are_outcomes_and_not_errors() -> None:
    with closed_port() as port:
        urls = ["http://10.0.0.1/", "nonsense", f"http://127.0.0.1:{port}/", "http://nowhere.invalid/"]
        arrived, _ = send({}, lambda _: [job(n, url, n) for n, url in enumerate(urls)])
    errors = {result.job.url: result.outcome.error for _, result in arrived if result.outcome}
    assert all(errors[url] for url in urls)
    assert send_one(ok(b""), secrets=()).error
    assert send_one(ok(b""), secrets=("whsec_a",)).error


def test_an_empty_batch_is_done_at_once() -> None:
    assert send({}, lambda _: [])[0] == []
