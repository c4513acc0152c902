"""The compose stack end to end: the services as they really run, one webhook, and a worker killed at work."""

import os
import subprocess
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from tests.e2e.compose import FILES, ROOT, ComposeError, ContainerState, Stack, find_command, wait_for
from tests.e2e.conftest import Inbox
from tests.e2e.texts import make_article
from wirewatch.client import Client, Json

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

OURS = ("ingest", "api", "poll", "relay", "worker", "worker-stories", "worker-deliveries")
DRAIN_TIMEOUT_SECONDS = 180.0
# A lease of a worker that died runs out after its stage's time limit and 15 s (worker/pipeline).
LEASES_TIMEOUT_SECONDS = 135.0 + DRAIN_TIMEOUT_SECONDS
ARTICLES = 240
MARKER = "kestrelpost"


def test_without_secrets_compose_refuses_and_names_them(tmp_path: Any) -> None:
    empty = tmp_path / "env"
    empty.write_text("POSTGRES_PASSWORD=\n")
    command = (*find_command(), "--env-file", str(empty), "-f", FILES[0], "config", "-q")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("POSTGRES", "WIREWATCH", "REDIS"))}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode != 0
    assert "in .env, see .env.example" in done.stderr


def test_only_ingest_and_api_are_published(stack: Stack) -> None:
    published = {
        container.service
        for container in stack.containers()
        if any(stack.inspect(container)["NetworkSettings"]["Ports"].values())
    }
    assert published == {"ingest", "api", "receiver"}  # the last is this test's own


@pytest.mark.parametrize("service", OURS)
def test_services_run_without_rights(stack: Stack, service: str) -> None:
    details = stack.inspect(stack.containers(service)[0])
    host = details["HostConfig"]
    assert stack.execute(service, "id", "-u").strip() == "10001"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


@pytest.mark.parametrize("service", ["ingest", "api", "poll"])
def test_no_spacy_where_nothing_is_analysed(stack: Stack, service: str) -> None:
    probe = "import importlib.util as u; print([m for m in ('spacy', 'celery', 'numpy') if u.find_spec(m)])"
    assert stack.execute(service, "python", "-c", probe).strip() == "[]"


NO_WAY = r"Name or service not known|name resolution|Network is unreachable"
CONNECTS = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10)"


@pytest.mark.parametrize("service", ["poll", "worker-deliveries"])
def test_feeds_and_webhooks_have_a_way_out(stack: Stack, service: str) -> None:
    stack.execute(service, "python", "-c", CONNECTS, "receiver", "9000")


@pytest.mark.parametrize("service", ["relay", "worker", "worker-stories"])
def test_the_others_have_none(stack: Stack, service: str) -> None:
    with pytest.raises(ComposeError, match=NO_WAY):
        stack.execute(service, "python", "-c", CONNECTS, "receiver", "9000")


@pytest.mark.parametrize(("server", "port"), [("db", "5432"), ("redis", "6379")])
def test_the_world_does_not_reach_the_servers(stack: Stack, server: str, port: str) -> None:
    with pytest.raises(ComposeError, match=NO_WAY):
        stack.execute("receiver", "python", "-c", CONNECTS, server, port)


def test_the_broker_keeps_what_it_has(stack: Stack) -> None:
    probe = (
        "import os, redis; r = redis.Redis.from_url(os.environ['WIREWATCH_BROKER_URL'], decode_responses=True);"
        "print(r.config_get('appendonly')['appendonly'], r.config_get('maxmemory-policy')['maxmemory-policy'])"
    )
    assert stack.execute("relay", "python", "-c", probe).split() == ["yes", "noeviction"]


def test_a_webhook_arrives_in_another_container_and_verifies(
    stack: Stack, client: Client, inbox: Inbox, endpoint: Json
) -> None:
    watch = client.post("/v1/watches", {"name": "Submarine cables", "query": '"submarine cable" AND place:Iceland'})
    article = {
        "title": "Iceland lays a second submarine cable",
        "text": "REYKJAVIK - Iceland began on Monday to lay a second submarine cable to Ireland, the operator said.",
        "source": {"name": "The Geyser", "domain": "geyser.example"},
    }
    [accepted] = client.post_articles([article])
    assert accepted["status"] == "accepted"
    webhook = wait_for(
        "the webhook of the alert", lambda: _first(inbox.received(), watch["id"]), timeout_seconds=DRAIN_TIMEOUT_SECONDS
    )
    assert webhook["fault"] is None
    [alert] = [alert for alert in webhook["payload"]["data"]["alerts"] if alert["watch_id"] == watch["id"]]
    assert alert["update"]["reason"] == "new_story"
    assert alert["update"]["article_ids"] == [accepted["id"]]
    for proof in alert["evidence"]:
        assert article[proof["field"]][proof["start"] : proof["end"]] == proof["text"]  # type: ignore[index]
    _wait_until_drained(client)
    [delivery] = [one for one in client.items("/v1/deliveries") if one["endpoint_id"] == endpoint["id"]]
    assert delivery["state"] == "sent"


def test_ingest_takes_articles_while_the_broker_is_down(stack: Stack, client: Client) -> None:
    stack.compose("stop", "redis")
    try:
        [accepted] = client.post_articles([make_article(1, "heronpost")])
        assert accepted["status"] == "accepted"
        assert client.get(f"/v1/articles/{accepted['id']}")["stage"] == "received"
    finally:
        stack.compose("start", "redis")
    wait_for(
        "the article taken in while Redis was down",
        lambda: client.get(f"/v1/articles/{accepted['id']}")["stage"] == "matched",
        DRAIN_TIMEOUT_SECONDS,
    )


