"""What health checks read of processes that listen on no port."""

import os
import subprocess
import sys
from pathlib import Path

from wirewatch.heartbeat import MAX_AGE_SECONDS, beat, find_fault

BEAT_AT = 1_700_000_000.0


def test_a_process_that_beats_is_well(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    beat(path)
    os.utime(path, (BEAT_AT, BEAT_AT))
    assert find_fault(path, BEAT_AT + MAX_AGE_SECONDS) is None


def test_one_that_ceased_to_beat_is_not(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    beat(path)
    os.utime(path, (BEAT_AT, BEAT_AT))
    assert find_fault(path, BEAT_AT + MAX_AGE_SECONDS + 1) == "no heartbeat for 21 s"
    beat(path)
    assert find_fault(path, BEAT_AT) is None


def test_one_that_never_beat_is_not(tmp_path: Path) -> None:
    assert find_fault(tmp_path / "heartbeat", BEAT_AT) == "no heartbeat yet"


def test_nobody_asks_for_a_heartbeat() -> None:
    beat(None)


def test_the_exit_code_is_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    command = [sys.executable, "-m", "wirewatch.heartbeat", str(path)]
    before = subprocess.run(command, capture_output=True, text=True, check=False)
    beat(path)
    after = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (before.returncode, before.stderr.strip()) == (1, "no heartbeat yet")
    assert after.returncode == 0
