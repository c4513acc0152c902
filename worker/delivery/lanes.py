"""One lane per endpoint: how many tries of it may be under way in this process, and how fast they may begin.

A lane is narrow until its endpoint has answered well, and again when it fails. Who waits in a lane that does not move
is sent away, so that a hanging endpoint holds neither workers nor connections that others need.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf

FIRST_WIDTH = 2
# How much the newest answer says about how long the next will take.
NEWEST_WEIGHT = 0.2
LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """`patience_seconds`: who would have to wait longer is sent away; `still_ticks`: and who waits in a lane that has
    not moved for so many calls of `send_away`, so that a pause of this process itself counts as one. After
    `failures_in_row` nobody waits any more.
    """

    width: int = 8
    patience_seconds: float = 1.0
    still_ticks: int = 4
    failures_in_row: int = 5
    longest_try_seconds: float = 15.0


@dataclass(slots=True)
class Turn:
    """`granted` False: not now, but perhaps after `wait_seconds`. Who has a turn says whether it went `well`."""

    granted: bool
    wait_seconds: float | None = None
    well: bool = False


@dataclass(slots=True)
class _Lane:
    width: int = FIRST_WIDTH
    careful: bool = False
    active: int = 0
    failures: int = 0
    seconds: float = 0.0
    moved_at: float = 0.0
    still_ticks: int = 0
    next_start: float = 0.0
    sent_away_until: float = 0.0
    waiting: deque[asyncio.Future[bool]] = field(default_factory=deque)


class Lanes:
    """Belongs to one event loop."""

    def __init__(self, limits: LaneLimits) -> None:
        self._limits = limits
        self._lanes: dict[int, _Lane] = {}

    @asynccontextmanager
    async def turn(self, endpoint_id: int, *, careful: bool, per_second: float | None) -> AsyncIterator[Turn]:
        """A turn in the endpoint's lane, in the order of asking. `careful`: one at a time."""
        lane = self._lanes.setdefault(endpoint_id, _Lane())
        self._set_width(lane, careful)
        # Who is sent away loses its place; where the order counts, it waits as long as the lane moves.
        start = self._reserve(lane, per_second, inf if careful else self._limits.patience_seconds)
        if start is None:
            yield Turn(granted=False, wait_seconds=lane.sent_away_until - time.monotonic())
            return
        if not await self._enter(lane):
            yield Turn(granted=False, wait_seconds=self._rest_of_a_try(lane))
            return
        turn = Turn(granted=True)
        started = time.monotonic()
        try:
            if start > started:
                await asyncio.sleep(start - started)
                started = start
            yield turn
        finally:
            self._leave(lane, turn, time.monotonic() - started)

    def send_away(self) -> None:
        """Ends the waiting in lanes that stand still. To be called every now and then."""
        for lane in self._lanes.values():
            lane.still_ticks += 1
            if self._stands_still(lane):
                _empty(lane)

    def _set_width(self, lane: _Lane, careful: bool) -> None:
        lane.careful = careful
        if careful:
            lane.width = 1
        if not lane.active and not lane.waiting:
            # Whoever let this try through knows better than what was seen here some time ago.
            lane.failures = 0
            lane.width = 1 if careful else max(lane.width, FIRST_WIDTH)

    def _stands_still(self, lane: _Lane) -> bool:
        return lane.active > 0 and lane.still_ticks >= self._limits.still_ticks

    def _rest_of_a_try(self, lane: _Lane) -> float:
        """How long until something must happen in a lane that stands still."""
        left = lane.moved_at + self._limits.longest_try_seconds - time.monotonic()
        return max(self._limits.patience_seconds, left) * random.uniform(1.0, 1.2)

    async def _enter(self, lane: _Lane) -> bool:
        if lane.active >= lane.width or lane.waiting:
            if self._stands_still(lane):
                return False
            turn = asyncio.get_running_loop().create_future()
            lane.waiting.append(turn)
            return bool(await turn)
        if not lane.active:
            _moves(lane)
        lane.active += 1
        return True

    def _reserve(self, lane: _Lane, per_second: float | None, patience_seconds: float) -> float | None:
        """-> when the try may start by the endpoint's rate; None: that, or its turn, would be too long in coming."""
        now = time.monotonic()
        start = max(now, lane.next_start) if per_second else now
        wait = max(start - now, len(lane.waiting) * lane.seconds / lane.width)
        if wait > patience_seconds:
            spacing = max(1 / per_second if per_second else 0.0, lane.seconds / lane.width)
            # One behind the other, so that they come back as there is room for them.
            lane.sent_away_until = min(max(now + wait, lane.sent_away_until) + spacing, now + LONGEST_WAIT_SECONDS)
            return None
        if per_second:
            lane.next_start = start + 1 / per_second
        return start

    def _leave(self, lane: _Lane, turn: Turn, seconds: float) -> None:
        lane.active -= 1
        _moves(lane)
        if turn.well:
            lane.seconds += (seconds - lane.seconds) * NEWEST_WEIGHT
        if turn.granted:
            lane.failures = 0 if turn.well else lane.failures + 1
            lane.width = min(lane.width * 2, self._limits.width) if turn.well and not lane.careful else 1
        if lane.failures >= self._limits.failures_in_row:
            _empty(lane)
        while lane.waiting and lane.active < lane.width:
            lane.active += 1
            _tell(lane.waiting.popleft(), granted=True)


def _moves(lane: _Lane) -> None:
    lane.moved_at, lane.still_ticks = time.monotonic(), 0


def _empty(lane: _Lane) -> None:
    while lane.waiting:
        _tell(lane.waiting.popleft(), granted=False)


def _tell(turn: asyncio.Future[bool], *, granted: bool) -> None:
    if not turn.done():
        turn.set_result(granted)
