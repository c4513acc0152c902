"""Channels: e-mail to a real server, services by HTTP, and what neither they nor their templates can do."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from ipaddress import IPv4Network
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import build_app
from tests.factories import BOOTSTRAP_KEY, bearer, make_watch
from tests.integration.delivery.conftest import Desk
from tests.integration.delivery.receiver import status
from tests.integration.http.servers import Canary
from wirewatch import outbox
from wirewatch.channels import EXAMPLE, Children, Rendered, preview, send_request
from wirewatch.db import Database
from wirewatch.errors import InvalidInputError
from wirewatch.messages import NewMessage
from wirewatch.models import Template
from wirewatch.secretbox import new_key
from wirewatch.settings import Settings
from wirewatch.store import deliveries, templates
from wirewatch.store.deliveries import NewDelivery

SAID = Rendered("Title", "Body")


class MailServer:
    """Takes mail on loopback; `answers` are given to the next messages before they are taken."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's)
        if self.answers:
            return self.answers.pop(0)
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[tuple[MailServer, str]]:
    """The server, and the Apprise URL that leads to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server, f"mailto://127.0.0.1:{port}/?from=wirewatch@example.org&to=desk@example.org"
    controller.stop()


def put_alert(desk: Desk, endpoint_id: str, watch_id: str = "3") -> str:
    data = {name: value for name, value in EXAMPLE.items() if name not in ("type", "timestamp")}
    data["alerts"] = [{**data["alerts"][0], "watch_id": watch_id}]
    body = msgspec.json.encode({"type": "alert.updated", "version": 1, "timestamp": EXAMPLE["timestamp"], "data": data})
    with desk.database.transaction() as tx:
        id_ = deliveries.insert(tx, NewDelivery(endpoint_id, f"msg_{uuid4().hex}", body, ()))
        outbox.put(tx, [NewMessage("DeliveryDue", id_)])
    return id_


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    assert part is not None
    return str(part.get_content())


def test_an_alert_by_mail_is_told_by_the_watchs_template_and_tried_again(
    desk: Desk, mail: tuple[MailServer, str]
) -> None:
    server, url = mail
    endpoint = desk.add_endpoint("mail", url, kind="apprise", template=Template("endpoint's", "endpoint's"))
    plain, own = make_watch(desk.database, "Plain"), make_watch(desk.database, "Own")
    with desk.database.transaction() as tx:
        templates.set_for_watch(tx, own, Template("Neu: {{ story.title }}", "{{ claims[0].recipient }} ü"))
    server.answers = ["451 later, please"]
    first = put_alert(desk, endpoint, own)
    desk.run()
    assert "ending email" in (desk.show(first).reason or ""), desk.show(first)
    with desk.database.transaction() as tx:
        templates.set_for_watch(tx, own, Template("changed", "changed"))
    second = put_alert(desk, endpoint, plain)
    desk.run_until("sent", [first, second], seconds=6)

    by_subject = {str(one["subject"]): text_of(one) for one in server.mails}
    assert "Chile ü" in by_subject["Neu: Brazil has shipped mortars to Chile, officials in Quito said."]
    assert "endpoint's" in by_subject["endpoint's"]
    assert len(server.mails) == 2


def test_the_built_in_template_says_what_there_is_and_steps_in_for_one_that_fails(
    desk: Desk, mail: tuple[MailServer, str]
) -> None:
    server, url = mail
    good = desk.add_endpoint("good", url, kind="apprise")
    bad = desk.add_endpoint("bad", url, kind="apprise", template=Template("x", "{{ 1 / 0 }}"))
    ids = [put_alert(desk, good), put_alert(desk, bad), *desk.put(good)]
    desk.run_until("sent", ids, seconds=6)
    told = next(text_of(one) for one in server.mails if "failed" not in text_of(one) and "test" not in one["subject"])
    for part in ("Brazil arming Chile", "has shipped mortars", "Brazil -> Chile: mortars (reported)", "/v1/stories/1"):
        assert part in told.replace("&gt;", ">").replace("\u00a0", " ")
    assert any("template failed" in text_of(one) for one in server.mails)


def test_what_was_rendered_is_kept_and_errors_hold_no_secret(desk: Desk) -> None:
    desk.receiver.always["/hook/s3cret-token"] = status(500)
    url = f"json://user:hunter2-pass@127.0.0.1:{desk.receiver.port}/hook/s3cret-token"
    id_ = put_alert(desk, desk.add_endpoint("service", url, kind="apprise"))
    desk.run()
    shown = msgspec.json.encode(desk.show(id_)).decode()
    assert desk.show(id_).state == "pending"
    assert "s3cret-token" not in shown
    assert "hunter2" not in shown
    desk.receiver.always.clear()
    desk.clock.move(seconds=6)
    desk.run()
    first, second = desk.receiver.arrivals
    assert first.body == second.body
    assert desk.show(id_).state == "sent"


PRIVATE = ("127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]")
CUSTOM = (
    *("json://{}/x", "xml://{}/x", "form://{}/x", "ntfy://{}/topic", "gotify://{}/token0", "mmost://{}/aaaaaaaaaaaa"),
    *(
        "mailto://user:pw@example.org?smtp={host}&port={port}",
        "rocket://user:pw@{}/#room",
        "irc://{}/#room",
        "growl://{}",
    ),
    *("matrix://user:pw@{}/#room", "signal://{}/+12025550100/+12025550101", "apprise://{}/aaaaaaaa", "mqtt://{}/t"),
)


def test_no_scheme_leads_into_this_machine() -> None:
    async def ask(urls: list[str], allow: list[IPv4Network]) -> list[dict[str, Any]]:
        children = Children(1)
        return [await children.call(send_request(url, SAID, allow), 30) for url in urls]

    with Canary() as canary:
        urls = [
            scheme.format(f"{host}:{canary.port}", host=host, port=canary.port)
            for scheme in CUSTOM
            for host in (PRIVATE if scheme == CUSTOM[0] else PRIVATE[:1])
        ]
        answers = asyncio.run(ask(urls, []))
        assert [url for url, answer in zip(urls, answers, strict=True) if "error" not in answer] == []
        assert canary.reached == 0
        allowed = f"json://127.0.0.1:{canary.port}/x"
        assert asyncio.run(ask([allowed], [IPv4Network("127.0.0.0/8")])) == [{}]
        assert canary.reached == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "too long"),
        ("{{ 'a' * 10 ** 10 }}", "memory"),
        ("{% for i in range(10 ** 9) %}x{% endfor %}", "range"),
        ("{% if %}", "Expected"),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", ""),
        ("{{ 10 ** (10 ** 9) }}", "too"),
        ("{% include '/etc/passwd' %}", "no loader"),
    ],
)
def test_a_template_that_would_do_harm_is_refused(body: str, told: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        preview(Template("x", body), EXAMPLE)
    assert told in str(error.value)


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    settings = Settings(bootstrap_key=SecretStr(BOOTSTRAP_KEY), secret_key=SecretStr(new_key()))
    with TestClient(
        build_app(database, settings), raise_server_exceptions=False, headers=bearer(BOOTSTRAP_KEY)
    ) as made:
        yield made


def test_channels_are_checked_when_they_are_saved_and_never_shown(client: TestClient) -> None:
    for url in ("syslog://", "json://127.0.0.1/", "mailto://a:b@example.org?smtp=10.0.0.1", "nonsense", "dbus://"):
        answer = client.post("/v1/endpoints", json={"name": "x", "url": url, "kind": "apprise"})
        assert answer.status_code == 422, url
        assert answer.json()["errors"][0]["pointer"] == "/url"
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk"
    template = {"title": "{{ story.title }}", "body": "{{ alerts | length }}"}
    made = client.post("/v1/endpoints", json={"name": "x", "url": url, "kind": "apprise", "template": template})
    assert made.status_code == 201
    assert (made.json()["url"], made.json()["template"]) == ("slack://***", template)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in made.text + client.get("/v1/endpoints").text
    changed = client.patch(f"/v1/endpoints/{made.json()['id']}", json={"template": None}).json()
    assert changed["template"] is None
    broken = client.post(
        "/v1/endpoints", json={"name": "x", "url": url, "kind": "apprise", "template": {"title": "x", "body": "{{"}}
    )
    assert broken.status_code == 422
    assert broken.json()["errors"][0]["pointer"] == "/template/body"


def test_templates_of_watches_and_their_preview(client: TestClient, database: Database) -> None:
    path = f"/v1/watches/{make_watch(database)}/template"
    assert client.get(path).status_code == 404
    template = {"title": "{{ story.title }}", "body": "{{ claims[0].supplier }}"}
    assert client.put(path, json=template).status_code == 200
    assert client.get(path).json() == template
    assert client.put(path, json={"title": "{{", "body": "x"}).json()["errors"][0]["pointer"] == "/title"
    assert client.put("/v1/watches/999/template", json=template).status_code == 404
    said = client.post("/v1/templates/preview", json={"template": template}).json()
    assert said["body"] == "Brazil"
    assert client.post("/v1/templates/preview", json={"template": template, "delivery_id": "9"}).status_code == 404
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
