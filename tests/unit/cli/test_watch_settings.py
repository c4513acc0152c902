"""What the options of `wirewatch watch add` and `edit` mean, and how a watch's settings read in words."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wirewatch.cli.policy_options import PolicyOptions, policy_of
from wirewatch.cli.watch_files import as_yaml, compare
from wirewatch.cli.watch_settings import in_words, moment
from wirewatch.client import Json
from wirewatch.errors import InvalidInputError
from wirewatch.models import Policy
from wirewatch.seeding import read_watches

BERLIN = "Europe/Berlin"
KNOWN: Json = {
    **msgspec.to_builtins(Policy("digest")),
    "digest": {"every": "weekly", "at": "07:00", "weekday": "friday", "time_zone": BERLIN},
    "quiet_hours": {"start": "22:00", "end": "07:00", "time_zone": BERLIN},
}


def of(known: Json | None = None, **given: Any) -> Json:
    return policy_of(PolicyOptions(**given), known or {})


def test_only_what_is_given_is_said() -> None:
    assert of() == of(KNOWN) == {}
    assert of(mode="every_article", min_score=0.5, priority="urgent") == {
        "mode": "every_article",
        "min_score": 0.5,
        "priority": "urgent",
    }


def test_a_digest_is_a_mode() -> None:
    assert of(digest="weekly", at="09:30", on="friday", time_zone=BERLIN) == {
        "mode": "digest",
        "digest": {"every": "weekly", "at": "09:30", "weekday": "friday", "time_zone": BERLIN},
    }
    assert of(KNOWN, at="10:00") == {"digest": KNOWN["digest"] | {"at": "10:00"}}
    with pytest.raises(InvalidInputError, match="--digest"):
        of(at="10:00")


def test_quiet_hours_keep_their_zone() -> None:
    assert of(quiet="23:00-06:30") == {"quiet_hours": {"start": "23:00", "end": "06:30"}}
    assert of(KNOWN, quiet="23:00 - 06:30")["quiet_hours"]["time_zone"] == BERLIN
    assert of(KNOWN, quiet="none") == {"quiet_hours": None}
    assert of(KNOWN, time_zone="UTC") == {
        "digest": KNOWN["digest"] | {"time_zone": "UTC"},
        "quiet_hours": KNOWN["quiet_hours"] | {"time_zone": "UTC"},
    }
    assert of(max_per_hour=0) == {"max_per_hour": None}
    with pytest.raises(InvalidInputError, match="--time-zone"):
        of(time_zone=BERLIN)
    with pytest.raises(InvalidInputError, match="22:00-07:00"):
        of(quiet="at night")


def test_a_span_is_counted_from_now() -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert moment("90m", now, ago=False) == "2026-03-03T13:30:00+00:00"
    assert moment("2w", now, ago=True) == "2026-02-17T12:00:00+00:00"
    assert moment("2026-03-04", now, ago=True) == "2026-03-04"
    with pytest.raises(InvalidInputError, match="12h"):
        moment("tomorrow", now, ago=False)


def test_settings_read_in_words() -> None:
    assert in_words({"policy": msgspec.to_builtins(Policy())}) == "material, collects changes for 30 s"
    policy = KNOWN | {"min_independent_sources": 2, "min_score": 0.5, "max_per_hour": 3, "priority": "urgent"}
    watch = {"policy": policy, "snoozed_until": "2026-03-04T00:00:00Z", "endpoint_ids": ["3"]}
    assert in_words(watch) == (
        "weekly digest on friday at 07:00 Europe/Berlin; quiet 22:00-07:00 Europe/Berlin; from 2 independent sources; "
        "score 0.5 or more; at most 3 an hour; urgent; snoozed until 2026-03-04T00:00:00Z; tells endpoints 3"
    )


FILE = """
- name: Night
  query: mortars
  policy: {mode: digest, digest: {every: weekly, at: 17:30}, quiet_hours: {start: 22:00, end: 07:00}, min_score: 0.5}
  snoozed_until: 2999-01-01T00:00:00Z
  backfill_since: 2026-03-01
  endpoint_ids: ["3"]
"""


def test_times_of_day_in_a_file_are_what_they_look_like(tmp_path: Path) -> None:
    (tmp_path / "watches.yml").write_text(FILE)
    (body,) = read_watches(tmp_path / "watches.yml")
    assert body["policy"]["quiet_hours"] == {"start": "22:00", "end": "07:00"}
    assert body["policy"]["digest"]["at"] == "17:30"
    assert (body["policy"]["min_score"], body["backfill_since"]) == (0.5, "2026-03-01")


def test_a_file_with_every_setting_applies_once_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "watches.yml"
    path.write_text(FILE)
    wanted = read_watches(path)
    policy = msgspec.to_builtins(msgspec.convert(wanted[0]["policy"], Policy))
    saved = {**wanted[0], "id": "1", "enabled": True, "policy": policy, "snoozed_until": "2999-01-01T00:00:00+00:00"}
    assert compare(wanted, [saved]).changed == []
    path.write_text(as_yaml([saved]))
    assert compare(read_watches(path), [saved]).changed == []
    over = {**saved, "snoozed_until": "2020-01-01T00:00:00Z"}
    assert "snoozed_until" not in as_yaml([over])
    assert [fields for _, fields in compare(wanted, [over]).changed] == [{"snoozed_until": "2999-01-01T00:00:00Z"}]
