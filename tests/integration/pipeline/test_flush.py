"""A broker that forgets everything is told everything again, and not only once a worker is started anew."""

import redis

from wirewatch.stack.servers import Servers
from worker.app import make_app
from worker.pipeline import PIPELINE, QUEUES


def test_ids_published_after_a_flush_reach_their_queue(servers: Servers) -> None:
    app = make_app(servers.broker_url)
    stage = PIPELINE[0]
    with redis.Redis.from_url(servers.broker_url) as broker:
        broker.flushall()
        app.send_task(stage.task, args=([1],))
        broker.flushall()
        app.send_task(stage.task, args=([2],))
        keys = {key.decode() for key in broker.scan_iter()}
        assert broker.llen(stage.queue) == 1
        assert keys == {stage.queue}, "nothing in the broker but the queue itself"
        broker.flushall()
    assert set(QUEUES) == {one.queue for one in PIPELINE}
