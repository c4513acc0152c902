from itertools import pairwise

import pytest

from wirewatch.stack.supervisor import LONGEST_RESTART_SECONDS, ending, restart_delay_seconds


def test_restarts_wait_longer_each_time_up_to_a_bound() -> None:
    delays = [restart_delay_seconds(crashes) for crashes in range(1, 30)]
    assert delays[:3] == [0.5, 1.0, 2.0]
    assert all(earlier <= later for earlier, later in pairwise(delays))
    assert delays[-1] == LONGEST_RESTART_SECONDS


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with exit code 0"), (-9, "was killed by SIGKILL"), (-70, "was killed by signal 70")],
)
def test_endings_are_told_in_words(code: int, words: str) -> None:
    assert ending(code) == words
