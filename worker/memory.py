"""When Python looks for garbage: between runs, never in the midst of one."""

import gc

# What outlives two runs is seldom garbage, and there is much of it: texts and models that are kept.
RUNS_BETWEEN_FULL = 500
_OLDER, _ALL = 1, 2


def settle() -> None:
    """What is loaded by now stays, and no run is held up by a look through it.

    Left alone, Python looks when so many objects have been made, and an article makes some thousands: a look through
    all that a process keeps then took longer than finding the article's copies (measured: 80 of 230 ms).
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def collect_after_run() -> None:
    """Most of what a run leaves is gone with the last reference; this finds what refers to itself."""
    partial_collections = gc.get_count()[_ALL]
    gc.collect(_ALL if partial_collections >= RUNS_BETWEEN_FULL else _OLDER)
