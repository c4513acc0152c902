import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.integration.http.certificates import make_certificate
from tests.integration.http.servers import (
    Answer,
    Scripted,
    closed_port,
    drip,
    drip_headers,
    endless_body,
    hang,
    ok,
    redirect,
    reset,
    scripted,
)
from wirewatch.errors import FetchError
from wirewatch.http import Address, Limits, OutgoingClient, Request, Response

LOOPBACK = [ip_network("127.0.0.0/8")]
BRIEF = Limits(total_seconds=2)


def run(answers: dict[str, Answer], act: Callable[[OutgoingClient, Scripted], Awaitable[None]]) -> Scripted:
    async def run_both() -> Scripted:
        async with scripted(answers) as server, OutgoingClient(LOOPBACK) as client:
            await act(client, server)
            return server

    return asyncio.run(run_both())


def fetch_one(answer: Answer, limits: Limits = BRIEF) -> Response:
    found: list[Response] = []

    async def act(client: OutgoingClient, server: Scripted) -> None:
        found.append(await client.fetch(Request(server.url + "/", limits=limits)))

    run({"/": answer}, act)
    return found[0]


def test_a_post_carries_its_body_headers_and_nothing_else() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        response = await client.fetch(Request(server.url + "/hook?a=1", "POST", (("X-One", "1"),), b"body"))
        assert (response.status, response.body, response.find_header("X-ANSWER")) == (200, b"thanks", "1, 2")

    server = run({"/hook?a=1": ok(b"thanks", "X-Answer: 1", "x-answer: 2")}, act)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"body"
    assert sorted(head.decode().split("\r\n")) == sorted(
        [
            "POST /hook?a=1 HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Accept-Encoding: gzip, deflate",
            "Content-Length: 4",
            "User-Agent: Wirewatch/0.1",
            "X-One: 1",
        ]
    )


def test_headers_that_frame_the_request_are_not_the_callers() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        for header in (
            ("Host", "inner"),
            ("content-length", "0"),
            ("Transfer-Encoding", "chunked"),
            ("X", "a\r\nB: c"),
        ):
            with pytest.raises(FetchError):
                await client.fetch(Request(server.url + "/", headers=(header,)))

    assert run({"/": ok(b"")}, act).requests == []


