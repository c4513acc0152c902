"""One article as clients write it."""

from datetime import UTC, datetime

import pytest

from ingest.receive import Limits, Refusal, Submission, prepare
from ingest.submissions import parse_submission
from wirewatch.store.receipts import Arrival
from wirewatch.web.times import parse_time

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LIMITS = Limits(max_article_bytes=1000, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-03T09:30:00Z", datetime(2026, 3, 3, 9, 30, tzinfo=UTC)),
        ("2026-03-03t09:30:00.123456789z", datetime(2026, 3, 3, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-03T18:30+09:00", datetime(2026, 3, 3, 9, 30, tzinfo=UTC)),
        ("2026-03-03 09:30:00", datetime(2026, 3, 3, 9, 30, tzinfo=UTC)),
        ("2026-03-03", datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_times_are_read(written: str, meant: datetime) -> None:
    assert parse_time(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        *("", "now", "20260303", "2026-W10-1", "2026-13-01", "2026-03-03T25:00:00Z", "٢٠٢٦-03-03"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(written)


def test_every_fault_is_named_at_once() -> None:
    refused = parse_submission({"title": 1, "source": {"domain": "??"}, "x": 2})
    assert isinstance(refused, Refusal)
    assert {pointer for pointer, _ in refused.problems} == {"/title", "/source/domain", "/x"}


def test_two_days_ahead_is_a_wrong_clock_and_three_are_a_mistake() -> None:
    near, far = datetime(2026, 3, 5, 11, tzinfo=UTC), datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert isinstance(prepare(Submission(text="x", published_at=near), LIMITS), Arrival)
    assert isinstance(prepare(Submission(text="x", published_at=far), LIMITS), Refusal)


def test_size_is_counted_in_bytes() -> None:
    assert isinstance(prepare(Submission(text="x" * 1000), LIMITS), Arrival)
    refused = prepare(Submission(text="é" * 501), LIMITS)
    assert isinstance(refused, Refusal)
    assert refused.status == 413


def test_a_feed_s_lone_surrogate_is_refused_and_not_stored() -> None:
    refused = prepare(Submission(text="a\ud800b"), LIMITS)
    assert refused == Refusal(422, (("/text", "must not contain lone surrogates"),))
