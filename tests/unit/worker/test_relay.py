"""How ids travel: alone when there are few, in company when there is a backlog."""

from wirewatch.messages import Published
from worker.relay import GROUP_ABOVE, group


def waiting(count: int, *, attempts: int = 0, alone: bool = False) -> list[Published]:
    return [Published(number, "ArticleReceived", attempts, alone) for number in range(count)]


def test_a_few_travel_alone() -> None:
    assert group(waiting(GROUP_ABOVE), batch=64, spread=4) == [[number] for number in range(GROUP_ABOVE)]


def test_a_backlog_travels_in_batches_that_every_worker_gets_some_of() -> None:
    groups = group(waiting(400), batch=64, spread=4)
    assert max(map(len, groups)) == 64
    assert sorted(id_ for ids in groups for id_ in ids) == list(range(400))
    assert [len(ids) for ids in group(waiting(40), batch=64, spread=4)] == [10, 10, 10, 10]
    assert [len(ids) for ids in group(waiting(13), batch=64, spread=4)] == [8, 5]


def test_what_is_decided_one_at_a_time_travels_together() -> None:
    assert [len(ids) for ids in group(waiting(40), batch=64, spread=1)] == [40]
    assert [len(ids) for ids in group(waiting(3), batch=64, spread=1)] == [3]


def test_what_failed_before_or_is_very_large_travels_alone() -> None:
    failed = waiting(20, attempts=1)
    large = waiting(20, alone=True)
    assert all(len(ids) == 1 for ids in group(failed, batch=64, spread=4))
    assert all(len(ids) == 1 for ids in group(large, batch=64, spread=4))


def test_nothing_waiting_is_nothing_to_send() -> None:
    assert group([], batch=64, spread=4) == []