def test_a_worker_killed_in_the_middle_of_a_batch(stack: Stack, client: Client, inbox: Inbox, endpoint: Json) -> None:
    stack.up("--no-build", "--scale", "worker=3")
    wait_for("three healthy workers", lambda: _healthy(stack.containers("worker")) == 3, 240)
    policy = {"mode": "every_article", "settle_seconds": 0}
    watch = client.post("/v1/watches", {"name": "Every kestrel", "query": MARKER, "policy": policy})
    accepted = client.post_articles([make_article(number, MARKER) for number in range(ARTICLES)])
    assert [one["status"] for one in accepted] == ["accepted"] * ARTICLES

    struck = _kill_one_at_work(stack)
    assert struck, "no worker was killed while it held a lease"
    assert sum(one.status == "running" for one in stack.containers("worker")) == 2

    pipeline = _wait_until_drained(client, LEASES_TIMEOUT_SECONDS)
    assert pipeline["quarantined"] == 0
    ids = [one["id"] for one in accepted]
    _assert_all_are_worked_through(stack, ids)
    _assert_each_told_once([one for one in inbox.received() if one["fault"] is None], watch["id"], ids)
    assert all(one["fault"] is None for one in inbox.received())

    stack.up("--no-build", "--scale", "worker=3")
    wait_for("the killed worker to be back", lambda: _healthy(stack.containers("worker")) == 3, 240)


def test_the_seed_profile_loads_articles_and_watches(stack: Stack, client: Client) -> None:
    stack.compose("run", "--rm", "seed")
    _wait_until_drained(client, DRAIN_TIMEOUT_SECONDS)
    watches = {watch["id"]: watch["name"] for watch in client.items("/v1/watches")}
    alerted = {watches[alert["watch_id"]] for alert in client.items("/v1/alerts")}
    assert {"Kim Jong Un", "Sergei Shoigu", "Arms transfers"} <= alerted


def test_a_backup_restores(stack: Stack) -> None:
    count = "SELECT count(*) FROM articles"
    stack.execute("db", "pg_dump", "-U", "wirewatch", "-Fc", "-f", "/tmp/backup", "wirewatch")
    stack.execute("db", "createdb", "-U", "wirewatch", "restored")
    stack.execute("db", "pg_restore", "-U", "wirewatch", "-d", "restored", "--exit-on-error", "/tmp/backup")
    restored = stack.execute("db", "psql", "-U", "wirewatch", "-d", "restored", "-qAtXc", count).strip()
    assert restored == stack.query(count)


def _healthy(containers: Iterable[ContainerState]) -> int:
    return sum(one.health == "healthy" for one in containers if one.status == "running")


def _alerts_of(webhook: Json, watch_id: str) -> list[Json]:
    return [alert for alert in webhook["payload"]["data"].get("alerts", ()) if alert["watch_id"] == watch_id]


def _first(webhooks: Iterable[Json], watch_id: str) -> Json | None:
    return next((webhook for webhook in webhooks if _alerts_of(webhook, watch_id)), None)


def _wait_until_drained(client: Client, timeout_seconds: float = DRAIN_TIMEOUT_SECONDS) -> Json:
    """The pipeline's state once nothing is pending; its last state is told where that does not come in time."""
    last: Json = {}

    def drained() -> Json | None:
        last.update(client.get("/v1/pipeline"))
        return last if last["pending"] == 0 else None

    try:
        return wait_for("the pipeline to be drained", drained, timeout_seconds)
    except ComposeError as error:
        raise ComposeError(f"{error}: {last}") from None


def _kill_one_at_work(stack: Stack) -> bool:
    """Kills the first worker that is seen with leases on a batch; whether it still held them when it was dead."""
    workers = {container.id[:12]: container for container in stack.containers("worker")}

    def holder() -> str | None:
        rows = stack.query(
            "SELECT split_part(leased_by, ':', 1), count(*) FROM messages"
            " WHERE type = 'ArticleChecked' AND leased_until > clock_timestamp() GROUP BY 1 HAVING count(*) > 1"
        )
        found = [row.partition("|")[0] for row in rows.splitlines()]
        return next((host for host in found if host in workers), None)

    host = wait_for("a worker with a batch", holder, DRAIN_TIMEOUT_SECONDS)
    stack.kill(workers[host])
    held = int(stack.query(f"SELECT count(*) FROM messages WHERE split_part(leased_by, ':', 1) = '{host}'"))
    return held > 0


def _assert_all_are_worked_through(stack: Stack, ids: list[str]) -> None:
    stages = dict(row.split("|") for row in stack.query("SELECT stage, count(*) FROM articles GROUP BY 1").splitlines())
    assert stages.keys() == {"matched"}, f"not all articles came through: {stages}"
    assert int(stages["matched"]) >= len(ids)
    assert stack.query("SELECT count(*) FROM messages") == "0"


def _assert_each_told_once(webhooks: list[Json], watch_id: str, ids: list[str]) -> None:
    """Nothing lost, nothing twice, judged by what the receiver got."""
    assert max(Counter(webhook["id"] for webhook in webhooks).values()) == 1, "a webhook came twice"
    updates = [alert for webhook in webhooks for alert in _alerts_of(webhook, watch_id)]
    assert max(Counter((alert["id"], alert["update"]["seq"]) for alert in updates).values()) == 1, (
        "an update came twice"
    )
    told = Counter(id_ for alert in updates for id_ in alert["update"]["article_ids"])
    assert sorted(told, key=int) == sorted(ids, key=int), "an article was lost, or one told of that does not match"
    assert max(told.values()) == 1, "an article was told of twice"