def test_connections_are_reused_but_not_after_the_server_closed_them() -> None:
    ports = set()

    async def note_port(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername")[1])
        writer.write(ok(b"x"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok(b"y"))

    async def act(client: OutgoingClient, server: Scripted) -> None:
        assert (await client.fetch(Request(server.url + "/"))).body == b"x"
        assert (await client.fetch(Request(server.url + "/"))).body == b"y"
        await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0.01)
            if (await client.fetch(Request(server.url + "/"))).body == b"x":
                break

    run({"/": note_port}, act)
    assert len(ports) == 2


def test_cookies_are_not_kept() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        await client.fetch(Request(server.url + "/"))
        await client.fetch(Request(server.url + "/"))

    assert b"cookie" not in run({"/": ok(b"", "Set-Cookie: a=b")}, act).requests[1].lower()


def test_redirects_are_not_followed_unless_allowed() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        response = await client.fetch(Request(server.url + "/old"))
        assert (response.status, response.redirects) == (301, ())
        posted = await client.fetch(Request(server.url + "/old", "POST", body=b"x", limits=Limits(redirects=5)))
        assert posted.status == 301

    assert len(run({"/old": redirect(301, "/new"), "/new": ok(b"new")}, act).requests) == 2


def test_followed_redirects_are_told_with_their_permanence() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        response = await client.fetch(Request(server.url + "/a/old", limits=Limits(redirects=5)))
        assert (response.status, response.body, response.url) == (200, b"new", server.url + "/a/neué")
        assert [(hop.status, hop.url) for hop in response.redirects] == [
            (301, server.url + "/then"),
            (302, server.url + "/a/neué"),
        ]

    run({"/a/old": redirect(301, "/then"), "/then": redirect(302, "a/neué"), "/a/neu%C3%A9": ok(b"new")}, act)


def test_redirect_loops_end() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        with pytest.raises(FetchError, match="more than 5"):
            await client.fetch(Request(server.url + "/a", limits=Limits(redirects=50)))

    assert len(run({"/a": redirect(302, "/b"), "/b": redirect(302, "/a")}, act).requests) == 6


def test_secrets_do_not_follow_a_redirect_to_another_origin() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        async with scripted({"/": ok(b"other")}) as other:
            server.answers["/"] = redirect(302, "/same")
            server.answers["/same"] = redirect(302, other.url + "/")
            headers = (("Authorization", "Bearer s3cret"), ("X-Key", "s3cret"), ("Accept", "text/xml"))
            await client.fetch(Request(server.url + "/", headers=headers, limits=Limits(redirects=5)))
            assert all(b"s3cret" in request for request in server.requests)
            assert b"s3cret" not in other.requests[0]
            assert b"Accept: text/xml" in other.requests[0]

    assert len(run({}, act).requests) == 2


def test_a_packed_body_is_unpacked_and_a_bomb_is_not() -> None:
    assert fetch_one(ok(gzip.compress(b"text" * 10), "Content-Encoding: gzip")).body == b"text" * 10
    with pytest.raises(FetchError, match=r"unpacks|longer"):
        fetch_one(ok(gzip.compress(b"\0" * 8_000_000), "Content-Encoding: gzip"))


async def interim_forever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("answer", [drip, drip_headers, interim_forever, hang])
def test_the_total_time_bounds_every_way_of_being_slow(answer: Answer) -> None:
    started = time.monotonic()
    with pytest.raises(FetchError, match=r"within 0\.3 s"):
        fetch_one(answer, Limits(total_seconds=0.3))
    assert time.monotonic() - started < 5


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    pass


def test_a_body_may_be_cut_instead_of_refused() -> None:
    with pytest.raises(FetchError, match="longer than"):
        fetch_one(endless_body)
    response = fetch_one(endless_body, Limits(body_bytes=16_000, cut_body=True))
    assert (response.status, len(response.body), response.was_cut) == (200, 16_000, True)


@pytest.mark.parametrize(
    "answer",
    [
        endless_headers,
        reset,
        close_at_once,
        b"SSH-2.0-OpenSSH_9.0\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnothex\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        ok(b"x", "Content-Encoding: br"),
    ],
)
def test_broken_answers_are_fetch_errors(answer: Answer) -> None:
    with pytest.raises(FetchError):
        fetch_one(answer)


def test_nobody_listening_is_a_fetch_error() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        with closed_port() as port, pytest.raises(FetchError):
            await client.fetch(Request(f"http://127.0.0.1:{port}/"))

    run({}, act)


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    async def resolve(host: str) -> list[Address]:
        return [ip_address("127.0.0.2"), ip_address("127.0.0.1")]

    async def act() -> None:
        async with scripted({"/": ok(b"here")}) as server, OutgoingClient(LOOPBACK, resolve=resolve) as client:
            assert (await client.fetch(Request(f"http://two.test:{server.port}/"))).body == b"here"
            assert f"Host: two.test:{server.port}".encode() in server.requests[0]

    asyncio.run(act())


def test_tls_uses_the_name_and_refuses_another(tmp_path: Path) -> None:
    served, trusted = make_certificate(tmp_path, "right.test")

    async def resolve(host: str) -> list[Address]:
        return [ip_address("127.0.0.1")]

    async def act() -> None:
        async with (
            scripted({"/": ok(b"secret")}, served) as server,
            OutgoingClient(LOOPBACK, tls=trusted, resolve=resolve) as client,
            OutgoingClient(LOOPBACK, resolve=resolve) as doubting,
        ):
            assert (await client.fetch(Request(f"https://right.test:{server.port}/"))).body == b"secret"
            with pytest.raises(FetchError, match=r"(?i)hostname mismatch|certificate"):
                await client.fetch(Request(f"https://wrong.test:{server.port}/"))
            with pytest.raises(FetchError, match=r"(?i)certificate"):
                await doubting.fetch(Request(f"https://right.test:{server.port}/"))
            with pytest.raises(FetchError):
                await client.fetch(Request(f"http://right.test:{server.port}/", limits=Limits(total_seconds=1)))

    asyncio.run(act())


def test_plain_http_where_tls_is_expected_is_a_fetch_error() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        with pytest.raises(FetchError):
            await client.fetch(Request(f"https://127.0.0.1:{server.port}/", limits=Limits(total_seconds=1)))

    run({}, act)


def test_one_slow_host_does_not_hold_the_others() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        slow = [asyncio.create_task(client.fetch(Request(server.url + "/slow"))) for _ in range(50)]
        assert (await client.fetch(Request(server.url + "/fast"))).body == b"fast"
        assert not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    run({"/slow": hang, "/fast": ok(b"fast")}, act)


def test_no_connection_stays_in_use_after_failures() -> None:
    async def act() -> None:
        async with (
            scripted({"/slow": hang, "/ok": ok(b"ok")}) as server,
            OutgoingClient(LOOPBACK, connections=2) as client,
        ):
            for _ in range(10):
                with pytest.raises(FetchError):
                    await client.fetch(Request(server.url + "/slow", limits=Limits(total_seconds=0.02)))
            assert (await client.fetch(Request(server.url + "/ok"))).body == b"ok"

    asyncio.run(act())


def test_what_comes_unasked_is_no_answer_to_the_next_request() -> None:
    async def act(client: OutgoingClient, server: Scripted) -> None:
        for _ in range(3):
            assert (await client.fetch(Request(server.url + "/eager"))).body == b"mine"
            await asyncio.sleep(0.01)

    server = run({"/eager": ok(b"mine") + ok(b"forged")}, act)
    assert len(server.requests) == 3


def test_an_interim_answer_is_followed_by_the_answer() -> None:
    assert fetch_one(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(b"then")).body == b"then"


def test_a_large_body_is_read_whole_and_no_faster_than_it_is_wanted() -> None:
    body = bytes(range(256)) * 20_000
    waiting = []

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ok(body * 10))
        await asyncio.sleep(0)
        waiting.append(writer.transport.get_write_buffer_size())
        await writer.drain()

    assert fetch_one(send, Limits(body_bytes=len(body) * 10)).body == body * 10
    assert waiting[0] > len(body)


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    assert fetch_one(b"HTTP/1.0 200 OK\r\n\r\nall of it").body == b"all of it"
